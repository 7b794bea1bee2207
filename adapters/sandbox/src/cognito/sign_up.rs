//! Signing up, and proving the address with a code.

use serde_json::{Value, json};

use super::call::{Call, prove};
use super::wire::{self, Refused};
use super::world::{Change, Letter, Purpose, Status, User, sealed, uuid};
use super::{ISSUER, attributes};
use crate::state::Memory;

const DAY: i64 = 86_400_000;

/// How many wrong codes are answered before the pool says no to every one.
const TRIES: u32 = 5;

/// `SignUp`: in this pool the user name is an e-mail address.
pub(crate) fn sign_up(call: &mut Call<'_>) -> Result<Value, Refused> {
    let client = call.client()?;
    let username = call.required("Username")?;
    let password = call.required("Password")?;
    prove(&client, &username, call.text("SecretHash"))?;
    if !username.contains('@') {
        return Err(Refused::parameter("Username should be an email."));
    }
    attributes::password(&password)?;
    let mut given = attributes::read(call, false)?;
    if given.get("email").is_some_and(|email| *email != username) {
        return Err(Refused::parameter("Attribute value for email must match the username."));
    }
    if call.memory.world.cognito.find(&username).is_some() {
        let text = "An account with the given email already exists.";
        return Err(Refused::new("UsernameExistsException", text));
    }
    let sub = new_sub();
    given.insert("email".to_owned(), username.clone());
    given.insert("email_verified".to_owned(), "false".to_owned());
    given.insert("sub".to_owned(), sub.clone());
    let now = call.memory.now();
    let user = User {
        password: sealed(&sub, &password),
        sub: sub.clone(),
        attributes: given,
        status: Status::Unconfirmed,
        factor: None,
        created_at: now,
        updated_at: now,
    };
    let letter = letter(call.memory, &user, Purpose::ConfirmSignUp, DAY);
    let changes = vec![Change::UserSaved { user }.into(), Change::Sent { letter }.into()];
    let facts = json!({ "user": sub, "client": client.client.id });
    call.memory.happen(ISSUER, "sign_up", facts, changes)?;
    Ok(json!({
        "UserConfirmed": false,
        "UserSub": sub,
        "CodeDeliveryDetails": wire::delivery(&username, "EMAIL"),
    }))
}

/// A new subject.
pub(crate) fn new_sub() -> String {
    use std::fmt::Write as _;
    let bytes = rand::random::<[u8; 16]>();
    let text = bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    uuid(&text)
}

/// A letter with a fresh code of six digits.
pub(crate) fn letter(memory: &Memory, user: &User, purpose: Purpose, lasting: i64) -> Letter {
    let sms = purpose == Purpose::SecondFactor;
    let phone = user.attributes.get("phone_number").map_or("+10000000000", String::as_str);
    let now = memory.now();
    Letter {
        user: user.sub.clone(),
        to: if sms { phone } else { user.email() }.to_owned(),
        medium: if sms { "SMS" } else { "EMAIL" }.to_owned(),
        purpose,
        code: format!("{:06}", rand::random_range(0..1_000_000)),
        at: now,
        expires_at: now.saturating_add(lasting),
    }
}

/// Checks a code; a wrong one is counted.
pub(crate) fn check(
    memory: &mut Memory,
    user: &str,
    purpose: Purpose,
    given: &str,
) -> Result<(), Refused> {
    let slot = (user.to_owned(), purpose);
    if memory.world.cognito.misses.get(&slot).is_some_and(|misses| *misses >= TRIES) {
        let text = "Attempt limit exceeded, please try after some time.";
        return Err(Refused::new("LimitExceededException", text));
    }
    let expired = "Invalid code provided, please request a code again.";
    let letter = memory.world.cognito.code(user, purpose).cloned();
    let letter = letter.ok_or_else(|| Refused::new("ExpiredCodeException", expired))?;
    if letter.expires_at <= memory.now() {
        return Err(Refused::new("ExpiredCodeException", expired));
    }
    if letter.code == given {
        return Ok(());
    }
    let missed = Change::CodeMissed { user: user.to_owned(), purpose };
    memory.happen(ISSUER, "code_missed", json!({ "user": user }), vec![missed.into()])?;
    let text = "Invalid verification code provided, please try again.";
    Err(Refused::new("CodeMismatchException", text))
}

/// `ConfirmSignUp`.
pub(crate) fn confirm(call: &mut Call<'_>) -> Result<Value, Refused> {
    let client = call.client()?;
    let username = call.required("Username")?;
    let code = call.required("ConfirmationCode")?;
    prove(&client, &username, call.text("SecretHash"))?;
    let found = call.memory.world.cognito.find(&username).cloned();
    // The pool does not tell who exists.
    let mut user = found.ok_or_else(|| {
        let text = "Invalid code provided, please request a code again.";
        Refused::new("ExpiredCodeException", text)
    })?;
    if user.status != Status::Unconfirmed {
        let text = "User cannot be confirmed. Current status is CONFIRMED";
        return Err(Refused::unauthorized(text));
    }
    check(call.memory, &user.sub, Purpose::ConfirmSignUp, &code)?;
    user.status = Status::Confirmed;
    user.attributes.insert("email_verified".to_owned(), "true".to_owned());
    user.updated_at = call.memory.now();
    let facts = json!({ "user": user.sub });
    let spent = Change::CodeSpent { user: user.sub.clone(), purpose: Purpose::ConfirmSignUp };
    let changes = vec![Change::UserSaved { user }.into(), spent.into()];
    call.memory.happen(ISSUER, "confirm_sign_up", facts, changes)?;
    Ok(json!({}))
}

/// `ResendConfirmationCode`: only the newest code counts.
pub(crate) fn resend(call: &mut Call<'_>) -> Result<Value, Refused> {
    let client = call.client()?;
    let username = call.required("Username")?;
    prove(&client, &username, call.text("SecretHash"))?;
    let answer = json!({ "CodeDeliveryDetails": wire::delivery(&username, "EMAIL") });
    let Some(user) = call.memory.world.cognito.find(&username).cloned() else {
        return Ok(answer);
    };
    if user.status != Status::Unconfirmed {
        return Err(Refused::parameter("User is already confirmed."));
    }
    let letter = letter(call.memory, &user, Purpose::ConfirmSignUp, DAY);
    let facts = json!({ "user": user.sub });
    call.memory.happen(ISSUER, "resend_code", facts, vec![Change::Sent { letter }.into()])?;
    Ok(answer)
}
