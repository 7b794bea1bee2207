//! Who asks: the credential as it arrives, and the door that knows whom it belongs to.

use async_graphql::Data;
use axum::http::{
    Extensions, HeaderMap, HeaderName, HeaderValue, Uri,
    header::{AUTHORIZATION, COOKIE, HOST, ORIGIN, SET_COOKIE},
};
use secrecy::SecretString;
use std::{fmt, net::IpAddr};
use uuid::Uuid;

/// The header that names the account to act in, for people who take part in several.
pub const ACCOUNT: &str = "herald-account";

/// What a caller presents.
#[derive(Debug, Clone)]
pub enum Credential {
    /// `Authorization: Bearer …`, or `Authorization` in a WebSocket's greeting.
    Bearer(SecretString),
    /// The session cookie, which a browser sends by itself.
    Cookie(SecretString),
}

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

/// Where a request comes from. The server puts it into every request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source(pub IpAddr);

/// Why somebody is not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TurnedAway {
    /// The credential is not, or no longer, good. Without one they would be let in as nobody.
    #[error("the credential is not valid (any more); sign in again")]
    BadCredential,
    /// A page of another site tried to use the visitor's cookie.
    #[error("this page may not use your session here; use a bearer token")]
    ForeignPage,
    /// The credential is good, but not here, or not from there.
    #[error("this key is not taken here, or not from this address")]
    Elsewhere,
    /// Too much in too short a time.
    #[error("too many requests; try again in {seconds} s")]
    TooMany {
        /// When to come back.
        seconds: u64,
    },
    /// More than their limits allow.
    #[error("too many requests; try again in {} s", .0.retry_after)]
    Limited(Box<Limited>),
    /// Who they are cannot be found out now.
    #[error("sign-in does not answer; try again")]
    Unavailable,
}

/// A request beyond a limit: what the caller is told about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limited {
    /// The policies that do not allow it, by their stable names.
    pub violated: Vec<&'static str>,
    /// When to come back, in seconds.
    pub retry_after: u64,
    /// The headers that tell where the caller stands.
    pub headers: HeaderMap,
}

/// A request that is about to be carried out.
#[derive(Debug, Clone, Copy)]
pub struct Charge<'a> {
    /// What is asked, by our own name.
    pub operation: &'a str,
    /// How many fields it selects.
    pub fields: usize,
}

/// Finds out who asks, and tells the resolvers.
#[async_trait::async_trait]
pub trait Door: Send + Sync + 'static {
    /// What resolvers get to know of the caller, as `ctx.data::<Visitor>()`.
    type Visitor: Clone + Send + Sync + 'static;

    /// Lets a caller in. Without a credential they come in as nobody: resolvers decide what nobody
    /// may do. With a bad one they are turned away.
    async fn admit(&self, knock: Knock) -> Result<Self::Visitor, TurnedAway>;

    /// Is it somebody?
    fn is_signed_in(&self, visitor: &Self::Visitor) -> bool;

    /// Counts a request that is about to be carried out; answers the headers that tell the visitor
    /// where they stand. Without limits there are none.
    async fn charge(&self, _: &Self::Visitor, _: Charge<'_>) -> Result<HeaderMap, TurnedAway> {
        Ok(HeaderMap::new())
    }

    /// Adds what only this visitor's resolvers need.
    fn furnish(&self, _visitor: &Self::Visitor, _data: &mut Data) {}
}

/// Whose pages may use the session cookie.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(Vec<String>);

impl Origins {
    /// The named origins, as browsers spell them: `https://app.example`.
    #[must_use]
    pub fn new(origins: impl IntoIterator<Item = String>) -> Self {
        Self(origins.into_iter().map(|origin| origin.trim_end_matches('/').to_owned()).collect())
    }

    /// May the page that sent this use the visitor's cookie?
    ///
    /// A request without `Origin` comes from no page of another site: browsers name the origin on
    /// every `POST` and on every WebSocket.
    #[must_use]
    pub fn trust(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(ORIGIN) else {
            return true;
        };
        let Ok(origin) = origin.to_str() else {
            return false;
        };
        if self.0.iter().any(|known| known.eq_ignore_ascii_case(origin)) {
            return true;
        }
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let authority = origin.parse::<Uri>().ok().and_then(|uri| uri.authority().cloned());
        matches!((host, authority), (Some(host), Some(authority)) if authority.as_str() == host)
    }
}

impl Knock {
    /// Reads what a request presents.
    pub fn read(
        headers: &HeaderMap,
        cookie: &str,
        origins: &Origins,
        request: Uuid,
    ) -> Result<Self, TurnedAway> {
        let bearer = bearer(headers).map(Credential::Bearer);
        let credential = match bearer {
            Some(bearer) => Some(bearer),
            None => match cookie_value(headers, cookie) {
                Some(_) if !origins.trust(headers) => return Err(TurnedAway::ForeignPage),
                value => value.map(Credential::Cookie),
            },
        };
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

impl TurnedAway {
    /// Has a browser drop `cookie`, if it came by that one and that is what is no good.
    #[must_use]
    pub fn dropping(&self, cookie: &str, by_cookie: bool) -> Option<(HeaderName, HeaderValue)> {
        let dead = by_cookie && *self == Self::BadCredential;
        dead.then(|| dropped(cookie)).flatten()
    }
}

/// Has a browser drop the session cookie of this name. It says what was said when the cookie was
/// set: under TLS browsers listen to nothing less.
#[must_use]
pub fn dropped(cookie: &str) -> Option<(HeaderName, HeaderValue)> {
    let secure = if cookie.starts_with("__Host-") { "; Secure" } else { "" };
    let gone = format!("{cookie}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}");
    Some((SET_COOKIE, HeaderValue::from_str(&gone).ok()?))
}

/// The bearer token of a request; an `Authorization` of another kind is a bad token, not none.
fn bearer(headers: &HeaderMap) -> Option<SecretString> {
    let value = headers.get(AUTHORIZATION)?;
    Some(bearer_token(value.to_str().unwrap_or_default()))
}

/// The token in `Bearer …`.
pub(crate) fn bearer_token(value: &str) -> SecretString {
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    let token = if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" };
    SecretString::from(token)
}

/// One cookie of a request. Twice the same name is no credential: one of them is not ours.
fn cookie_value(headers: &HeaderMap, name: &str) -> Option<SecretString> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim());
    match (found.next(), found.next()) {
        (Some(value), None) if !value.is_empty() => Some(SecretString::from(value)),
        _ => None,
    }
}

impl fmt::Display for Origins {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.join(", "))
    }
}
