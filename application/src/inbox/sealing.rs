//! Bodies at rest: what a provider writes of its people lies sealed from the moment it is kept, and
//! is opened in a worker's hands alone.

use super::Applied;
use crate::{
    desk::Desk,
    log::KeyringError,
    ports::{Arrival, InboxReception, StoreError},
};
use bytes::Bytes;
use herald_kernel::AccountId;
use uuid::Uuid;

/// Data keys belong to accounts; the inbox, which takes in before it knows whose an event is, has
/// one of its own under a derived name.
fn keeper() -> AccountId {
    AccountId::derived(Uuid::nil(), "inbox")
}

/// A body that was moved to another row does not open.
fn place(arrival: &Arrival) -> String {
    format!("inbox\n{}\n{}", arrival.source, arrival.event_id)
}

/// Seals an arrival and keeps it.
pub(super) async fn keep(desk: &Desk, arrival: Arrival) -> Result<InboxReception, StoreError> {
    let key = desk.journal.keyring().ensure(keeper()).await.map_err(|error| match error {
        KeyringError::Store(error) => error,
        // An operator mends it, and the provider comes again.
        KeyringError::UnknownMaster(_) | KeyringError::Tampered => {
            StoreError::Unavailable(error.to_string())
        }
    })?;
    let body = key.seal(&place(&arrival), &arrival.body).into();
    desk.stores.inbox.receive(&Arrival { body, sealed: true, ..arrival }).await
}

/// The body as it came. What was kept before bodies were sealed is as it came.
pub(super) async fn opened(desk: &Desk, arrival: &Arrival) -> Result<Bytes, Applied> {
    if !arrival.sealed {
        return Ok(arrival.body.clone());
    }
    let key = desk.journal.keyring().existing(keeper()).await;
    let key = key.map_err(|error| unopened(&error))?;
    let gone = || Applied::GiveUp("the key that sealed the body is gone".to_owned());
    let plain = key.ok_or_else(gone)?.open(&place(arrival), &arrival.body);
    plain.map(Bytes::from).map_err(|error| unopened(&error))
}

fn unopened(error: &KeyringError) -> Applied {
    match error {
        KeyringError::Tampered => Applied::GiveUp(error.to_string()),
        KeyringError::Store(_) | KeyringError::UnknownMaster(_) => {
            Applied::Retry(error.to_string())
        }
    }
}
