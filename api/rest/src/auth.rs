//! Who one is. Passwords live with the identity provider; here they pass through.

use crate::{
    Rest,
    asking::{Input, Somebody, created},
    problem::{Answer, Problem},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use herald_application::{
    ports::{PasswordFailure, Registration, SignInStep},
    sign_in,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

/// What `POST /auth/register` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Register {
    email: String,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    name: Option<String>,
}

/// What `POST /auth/login` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    email: String,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
}

fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
    String::deserialize(from).map(SecretString::from)
}

/// Signs somebody up at the provider that holds passwords.
pub(crate) async fn register(
    State(rest): State<Rest>,
    Input(asked): Input<Register>,
) -> Answer<impl IntoResponse> {
    let Some(provider) = &rest.desk.business.registration else { return Err(not_configured()) };
    let Register { email, password, name } = asked;
    let registration = Registration { username: email.clone(), email, name, password };
    let signed_up = provider.sign_up(&registration).await.map_err(|failure| refused(&failure))?;
    let next = if signed_up.confirmed { "login" } else { "confirm" };
    let sent_to = signed_up.delivery.and_then(|delivery| delivery.destination);
    Ok(created(json!({ "next": next, "code_sent_to": sent_to })))
}

/// Signs somebody in: tokens, or what they must answer first.
pub(crate) async fn login(
    State(rest): State<Rest>,
    Input(asked): Input<Login>,
) -> Answer<Json<Value>> {
    let Some(provider) = &rest.desk.business.passwords else { return Err(not_configured()) };
    let step =
        provider.start(&asked.email, &asked.password).await.map_err(|failure| refused(&failure))?;
    Ok(Json(match step {
        SignInStep::Done(tokens) => json!({
            "token": tokens.id.expose_secret(),
            "access_token": tokens.access.expose_secret(),
            "refresh_token": tokens.refresh.as_ref().map(ExposeSecret::expose_secret),
            "expires_in": tokens.expires_in.as_secs(),
        }),
        SignInStep::Challenged(challenge) => json!({
            "challenge": challenge.kind.as_str(),
            "session": challenge.session.expose_secret(),
            "sent_to": challenge.destination,
        }),
    }))
}

/// Who asks, and where they may act.
pub(crate) async fn me(State(rest): State<Rest>, who: Somebody) -> Answer<Json<Value>> {
    let person = match who {
        Somebody::Person(person) => person,
        Somebody::Program(pass) => {
            return Ok(Json(json!({ "api_key": pass.key, "account": pass.account })));
        }
    };
    let accounts = sign_in::memberships(&rest.desk, &person).await?;
    let accounts = accounts.iter().map(|it| {
        json!({
            "account": it.account, "member": it.member, "role": it.role.as_str(),
            "business": it.business,
        })
    });
    Ok(Json(json!({
        "identity": person.identity, "issuer": person.issuer,
        "accounts": accounts.collect::<Vec<_>>(),
    })))
}

fn not_configured() -> Problem {
    let detail = "passwords are held by Amazon Cognito only, and none is configured: set \
                  AWS_COGNITO_USER_POOL_ID and AWS_COGNITO_CLIENT_ID, or sign in by a link \
                  (`herald sign-in`)";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "NOT_CONFIGURED", detail)
}

fn refused(failure: &PasswordFailure) -> Problem {
    let (code, detail) = (failure.code(), failure.to_string());
    let status = match code {
        "PASSWORD_PROVIDER_NOT_REACHED"
        | "PASSWORD_OUTCOME_UNKNOWN"
        | "PASSWORD_PROVIDER_MISCONFIGURED" => StatusCode::SERVICE_UNAVAILABLE,
        "PASSWORD_TOO_MANY_ATTEMPTS" => StatusCode::TOO_MANY_REQUESTS,
        "PASSWORD_NOT_AUTHORIZED" => StatusCode::UNAUTHORIZED,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Problem::new(status, code, detail)
}
