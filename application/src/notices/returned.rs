//! What a carrier tells of mails that did not arrive or were not wanted, and who gets no more for it.

use super::suppress;
use crate::{
    desk::Desk,
    failure::Failure,
    inbox::{Applied, WebhookApplier},
    ports::{Hint, MailReturn, Returned, SuppressedBy},
};
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;

/// Counts what did not arrive, and suppresses addresses that bounced for good or complained.
///
/// A carrier shows its own list to no key for sending, so here the signed body is believed and
/// nobody is asked.
#[derive(Debug, Clone, Copy)]
pub struct Returns {
    read: fn(&[u8]) -> Option<MailReturn>,
}

impl Returns {
    /// For the carrier whose verified bodies `read` reads.
    #[must_use]
    pub const fn new(read: fn(&[u8]) -> Option<MailReturn>) -> Self {
        Self { read }
    }
}

#[async_trait]
impl WebhookApplier for Returns {
    async fn apply(&self, desk: &Arc<Desk>, hint: &Hint, raw: &Bytes) -> Applied {
        let Some(told) = (self.read)(raw) else {
            return Applied::Ignored(format!("`{}` asks for nothing", hint.kind));
        };
        if let Err(failure) = suppress_whom(desk, hint, &told).await {
            return failure.into();
        }
        let kind = told.how.as_str();
        metrics::counter!("herald_mail_returned_total", "kind" => kind).increment(1);
        let mail = hint.object.as_deref().unwrap_or_default();
        tracing::warn!(mail, kind, "a mail did not arrive");
        Applied::Done
    }
}

async fn suppress_whom(desk: &Desk, hint: &Hint, told: &MailReturn) -> Result<(), Failure> {
    let Some(cause) = cause(told.how) else { return Ok(()) };
    let since = hint.occurred_at.unwrap_or_else(|| desk.clock.now());
    for address in &told.to {
        suppress(desk, address, cause, since).await?;
    }
    Ok(())
}

/// A mailbox that is full or away for a day is there again tomorrow, and what the carrier suppresses
/// by itself stands on the carrier's own list.
const fn cause(how: Returned) -> Option<SuppressedBy> {
    match how {
        Returned::Bounced { for_good: true } => Some(SuppressedBy::Bounce),
        Returned::Complained => Some(SuppressedBy::Complaint),
        Returned::Bounced { for_good: false } | Returned::Suppressed | Returned::Failed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{notices::suppressed, testing::World};

    /// What the carrier told, by its first word.
    fn read(raw: &[u8]) -> Option<MailReturn> {
        let how = match raw {
            b"gone" => Returned::Bounced { for_good: true },
            b"full" => Returned::Bounced { for_good: false },
            b"unwanted" => Returned::Complained,
            b"listed" => Returned::Suppressed,
            b"failed" => Returned::Failed,
            _ => return None,
        };
        Some(MailReturn { how, to: vec!["ada@example.org".to_owned()] })
    }

    /// How it is applied, and why Ada is suppressed then.
    async fn told(body: &'static [u8]) -> (Applied, Option<SuppressedBy>) {
        let world = World::new().await;
        let hint = Hint {
            event_id: "msg_1".to_owned(),
            kind: "mail".to_owned(),
            key: "mail_1".to_owned(),
            object: Some("mail_1".to_owned()),
            api_version: None,
            occurred_at: None,
        };
        let applied = Returns::new(read).apply(&world.desk, &hint, &Bytes::from(body)).await;
        let ada = suppressed(&world.desk, "Ada@example.org").await.expect("it is read");
        (applied, ada.map(|it| it.cause))
    }

    #[tokio::test]
    async fn who_bounced_for_good_or_complained_is_suppressed_and_nobody_else() {
        assert_eq!(told(b"gone").await, (Applied::Done, Some(SuppressedBy::Bounce)));
        assert_eq!(told(b"unwanted").await, (Applied::Done, Some(SuppressedBy::Complaint)));
        for other in [&b"full"[..], b"listed", b"failed"] {
            assert_eq!(told(other).await, (Applied::Done, None));
        }
    }

    #[tokio::test]
    async fn what_arrived_asks_for_nothing() {
        let (applied, ada) = told(b"delivered").await;
        assert!(matches!(applied, Applied::Ignored(_)), "{applied:?}");
        assert_eq!(ada, None);
    }
}
