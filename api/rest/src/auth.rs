//! Who one is. Where an identity provider keeps passwords, they pass through; elsewhere a link that
//! works once is mailed, to whoever asks and in the same words. What follows a registration or a
//! forgotten password is in `passwords.rs`.

use crate::{
    Rest,
    asking::{Input, Somebody, created},
    familiar::{Trying, known_again},
    passwords::{secret, signed_in},
    problem::{Answer, Problem},
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use herald_account::Email;
use herald_application::{
    ports::Registration,
    sign_in::{self, NotMailed, Passwords},
};
use herald_door::TurnedAway;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

/// What `POST /auth/register` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Register {
    email: String,
    /// Only where passwords are kept.
    #[serde(default, deserialize_with = "secret")]
    password: Option<SecretString>,
    name: Option<String>,
}

/// What `POST /auth/login` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    email: String,
    /// Only where passwords are kept.
    #[serde(default, deserialize_with = "secret")]
    password: Option<SecretString>,
}

/// Signs somebody up at the provider that holds passwords, or mails them a link.
pub(crate) async fn register(
    State(rest): State<Rest>,
    Input(asked): Input<Register>,
) -> Answer<Response> {
    let Register { email, password, name } = asked;
    let Some(passwords) = Passwords::at(&rest.desk) else {
        return mail(&rest, &email, password.as_ref()).await;
    };
    let password = password.ok_or_else(needs_password)?;
    let registration = Registration { username: email.clone(), email, name, password };
    let signed_up = passwords.register(&registration).await?;
    let next = if signed_up.confirmed { "login" } else { "confirm" };
    let sent_to = signed_up.delivery.and_then(|delivery| delivery.destination);
    Ok(created(json!({ "next": next, "code_sent_to": sent_to })).into_response())
}

/// Signs somebody in: a session, what they must answer first, or a link in the mail.
pub(crate) async fn login(
    State(rest): State<Rest>,
    Trying(asks): Trying,
    Input(asked): Input<Login>,
) -> Answer<Response> {
    let Login { email, password } = asked;
    let Some(passwords) = Passwords::at(&rest.desk) else {
        return mail(&rest, &email, password.as_ref()).await;
    };
    let password = password.ok_or_else(needs_password)?;
    let step = passwords.login(&email, &password, &asks).await?;
    Ok(known_again(&rest, &step, signed_in(&step)))
}

/// Registering and signing in are one where mailboxes say who people are.
async fn mail(rest: &Rest, email: &str, password: Option<&SecretString>) -> Answer<Response> {
    let address = Email::try_from(email);
    let address = address.map_err(|error| Problem::invalid("email", error.to_string()))?;
    if password.is_some() {
        let detail = "no passwords are kept here: leave it out, and a link to sign in is mailed";
        return Err(Problem::invalid("password", detail));
    }
    match sign_in::mail_link(&rest.desk, &address).await {
        Ok(()) => Ok((StatusCode::ACCEPTED, Json(json!({ "next": "mail" }))).into_response()),
        Err(NotMailed::Failed(failure)) => Err(failure.into()),
        Err(NotMailed::TooMany { seconds }) => Err(TurnedAway::TooMany { seconds }.into()),
        Err(none @ NotMailed::NoCarrier) => {
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "NOT_CONFIGURED", none.to_string()))
        }
    }
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

fn needs_password() -> Problem {
    Problem::invalid("password", "an identity provider keeps passwords here: send yours")
}
