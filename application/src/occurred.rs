//! An event of the log as views and processes see it: typed, opened, with its place and its cause.

use crate::{
    bridge::StreamKind,
    log::{Journal, JournalError, KeyringError},
    ports::{Cause, FactRow, Ordinal},
};
use herald_account::{Account, AccountEvent};
use herald_api_key::{ApiKey, ApiKeyEvent};
use herald_content_plan::{ContentPlan, PlanEvent};
use herald_kernel::{AccountId, ClaimEvent, Instant};
use herald_post::{Post, PostEvent};
use herald_social_connection::{ConnectionEvent, SocialConnection};
use herald_subscription::{
    Credits, CreditsEvent, Subscription, SubscriptionEvent, Usage, UsageEvent,
};
use uuid::Uuid;

/// What happened, of whatever aggregate.
#[derive(Debug, Clone, PartialEq)]
pub enum AnyEvent {
    /// To an account.
    Account(AccountEvent),
    /// To an API key.
    ApiKey(Box<ApiKeyEvent>),
    /// To a claim.
    Claim(ClaimEvent),
    /// To a connection.
    Connection(ConnectionEvent),
    /// To credits that were bought.
    Credits(Box<CreditsEvent>),
    /// To a plan.
    Plan(Box<PlanEvent>),
    /// To a post.
    Post(Box<PostEvent>),
    /// To what an account pays for.
    Subscription(Box<SubscriptionEvent>),
    /// To what an account used.
    Usage(Box<UsageEvent>),
    /// To something that this binary does not know: a foreign writer's event.
    Foreign,
    /// It cannot be read: whoever depends on it must stop, and say why.
    Unreadable(String),
}

/// One event of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Occurred {
    /// Its place.
    pub ordinal: Ordinal,
    /// The aggregate's type, when we know it.
    pub kind: Option<StreamKind>,
    /// The aggregate.
    pub stream: Uuid,
    /// Its number in the stream.
    pub sequence: i64,
    /// Whose it is.
    pub account: Option<AccountId>,
    /// When, in business time.
    pub at: Instant,
    /// Who, as the log names actors.
    pub actor: String,
    /// What it belongs to: the same through a whole chain of causes.
    pub correlation: Option<Uuid>,
    /// What happened.
    pub event: AnyEvent,
}

impl Occurred {
    /// Reads what is stored of an event.
    pub async fn read(journal: &Journal, fact: FactRow) -> Result<Self, JournalError> {
        let kind = StreamKind::parse(&fact.aggregate_type);
        let event = match read_event(journal, kind, &fact).await {
            Ok(event) => event,
            Err(JournalError::Unreadable { cause, .. }) => AnyEvent::Unreadable(cause),
            // One damaged value, or one account's damaged key, is no reason for all to stop.
            Err(JournalError::Keys(KeyringError::Tampered)) => {
                AnyEvent::Unreadable("a sealed value does not open".to_owned())
            }
            Err(error) => return Err(error),
        };
        Ok(Self {
            ordinal: fact.ordinal,
            kind,
            stream: fact.stream().unwrap_or_default(),
            sequence: fact.sequence,
            account: fact.account,
            at: fact.at,
            actor: fact.actor,
            correlation: fact.correlation,
            event,
        })
    }
}

impl From<&Occurred> for Cause {
    fn from(event: &Occurred) -> Self {
        let causation = format!("event:{}", event.ordinal.0);
        Self { correlation: event.correlation, causation }
    }
}

async fn read_event(
    journal: &Journal,
    kind: Option<StreamKind>,
    fact: &FactRow,
) -> Result<AnyEvent, JournalError> {
    let event = match kind {
        None => None,
        Some(StreamKind::Account) => journal.decode::<Account>(fact).await?.map(AnyEvent::Account),
        Some(StreamKind::ApiKey) => {
            journal.decode::<ApiKey>(fact).await?.map(|e| AnyEvent::ApiKey(Box::new(e)))
        }
        Some(StreamKind::Claim) => {
            journal.decode::<herald_kernel::Claim>(fact).await?.map(AnyEvent::Claim)
        }
        Some(StreamKind::Connection) => {
            journal.decode::<SocialConnection>(fact).await?.map(AnyEvent::Connection)
        }
        Some(StreamKind::Credits) => {
            journal.decode::<Credits>(fact).await?.map(|e| AnyEvent::Credits(Box::new(e)))
        }
        Some(StreamKind::Plan) => {
            journal.decode::<ContentPlan>(fact).await?.map(|e| AnyEvent::Plan(Box::new(e)))
        }
        Some(StreamKind::Post) => {
            journal.decode::<Post>(fact).await?.map(|e| AnyEvent::Post(Box::new(e)))
        }
        Some(StreamKind::Subscription) => {
            journal.decode::<Subscription>(fact).await?.map(|e| AnyEvent::Subscription(Box::new(e)))
        }
        Some(StreamKind::Usage) => {
            journal.decode::<Usage>(fact).await?.map(|e| AnyEvent::Usage(Box::new(e)))
        }
    };
    Ok(event.unwrap_or(AnyEvent::Foreign))
}
