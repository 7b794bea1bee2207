//! Was it published after all? Looks on the network, and never sends from here.

use super::{
    JobFailure, Next,
    access_token::{access_token, rejected},
    caller,
    find_lost_verdict::Subject,
    payload, preflight, tell,
};
use crate::{
    commands::post::{BeginReconcile, OnPost, RecordLookup},
    desk::Desk,
    failure::Failure,
    ports::{
        ClaimedJob, Direction, FoundPost, Listing, LookupFailure, LookupRequest, Page, ViewQuery,
    },
    reading::read_document,
    views::posts::{self, TargetDoc},
};
use herald_kernel::{Instant, TargetId};
use herald_post::{Intent, Lookup, Post, Remote, StepPlan, Target, TargetState, marker};
use herald_social_connection::SocialConnection;
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// A network's clock may run behind ours by this much.
const SKEW: Duration = Duration::from_secs(30);
/// Listings are asked for from this long before the intent.
const MARGIN: Duration = Duration::from_secs(60);

pub(super) async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    let subject: Subject = payload(job)?;
    let Subject { post: post_id, target: target_id } = subject;
    let mut post = load(desk, subject).await?;
    let Some(target) = post.target(target_id) else { return Ok(Next::Done) };
    if target.state == TargetState::OutcomeUnknown {
        let begin = OnPost(BeginReconcile { post: post_id, target: target_id });
        let step = format!("{}/{}/begin-lookup", target.attempt, job.attempts);
        match tell(desk, job, step, begin).await {
            Ok(_) | Err(Failure::Refused { .. }) => {}
            Err(failure) => return Err(failure.into()),
        }
        post = load(desk, subject).await?;
    }
    let Some(target) = post.target(target_id) else { return Ok(Next::Done) };
    let (Some((step, intent)), TargetState::Reconciling) =
        (post.in_question(target_id), &target.state)
    else {
        return Ok(Next::Done);
    };
    let (lookup, again_at) = look(desk, job, &post, target, step, intent).await?;
    let now = desk.clock.now();
    let record = RecordLookup { post: post_id, target: target_id, step, lookup };
    match tell(desk, job, format!("{}/lookup/{now}", target.attempt), OnPost(record)).await {
        Ok(_) => {}
        Err(Failure::Refused { .. }) => return Ok(Next::Done),
        Err(failure) => return Err(failure.into()),
    }
    let post = load(desk, subject).await?;
    let still = post.target(target_id).is_some_and(|t| t.state == TargetState::Reconciling);
    Ok(if still { Next::At(again_at) } else { Next::Done })
}

async fn load(desk: &Desk, subject: Subject) -> Result<Post, Failure> {
    Ok(desk.journal.load::<Post>(subject.post.uuid()).await?.state)
}

/// One look, and when to look again if that settles nothing.
async fn look(
    desk: &Arc<Desk>,
    job: &ClaimedJob,
    post: &Post,
    target: &Target,
    step: u16,
    intent: &Intent,
) -> Result<(Lookup, Instant), JobFailure> {
    let waits = &desk.settings.waits;
    let settled = intent.deadline.plus(waits.settle);
    let now = desk.clock.now();
    let soon = now.plus(waits.between_lookups);
    let listing = match list(desk, job, target, intent).await {
        Ok(listing) => listing,
        Err((cause, retry_at)) => {
            let again = retry_at.unwrap_or(soon).max(soon);
            return Ok((Lookup::Inconclusive { cause }, again));
        }
    };
    let Some(plan) = post.step_plan(target.id, step) else {
        let cause = "the content was erased, there is nothing to compare with".to_owned();
        return Ok((Lookup::Inconclusive { cause }, soon));
    };
    let ours = published_elsewhere(desk, job, target.id, intent).await?;
    let matches = matching(&listing, &plan, intent, &ours);
    let lookup = match matches.as_slice() {
        [] => Lookup::Absent { listed_at: listing.taken_at, complete: listing.complete },
        [only] => Lookup::Found(remote(only)),
        several => Lookup::Ambiguous { candidates: several.iter().map(|p| remote(p)).collect() },
    };
    // Absence counts only once the network has settled; a match counts at once, so looking goes on.
    let again = if now < settled { soon.min(settled) } else { soon };
    Ok((lookup, again))
}

async fn list(
    desk: &Arc<Desk>,
    job: &ClaimedJob,
    target: &Target,
    intent: &Intent,
) -> Result<Listing, (String, Option<Instant>)> {
    let no_use = |failure: Failure| (failure.to_string(), None);
    let stream = target.connection.uuid();
    let connection = desk.journal.load::<SocialConnection>(stream).await;
    let connection = connection.map_err(|error| (error.to_string(), None))?.state;
    let author = connection.provider_account_id().map(ToString::to_string);
    let author = author.ok_or(("the connection was never completed".to_owned(), None))?;
    let network = preflight::network(desk, target).map_err(no_use)?;
    let token = access_token(desk, &caller(job), target.connection).await.map_err(no_use)?;
    let request = LookupRequest { author, since: intent.intended_at.minus(MARGIN) };
    match network.list_own(&token, &request).await {
        Ok(listing) => Ok(listing),
        Err(failure @ LookupFailure::Unauthorized) => {
            // The next look has access, or a person is asked for it.
            rejected(desk, &caller(job), target.connection, &token).await.map_err(no_use)?;
            Err((failure.to_string(), None))
        }
        Err(LookupFailure::Transient { cause, retry_at }) => Err((cause, retry_at)),
    }
}

/// Remote posts that the log already knows as those of other targets: they are not the one sought.
async fn published_elsewhere(
    desk: &Desk,
    job: &ClaimedJob,
    target: TargetId,
    intent: &Intent,
) -> Result<BTreeSet<String>, Failure> {
    let query = ViewQuery {
        view: posts::TARGETS.to_owned(),
        version: desk.progress.version(posts::TARGETS),
        account: job.account,
        statuses: vec!["published".to_owned(), "partially_published".to_owned()],
        from: Some(intent.intended_at.minus(Duration::from_secs(3600))),
        to: None,
        search: None,
        page: Page { after: None, direction: Direction::Descending, limit: 100 },
    };
    let page = desk.stores.views.list(&query).await?;
    let mut known = BTreeSet::new();
    for document in &page.documents {
        let doc: TargetDoc = read_document(document)?;
        if doc.id != target {
            known.extend(doc.remote_ids.into_iter().flatten());
        }
    }
    Ok(known)
}

fn matching<'l>(
    listing: &'l Listing,
    plan: &StepPlan,
    intent: &Intent,
    elsewhere: &BTreeSet<String>,
) -> Vec<&'l FoundPost> {
    let earliest = intent.intended_at.minus(SKEW);
    let same = |found: &&FoundPost| {
        found.created_at >= earliest
            && found.reply_to == plan.reply_to
            && usize::try_from(found.media_count).ok() == Some(plan.media.len())
            && !elsewhere.contains(&found.remote_id)
            && marker::normalised(&plan.text) == marker::normalised(&found.text)
    };
    listing.posts.iter().filter(same).collect()
}

fn remote(found: &FoundPost) -> Remote {
    Remote { remote_id: found.remote_id.clone(), url: found.url.clone() }
}
