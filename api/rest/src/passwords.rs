//! What follows a registration, a password or a forgotten one, where an identity provider keeps
//! passwords. Nothing here tells whether somebody is known.

use crate::{
    Rest,
    asking::Input,
    familiar::{Trying, known_again},
    problem::{Answer, Problem},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use herald_application::{
    ports::{Challenge, ChallengeKind},
    sign_in::{PasswordStep, Passwords},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

/// The longest name that a provider takes.
const LONGEST: usize = 128;

/// What `POST /auth/confirm` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirm {
    email: String,
    #[serde(default, deserialize_with = "secret")]
    code: Option<SecretString>,
}

/// What `POST /auth/confirm/resend` and `POST /auth/forgot` take.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mailbox {
    email: String,
}

/// What `POST /auth/challenge` takes: what was answered, and the answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Met {
    challenge: String,
    username: String,
    #[serde(default, deserialize_with = "secret")]
    session: Option<SecretString>,
    #[serde(default, deserialize_with = "secret")]
    answer: Option<SecretString>,
}

/// What `POST /auth/reset` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reset {
    email: String,
    #[serde(default, deserialize_with = "secret")]
    code: Option<SecretString>,
    #[serde(default, deserialize_with = "secret")]
    password: Option<SecretString>,
}

pub(crate) fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(SecretString::from))
}

/// Proves an address by the code that went there.
pub(crate) async fn confirm(
    State(rest): State<Rest>,
    Trying(asks): Trying,
    Input(asked): Input<Confirm>,
) -> Answer<Json<Value>> {
    let Confirm { email, code } = asked;
    let passwords = passwords(&rest)?;
    let (email, code) = (named("email", &email)?, given("code", code)?);
    passwords.confirm(email, &code, &asks).await?;
    Ok(next("login"))
}

/// Sends that code again.
pub(crate) async fn resend(
    State(rest): State<Rest>,
    Input(Mailbox { email }): Input<Mailbox>,
) -> Answer<(StatusCode, Json<Value>)> {
    let passwords = passwords(&rest)?;
    passwords.resend(named("email", &email)?).await?;
    Ok((StatusCode::ACCEPTED, next("confirm")))
}

/// Answers what `login` asked beside the password.
pub(crate) async fn challenge(
    State(rest): State<Rest>,
    Trying(asks): Trying,
    Input(met): Input<Met>,
) -> Answer<Response> {
    let passwords = passwords(&rest)?;
    let Some(kind) = ChallengeKind::parse(&met.challenge) else {
        return Err(Problem::invalid("challenge", "repeat the `challenge` that was answered"));
    };
    let challenge = Challenge {
        kind,
        session: given("session", met.session)?,
        username: named("username", &met.username)?.to_owned(),
        destination: None,
    };
    let answer = given("answer", met.answer)?;
    let step = passwords.respond(&challenge, &answer, &asks).await?;
    Ok(known_again(&rest, &step, signed_in(&step)))
}

/// Sends a code for choosing a new password.
pub(crate) async fn forgot(
    State(rest): State<Rest>,
    Input(Mailbox { email }): Input<Mailbox>,
) -> Answer<(StatusCode, Json<Value>)> {
    let passwords = passwords(&rest)?;
    passwords.forgot(named("email", &email)?).await?;
    Ok((StatusCode::ACCEPTED, next("reset")))
}

/// Chooses a new password by that code, and ends the sessions of before.
pub(crate) async fn reset(
    State(rest): State<Rest>,
    Trying(asks): Trying,
    Input(asked): Input<Reset>,
) -> Answer<Json<Value>> {
    let Reset { email, code, password } = asked;
    let passwords = passwords(&rest)?;
    let (code, password) = (given("code", code)?, given("password", password)?);
    passwords.reset(named("email", &email)?, &code, &password, &asks).await?;
    Ok(next("login"))
}

/// A session as `POST /auth/token` answers it and renews it, or what is asked before there is one.
pub(crate) fn signed_in(step: &PasswordStep) -> Json<Value> {
    Json(match step {
        PasswordStep::Done(session, _) => json!({
            "access_token": session.access.expose_secret(),
            "token_type": "Bearer",
            "expires_in": session.expires_in.as_secs(),
            "refresh_token": session.refresh.expose_secret(),
        }),
        PasswordStep::Challenged(challenge) => json!({
            "next": "challenge",
            "challenge": challenge.kind.as_str(),
            "username": challenge.username,
            "session": challenge.session.expose_secret(),
            "sent_to": challenge.destination,
        }),
    })
}

fn next(what: &str) -> Json<Value> {
    Json(json!({ "next": what }))
}

fn passwords(rest: &Rest) -> Answer<Passwords<'_>> {
    Passwords::at(&rest.desk).ok_or_else(|| {
        let detail = "no passwords are kept here: `POST /auth/login` with an address mails a link \
                      to sign in. For passwords, an operator sets AWS_COGNITO_USER_POOL_ID and \
                      AWS_COGNITO_CLIENT_ID";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "NOT_CONFIGURED", detail)
    })
}

fn named<'t>(field: &str, text: &'t str) -> Answer<&'t str> {
    let text = text.trim();
    if (1..=LONGEST).contains(&text.len()) {
        return Ok(text);
    }
    Err(Problem::invalid(field, format!("give it, in at most {LONGEST} bytes")))
}

fn given(field: &str, secret: Option<SecretString>) -> Answer<SecretString> {
    let secret = secret.filter(|secret| !secret.expose_secret().is_empty());
    secret.ok_or_else(|| Problem::invalid(field, "this is needed"))
}
