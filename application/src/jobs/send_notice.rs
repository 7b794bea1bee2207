//! Finds out who is to hear of something, writes to each, and hands the mail over.

use super::{JobFailure, Next, payload};
use crate::{
    desk::Desk,
    entitlements,
    failure::Failure,
    notices::{
        Notice, Told, Weight, as_it_stands,
        letters::{self, Facts},
        render::{self, Envelope},
        suppressed,
    },
    ports::{Batch, ClaimedJob, JobChange, Mail, MailFailure, Messages},
    sign_in,
};
use herald_account::{Account, Member};
use herald_api_key::ApiKey;
use herald_kernel::{AccountId, Instant, Zone};
use herald_subscription::{Counter, InvoiceRef, Subscription, subscription_id, usage_id};
use secrecy::{ExposeSecret as _, SecretString};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// After a carrier's quota is said to be free again, so long it is given.
const AFTER_QUOTA: Duration = Duration::from_secs(60);

/// Tells one person, or finds out whom to tell.
pub(crate) async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    let told: Told = payload(job)?;
    let Some(messages) = &desk.business.messages else { return Ok(Next::Done) };
    if desk.clock.now().since(told.since) > told.notice.weight().keeps() {
        tracing::info!(notice = told.notice.name(), "a notice came too late and is not sent");
        return Ok(Next::Done);
    }
    let Some(notice) = as_it_stands(desk, job.account, &told.notice).await? else {
        return Ok(Next::Done);
    };
    let told = Told { notice, ..told };
    let account = load(desk, job.account).await?;
    let Some(id) = told.member else {
        share_out(desk, job, &told, &account).await?;
        return Ok(Next::Done);
    };
    let hears = |member: &&Member| hears(member, &told.notice);
    let Some(member) = account.member(id).filter(hears) else { return Ok(Next::Done) };
    let Some(mail) = written(desk, job, &told.notice, &account, member).await? else {
        return Ok(Next::Done);
    };
    if is_suppressed(desk, &told.notice, &mail).await? {
        metrics::counter!(
            "herald_notices_total", "notice" => told.notice.name(), "outcome" => "suppressed"
        )
        .increment(1);
        return Ok(Next::Done);
    }
    hand_over(desk, messages.as_ref(), &mail, told.notice.name()).await
}

/// Is the address one that gets no more mail? What is about security is tried all the same.
async fn is_suppressed(desk: &Desk, notice: &Notice, mail: &Mail) -> Result<bool, Failure> {
    match notice.weight() {
        Weight::Security => Ok(false),
        Weight::Money | Weight::Plain => Ok(suppressed(desk, mail.to.as_str()).await?.is_some()),
    }
}

async fn load(desk: &Desk, account: AccountId) -> Result<Account, Failure> {
    Ok(desk.journal.load::<Account>(account.uuid()).await?.state)
}

/// Is the member to hear of it, and can be reached? Whoever has a seat again is not told that they
/// had none.
fn hears(member: &Member, notice: &Notice) -> bool {
    let concerned = if *notice == Notice::SeatRests { member.rests() } else { member.is_active() };
    concerned
        && member.email().is_some()
        && notice.roles().contains(&member.role())
        && notice.kind().is_none_or(|kind| member.wants(kind))
}

/// One job for each, all or none.
async fn share_out(
    desk: &Desk,
    job: &ClaimedJob,
    told: &Told,
    account: &Account,
) -> Result<(), Failure> {
    let jobs = account.members().filter(|member| hears(member, &told.notice)).map(|member| {
        let key = format!("notice:{}:{}:{}", told.cause, told.notice.name(), member.id());
        let told = Told { member: Some(member.id()), ..told.clone() };
        JobChange::Put(told.job(job.account, key, desk.clock.now())).because_of(job)
    });
    let batch = Batch { jobs: jobs.collect(), ..Batch::default() };
    desk.stores.projections.commit(&batch).await?;
    desk.jobs_wake.notify_one();
    Ok(())
}

