//! A caller at the door: what they present, and what they want.

use crate::{Credential, Origins, Source, TurnedAway};
use axum::http::{Extensions, HeaderMap};
use std::net::IpAddr;
use uuid::Uuid;

/// The header that names the account to act in, for people who take part in several.
pub const ACCOUNT: &str = "herald-account";

/// A caller at the door.
#[derive(Debug, Clone)]
pub struct Knock {
    /// What they present; nobody in particular without.
    pub credential: Option<Credential>,
    /// The account that they want to act in, where they belong to several.
    pub account: Option<String>,
    /// Names this request in logs and answers.
    pub request: Uuid,
    /// Where they call from, as seen behind trusted proxies; `None` where that cannot be told.
    pub source: Option<IpAddr>,
}

impl Knock {
    /// Reads what a request presents.
    pub fn read(
        headers: &HeaderMap,
        cookie: &str,
        origins: &Origins,
        request: Uuid,
    ) -> Result<Self, TurnedAway> {
        let credential = Credential::read(headers, cookie);
        if matches!(credential, Some(Credential::Cookie(_))) && !origins.trust(headers) {
            return Err(TurnedAway::ForeignPage);
        }
        let account = headers.get(ACCOUNT).and_then(|value| value.to_str().ok());
        let account = account.map(ToOwned::to_owned);
        Ok(Self { credential, account, request, source: None })
    }

    /// Did a browser send it by itself, because it still keeps a cookie?
    #[must_use]
    pub const fn is_by_cookie(&self) -> bool {
        matches!(self.credential, Some(Credential::Cookie(_)))
    }

    /// The same, called from where the request's extensions say.
    #[must_use]
    pub fn from_source(mut self, extensions: &Extensions) -> Self {
        self.source = extensions.get::<Source>().map(|source| source.0);
        self
    }
}
