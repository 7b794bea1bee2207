//! Signing in: a code is traded once, then GitHub is asked who the person is.

use crate::{
    GitHub,
    wire::{self, Email, Membership, Traded, User},
};
use async_trait::async_trait;
use herald_application::ports::{
    ClaimedEmail, SignInExchange, SignInFailure, SignInGrant, SignInProvider, SignInRequest,
    SignedIn, TokenRefused,
};
use herald_http_client::{
    Answer, Commit, CommitAnswer, Deadline, Failure, HeaderName, Method, Request, StatusCode,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use std::time::{Duration, UNIX_EPOCH};
use url::Url;

/// The version of the API that this adapter follows.
const VERSION: &str = "2022-11-28";
/// A code that was not written after this is not written at all.
const WINDOW: Duration = Duration::from_secs(30);
/// Pages of a hundred addresses; nobody has more.
const PAGES: u8 = 3;

/// What a code was traded for.
struct Token {
    access: SecretString,
    scopes: Vec<String>,
}

#[async_trait]
impl SignInProvider for GitHub {
    fn name(&self) -> &str {
        &self.settings.name
    }

    async fn authorization_url(&self, request: &SignInRequest) -> Result<Url, SignInFailure> {
        let mut url = self.settings.web.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["login", "oauth", "authorize"]);
        }
        // GitHub knows no nonce: there is no ID token that it could be in.
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", request.redirect_uri.as_str())
            .append_pair("scope", &self.settings.scopes().join(" "))
            .append_pair("state", &request.state)
            .append_pair("code_challenge", &request.code_challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url)
    }

    async fn exchange(&self, exchange: &SignInExchange) -> Result<SignedIn, SignInFailure> {
        // GitHub names no issuer; whoever does is somebody else.
        if exchange.issuer.as_ref().is_some_and(|issuer| *issuer != self.settings.issuer) {
            return Err(TokenRefused::Issuer.into());
        }
        let token = self.trade(exchange).await?;
        self.demand_membership(&token).await?;
        let user: User = self.read("user", ["user"], &token).await?;
        let emails = self.emails(&token).await?;
        if self.settings.verified_email && !emails.first().is_some_and(|email| email.verified) {
            return Err(SignInFailure::EmailNotVerified);
        }
        let Token { access, scopes } = token;
        let grant = self.settings.repositories.then_some(SignInGrant { access, scopes });
        Ok(SignedIn {
            issuer: self.settings.issuer.clone(),
            // The number stays when the person is renamed; the login may become somebody else's.
            subject: user.id.to_string(),
            name: user.name.filter(|name| !name.is_empty()).or(Some(user.login)),
            emails,
            grant,
        })
    }
}

impl GitHub {
    /// Trades the code once: it is single-use, so this is a commit.
    async fn trade(&self, exchange: &SignInExchange) -> Result<Token, SignInFailure> {
        let fields = [
            ("client_id", self.settings.client_id.as_str()),
            ("client_secret", self.settings.client_secret.expose_secret()),
            ("code", exchange.code.expose_secret()),
            ("redirect_uri", exchange.redirect_uri.as_str()),
            ("code_verifier", exchange.code_verifier.expose_secret()),
        ];
        let path = ["login", "oauth", "access_token"];
        let request = Request::new("exchange_code", Method::POST, path)
            .header(HeaderName::from_static("accept"), "application/json")
            .form(&fields);
        let not_sent = |cause: String| SignInFailure::NotSent { cause };
        let open = self
            .web
            .open_commit(Commit::new(request))
            .await
            .map_err(|error| not_sent(error.failure.to_string()))?;
        let wall = self.web.environment().wall().checked_add(WINDOW).unwrap_or(UNIX_EPOCH);
        match open.send(Deadline { wall, after_open: WINDOW }).await {
            CommitAnswer::NotSent { cause } => Err(not_sent(cause.to_string())),
            CommitAnswer::Unknown { cause } => Err(unknown(cause)),
            CommitAnswer::Answered(answer) => traded(&answer),
        }
    }