async fn written(
    desk: &Desk,
    job: &ClaimedJob,
    notice: &Notice,
    account: &Account,
    member: &Member,
) -> Result<Option<Mail>, Failure> {
    let Some(to) = member.email() else { return Ok(None) };
    let zone = account.zone().cloned().unwrap_or_else(Zone::utc);
    let letter = letters::write(notice, &facts(desk, job.account, notice, zone).await?);
    let page = page(desk, job.account, notice).await;
    let link = page.as_ref().map_or(desk.settings.public_url.as_str(), |it| it.expose_secret());
    let envelope = Envelope {
        name: member.name().map(herald_account::PersonName::as_str),
        link,
        business: account.name().map(herald_account::AccountName::as_str),
        role: member.role().as_str(),
        optional: notice.kind().is_some(),
    };
    Ok(Some(Mail {
        key: job.key.clone(),
        to: to.clone(),
        text: render::text(&letter, &envelope),
        html: render::html(&letter, &envelope),
        subject: letter.subject,
        tags: vec![("notice", notice.name().to_owned())],
    }))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "most notices say all that they need")]
async fn facts(
    desk: &Desk,
    account: AccountId,
    notice: &Notice,
    zone: Zone,
) -> Result<Facts, Failure> {
    let tier = entitlements::of_account(desk, account).await?.entitlements.tier;
    let tier = tier.as_str().to_owned();
    let mut facts = Facts { zone, tier, counter: None, key: None, sign_in: None };
    match notice {
        Notice::Usage { usage, .. } => facts.counter = counter(desk, account, *usage).await?,
        Notice::KeyLeaked { key } => {
            facts.key = desk.journal.load::<ApiKey>(key.uuid()).await?.state.display();
        }
        Notice::NewDevice { identity, fact } => {
            let fact = sign_in::fact(desk, *identity, *fact).await?;
            facts.sign_in = fact.map(|fact| (fact.whence.device, fact.at));
        }
        _ => {}
    }
    Ok(facts)
}

/// What is counted in this stream, if it is one of this month or of the last day's.
async fn counter(desk: &Desk, account: AccountId, usage: Uuid) -> Result<Option<Counter>, Failure> {
    const DAY: Duration = Duration::from_secs(86_400);
    let now: Instant = desk.clock.now();
    for at in [now, now.minus(DAY)] {
        let period = entitlements::of_account_at(desk, account, at).await?.period;
        let named = |counter: &Counter| usage_id(account, *counter, &period).uuid() == usage;
        if let Some(counter) = Counter::ALL.into_iter().find(named) {
            return Ok(Some(counter));
        }
    }
    Ok(None)
}

/// The payment provider's page of the bill that is spoken of. Without it the letter leads to us.
async fn page(desk: &Desk, account: AccountId, notice: &Notice) -> Option<SecretString> {
    let invoice: &InvoiceRef = match notice {
        Notice::Receipt { invoice, .. } => invoice,
        Notice::PaymentFailed { invoice, .. } => invoice.as_ref()?,
        Notice::Welcome
        | Notice::TrialStarted { .. }
        | Notice::SubscriptionStarted
        | Notice::TrialEnding { .. }
        | Notice::GraceEnding { .. }
        | Notice::Ending { .. }
        | Notice::LossAhead { .. }
        | Notice::Grandfathered { .. }
        | Notice::Resting
        | Notice::SeatRests
        | Notice::Usage { .. }
        | Notice::KeyLeaked { .. }
        | Notice::NewDevice { .. } => return None,
    };
    let payments = desk.business.payments.as_ref()?;
    let id = subscription_id(account).uuid();
    let subscription = desk.journal.load::<Subscription>(id).await.ok()?.state;
    payments.invoices.get(subscription.customer()?, invoice).await.ok()??.page
}

/// Hands a mail over, once for its key.
pub(crate) async fn hand_over(
    desk: &Desk,
    messages: &dyn Messages,
    mail: &Mail,
    notice: &'static str,
) -> Result<Next, JobFailure> {
    let (next, outcome) = match messages.send(mail).await {
        Ok(_) => (Ok(Next::Done), "sent"),
        Err(MailFailure::TakenBefore) => (Ok(Next::Done), "sent_before"),
        Err(MailFailure::Quota { until }) => {
            // All that waits falls due at one time, and is then claimed by weight.
            let until = until.max(desk.clock.now()).plus(AFTER_QUOTA);
            (Ok(Next::At(until)), "quota")
        }
        Err(MailFailure::Retry(cause)) => (Err(JobFailure::Retry(cause)), "retry"),
        Err(failure @ MailFailure::Refused { .. }) => {
            (Err(JobFailure::GiveUp(failure.to_string())), "refused")
        }
    };
    metrics::counter!("herald_notices_total", "notice" => notice, "outcome" => outcome)
        .increment(1);
    next
}
