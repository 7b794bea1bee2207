//! What happens, as it happens: resumable from any event, without gaps and without repeats.

use super::{
    fault::{Fault, Result},
    scalars::DateTime,
    types::audit::{object_id, token},
    visitor::{caller, caller_in, desk, recheck},
};
use async_graphql::{Context, ID, SimpleObject, Subscription as Root};
use futures::{Stream, StreamExt as _, stream};
use herald_account::Action;
use herald_application::{
    caller::Caller,
    desk::Desk,
    failure::Failure,
    ports::{AccountPage, LoggedEvent, Ordinal},
    reading::{ReadFailure, require},
    sign_in::{self, Admitted},
    token::Token,
};
use herald_door::Visitor;
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// Events read at a time.
const PAGE: u32 = 100;

/// Something that happened.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Change {
    /// Hand it back as `after` to go on behind this event.
    pub(crate) token: String,
    /// The event's gapless number in the whole installation, as a decimal string.
    pub(crate) ordinal: String,
    /// What happened, for example `post.target_published`.
    #[graphql(name = "type")]
    pub(crate) event_type: String,
    /// The object that it happened to.
    pub(crate) object_id: ID,
    /// When.
    pub(crate) at: DateTime,
}

/// What can be followed.
#[derive(Debug, Default)]
pub struct Subscription;

#[Root]
impl Subscription {
    /// Everything that happens in the account from now on, or behind `after`, in order. An event
    /// comes once every view shows it. The stream ends with an error when the caller is no
    /// longer signed in or no longer takes part in the account.
    #[graphql(complexity = "10 + child_complexity")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token of a change or of a mutation: everything behind it comes.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = async_graphql::Result<Change>> + use<>> {
        let caller = caller(ctx).await?;
        require(&caller, Action::ReadChanges)?;
        let desk = Arc::clone(desk(ctx)?);
        let from = beginning(&desk, after.as_deref()).await?;
        let visitor = ctx.data_opt::<Visitor>().cloned().unwrap_or_default();
        let follower = Follower { desk, caller, visitor, from, waiting: VecDeque::new() };
        Ok(stream::unfold(Some(follower), |follower| async move {
            let mut follower = follower?;
            match follower.next().await {
                Ok(change) => Some((Ok(change), Some(follower))),
                Err(fault) => Some((Err(fault.into()), None)),
            }
        })
        .boxed())
    }
}

/// The event behind which a subscription begins.
async fn beginning(desk: &Desk, after: Option<&str>) -> Result<Ordinal> {
    let Some(after) = after else {
        return Ok(desk.stores.log.head().await.map_err(Failure::from)?.ordinal);
    };
    let token: Result<Token, _> = after.parse();
    let token = token.map_err(|error| Fault::invalid("after", error.to_string()))?;
    let sequenced = async {
        loop {
            match desk.stores.log.ordinal_of(token.0).await.map_err(Failure::from)? {
                Some(ordinal) => return Ok(ordinal),
                None => tokio::time::sleep(Duration::from_millis(25)).await,
            }
        }
    };
    let waited = tokio::time::timeout(desk.settings.waits.read, sequenced).await;
    waited.unwrap_or_else(|_| Err(ReadFailure::Timeout.into()))
}

/// One subscriber, and how far they have come.
struct Follower {
    desk: Arc<Desk>,
    caller: Caller,
    visitor: Visitor,
    from: Ordinal,
    waiting: VecDeque<LoggedEvent>,
}

impl Follower {
    async fn next(&mut self) -> Result<Change> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                self.from = event.ordinal;
                return Ok(change(&event));
            }
            // What was looked at before the page cannot have been missed by it.
            let mut progress = self.desk.progress.watch();
            let covered = *progress.borrow_and_update();
            if covered > self.from && self.fetch(covered).await? {
                continue;
            }
            // Another replica may fold: then nothing is heard from within, and storage is asked.
            let patience = self.desk.settings.waits.poll;
            if tokio::time::timeout(patience, progress.changed()).await.is_err() {
                self.desk.refresh_progress().await?;
            }
        }
    }

    /// Reads the next events that the views cover. Answers whether there were any.
    async fn fetch(&mut self, covered: Ordinal) -> Result<bool> {
        let (account, from) = (self.caller.account, self.from);
        let wanted = AccountPage { account, object: None, from, backwards: false, limit: PAGE };
        let page = self.desk.stores.log.account_page(wanted).await.map_err(Failure::from)?;
        self.waiting.extend(page.into_iter().filter(|event| event.ordinal <= covered));
        if self.waiting.is_empty() {
            // Others' events only: the next look begins behind them.
            self.from = covered;
            return Ok(false);
        }
        self.check_in().await?;
        Ok(true)
    }

    /// Makes sure that the subscriber is still signed in and takes part in the account.
    async fn check_in(&self) -> Result<()> {
        if let Some(pass) = &self.visitor.pass {
            let caller = recheck(&self.desk, &self.visitor, pass).await?;
            return Ok(require(&caller, Action::ReadChanges)?);
        }
        let person = self.visitor.person.as_ref().ok_or_else(Fault::unauthenticated)?;
        if let Some(session) = &self.visitor.session
            && sign_in::admit(&self.desk, session, self.visitor.source).await?
                != Admitted::As(person.clone())
        {
            return Err(Fault::unauthenticated());
        }
        let account = Some(self.caller.account);
        let caller = caller_in(&self.desk, &self.visitor, person, account).await?;
        Ok(require(&caller, Action::ReadChanges)?)
    }
}

fn change(event: &LoggedEvent) -> Change {
    let at = event.row.meta("occurred_at").and_then(|text| text.parse().ok());
    Change {
        token: token(event.row.position),
        ordinal: event.ordinal.0.to_string(),
        event_type: event.row.event_type.clone(),
        object_id: object_id(event).into(),
        at: at.unwrap_or(event.row.recorded_at).into(),
    }
}
