//! The one place that knows `cqrs-es`: every `Decider` as one of its aggregates.

use cqrs_es::{
    Aggregate, DomainEvent,
    event_sink::EventSink,
    persist::{PersistedEventRepository, PersistenceError, SerializedEvent},
};
use herald_account::Account;
use herald_api_key::ApiKey;
use herald_content_plan::ContentPlan;
use herald_kernel::{Claim, Decider, Fact};
use herald_post::Post;
use herald_social_connection::SocialConnection;
use herald_subscription::{Credits, Subscription, Usage};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use std::fmt;

/// The types of stream there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StreamKind {
    /// An account.
    Account,
    /// An API key.
    ApiKey,
    /// A claim on a unique key.
    Claim,
    /// A social connection.
    Connection,
    /// Credits that were bought.
    Credits,
    /// A content plan.
    Plan,
    /// A post.
    Post,
    /// What an account pays for.
    Subscription,
    /// What an account used.
    Usage,
}

impl StreamKind {
    /// Every type.
    pub const ALL: [Self; 9] = [
        Self::Account,
        Self::ApiKey,
        Self::Claim,
        Self::Connection,
        Self::Credits,
        Self::Plan,
        Self::Post,
        Self::Subscription,
        Self::Usage,
    ];

    /// As stored in `aggregate_type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => Account::STREAM,
            Self::ApiKey => ApiKey::STREAM,
            Self::Claim => Claim::STREAM,
            Self::Connection => SocialConnection::STREAM,
            Self::Credits => Credits::STREAM,
            Self::Plan => ContentPlan::STREAM,
            Self::Post => Post::STREAM,
            Self::Subscription => Subscription::STREAM,
            Self::Usage => Usage::STREAM,
        }
    }

    /// From its stored form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A decider that has a stream of its own, and whose state can be kept between two commands.
pub trait Streamed: Decider + Clone + 'static {
    /// The stream's type.
    const KIND: StreamKind;
}

impl Streamed for Account {
    const KIND: StreamKind = StreamKind::Account;
}
impl Streamed for ApiKey {
    const KIND: StreamKind = StreamKind::ApiKey;
}
impl Streamed for Claim {
    const KIND: StreamKind = StreamKind::Claim;
}
impl Streamed for SocialConnection {
    const KIND: StreamKind = StreamKind::Connection;
}
impl Streamed for Credits {
    const KIND: StreamKind = StreamKind::Credits;
}
impl Streamed for ContentPlan {
    const KIND: StreamKind = StreamKind::Plan;
}
impl Streamed for Post {
    const KIND: StreamKind = StreamKind::Post;
}
impl Streamed for Subscription {
    const KIND: StreamKind = StreamKind::Subscription;
}
impl Streamed for Usage {
    const KIND: StreamKind = StreamKind::Usage;
}

/// A `Decider` as a `cqrs-es` aggregate. Its state is never serialised, only its events.
pub struct Stream<D>(pub D);

impl<D: Default> Default for Stream<D> {
    fn default() -> Self {
        Self(D::default())
    }
}
impl<D> fmt::Debug for Stream<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stream")
    }
}
impl<D> Serialize for Stream<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}
impl<'de, D: Default> Deserialize<'de> for Stream<D> {
    fn deserialize<S: Deserializer<'de>>(deserializer: S) -> Result<Self, S::Error> {
        <()>::deserialize(deserializer).map(|()| Self::default())
    }
}

/// An event of `D` as `cqrs-es` stores it.
pub struct Logged<D: Decider>(pub D::Event);

impl<D: Decider> Clone for Logged<D> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
impl<D: Decider> PartialEq for Logged<D> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<D: Decider> fmt::Debug for Logged<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<D: Decider> Serialize for Logged<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
impl<'de, D: Decider> Deserialize<'de> for Logged<D>
where
    D::Event: DeserializeOwned,
{
    fn deserialize<S: Deserializer<'de>>(deserializer: S) -> Result<Self, S::Error> {
        D::Event::deserialize(deserializer).map(Self)
    }
}
impl<D: Decider> DomainEvent for Logged<D> {
    fn event_type(&self) -> String {
        event_type::<D>(&self.0)
    }

    fn event_version(&self) -> String {
        self.0.version().to_string()
    }
}

/// The events of one stream, through an event repository of `cqrs-es`.
pub async fn events_of<R: PersistedEventRepository>(
    streams: &R,
    kind: StreamKind,
    id: &str,
) -> Result<Vec<SerializedEvent>, PersistenceError> {
    match kind {
        StreamKind::Account => streams.get_events::<Stream<Account>>(id).await,
        StreamKind::ApiKey => streams.get_events::<Stream<ApiKey>>(id).await,
        StreamKind::Claim => streams.get_events::<Stream<Claim>>(id).await,
        StreamKind::Connection => streams.get_events::<Stream<SocialConnection>>(id).await,
        StreamKind::Credits => streams.get_events::<Stream<Credits>>(id).await,
        StreamKind::Plan => streams.get_events::<Stream<ContentPlan>>(id).await,
        StreamKind::Post => streams.get_events::<Stream<Post>>(id).await,
        StreamKind::Subscription => streams.get_events::<Stream<Subscription>>(id).await,
        StreamKind::Usage => streams.get_events::<Stream<Usage>>(id).await,
    }
}

/// The stored name of an event: `post.scheduled`.
#[must_use]
pub fn event_type<D: Decider>(event: &D::Event) -> String {
    format!("{}.{}", D::STREAM, event.name())
}

impl<D: Decider> Aggregate for Stream<D> {
    const TYPE: &'static str = D::STREAM;
    type Command = D::Command;
    type Event = Logged<D>;
    type Error = D::Refusal;
    type Services = D::Context;

    async fn handle(
        &mut self,
        command: D::Command,
        context: &D::Context,
        sink: &EventSink<Self>,
    ) -> Result<(), D::Refusal> {
        for event in self.0.decide(command, context)? {
            sink.write(Logged(event), self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Logged<D>) {
        self.0.evolve(&event.0);
    }
}
