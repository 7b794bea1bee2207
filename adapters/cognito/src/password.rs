//! Signing in with a password, through whatever Cognito asks for on the way.

use crate::{
    Cognito,
    call::unknown,
    wire::{Authenticated, User},
};
use async_trait::async_trait;
use herald_application::ports::{
    Challenge, ChallengeKind, PasswordFailure, PasswordSignIn, PasswordTokens, SignInStep,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

#[async_trait]
impl PasswordSignIn for Cognito {
    async fn start(
        &self,
        username: &str,
        password: &SecretString,
    ) -> Result<SignInStep, PasswordFailure> {
        let mut parameters = json!({ "USERNAME": username, "PASSWORD": password.expose_secret() });
        self.add_hash(&mut parameters, "SECRET_HASH", username);
        let body = json!({
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": self.settings.client_id,
            "AuthParameters": parameters,
        });
        step(self.once("InitiateAuth", &body).await?, username)
    }

    async fn respond(
        &self,
        challenge: &Challenge,
        answer: &SecretString,
    ) -> Result<SignInStep, PasswordFailure> {
        let field = match challenge.kind {
            ChallengeKind::NewPassword => "NEW_PASSWORD",
            ChallengeKind::SmsCode => "SMS_MFA_CODE",
            ChallengeKind::EmailCode => "EMAIL_OTP_CODE",
            ChallengeKind::AppCode => "SOFTWARE_TOKEN_MFA_CODE",
        };
        let mut responses =
            json!({ "USERNAME": challenge.username, field: answer.expose_secret() });
        self.add_hash(&mut responses, "SECRET_HASH", &challenge.username);
        let body = json!({
            "ChallengeName": challenge.kind.as_str(),
            "ClientId": self.settings.client_id,
            "Session": challenge.session.expose_secret(),
            "ChallengeResponses": responses,
        });
        step(self.once("RespondToAuthChallenge", &body).await?, &challenge.username)
    }

    async fn refresh(
        &self,
        refresh_token: &SecretString,
    ) -> Result<PasswordTokens, PasswordFailure> {
        // Unlike the older flow, this one works whether or not the pool rotates refresh tokens.
        let mut body = json!({
            "ClientId": self.settings.client_id,
            "RefreshToken": refresh_token.expose_secret(),
        });
        if let (Some(secret), Some(body)) = (&self.settings.client_secret, body.as_object_mut()) {
            body.insert("ClientSecret".to_owned(), secret.expose_secret().into());
        }
        let answer: Authenticated = self.once("GetTokensFromRefreshToken", &body).await?;
        let tokens = answer.authentication_result;
        tokens.map(Into::into).ok_or_else(|| unknown("Cognito gave no tokens"))
    }

    async fn whose(&self, username: &str) -> Option<(String, String)> {
        let body = json!({ "UserPoolId": self.settings.pool, "Username": username });
        let user = self.admin::<User>("AdminGetUser", &body).await.ok()?;
        let subject = user.person(&self.settings.attributes).subject;
        Some((self.settings.issuer.clone(), subject))
    }

    async fn sign_out_everywhere(
        &self,
        access_token: &SecretString,
    ) -> Result<(), PasswordFailure> {
        let body = json!({ "AccessToken": access_token.expose_secret() });
        self.repeatable("GlobalSignOut", &body).await
    }
}

impl Cognito {
    /// Adds the application client's proof, where it has a secret.
    pub(crate) fn add_hash(&self, fields: &mut Value, name: &str, username: &str) {
        if let (Some(hash), Some(fields)) = (self.secret_hash(username), fields.as_object_mut()) {
            fields.insert(name.to_owned(), hash.into());
        }
    }
}

fn step(answer: Authenticated, username: &str) -> Result<SignInStep, PasswordFailure> {
    if let Some(tokens) = answer.authentication_result {
        return Ok(SignInStep::Done(tokens.into()));
    }
    let name = answer
        .challenge_name
        .ok_or_else(|| unknown("Cognito gave neither tokens nor a challenge"))?;
    let Some(kind) = ChallengeKind::parse(&name) else {
        return Err(PasswordFailure::UnsupportedChallenge { name });
    };
    let session = answer.session.ok_or_else(|| unknown("Cognito's challenge has no session"))?;
    let mut parameters = answer.challenge_parameters.unwrap_or_default();
    Ok(SignInStep::Challenged(Challenge {
        kind,
        session: session.into(),
        // Who signed in by an alias is known by another name from here on.
        username: parameters.remove("USER_ID_FOR_SRP").unwrap_or_else(|| username.to_owned()),
        destination: parameters.remove("CODE_DELIVERY_DESTINATION"),
    }))
}
