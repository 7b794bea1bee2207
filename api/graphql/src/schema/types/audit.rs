//! The audit log's entries: what happened, who did it, why, and the proof.

use super::super::why;
use crate::schema::{fault::Result, scalars::DateTime, visitor::desk};
use async_graphql::{Context, ID, Json, Object};
use herald_application::{
    bridge::StreamKind,
    failure::Failure,
    log::digest::hex,
    ports::{LoggedEvent, Ordinal, Position},
    token::Token,
};
use herald_kernel::{
    AccountId, ApiKeyId, ConnectionId, CreditsId, Id, Kind, PlanId, PostId, SubscriptionId, UsageId,
};
use serde_json::Value;
use std::borrow::Cow;
use uuid::Uuid;

/// One event of the log, for ever as it was written.
#[derive(Debug, Clone)]
pub(crate) struct AuditEntry(pub(crate) LoggedEvent);

/// One event of the log, for ever as it was written.
#[Object]
impl AuditEntry {
    /// Its gapless number in the whole installation, as a decimal string.
    async fn ordinal(&self) -> String {
        self.0.ordinal.0.to_string()
    }

    /// A mark of this event, for `after` of `changes` and of reads.
    async fn token(&self) -> String {
        token(self.0.row.position)
    }

    /// What happened, for example `post.scheduled`. `docs/events.json` lists every type.
    #[graphql(name = "type")]
    async fn event_type(&self) -> &str {
        &self.0.row.event_type
    }

    /// The version of the payload's shape.
    async fn version(&self) -> &str {
        &self.0.row.event_version
    }

    /// What happened, in a sentence.
    async fn summary(&self) -> String {
        why::summary(&self.0.row.event_type)
    }

    /// Why it happened: who asked, or what it followed from, in a sentence.
    async fn why(&self) -> String {
        let meta = |key| self.0.row.meta(key).unwrap_or_default();
        why::why(&meta("actor"), &meta("via"), &meta("causation_id"))
    }

    /// When, by the application's clock: business time.
    async fn at(&self) -> DateTime {
        let at = self.0.row.meta("occurred_at").and_then(|text| text.parse().ok());
        at.unwrap_or(self.0.row.recorded_at).into()
    }

    /// When the database stored it: evidence.
    async fn recorded_at(&self) -> DateTime {
        self.0.row.recorded_at.into()
    }

    /// Who: `member:mem_…`, `person:idn_…`, `api_key:key_…`, `job:` with the job's key such as
    /// `job:publish_target:tgt_…`, or `system:herald`.
    async fn actor(&self) -> Option<String> {
        self.0.row.meta("actor").map(Cow::into_owned)
    }

    /// Through which door: `graphql`, `rest`, `job`, `webhook` or `cli`.
    async fn via(&self) -> Option<String> {
        self.0.row.meta("via").map(Cow::into_owned)
    }

    /// The object that it happened to: the id of an account, a connection, a plan or a post.
    async fn object(&self) -> ID {
        object_id(&self.0).into()
    }

    /// Its number among the events of that object, from 1.
    async fn sequence(&self) -> String {
        self.0.row.sequence.to_string()
    }

    /// The command that it follows from: what `commandId` of a mutation said.
    async fn command_id(&self) -> Option<String> {
        self.0.row.meta("command_id").map(Cow::into_owned)
    }

    /// What caused it: `event:` and an ordinal, `request:…`, `webhook:…`, or a job that no event led
    /// to.
    async fn causation(&self) -> Option<String> {
        self.0.row.meta("causation_id").map(Cow::into_owned)
    }

    /// The event that led to it, if one did: from cause to cause one comes to who began it.
    #[graphql(complexity = "5 + child_complexity")]
    async fn cause(&self, ctx: &Context<'_>) -> Result<Option<AuditEntry>> {
        let Some(ordinal) = self.0.row.meta("causation_id").and_then(|it| why::causing(&it)) else {
            return Ok(None);
        };
        let page = desk(ctx)?.stores.log.page(Ordinal(ordinal.saturating_sub(1)), 1).await;
        let found = page.map_err(Failure::from)?.into_iter().next();
        // Whoever may read this entry may read its account's others, and nobody else's.
        let ours = |event: &LoggedEvent| {
            event.ordinal == Ordinal(ordinal) && event.row.account() == self.0.row.account()
        };
        Ok(found.filter(ours).map(AuditEntry))
    }