    /// Turns away whoever is not an active member, where an organisation is required. One who may
    /// not be seen is none.
    async fn demand_membership(&self, token: &Token) -> Result<(), SignInFailure> {
        let Some(organisation) = self.settings.organisation.as_deref() else { return Ok(()) };
        let path = ["user", "memberships", "orgs", organisation];
        let read = self.api.send(&asked("membership", path, token)).await;
        let answer = match read {
            Ok(answer) => answer,
            Err(error) => {
                let status = error.failure.answer().map(|answer| answer.status);
                let unseen = matches!(status, Some(StatusCode::NOT_FOUND | StatusCode::FORBIDDEN))
                    && matches!(error.failure, Failure::Refusal(_));
                return Err(if unseen {
                    SignInFailure::NotAMember
                } else {
                    failed(&error.failure)
                });
            }
        };
        let membership: Membership = json(&answer)?;
        if membership.state == "active" { Ok(()) } else { Err(SignInFailure::NotAMember) }
    }

    /// Every address, the primary one first.
    async fn emails(&self, token: &Token) -> Result<Vec<ClaimedEmail>, SignInFailure> {
        let mut emails: Vec<Email> = Vec::new();
        for page in 1..=PAGES {
            let request = asked("emails", ["user", "emails"], token)
                .query("per_page", "100")
                .query("page", page.to_string());
            let answer = self.api.send(&request).await.map_err(|e| failed(&e.failure))?;
            emails.append(&mut json(&answer)?);
            let more = answer.header("link").is_some_and(|link| link.contains("rel=\"next\""));
            if !more {
                break;
            }
        }
        emails.sort_by_key(|email| !email.primary);
        let claimed = |Email { address, verified, .. }| ClaimedEmail { address, verified };
        // Without a primary address nothing comes first by right.
        if !emails.first().is_some_and(|email| email.primary) {
            return Ok(Vec::new());
        }
        Ok(emails.into_iter().map(claimed).collect())
    }

    async fn read<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: impl IntoIterator<Item = &'static str>,
        token: &Token,
    ) -> Result<T, SignInFailure> {
        let read = self.api.send(&asked(operation, path, token)).await;
        json(&read.map_err(|error| failed(&error.failure))?)
    }
}

/// A read in the person's name, as GitHub wants to be asked.
fn asked<'a>(
    operation: &'static str,
    path: impl IntoIterator<Item = &'a str>,
    token: &Token,
) -> Request {
    Request::get(operation, path)
        .bearer(&token.access)
        .header(HeaderName::from_static("accept"), "application/vnd.github+json")
        .header(HeaderName::from_static("x-github-api-version"), VERSION)
}

/// GitHub says no with status 200.
fn traded(answer: &Answer) -> Result<Token, SignInFailure> {
    if answer.status == StatusCode::TOO_MANY_REQUESTS {
        let cause = "GitHub's rate limit is reached".to_owned();
        return Err(SignInFailure::NotSent { cause });
    }
    let Ok(Traded { access_token, scope, error }) = answer.json::<Traded>() else {
        return Err(unknown(format!("GitHub answered {}, which cannot be read", answer.status)));
    };
    match (error, access_token) {
        (Some(code), _) if wire::is_refusal(&code) => Err(SignInFailure::Refused { code }),
        (None, Some(access)) if answer.status == StatusCode::OK => {
            let scopes = scope.unwrap_or_default();
            let scopes = scopes.split([',', ' ']).filter(|s| !s.is_empty());
            Ok(Token { access: access.into(), scopes: scopes.map(str::to_owned).collect() })
        }
        _ => Err(unknown(format!("GitHub answered {} without a token", answer.status))),
    }
}

fn json<T: DeserializeOwned>(answer: &Answer) -> Result<T, SignInFailure> {
    answer.json().map_err(|_| unknown("GitHub's answer about the person cannot be read"))
}

/// A read that failed: the code is used up, so the person begins again.
fn failed(failure: &Failure) -> SignInFailure {
    match failure {
        Failure::Authentication(answer) | Failure::Refusal(answer) => {
            SignInFailure::Refused { code: wire::code(answer) }
        }
        Failure::Network(_)
        | Failure::Timeout
        | Failure::RateLimited { .. }
        | Failure::Outage(_)
        | Failure::InvalidAnswer { .. }
        | Failure::BreakerOpen { .. }
        | Failure::TooLarge { .. }
        | Failure::Unsendable { .. } => unknown(failure),
    }
}

fn unknown(cause: impl std::fmt::Display) -> SignInFailure {
    SignInFailure::Unknown { cause: cause.to_string() }
}
