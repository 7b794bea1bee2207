//! A request as it came in.

use axum::{
    body::Bytes,
    http::{HeaderMap, Method, Uri},
};
use serde_json::Value;
use std::collections::BTreeMap;
use url::form_urlencoded;

/// A request as it came in; paths are told without the provider's prefix.
#[derive(Debug, Clone)]
pub struct Asked {
    line: String,
    query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body's bytes.
    pub body: Bytes,
}

impl Asked {
    pub(crate) fn new(
        prefix: &str,
        method: &Method,
        uri: &Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> Self {
        let path = uri.path().strip_prefix(prefix).unwrap_or_else(|| uri.path());
        let line = format!("{method} {}", if path.is_empty() { "/" } else { path });
        Self { line, query: uri.query().unwrap_or_default().to_owned(), headers, body }
    }

    /// Method and path, such as `POST /2/tweets`.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The line with its query as it was written.
    #[must_use]
    pub fn line_with_query(&self) -> String {
        format!("{}?{}", self.line, self.query)
    }

    /// A header's text; nothing where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    /// The body as the fields of a form.
    #[must_use]
    pub fn form(&self) -> BTreeMap<String, String> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// The query's parameters.
    #[must_use]
    pub fn query(&self) -> BTreeMap<String, String> {
        form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    /// What was asked with, whether it stands in the query or in a form.
    #[must_use]
    pub fn parameters(&self) -> BTreeMap<String, String> {
        let mut all = self.query();
        all.extend(self.form());
        all
    }
}