    /// The same through a whole chain of causes.
    async fn correlation(&self) -> Option<String> {
        self.0.row.meta("correlation_id").map(Cow::into_owned)
    }

    /// SHA-256 of the event in its canonical form, hex.
    async fn digest(&self) -> String {
        hex(&self.0.digest)
    }

    /// SHA-256 over the chain so far, the ordinal and the digest, hex. Whoever keeps one can prove
    /// later that nothing before it was changed.
    async fn chain(&self) -> String {
        hex(&self.0.chain)
    }

    /// What was written. Personal values are opened as long as the account's key exists; secrets
    /// are in no event.
    #[graphql(complexity = 5)]
    async fn payload(&self, ctx: &Context<'_>) -> Result<Json<Value>> {
        let revealed = desk(ctx)?.journal.reveal(&self.0).await;
        Ok(Json(revealed.map_err(Failure::from)?))
    }
}

/// The mark of an event.
pub(crate) fn token(position: Position) -> String {
    Token(position).to_string()
}

/// The id of the object that an event happened to, in its printed form.
pub(crate) fn object_id(event: &LoggedEvent) -> String {
    let kind = StreamKind::parse(&event.row.aggregate_type);
    match (kind, event.row.stream()) {
        (Some(StreamKind::Account), Some(id)) => AccountId::new(id).to_string(),
        (Some(StreamKind::Connection), Some(id)) => ConnectionId::new(id).to_string(),
        (Some(StreamKind::ApiKey), Some(id)) => ApiKeyId::new(id).to_string(),
        (Some(StreamKind::Credits), Some(id)) => CreditsId::new(id).to_string(),
        (Some(StreamKind::Plan), Some(id)) => PlanId::new(id).to_string(),
        (Some(StreamKind::Post), Some(id)) => PostId::new(id).to_string(),
        (Some(StreamKind::Subscription), Some(id)) => SubscriptionId::new(id).to_string(),
        (Some(StreamKind::Usage), Some(id)) => UsageId::new(id).to_string(),
        (Some(StreamKind::Claim) | None, _) | (_, None) => {
            format!("{}:{}", event.row.aggregate_type, event.row.aggregate_id)
        }
    }
}

/// The stored type and id of the aggregate that [`object_id`] prints so; `None` when nothing does.
pub(crate) fn object_named(printed: &str) -> Option<(String, String)> {
    fn uuid<K: Kind>(_: fn(Uuid) -> Id<K>, printed: &str) -> Option<Uuid> {
        printed.parse::<Id<K>>().ok().map(Id::uuid)
    }
    let typed = StreamKind::ALL.into_iter().find_map(|kind| {
        let id = match kind {
            StreamKind::Account => uuid(AccountId::new, printed),
            StreamKind::Connection => uuid(ConnectionId::new, printed),
            StreamKind::ApiKey => uuid(ApiKeyId::new, printed),
            StreamKind::Credits => uuid(CreditsId::new, printed),
            StreamKind::Plan => uuid(PlanId::new, printed),
            StreamKind::Post => uuid(PostId::new, printed),
            StreamKind::Subscription => uuid(SubscriptionId::new, printed),
            StreamKind::Usage => uuid(UsageId::new, printed),
            StreamKind::Claim => None,
        };
        id.map(|id| (kind.as_str().to_owned(), id.to_string()))
    });
    typed.or_else(|| printed.split_once(':').map(|(kind, id)| (kind.to_owned(), id.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use herald_application::ports::{EventRow, StoredJson};
    use herald_kernel::Instant;

    #[test]
    fn an_object_is_found_again_by_the_id_that_its_events_show() {
        let id = Uuid::from_u128(7);
        let event = |kind: &str| LoggedEvent {
            ordinal: Ordinal(1),
            row: EventRow {
                position: Position(1),
                aggregate_type: kind.to_owned(),
                aggregate_id: id.to_string(),
                sequence: 1,
                event_type: "thing.happened".to_owned(),
                event_version: "1".to_owned(),
                recorded_at: Instant::from_micros(0).expect("an instant"),
                payload: StoredJson::new("null"),
                metadata: StoredJson::new("null"),
            },
            digest: [0; 32],
            chain: [0; 32],
        };
        let ours = StreamKind::ALL.map(StreamKind::as_str);
        for kind in ours.into_iter().chain(["somebody_elses"]) {
            let found = object_named(&object_id(&event(kind)));
            assert_eq!(found, Some((kind.to_owned(), id.to_string())));
        }
        assert_eq!(object_named("no id at all"), None);
    }
}
