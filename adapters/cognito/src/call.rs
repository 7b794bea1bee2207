//! Calls to Cognito: once in nobody's name, or signed in ours and repeatable.

use crate::{
    Cognito,
    signature::{self, Scope, Signable},
    wire::Refused,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use herald_application::ports::{DirectoryFailure, PasswordFailure};
use herald_http_client::{
    Answer, Commit, CommitAnswer, Deadline, Failure, HeaderName, Method, Request,
};
use herald_kernel::Instant;
use hmac::{Hmac, Mac as _};
use secrecy::ExposeSecret as _;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::Sha256;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const KIND: &str = "application/x-amz-json-1.1";
const CONTENT_TYPE: HeaderName = HeaderName::from_static("content-type");
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
/// A call that was not written after this is not written at all.
const WINDOW: Duration = Duration::from_secs(30);

impl Cognito {
    /// `SECRET_HASH`: proves the application client beside the person's name.
    pub(crate) fn secret_hash(&self, username: &str) -> Option<String> {
        let secret = self.settings.client_secret.as_ref()?.expose_secret();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
        mac.update(username.as_bytes());
        mac.update(self.settings.client_id.as_bytes());
        Some(STANDARD.encode(mac.finalize().into_bytes()))
    }

    /// Calls once, in nobody's name: what it uses up is used up.
    pub(crate) async fn once<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        body: &Value,
    ) -> Result<T, PasswordFailure> {
        let not_sent = |cause: String| PasswordFailure::NotSent { cause };
        let request = request(operation, &target(operation), body);
        let open = self
            .client
            .open_commit(Commit::new(request))
            .await
            .map_err(|error| not_sent(error.failure.to_string()))?;
        let wall = self.client.environment().wall().checked_add(WINDOW).unwrap_or(UNIX_EPOCH);
        match open.send(Deadline { wall, after_open: WINDOW }).await {
            CommitAnswer::NotSent { cause } => Err(not_sent(cause.to_string())),
            CommitAnswer::Unknown { cause } => Err(unknown(cause)),
            CommitAnswer::Answered(answer) if answer.status.is_success() => {
                // Where there is nothing to say, AWS may say nothing.
                let body: &[u8] = if answer.body.is_empty() { b"{}" } else { &answer.body };
                serde_json::from_slice(body).map_err(|_| unknown("Cognito's answer cannot be read"))
            }
            CommitAnswer::Answered(answer) => Err(refused(&answer)),
        }
    }

    /// Calls in nobody's name, again where that may help.
    pub(crate) async fn repeatable(
        &self,
        operation: &'static str,
        body: &Value,
    ) -> Result<(), PasswordFailure> {
        let request = request(operation, &target(operation), body);
        let sent = self.client.send(&request).await;
        sent.map(drop).map_err(|error| match error.failure.answer() {
            Some(answer) => refused(answer),
            None => unknown(error.failure),
        })
    }

    /// Calls in our own name, again where that may help.
    pub(crate) async fn admin<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        body: &Value,
    ) -> Result<T, DirectoryFailure> {
        let request = self.signed(operation, body).ok_or(DirectoryFailure::Credentials)?;
        let answer = self.client.send(&request).await.map_err(|error| failed(&error.failure))?;
        let body: &[u8] = if answer.body.is_empty() { b"{}" } else { &answer.body };
        serde_json::from_slice(body).map_err(|_| DirectoryFailure::Unreadable)
    }

    /// A call that AWS knows to be ours; nothing without credentials.
    pub(crate) fn signed(&self, operation: &'static str, body: &Value) -> Option<Request> {
        let credentials = self.settings.credentials.as_ref()?;
        let target = target(operation);
        let date = signature::date(now(self.client.environment().wall()));
        let base = &self.client.settings().base;
        let host = match (base.host_str()?, base.port()) {
            (host, Some(port)) => format!("{host}:{port}"),
            (host, None) => host.to_owned(),
        };
        let token = credentials.session_token.as_ref();
        let mut headers = vec![("content-type", KIND), ("host", &*host), ("x-amz-date", &*date)];
        headers.extend(token.map(|token| ("x-amz-security-token", token.expose_secret())));
        headers.push(("x-amz-target", &*target));
        let bytes = serde_json::to_vec(body).ok()?;
        let signable = Signable {
            method: "POST",
            path: base.path(),
            query: "",
            headers: &headers,
            body: &bytes,
        };
        let scope = Scope { region: &self.settings.region, service: "cognito-idp" };
        let value = signature::authorization(credentials, scope, &date, &signable)?;
        let request =
            request(operation, &target, body).header(DATE, &date).authorization(&value.into());
        Some(match token {
            Some(token) => request.secret_header(SECURITY_TOKEN, token),
            None => request,
        })
    }
}

fn request(operation: &'static str, target: &str, body: &Value) -> Request {
    Request::new(operation, Method::POST, [""; 0])
        .json(body)
        .header(CONTENT_TYPE, KIND)
        .header(TARGET, target)
}

fn target(operation: &str) -> String {
    format!("AWSCognitoIdentityProviderService.{operation}")
}

/// Only a refusal that Cognito documents is one; everything else may have happened.
fn refused(answer: &Answer) -> PasswordFailure {
    let meaning = Refused::of(answer).filter(|_| answer.status.is_client_error());
    let meaning = meaning.and_then(|refused| refused.meaning());
    meaning.unwrap_or_else(|| unknown(format!("Cognito answered {}", answer.status)))
}

pub(crate) fn unknown(cause: impl std::fmt::Display) -> PasswordFailure {
    PasswordFailure::Unknown { cause: cause.to_string() }
}

fn failed(failure: &Failure) -> DirectoryFailure {
    let named = failure.answer().and_then(Refused::of);
    let code = named.as_ref().map_or("", Refused::name);
    match (code, failure) {
        ("UserNotFoundException", _) => DirectoryFailure::NotFound,
        (
            "NotAuthorizedException"
            | "AccessDeniedException"
            | "UnrecognizedClientException"
            | "InvalidSignatureException"
            | "ExpiredTokenException"
            | "IncompleteSignatureException"
            | "MissingAuthenticationTokenException",
            _,
        )
        | (_, Failure::Authentication(_)) => DirectoryFailure::Credentials,
        ("TooManyRequestsException" | "ThrottlingException" | "InternalErrorException", _)
        | (
            _,
            Failure::Network(_)
            | Failure::Timeout
            | Failure::RateLimited { .. }
            | Failure::Outage(_)
            | Failure::BreakerOpen { .. },
        ) => DirectoryFailure::Transient {
            cause: failure.to_string(),
            retry_at: failure.until().map(now),
        },
        (_, Failure::InvalidAnswer { .. } | Failure::TooLarge { .. }) => {
            DirectoryFailure::Unreadable
        }
        ("", Failure::Refusal(answer)) => {
            DirectoryFailure::Refused { code: format!("http-{}", answer.status.as_u16()) }
        }
        (code, Failure::Refusal(_)) => DirectoryFailure::Refused { code: code.to_owned() },
        (_, Failure::Unsendable { reason }) => {
            DirectoryFailure::Refused { code: (*reason).to_owned() }
        }
    }
}

/// The calendar's time as the domain counts it; 1970 for what lies before.
fn now(wall: SystemTime) -> Instant {
    let micros = wall.duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    let micros = i64::try_from(micros).unwrap_or(i64::MAX);
    Instant::from_micros(micros).unwrap_or_else(|| Instant::new(UNIX_EPOCH.into()))
}
