//! Consent: where the person is sent, and codes and tokens traded for tokens, each exactly once.

use crate::{
    X, system_time,
    wire::{self, Envelope, Granted, No, NotGranted, User},
};
use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use herald_application::ports::{
    AuthorizationRequest, ExchangeFailure, ExchangeRequest, ProviderAccount, RefreshFailure,
    SocialAuthorization, TokenSet,
};
use herald_http_client::{Answer, Commit, CommitAnswer, Deadline, Method, Request, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;
use url::Url;

/// What X's own counting allows a text.
const TEXT_LIMIT: u32 = 280;
/// What it allows subscribers.
const PREMIUM_TEXT_LIMIT: u32 = 25_000;

/// How a trade at the token endpoint ended.
enum Trade {
    Granted(TokenSet),
    /// X's word for no.
    Refused(String),
    NotDone(String),
    /// A whole answer that neither grants nor says no.
    Trouble(String),
    Unknown(String),
}

#[async_trait]
impl SocialAuthorization for X {
    fn authorization_url(&self, request: &AuthorizationRequest) -> Url {
        let mut url = self.settings.web.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["i", "oauth2", "authorize"]);
        }
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", request.redirect_uri.as_str())
            .append_pair("scope", &self.settings.scopes.join(" "))
            .append_pair("state", &request.state)
            .append_pair("code_challenge", &request.code_challenge)
            .append_pair("code_challenge_method", "S256");
        url
    }

    async fn exchange(&self, request: &ExchangeRequest) -> Result<TokenSet, ExchangeFailure> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", request.code.expose_secret()),
            ("redirect_uri", request.redirect_uri.as_str()),
            ("code_verifier", request.code_verifier.expose_secret()),
        ];
        match self.trade("exchange_code", &fields).await {
            Trade::Granted(tokens) => Ok(tokens),
            Trade::Refused(code) => Err(ExchangeFailure::Refused { code }),
            Trade::NotDone(cause) => Err(ExchangeFailure::NotSent { cause }),
            Trade::Trouble(cause) | Trade::Unknown(cause) => {
                Err(ExchangeFailure::Unknown { cause })
            }
        }
    }

    async fn refresh(&self, refresh_token: &SecretString) -> Result<TokenSet, RefreshFailure> {
        let fields =
            [("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose_secret())];
        match self.trade("refresh_token", &fields).await {
            Trade::Granted(tokens) => Ok(tokens),
            // X says `invalid_request` of a token that was used or taken back. Anything else is
            // about us, and no reason to bother the person.
            Trade::Refused(code) if matches!(&*code, "invalid_grant" | "invalid_request") => {
                Err(RefreshFailure::Rejected { code })
            }
            // An answer that grants nothing: if the token was used up all the same, X says so next time.
            Trade::Refused(cause) | Trade::NotDone(cause) | Trade::Trouble(cause) => {
                Err(RefreshFailure::Transient { cause })
            }
            Trade::Unknown(cause) => Err(RefreshFailure::Unknown { cause }),
        }
    }

    async fn identify(
        &self,
        access_token: &SecretString,
    ) -> Result<ProviderAccount, ExchangeFailure> {
        let request = Request::get("identify", ["2", "users", "me"])
            .bearer(access_token)
            .query("user.fields", "subscription_type,username,name");
        let answer =
            self.client.send(&request).await.map_err(|error| match No::from(&error.failure) {
                No::Unauthorized(_) => ExchangeFailure::Refused { code: "unauthorized".to_owned() },
                No::Refused(answer) => ExchangeFailure::Refused { code: wire::explain(answer).0 },
                // A read that failed is a read that may be repeated.
                No::Trouble(failure) => ExchangeFailure::NotSent { cause: failure.to_string() },
            })?;
        let user = answer.json::<Envelope<User>>().ok().and_then(|envelope| envelope.data);
        user.map(account).ok_or_else(|| ExchangeFailure::Unknown {
            cause: "X's answer about the account cannot be read".to_owned(),
        })
    }

    async fn revoke(&self, token: &SecretString) -> Result<(), RefreshFailure> {
        let fields = [("token", token.expose_secret())];
        let request = self.as_application("revoke_token", "revoke", &fields);
        let sent = self.client.send(&request).await;
        sent.map(drop).map_err(|error| match No::from(&error.failure) {
            No::Unauthorized(answer) | No::Refused(answer) => RefreshFailure::Rejected {
                code: refusal(answer).unwrap_or_else(|| wire::explain(answer).0),
            },
            No::Trouble(failure) => RefreshFailure::Transient { cause: failure.to_string() },
        })
    }
}

impl X {
    /// A call to the token endpoint in the application's own name.
    fn as_application(
        &self,
        operation: &'static str,
        endpoint: &str,
        fields: &[(&str, &str)],
    ) -> Request {
        let request = Request::new(operation, Method::POST, ["2", "oauth2", endpoint]);
        let id = self.settings.client_id.as_str();
        let Some(secret) = &self.settings.client_secret else {
            let named: Vec<_> = fields.iter().copied().chain([("client_id", id)]).collect();
            return request.form(&named);
        };
        // RFC 6749 has both halves form-encoded before they are joined.
        let encoded =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encoded(id), encoded(secret.expose_secret()));
        request.authorization(&format!("Basic {}", STANDARD.encode(pair)).into()).form(fields)
    }

    /// Trades once. Codes and refresh tokens are single-use, so this is a commit.
    async fn trade(&self, operation: &'static str, fields: &[(&str, &str)]) -> Trade {
        let asked_at = self.now();
        let commit = Commit::new(self.as_application(operation, "token", fields));
        let open = match self.client.open_commit(commit).await {
            Ok(open) => open,
            Err(error) => return Trade::NotDone(error.failure.to_string()),
        };
        let window = Duration::from_secs(30);
        let deadline = Deadline { wall: system_time(asked_at.plus(window)), after_open: window };
        match open.send(deadline).await {
            CommitAnswer::NotSent { cause } => Trade::NotDone(cause.to_string()),
            CommitAnswer::Unknown { cause } => Trade::Unknown(cause.to_string()),
            CommitAnswer::Answered(answer) => self.traded(&answer, asked_at),
        }
    }

    fn traded(&self, answer: &Answer, asked_at: herald_kernel::Instant) -> Trade {
        match answer.status {
            StatusCode::OK => answer.json::<Granted>().map_or_else(
                |_| Trade::Unknown("X's tokens cannot be read".to_owned()),
                |granted| Trade::Granted(self.tokens(granted, asked_at)),
            ),
            StatusCode::TOO_MANY_REQUESTS => Trade::NotDone("X's rate limit is reached".to_owned()),
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => {
                refusal(answer).map_or_else(|| Trade::Trouble(unlisted(answer)), Trade::Refused)
            }
            _ => Trade::Trouble(unlisted(answer)),
        }
    }

    fn tokens(&self, granted: Granted, asked_at: herald_kernel::Instant) -> TokenSet {
        let scopes = granted.scope.map_or_else(
            || self.settings.scopes.clone(),
            |scope| scope.split_whitespace().map(str::to_owned).collect(),
        );
        TokenSet {
            access: granted.access_token.into(),
            access_expires_at: asked_at.plus(Duration::from_secs(granted.expires_in)),
            refresh: granted.refresh_token.map(SecretString::from),
            refresh_expires_at: None,
            scopes,
        }
    }
}

/// The refusal that RFC 6749 knows by name.
fn refusal(answer: &Answer) -> Option<String> {
    const KNOWN: [&str; 6] = [
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    ];
    let NotGranted { error } = answer.json().ok()?;
    KNOWN.contains(&error.as_str()).then_some(error)
}

fn unlisted(answer: &Answer) -> String {
    format!("X answered {}", answer.status)
}

fn account(user: User) -> ProviderAccount {
    let subscriber = user.subscription_type.as_deref().is_some_and(|kind| {
        matches!(kind.to_ascii_lowercase().as_str(), "basic" | "premium" | "premiumplus")
    });
    ProviderAccount {
        id: user.id,
        handle: user.username,
        name: user.name,
        text_limit: if subscriber { PREMIUM_TEXT_LIMIT } else { TEXT_LIMIT },
    }
}
