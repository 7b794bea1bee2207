//! Cognito's JSON (`application/x-amz-json-1.1`), read leniently.

use crate::Attributes;
use herald_application::ports::{
    ClaimedEmail, CodeDelivery, DirectoryNote, DirectoryUser, PasswordFailure, PasswordTokens,
};
use herald_http_client::{Answer, redact};
use herald_kernel::Instant;
use serde::Deserialize;
use std::{collections::BTreeMap, time::Duration};

/// `InitiateAuth`, `RespondToAuthChallenge`, `GetTokensFromRefreshToken`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Authenticated {
    pub(crate) challenge_name: Option<String>,
    pub(crate) session: Option<String>,
    #[serde(default)]
    pub(crate) challenge_parameters: Option<BTreeMap<String, String>>,
    pub(crate) authentication_result: Option<Tokens>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tokens {
    access_token: String,
    id_token: String,
    refresh_token: Option<String>,
    expires_in: Option<u64>,
}

impl From<Tokens> for PasswordTokens {
    fn from(tokens: Tokens) -> Self {
        Self {
            id: tokens.id_token.into(),
            access: tokens.access_token.into(),
            refresh: tokens.refresh_token.map(Into::into),
            // Cognito's own default, should it not say.
            expires_in: Duration::from_secs(tokens.expires_in.unwrap_or(3_600)),
        }
    }
}

/// `SignUp`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SignedUp {
    pub(crate) user_sub: String,
    #[serde(default)]
    pub(crate) user_confirmed: bool,
    pub(crate) code_delivery_details: Option<Delivery>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Delivery {
    destination: Option<String>,
    delivery_medium: Option<String>,
}

impl From<Delivery> for CodeDelivery {
    fn from(delivery: Delivery) -> Self {
        Self { destination: delivery.destination, medium: delivery.delivery_medium }
    }
}

/// A person, as `AdminGetUser` and `ListUsers` spell one.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct User {
    pub(crate) username: String,
    #[serde(default, alias = "UserAttributes")]
    attributes: Vec<Attribute>,
    #[serde(rename = "UserCreateDate")]
    created: Option<f64>,
    #[serde(default)]
    enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    name: String,
    value: Option<String>,
}

/// `ListUsers`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Listed {
    #[serde(default)]
    pub(crate) users: Vec<User>,
    pub(crate) pagination_token: Option<String>,
}

/// `DescribeUserPool`, as far as health goes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Described {
    pub(crate) user_pool: Pool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Pool {
    #[serde(default)]
    schema_attributes: Vec<Attribute>,
}

impl Pool {
    pub(crate) fn declares(&self, attribute: &str) -> bool {
        self.schema_attributes.iter().any(|declared| declared.name == attribute)
    }
}

impl User {
    pub(crate) fn person(self, names: &Attributes) -> DirectoryUser {
        let get = |name: &str| {
            let found = self.attributes.iter().find(|attribute| attribute.name == name)?;
            found.value.clone().filter(|value| !value.is_empty())
        };
        let verified = get("email_verified").as_deref() == Some("true");
        let note = DirectoryNote {
            plan: names.plan.as_deref().and_then(get),
            onboarding_completed: names
                .onboarding_completed
                .as_deref()
                .and_then(get)
                .map(|value| value == "true"),
            stripe_customer: get(&names.stripe_customer),
        };
        DirectoryUser {
            name: get("name"),
            email: get("email").map(|address| ClaimedEmail { address, verified }),
            picture: get("picture"),
            enabled: self.enabled,
            created_at: self.created.and_then(instant),
            note,
            subject: get("sub").unwrap_or(self.username),
        }
    }
}

/// AWS counts seconds with a fraction.
fn instant(seconds: f64) -> Option<Instant> {
    Some(Instant::from_micros(0)?.plus(Duration::try_from_secs_f64(seconds).ok()?))
}

/// What Cognito refuses with.
#[derive(Debug, Deserialize)]
pub(crate) struct Refused {
    #[serde(rename = "__type")]
    kind: String,
    #[serde(default, alias = "Message")]
    message: String,
}

impl Refused {
    /// The refusal that an answer names; nothing when it is not Cognito's.
    pub(crate) fn of(answer: &Answer) -> Option<Self> {
        answer.json().ok()
    }

    /// The exception's name, without the namespace that some answers put before it.
    pub(crate) fn name(&self) -> &str {
        self.kind.rsplit('#').next().unwrap_or(&self.kind)
    }

    /// What it means to a person; nothing when it is none that Cognito documents.
    pub(crate) fn meaning(&self) -> Option<PasswordFailure> {
        let message = || redact(&self.message);
        let ours = || PasswordFailure::Misconfigured { code: self.name().to_owned() };
        Some(match self.name() {
            "NotAuthorizedException" if self.message.contains("secret hash") => ours(),
            "NotAuthorizedException" if self.message.contains("attempts exceeded") => {
                PasswordFailure::TooManyAttempts
            }
            "NotAuthorizedException" | "UserNotFoundException" | "RefreshTokenReuseException" => {
                PasswordFailure::NotAuthorized
            }
            "UsernameExistsException" | "AliasExistsException" => PasswordFailure::Taken,
            "UserNotConfirmedException" => PasswordFailure::NotConfirmed,
            "PasswordResetRequiredException" => PasswordFailure::ResetRequired,
            "InvalidPasswordException" | "PasswordHistoryPolicyViolationException" => {
                PasswordFailure::WeakPassword { message: message() }
            }
            "CodeMismatchException" => PasswordFailure::CodeMismatch,
            "ExpiredCodeException" => PasswordFailure::CodeExpired,
            "TooManyRequestsException"
            | "LimitExceededException"
            | "TooManyFailedAttemptsException" => PasswordFailure::TooManyAttempts,
            "InvalidParameterException" if self.message.contains("not enabled") => ours(),
            "InvalidParameterException" | "UserLambdaValidationException" => {
                PasswordFailure::Invalid { message: message() }
            }
            "InternalErrorException" => return None,
            name if name.ends_with("Exception") => ours(),
            _ => return None,
        })
    }
}
