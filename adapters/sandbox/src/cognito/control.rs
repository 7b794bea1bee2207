//! The control API of Cognito: codes to read, as JSON and as a mailbox, and second factors.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::world::{Change, Factor, Letter, Purpose, Status, sealed};
use super::{challenge, sign_up};
use crate::clock;
use crate::control::Refused;
use crate::identity::authorize;
use crate::identity::form::Form;
use crate::page::escape;
use crate::state::{Memory, State};

/// `GET /_control/cognito/codes?user=…`: newest first; for one user also the authenticator's code.
pub(crate) async fn codes(
    Shared(state): Shared<State>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refused> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let memory = state.memory();
    let user = match form.get("user") {
        None => None,
        Some(name) => {
            let found = memory.world.cognito.find(name);
            Some(found.ok_or(Refused::Value("there is no such user in the sandbox"))?)
        }
    };
    let mine = |letter: &&Letter| user.is_none_or(|user| letter.user == user.sub);
    let codes: Vec<Value> =
        memory.world.cognito.letters.iter().rev().filter(mine).map(show).collect();
    let totp = user.and_then(|user| match &user.factor {
        Some(Factor::Totp { secret }) => Some(challenge::totp(secret, 0)),
        _ => None,
    });
    Ok(Json(json!({ "codes": codes, "totp": totp })))
}

fn show(letter: &Letter) -> Value {
    json!({
        "user": letter.user,
        "to": letter.to,
        "medium": letter.medium,
        "purpose": letter.purpose,
        "code": letter.code,
        "at": clock::print(letter.at),
    })
}

/// `GET /_control/cognito/mailbox`: the same for a person.
pub(crate) async fn mailbox(Shared(state): Shared<State>) -> Response {
    let memory = state.memory();
    let letters: String = memory.world.cognito.letters.iter().rev().take(200).map(letter).collect();
    let letters =
        if letters.is_empty() { "<p class=empty>No code yet.</p>".to_owned() } else { letters };
    let body = format!("<section class=column><h1>Codes</h1>{letters}</section>");
    authorize::html(StatusCode::OK, "Codes", &body)
}

fn letter(letter: &Letter) -> String {
    let about = match letter.purpose {
        Purpose::ConfirmSignUp => "Your verification code",
        Purpose::ResetPassword => "Your password reset code",
        Purpose::SecondFactor => "Your authentication code",
        Purpose::TemporaryPassword => "Your temporary password",
    };
    format!(
        "<article class=thread><p class=who><b>{about}</b></p>\
         <p class=quiet>to {to}</p><p class=text>{code}</p><p class=quiet>{at}</p></article>",
        to = escape(&letter.to),
        code = escape(&letter.code),
        at = clock::plain(letter.at),
    )
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Sms,
    Totp,
    None,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    user: String,
    kind: Kind,
}

/// `POST /_control/cognito/factor {"user":"ada@bakery.example","kind":"sms"}`: what somebody needs
/// beside the password from now on; `totp` answers the authenticator's secret.
pub(crate) async fn factor(
    Shared(state): Shared<State>,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    let Wanted { user, kind } = serde_json::from_slice(&body)?;
    let mut memory = state.memory();
    let found = memory.world.cognito.find(&user).cloned();
    let mut user = found.ok_or(Refused::Value("there is no such user in the sandbox"))?;
    user.factor = match kind {
        Kind::None => None,
        Kind::Sms => {
            let phone = user.attributes.entry("phone_number".to_owned());
            phone.or_insert_with(|| "+4915100000000".to_owned());
            Some(Factor::Sms)
        }
        Kind::Totp => Some(Factor::Totp { secret: new_secret() }),
    };
    let answer = json!({ "user": user.sub, "factor": user.factor });
    set(&mut memory, "set_factor", user)?;
    Ok(Json(answer))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Temporary {
    user: String,
    password: String,
}

/// `POST /_control/cognito/temporary {"user":"ben@bakery.example","password":"First-1234"}`: a first
/// password, in whose place a new one must be chosen, as after an administrator created somebody.
pub(crate) async fn temporary(
    Shared(state): Shared<State>,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    let Temporary { user, password } = serde_json::from_slice(&body)?;
    let mut memory = state.memory();
    let found = memory.world.cognito.find(&user).cloned();
    let mut user = found.ok_or(Refused::Value("there is no such user in the sandbox"))?;
    user.password = sealed(&user.sub, &password);
    user.status = Status::ForceChangePassword;
    let answer = json!({ "user": user.sub });
    set(&mut memory, "set_temporary_password", user)?;
    Ok(Json(answer))
}

fn set(memory: &mut Memory, what: &'static str, user: super::world::User) -> Result<(), Refused> {
    let facts = json!({ "user": user.sub });
    let saved = Change::UserSaved { user };
    Ok(memory.happen("control", what, facts, vec![saved.into()])?)
}

/// Thirty-two letters of base32, made of a new subject's digits.
fn new_secret() -> String {
    let digits = sign_up::new_sub().replace('-', "");
    digits
        .chars()
        .map(|digit| if "0189".contains(digit) { 'Z' } else { digit.to_ascii_uppercase() })
        .collect()
}
