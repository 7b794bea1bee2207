//! What operators of the installation command.

use super::{inputs, outcome::Outcome, payloads};
use crate::schema::{
    fault::{Fault, Result},
    scalars::{BigInt, DateTime, int},
    visitor::{desk, operator},
};
use async_graphql::{Context, ID, Object};
use herald_application::{
    caller::{Caller, Standing},
    failure::Failure,
    inbox::{self, ReplayRefused},
    log::Via,
    ports::InboxReplay,
};
use herald_kernel::AccountId;
use uuid::Uuid;

inputs! {
    /// What `replayWebhooks` takes: a source, and `event`, `from` with `to`, or `since`.
    ReplayWebhooksInput {
        /// The provider, such as `stripe`.
        source: String,
        /// One event, by the provider's id.
        event: Option<ID>,
        /// The first number of a range, as `inbox` has it.
        from: Option<BigInt>,
        /// The last number of the range, included.
        to: Option<BigInt>,
        /// Everything that came at or after this instant.
        since: Option<DateTime>,
    }
}

payloads! {
    /// What came of a wish to apply webhooks once more.
    ReplayWebhooksPayload(u64) {
        /// How many are applied once more. Those that wait or are being applied, and those whose
        /// body is forgotten, are passed over.
        count: i32 = async |_: &Context<'_>, _: Caller, rows: &u64| {
            Ok::<_, Fault>(Some(int(*rows)))
        };
    }
}

impl ReplayWebhooksInput {
    fn which(self) -> Result<InboxReplay, Failure> {
        let Self { source, event, from, to, since, .. } = self;
        match (event, from, to, since) {
            (Some(event), None, None, None) => {
                Ok(InboxReplay::One { source, event_id: event.to_string() })
            }
            (None, Some(from), Some(to), None) => {
                Ok(InboxReplay::Range { source, first: from.read("from")?, last: to.read("to")? })
            }
            (None, None, None, Some(since)) => {
                Ok(InboxReplay::Since { source, since: since.read("since")? })
            }
            _ => {
                let message = "name one `event`, a range by `from` and `to`, or a time by `since`";
                Err(Failure::invalid("event", message))
            }
        }
    }
}

fn refused(why: ReplayRefused) -> Failure {
    let (code, message) = (why.code(), why.to_string());
    match why {
        ReplayRefused::Store(error) => error.into(),
        ReplayRefused::NotFound => Failure::NotFound,
        ReplayRefused::Open | ReplayRefused::Forgotten => {
            let path = Some("event".to_owned());
            Failure::Refused { code, message, path, retryable: false }
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct OperatorMutations;

#[Object]
impl OperatorMutations {
    /// Has webhooks applied once more: one event, a range of numbers, or everything since a time.
    /// Safe at any time, and whatever the key it may be done again: what applies them asks the
    /// provider how things stand now. For operators of the installation.
    async fn replay_webhooks(
        &self,
        ctx: &Context<'_>,
        input: ReplayWebhooksInput,
    ) -> Result<ReplayWebhooksPayload> {
        let (visitor, person) = operator(ctx, "replayWebhooks")?;
        let caller = Caller {
            account: AccountId::new(Uuid::nil()),
            standing: Standing::Operator(Some(person.clone())),
            via: Via::Graphql,
            correlation: visitor.request,
            causation: format!("request:{}", visitor.request),
        };
        let replayed = match input.which() {
            Ok(which) => inbox::replay(desk(ctx)?, &which).await.map_err(refused),
            Err(failure) => Err(failure),
        };
        Ok(ReplayWebhooksPayload(match replayed {
            Ok(rows) => {
                tracing::info!(operator = %person.identity, rows, "webhooks are replayed");
                Outcome::plain(rows).seen_by(caller)
            }
            Err(failure) => Outcome::refused(failure)?,
        }))
    }
}
