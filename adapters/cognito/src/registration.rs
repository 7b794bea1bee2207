//! Having a password: registering, proving an address, choosing a new password.

use crate::{Cognito, wire};
use async_trait::async_trait;
use herald_application::ports::{PasswordFailure, PasswordRegistration, Registration, SignedUp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::IgnoredAny;
use serde_json::{Value, json};

#[async_trait]
impl PasswordRegistration for Cognito {
    async fn sign_up(&self, registration: &Registration) -> Result<SignedUp, PasswordFailure> {
        let mut attributes = vec![json!({ "Name": "email", "Value": registration.email })];
        if let Some(name) = &registration.name {
            attributes.push(json!({ "Name": "name", "Value": name }));
        }
        let mut body = self.about(&registration.username);
        add(&mut body, "Password", registration.password.expose_secret().into());
        add(&mut body, "UserAttributes", attributes.into());
        let signed_up: wire::SignedUp = self.once("SignUp", &body).await?;
        Ok(SignedUp {
            subject: signed_up.user_sub,
            confirmed: signed_up.user_confirmed,
            delivery: signed_up.code_delivery_details.map(Into::into),
        })
    }

    async fn confirm(&self, username: &str, code: &SecretString) -> Result<(), PasswordFailure> {
        let mut body = self.about(username);
        add(&mut body, "ConfirmationCode", code.expose_secret().into());
        let confirmed: Result<IgnoredAny, _> = self.once("ConfirmSignUp", &body).await;
        confirmed.map(drop).map_err(silent_code)
    }

    async fn resend(&self, username: &str) -> Result<(), PasswordFailure> {
        let body = self.about(username);
        let sent: Result<IgnoredAny, _> = self.once("ResendConfirmationCode", &body).await;
        silent(sent)
    }

    async fn forgot(&self, username: &str) -> Result<(), PasswordFailure> {
        let body = self.about(username);
        let sent: Result<IgnoredAny, _> = self.once("ForgotPassword", &body).await;
        silent(sent)
    }

    async fn reset(
        &self,
        username: &str,
        code: &SecretString,
        password: &SecretString,
    ) -> Result<(), PasswordFailure> {
        let mut body = self.about(username);
        add(&mut body, "ConfirmationCode", code.expose_secret().into());
        add(&mut body, "Password", password.expose_secret().into());
        let reset: Result<IgnoredAny, _> = self.once("ConfirmForgotPassword", &body).await;
        reset.map(drop).map_err(silent_code)
    }
}

impl Cognito {
    /// What every call about one person begins with.
    fn about(&self, username: &str) -> Value {
        let mut body = json!({ "ClientId": self.settings.client_id, "Username": username });
        self.add_hash(&mut body, "SecretHash", username);
        body
    }
}

fn add(body: &mut Value, name: &str, value: Value) {
    if let Some(body) = body.as_object_mut() {
        body.insert(name.to_owned(), value);
    }
}

/// A message to nobody, or to somebody without a proven address, looks as if it had been sent.
fn silent(sent: Result<IgnoredAny, PasswordFailure>) -> Result<(), PasswordFailure> {
    match sent {
        Ok(_)
        | Err(
            PasswordFailure::NotAuthorized
            | PasswordFailure::NotConfirmed
            | PasswordFailure::Invalid { .. },
        ) => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// A code of nobody's is a wrong code.
fn silent_code(failure: PasswordFailure) -> PasswordFailure {
    let nobody = failure == PasswordFailure::NotAuthorized;
    if nobody { PasswordFailure::CodeMismatch } else { failure }
}
