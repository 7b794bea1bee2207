//! What is asked of a provider, described once and sent as often as its kind allows.

use crate::{CacheKey, Failure, Multipart};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use std::{fmt, time::Duration};
use url::Url;

/// A call that may be sent again: it reads, or it is repeatable by its nature or by its key.
#[derive(Clone)]
pub struct Request {
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) cache: Option<CacheKey>,
    pub(crate) tokens: u32,
    pub(crate) timeout: Option<Duration>,
    pub(crate) tries: Option<u32>,
    pub(crate) correlation: Option<String>,
    /// Something that could not be put into the request; told when it is sent.
    pub(crate) flaw: Option<&'static str>,
}

/// A call that changes the world visibly and must not be sent twice.
///
/// It is not a [`Request`] on purpose: the way that retries does not take it.
#[derive(Debug, Clone)]
pub struct Commit(pub(crate) Request);

impl Commit {
    /// Declares that `request` goes out once or not at all.
    #[must_use]
    pub const fn new(request: Request) -> Self {
        Self(request)
    }
}

impl Request {
    /// A reading call. Path segments are encoded one by one, so that an id cannot climb out.
    #[must_use]
    pub fn get<S: Into<String>>(
        operation: &'static str,
        path: impl IntoIterator<Item = S>,
    ) -> Self {
        Self::new(operation, Method::GET, path)
    }

    /// A call with a method; by sending it as a [`Request`] the caller says that it is repeatable.
    #[must_use]
    pub fn new<S: Into<String>>(
        operation: &'static str,
        method: Method,
        path: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            operation,
            method,
            path: path.into_iter().map(Into::into).collect(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            cache: None,
            tokens: 0,
            timeout: None,
            tries: None,
            correlation: None,
            flaw: None,
        }
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        match HeaderValue::from_str(value) {
            Ok(value) => drop(self.headers.insert(name, value)),
            Err(_) => self.flaw = Some("a header has a character that headers cannot carry"),
        }
        self
    }

    /// Adds a header that is never shown.
    #[must_use]
    pub fn secret_header(mut self, name: HeaderName, value: &SecretString) -> Self {
        match HeaderValue::from_str(value.expose_secret()) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.headers.insert(name, value);
            }
            Err(_) => self.flaw = Some("a credential has a character that headers cannot carry"),
        }
        self
    }

    /// `Authorization: Bearer …`
    #[must_use]
    pub fn bearer(self, token: &SecretString) -> Self {
        let value = format!("Bearer {}", token.expose_secret());
        self.secret_header(AUTHORIZATION, &value.into())
    }

    /// `Authorization` with a ready-made scheme and value, such as `Basic …`.
    #[must_use]
    pub fn authorization(self, value: &SecretString) -> Self {
        self.secret_header(AUTHORIZATION, value)
    }

    /// A JSON body.
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        if let Ok(body) = serde_json::to_vec(value) {
            return self.with_body("application/json", body.into());
        }
        self.flaw = Some("the body cannot be written as JSON");
        self
    }

    /// A form body.
    #[must_use]
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields.iter().copied())
            .finish();
        self.with_body("application/x-www-form-urlencoded", body.into())
    }

    /// A form with files.
    #[must_use]
    pub fn multipart(self, form: Multipart) -> Self {
        let (kind, body) = form.finish();
        self.with_body(&kind, body)
    }

    fn with_body(mut self, kind: &str, body: Bytes) -> Self {
        self.body = body;
        self.header(CONTENT_TYPE, kind)
    }

    /// Keeps a good answer under `key`, where the provider's settings have a cache.
    #[must_use]
    pub fn cached(mut self, key: CacheKey) -> Self {
        self.cache = Some(key);
        self
    }

    /// The estimated tokens of this call, taken from the tokens-per-minute budget.
    #[must_use]
    pub const fn tokens(mut self, estimate: u32) -> Self {
        self.tokens = estimate;
        self
    }

    /// Another timeout than the provider's.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Another number of tries than the provider's.
    #[must_use]
    pub const fn tries(mut self, tries: u32) -> Self {
        self.tries = Some(tries);
        self
    }

    /// The id that ties this call to what caused it.
    #[must_use]
    pub fn correlation(mut self, id: impl Into<String>) -> Self {
        self.correlation = Some(id.into());
        self
    }

    /// The whole address under `base`.
    pub(crate) fn url(&self, base: &Url) -> Result<Url, Failure> {
        let mut url = base.clone();
        if self.path.iter().any(|segment| matches!(segment.as_str(), "" | "." | "..")) {
            return Err(Failure::Unsendable { reason: "a part of the address is empty" });
        }
        url.path_segments_mut()
            .map_err(|()| Failure::Unsendable { reason: "the base address has no path" })?
            .pop_if_empty()
            .extend(&self.path);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }

    /// Refuses what was flawed when it was built.
    pub(crate) const fn sound(&self) -> Result<(), Failure> {
        match self.flaw {
            None => Ok(()),
            Some(reason) => Err(Failure::Unsendable { reason }),
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Paths carry ids and queries carry codes; the operation says enough.
        write!(f, "{} ({}, {} bytes)", self.operation, self.method, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_from_outside_cannot_climb_out_of_its_place_in_the_address() {
        let base: Url = "http://127.0.0.1:1/x".parse().expect("a URL");
        let request = Request::get("metrics", ["2", "tweets", "../../admin?a=b"]).query("q", "ä&");
        let url = request.url(&base).expect("sound");
        assert_eq!(url.as_str(), "http://127.0.0.1:1/x/2/tweets/..%2F..%2Fadmin%3Fa=b?q=%C3%A4%26");
        assert!(Request::get("metrics", ["2", "tweets", ".."]).url(&base).is_err());
    }

    #[test]
    fn a_request_shows_its_operation_and_nothing_of_its_contents() {
        let request = Request::get("token", ["2", "CANARY-PATH"])
            .query("code", "CANARY-QUERY")
            .bearer(&"CANARY-TOKEN".into())
            .form(&[("client_secret", "CANARY-BODY")]);
        assert!(!format!("{request:?}").contains("CANARY"));
        assert!(!format!("{:?}", request.headers).contains("CANARY"));
    }
}
