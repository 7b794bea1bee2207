//! Webhooks signed as Svix signs them, for the providers that send theirs through it.

pub(crate) mod control;
mod deliver;
pub(crate) mod world;

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::hmac;
use serde_json::Value;

pub(crate) use deliver::{resume, send};
pub(crate) use world::Message;

use crate::state::Memory;

/// Where a provider sends its webhooks, and what it signs them with.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The address; `http` only, because the sandbox delivers on this machine.
    pub url: String,
    /// The signing secret: `whsec_` and base64.
    pub secret: String,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("url", &self.url).finish_non_exhaustive()
    }
}

/// How one provider's webhooks go out.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    pub(crate) endpoint: Option<Endpoint>,
    /// Nothing leaves until it is delivered by hand.
    pub(crate) hold: bool,
    /// How often each is delivered.
    pub(crate) copies: u32,
    /// How much later, in milliseconds.
    pub(crate) delay_ms: u64,
}

impl Desk {
    fn to(endpoint: Option<Endpoint>) -> Self {
        Self { endpoint, hold: false, copies: 1, delay_ms: 0 }
    }
}

/// Every provider's desk, by the provider's name.
#[derive(Debug)]
pub(crate) struct Desks(pub(crate) BTreeMap<&'static str, Desk>);

impl Desks {
    pub(crate) fn open(clerk: Option<Endpoint>, resend: Option<Endpoint>) -> Self {
        Self(BTreeMap::from([("clerk", Desk::to(clerk)), ("resend", Desk::to(resend))]))
    }
}

/// A message to be written down together with the effect that it tells of.
pub(crate) fn message(
    memory: &Memory,
    provider: &'static str,
    kind: &str,
    body: &Value,
) -> (String, crate::world::Change) {
    let id = format!("msg_{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 20]>()));
    let made = Message {
        id: id.clone(),
        provider: provider.to_owned(),
        kind: kind.to_owned(),
        body: body.to_string(),
        at: memory.now(),
        delivered: false,
    };
    (id, world::Change::Made { message: made }.into())
}

/// The signature of one delivery: HMAC-SHA256 over id, time and body.
pub(crate) fn sign(secret: &str, id: &str, seconds: i64, body: &str) -> String {
    let bare = secret.strip_prefix("whsec_").unwrap_or(secret);
    let key = STANDARD.decode(bare).unwrap_or_else(|_| bare.as_bytes().to_vec());
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let tag = hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(tag))
}
