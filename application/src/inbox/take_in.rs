//! A provider calls: check it, keep it, and only then say so.

use super::sealing::keep;
use crate::{
    desk::Desk,
    ports::{
        Arrival, Hint, InboxReception, StoreError, WebhookHeaders, WebhookRefused, kept_headers,
    },
};
use bytes::Bytes;
use herald_kernel::Instant;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// No provider's id or name of an event is longer.
const LONGEST: usize = 255;

/// Why a call was not taken. Nothing of it was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Nobody of this name may call.
    #[error("there is no such source")]
    UnknownSource,
    /// It is not the source's call.
    #[error(transparent)]
    Refused(#[from] WebhookRefused),
    /// It is the source's call and could not be kept: it must come again.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
}

/// Checks a call and keeps it. Once this answers, the call survives whatever comes.
pub async fn take_in(
    desk: &Arc<Desk>,
    source: &str,
    headers: &WebhookHeaders,
    body: Bytes,
) -> Result<InboxReception, NotTaken> {
    let verifier = Arc::clone(&desk.sources.get(source).ok_or(NotTaken::UnknownSource)?.verifier);
    let now = desk.clock.now();
    let hint = verifier.verify(headers, &body, now)?;
    let kept = kept_headers(verifier.as_ref(), headers);
    let arrival = Arrival { headers: kept, ..arrival(source, hint, body, now)? };
    // The caller may hang up at any moment; what is being kept is kept to the end all the same.
    let keeper = Arc::clone(desk);
    let keeping = async move { keep(&keeper, arrival).await };
    let kept = desk.commands.spawn(keeping).await;
    let reception = kept.map_err(|error| StoreError::Unavailable(error.to_string()))??;
    if reception == InboxReception::Stored {
        desk.inbox_wake.notify_one();
    }
    Ok(reception)
}

/// What is kept of an event that is known to be genuine.
pub(crate) fn arrival(
    source: &str,
    hint: Hint,
    body: Bytes,
    received_at: Instant,
) -> Result<Arrival, WebhookRefused> {
    if !sound(&hint) {
        return Err(WebhookRefused::Malformed);
    }
    let Hint { event_id, kind, key, object, api_version, occurred_at } = hint;
    Ok(Arrival {
        source: source.to_owned(),
        event_id,
        kind,
        key,
        object,
        api_version,
        occurred_at,
        headers: std::collections::BTreeMap::new(),
        digest: Sha256::digest(&body).into(),
        size: u64::try_from(body.len()).unwrap_or(u64::MAX),
        body,
        sealed: false,
        received_at,
    })
}

/// Ids and names that a database can hold and a person can read.
fn sound(hint: &Hint) -> bool {
    let short = |text: &str| text.len() <= LONGEST && !text.chars().any(char::is_control);
    let optional = [hint.object.as_deref(), hint.api_version.as_deref()];
    [&hint.event_id, &hint.kind, &hint.key].iter().all(|text| !text.is_empty() && short(text))
        && optional.into_iter().flatten().all(short)
}

impl NotTaken {
    /// For counters.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownSource => "unknown_source",
            Self::Refused(refused) => refused.code(),
            Self::Unavailable(_) => "unavailable",
        }
    }
}
