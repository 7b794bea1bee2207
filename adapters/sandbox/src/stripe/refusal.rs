//! A refusal as Stripe words it: type, code, message and the parameter at fault.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// Why a request was refused, and whether what happened until then stays.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    kind: &'static str,
    code: Option<&'static str>,
    message: String,
    param: Option<String>,
    more: Map<String, Value>,
    /// A declined card leaves its failed payment behind; a wrong parameter leaves nothing.
    pub(super) keep: bool,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            code: None,
            message: message.into(),
            param: None,
            more: Map::new(),
            keep: false,
        }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    pub(super) fn missing(param: &str) -> Self {
        Self::invalid(format!("Missing required param: {param}."))
            .code("parameter_missing")
            .param(param)
    }

    pub(super) fn unknown(param: &str) -> Self {
        Self::invalid(format!("Received unknown parameter: {param}"))
            .code("parameter_unknown")
            .param(param)
    }

    /// An id that names nothing: 404 in the path, 400 in a parameter.
    pub(super) fn no_such(what: &str, id: &str, param: &str) -> Self {
        let mut refusal =
            Self::invalid(format!("No such {what}: '{id}'")).code("resource_missing").param(param);
        if param == "id" || param == what {
            refusal.status = StatusCode::NOT_FOUND;
        }
        refusal
    }

    /// The card said no: 402, and the failed payment stays.
    pub(super) fn card(code: &'static str, decline: Option<&str>, message: &str) -> Self {
        let mut refusal = Self::new(StatusCode::PAYMENT_REQUIRED, "card_error", message).code(code);
        if let Some(decline) = decline {
            refusal = refusal.with("decline_code", json!(decline));
        }
        refusal
    }

    pub(super) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    pub(super) fn param(mut self, param: &str) -> Self {
        self.param = Some(param.to_owned());
        self
    }

    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    pub(super) fn keeping(mut self) -> Self {
        self.keep = true;
        self
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// Stripe remembers an answer under its key only once the work itself had begun.
    pub(super) fn is_remembered(&self) -> bool {
        self.status == StatusCode::PAYMENT_REQUIRED
    }

    /// `{"error": {…}}`.
    pub(super) fn body(&self, request: &str) -> Value {
        let mut error = self.more.clone();
        error.insert("type".to_owned(), json!(self.kind));
        error.insert("message".to_owned(), json!(self.message));
        if let Some(code) = self.code {
            error.insert("code".to_owned(), json!(code));
            let doc = format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"));
            error.insert("doc_url".to_owned(), json!(doc));
        }
        if let Some(param) = &self.param {
            error.insert("param".to_owned(), json!(param));
        }
        let log = format!("https://dashboard.stripe.com/test/logs/{request}");
        error.insert("request_log_url".to_owned(), json!(log));
        json!({ "error": error })
    }
}
