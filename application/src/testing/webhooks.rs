//! A provider that calls, as tests play it.

use crate::{
    desk::Desk,
    inbox::{Applied, WebhookApplier},
    ports::{
        EventListing, Hint, ListedEvents, ListingFailure, WebhookHeaders, WebhookRefused,
        WebhookSource,
    },
};
use async_trait::async_trait;
use bytes::Bytes;
use herald_kernel::Instant;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Signs by a header that says `genuine`; its bodies read `event kind key`. What it was asked to
/// apply is written down, and answered from a list, then with "done".
#[derive(Debug, Default)]
pub(crate) struct FakeProvider {
    applied: Mutex<Vec<String>>,
    answers: Mutex<VecDeque<Applied>>,
    /// Pages of its own list of events, by cursor.
    pub(crate) pages: Mutex<VecDeque<ListedEvents>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FakeProvider {
    /// Every attempt so far, by event.
    pub(crate) fn applied(&self) -> Vec<String> {
        lock(&self.applied).clone()
    }

    /// How the next attempts end.
    pub(crate) fn will(&self, answers: impl IntoIterator<Item = Applied>) {
        lock(&self.answers).extend(answers);
    }
}

/// The hint of a body `event kind key`.
pub(crate) fn hint(body: &str) -> Hint {
    let mut words = body.split(' ').map(ToOwned::to_owned);
    let mut word = || words.next().unwrap_or_default();
    let (event_id, kind, key) = (word(), word(), word());
    Hint { event_id, kind, key, object: None, api_version: None, occurred_at: None }
}

/// The headers of a call that is signed.
pub(crate) fn genuine() -> WebhookHeaders {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    WebhookHeaders::new([header("X-Signature", "genuine"), header("X-Secret", "CANARY")])
}

impl WebhookSource for FakeProvider {
    fn verify(
        &self,
        headers: &WebhookHeaders,
        body: &[u8],
        _now: Instant,
    ) -> Result<Hint, WebhookRefused> {
        match headers.get("x-signature") {
            None => return Err(WebhookRefused::Unsigned),
            Some("genuine") => {}
            Some(_) => return Err(WebhookRefused::Forged),
        }
        let body = std::str::from_utf8(body).map_err(|_| WebhookRefused::Malformed)?;
        Ok(hint(body))
    }

    fn kept_headers(&self) -> &'static [&'static str] {
        &["x-signature"]
    }
}

#[async_trait]
impl WebhookApplier for FakeProvider {
    async fn apply(&self, _desk: &Arc<Desk>, hint: &Hint, _raw: &Bytes) -> Applied {
        lock(&self.applied).push(hint.event_id.clone());
        lock(&self.answers).pop_front().unwrap_or(Applied::Done)
    }
}

#[async_trait]
impl EventListing for FakeProvider {
    async fn events_after(
        &self,
        cursor: Option<&str>,
        _now: Instant,
    ) -> Result<ListedEvents, ListingFailure> {
        let nothing = || ListedEvents {
            events: Vec::new(),
            cursor: cursor.unwrap_or("start").to_owned(),
            more: false,
        };
        Ok(lock(&self.pages).pop_front().unwrap_or_else(nothing))
    }
}
