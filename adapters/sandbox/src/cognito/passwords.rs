//! Forgotten passwords.

use serde_json::{Value, json};

use super::call::{Call, prove};
use super::sign_up::{check, letter};
use super::wire::{self, Refused};
use super::world::{Change, Purpose, Status, sealed};
use super::{ISSUER, attributes};

const HOUR: i64 = 3_600_000;

/// `ForgotPassword`: a code by mail. Somebody unknown gets the same answer and no mail.
pub(crate) fn forgot(call: &mut Call<'_>) -> Result<Value, Refused> {
    let client = call.client()?;
    let username = call.required("Username")?;
    prove(&client, &username, call.text("SecretHash"))?;
    let Some(user) = call.memory.world.cognito.find(&username).cloned() else {
        return Ok(json!({ "CodeDeliveryDetails": wire::delivery(&username, "EMAIL") }));
    };
    if user.status == Status::ForceChangePassword {
        let text = "User password cannot be reset in the current state.";
        return Err(Refused::unauthorized(text));
    }
    if user.attributes.get("email_verified").map(String::as_str) != Some("true") {
        return Err(Refused::parameter(
            "Cannot reset password for the user as there is no registered/verified email or \
             phone_number",
        ));
    }
    let answer = json!({ "CodeDeliveryDetails": wire::delivery(user.email(), "EMAIL") });
    let letter = letter(call.memory, &user, Purpose::ResetPassword, HOUR);
    let facts = json!({ "user": user.sub });
    call.memory.happen(ISSUER, "forgot_password", facts, vec![Change::Sent { letter }.into()])?;
    Ok(answer)
}

/// `ConfirmForgotPassword`: code and new password.
pub(crate) fn confirm(call: &mut Call<'_>) -> Result<Value, Refused> {
    let client = call.client()?;
    let username = call.required("Username")?;
    let code = call.required("ConfirmationCode")?;
    let password = call.required("Password")?;
    prove(&client, &username, call.text("SecretHash"))?;
    attributes::password(&password)?;
    let found = call.memory.world.cognito.find(&username).cloned();
    let mut user = found.ok_or_else(|| {
        let text = "Invalid code provided, please request a code again.";
        Refused::new("ExpiredCodeException", text)
    })?;
    check(call.memory, &user.sub, Purpose::ResetPassword, &code)?;
    user.password = sealed(&user.sub, &password);
    user.status = Status::Confirmed;
    user.updated_at = call.memory.now();
    let sub = user.sub.clone();
    let changes = vec![
        Change::UserSaved { user }.into(),
        Change::CodeSpent { user: sub.clone(), purpose: Purpose::ResetPassword }.into(),
        Change::PasswordFound { user: sub.clone() }.into(),
    ];
    call.memory.happen(ISSUER, "reset_password", json!({ "user": sub }), changes)?;
    Ok(json!({}))
}
