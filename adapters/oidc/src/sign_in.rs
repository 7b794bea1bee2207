//! Signing in by authorisation code: a code is traded once, and the ID token proves the person.

use crate::{
    ClientAuth, ProviderSettings, Unusable,
    endpoints::Places,
    health::IssuerHealth,
    jwt::Jwt,
    trusted::Trusted,
    wire::{self, Granted, UserInfo},
};
use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use herald_application::ports::{
    ClaimedEmail, HealthCheck, SignInExchange, SignInFailure, SignInProvider, SignInRequest,
    SignedIn, TokenRefused, VerifiedToken,
};
use herald_http_client::{
    Answer, Client, Commit, CommitAnswer, Deadline, Environment, Method, RealEnvironment, Request,
    StatusCode, Url,
};
use herald_kernel::Instant;
use secrecy::{ExposeSecret as _, SecretString};
use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A code that was not written after this is not written at all.
const WINDOW: Duration = Duration::from_secs(30);

/// An OIDC provider through which people sign in.
#[derive(Debug, Clone)]
pub struct Provider {
    settings: Arc<ProviderSettings>,
    trusted: Arc<Trusted>,
    environment: Arc<dyn Environment>,
}

impl Provider {
    /// A provider in real time. Nothing is read before somebody signs in.
    pub fn try_new(settings: ProviderSettings) -> Result<Self, Unusable> {
        Self::try_new_in(settings, Arc::new(RealEnvironment))
    }

    /// A provider with time from `environment`.
    pub fn try_new_in(
        mut settings: ProviderSettings,
        environment: Arc<dyn Environment>,
    ) -> Result<Self, Unusable> {
        // The answer to our own question is made for us and nobody else.
        settings.issuer.audiences = vec![settings.client_id.clone()];
        settings.issuer.authorized_parties.clear();
        settings.issuer.timeout = settings.timeout;
        let (issuer, endpoints) = (settings.issuer.clone(), settings.endpoints.clone());
        let trusted = Trusted::try_new(issuer, endpoints, Arc::clone(&environment))?;
        Ok(Self { settings: Arc::new(settings), trusted: Arc::new(trusted), environment })
    }

    /// Reads the provider's keys, as `doctor` does.
    #[must_use]
    pub fn health_check(&self) -> Arc<dyn HealthCheck> {
        let environment = Arc::clone(&self.environment);
        Arc::new(IssuerHealth::new(Arc::clone(&self.trusted), environment))
    }

    async fn places(&self) -> Result<Arc<Places>, SignInFailure> {
        self.trusted.keys.finder.find().await.map_err(|cause| SignInFailure::NotSent { cause })
    }

    /// Trades the code once: it is single-use, so this is a commit.
    async fn trade(
        &self,
        client: &Client,
        exchange: &SignInExchange,
    ) -> Result<Granted, SignInFailure> {
        let not_sent = |cause: String| SignInFailure::NotSent { cause };
        let open = client
            .open_commit(Commit::new(self.token_request(exchange)))
            .await
            .map_err(|error| not_sent(error.failure.to_string()))?;
        let wall = self.environment.wall().checked_add(WINDOW).unwrap_or(UNIX_EPOCH);
        match open.send(Deadline { wall, after_open: WINDOW }).await {
            CommitAnswer::NotSent { cause } => Err(not_sent(cause.to_string())),
            CommitAnswer::Unknown { cause } => Err(unknown(cause)),
            CommitAnswer::Answered(answer) => granted(&answer),
        }
    }

    fn token_request(&self, exchange: &SignInExchange) -> Request {
        let id = self.settings.client_id.as_str();
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", exchange.code.expose_secret()),
            ("redirect_uri", exchange.redirect_uri.as_str()),
            ("code_verifier", exchange.code_verifier.expose_secret()),
        ];
        let request = Request::new("exchange_code", Method::POST, [""; 0]);
        match (&self.settings.client_secret, self.settings.client_auth) {
            (Some(secret), ClientAuth::Basic) => {
                let pair = format!("{}:{}", encoded(id), encoded(secret.expose_secret()));
                let basic = format!("Basic {}", STANDARD.encode(pair));
                request.authorization(&basic.into()).form(&fields)
            }
            (Some(secret), ClientAuth::Post) => {
                fields.extend([("client_id", id), ("client_secret", secret.expose_secret())]);
                request.form(&fields)
            }
            (None, _) => {
                fields.push(("client_id", id));
                request.form(&fields)
            }
        }
    }

    /// What the ID token proves, if it answers our own question.
    async fn prove(&self, id_token: &str, nonce: &str) -> Result<VerifiedToken, TokenRefused> {
        let jwt = Jwt::parse(id_token)?;
        let token = self.trusted.verify(&jwt, now(self.environment.wall())).await?;
        if nonce.is_empty() || jwt.claims.text("nonce") != Some(nonce) {
            return Err(TokenRefused::Nonce);
        }
        Ok(token)
    }

    /// Asks who the person is where the ID token does not say their address.
    async fn describe(
        &self,
        places: &Places,
        access: Option<SecretString>,
        token: &mut VerifiedToken,
    ) -> Result<(), SignInFailure> {
        let (None, Some(client), Some(access)) = (&token.email, &places.userinfo, access) else {
            return Ok(());
        };
        let request = Request::get("userinfo", [""; 0]).bearer(&access);
        let answer = client.send(&request).await.map_err(|error| unknown(error.failure))?;
        let info: UserInfo =
            answer.json().map_err(|_| unknown("the person's description cannot be read"))?;
        // OpenID Connect Core, 5.3.2: else the description may be somebody else's.
        if info.sub != token.subject {
            return Err(TokenRefused::Malformed.into());
        }
        let verified = info.verified();
        token.email = info.email.map(|address| ClaimedEmail { address, verified });
        token.name = token.name.take().or(info.name);
        Ok(())
    }
}

#[async_trait]
impl SignInProvider for Provider {
    fn name(&self) -> &str {
        &self.settings.name
    }

    async fn authorization_url(&self, request: &SignInRequest) -> Result<Url, SignInFailure> {
        let places = self.places().await?;
        let mut url = places.authorization.clone().ok_or_else(|| SignInFailure::NotSent {
            cause: "the issuer publishes no authorisation address".to_owned(),
        })?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", request.redirect_uri.as_str())
            .append_pair("scope", &self.settings.scopes.join(" "))
            .append_pair("state", &request.state)
            .append_pair("nonce", &request.nonce)
            .append_pair("code_challenge", &request.code_challenge)
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(&self.settings.parameters);
        Ok(url)
    }

    async fn exchange(&self, exchange: &SignInExchange) -> Result<SignedIn, SignInFailure> {
        let places = self.places().await?;
        // RFC 9207: an answer in another issuer's name never meets this one's token endpoint.
        let names_us = exchange.issuer.as_deref().map(|iss| self.trusted.is(iss));
        if !names_us.unwrap_or(!places.names_itself) {
            return Err(TokenRefused::Issuer.into());
        }
        let client = places.token.as_ref().ok_or_else(|| SignInFailure::NotSent {
            cause: "the issuer publishes no token address".to_owned(),
        })?;
        let granted = self.trade(client, exchange).await?;
        let id_token = granted.id_token.ok_or(TokenRefused::Malformed)?;
        let mut token = self.prove(&id_token, &exchange.nonce).await?;
        self.describe(&places, granted.access_token.map(SecretString::from), &mut token).await?;
        let verified = token.email.as_ref().is_some_and(|email| email.verified);
        if self.settings.verified_email && !verified {
            return Err(SignInFailure::EmailNotVerified);
        }
        let VerifiedToken { issuer, subject, name, email, .. } = token;
        Ok(SignedIn { issuer, subject, name, emails: email.into_iter().collect(), grant: None })
    }
}

fn granted(answer: &Answer) -> Result<Granted, SignInFailure> {
    match answer.status {
        StatusCode::OK => {
            answer.json().map_err(|_| unknown("the provider's tokens cannot be read"))
        }
        StatusCode::TOO_MANY_REQUESTS => {
            Err(SignInFailure::NotSent { cause: "the provider's rate limit is reached".to_owned() })
        }
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => Err(wire::refusal(answer)
            .map_or_else(|| unlisted(answer), |code| SignInFailure::Refused { code })),
        _ => Err(unlisted(answer)),
    }
}

fn unlisted(answer: &Answer) -> SignInFailure {
    unknown(format!("the provider answered {}", answer.status))
}

fn unknown(cause: impl std::fmt::Display) -> SignInFailure {
    SignInFailure::Unknown { cause: cause.to_string() }
}

/// RFC 6749 has both halves form-encoded before they are joined.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The calendar's time as the domain counts it; 1970 for what lies before.
fn now(wall: SystemTime) -> Instant {
    let micros = wall.duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    let micros = i64::try_from(micros).unwrap_or(i64::MAX);
    Instant::from_micros(micros).unwrap_or_else(|| Instant::new(UNIX_EPOCH.into()))
}
