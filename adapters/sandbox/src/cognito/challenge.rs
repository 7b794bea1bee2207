//! What stands between a right password and the tokens: a new password, a second factor.

use ring::hmac;
use serde_json::{Value, json};

use super::call::{Call, prove};
use super::sign_up::{check, letter};
use super::wire::{self, Refused};
use super::world::{Challenge, Change, Factor, Purpose, Status, User, sealed};
use super::{AppClient, ISSUER, attributes, auth, tokens};
use crate::clock;
use crate::world;
use crate::x::{hash, oauth};

/// How long a challenge can be answered, in milliseconds.
const LASTING: i64 = 180_000;

/// What the person has proven so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passed {
    Password,
    Everything,
}

/// Asks for what is still missing, or issues tokens.
pub(crate) fn proceed(
    call: &mut Call<'_>,
    client: &AppClient,
    user: &User,
    passed: Passed,
) -> Result<Value, Refused> {
    match user.status {
        Status::Unconfirmed => {
            return Err(Refused::new("UserNotConfirmedException", "User is not confirmed."));
        }
        Status::ResetRequired => {
            let text = "Password reset required for the user";
            return Err(Refused::new("PasswordResetRequiredException", text));
        }
        Status::ForceChangePassword => {
            let mut attributes = user.attributes.clone();
            attributes.remove("sub");
            let parameters = json!({
                "USER_ID_FOR_SRP": user.sub,
                "requiredAttributes": "[]",
                "userAttributes": json!(attributes).to_string(),
            });
            return ask(call, client, user, "NEW_PASSWORD_REQUIRED", (parameters, Vec::new()));
        }
        Status::Confirmed => {}
    }
    match &user.factor {
        Some(Factor::Sms) if passed == Passed::Password => {
            let letter = letter(call.memory, user, Purpose::SecondFactor, LASTING);
            let delivery = wire::delivery(&letter.to, "SMS");
            let parameters = json!({
                "USER_ID_FOR_SRP": user.sub,
                "CODE_DELIVERY_DELIVERY_MEDIUM": "SMS",
                "CODE_DELIVERY_DESTINATION": delivery.get("Destination"),
            });
            let sent = vec![Change::Sent { letter }.into()];
            ask(call, client, user, "SMS_MFA", (parameters, sent))
        }
        Some(Factor::Totp { .. }) if passed == Passed::Password => {
            let parameters = json!({ "USER_ID_FOR_SRP": user.sub });
            ask(call, client, user, "SOFTWARE_TOKEN_MFA", (parameters, Vec::new()))
        }
        _ => {
            let grant = auth::fresh(client, user);
            let refresh = tokens::new_refresh();
            let found = Change::PasswordFound { user: user.sub.clone() };
            let signed_in = ("sign_in", vec![found.into()]);
            tokens::issue(call.memory, user, &grant, Some(&refresh), signed_in)
        }
    }
}

fn ask(
    call: &mut Call<'_>,
    client: &AppClient,
    user: &User,
    name: &str,
    (parameters, mut changes): (Value, Vec<world::Change>),
) -> Result<Value, Refused> {
    let session = format!("AYABe{}", oauth::secret());
    let challenge = Challenge {
        user: user.sub.clone(),
        client: client.client.id.clone(),
        name: name.to_owned(),
        expires_at: call.memory.now().saturating_add(LASTING),
    };
    changes.push(Change::Challenged { key: hash(&session), challenge }.into());
    let facts = json!({ "user": user.sub, "challenge": name });
    call.memory.happen(ISSUER, "challenge", facts, changes)?;
    Ok(json!({ "ChallengeName": name, "Session": session, "ChallengeParameters": parameters }))
}

/// `RespondToAuthChallenge`.
pub(crate) fn respond(call: &mut Call<'_>) -> Result<Value, Refused> {
    const GIVEN: &str = "ChallengeResponses";
    let client = call.client()?;
    let name = call.required("ChallengeName")?;
    let username = call.required_within(GIVEN, "USERNAME")?;
    prove(&client, &username, call.within(GIVEN, "SECRET_HASH").as_deref())?;
    let key = hash(&call.required("Session")?);
    let lost = || Refused::unauthorized("Invalid session for the user.");
    let challenge = call.memory.world.cognito.challenges.get(&key).cloned().ok_or_else(lost)?;
    if challenge.expires_at <= call.memory.now() {
        let text = "Invalid session for the user, session is expired.";
        return Err(Refused::unauthorized(text));
    }
    let user = call.memory.world.cognito.find(&username).cloned().ok_or_else(lost)?;
    if challenge.name != name || challenge.client != client.client.id || challenge.user != user.sub
    {
        return Err(lost());
    }
    let (user, passed) = match name.as_str() {
        "NEW_PASSWORD_REQUIRED" => {
            let password = call.required_within(GIVEN, "NEW_PASSWORD")?;
            (new_password(call, user, &password)?, Passed::Password)
        }
        "SMS_MFA" => {
            let code = call.required_within(GIVEN, "SMS_MFA_CODE")?;
            check(call.memory, &user.sub, Purpose::SecondFactor, &code)?;
            let spent =
                Change::CodeSpent { user: user.sub.clone(), purpose: Purpose::SecondFactor };
            let facts = json!({ "user": user.sub });
            call.memory.happen(ISSUER, "second_factor", facts, vec![spent.into()])?;
            (user, Passed::Everything)
        }
        "SOFTWARE_TOKEN_MFA" => {
            let code = call.required_within(GIVEN, "SOFTWARE_TOKEN_MFA_CODE")?;
            let Some(Factor::Totp { secret }) = &user.factor else {
                let text = "Software Token MFA has not been enabled by the user.";
                return Err(Refused::new("SoftwareTokenMFANotFoundException", text));
            };
            let near = [-30, 0, 30].map(|shift| totp(secret, shift));
            if !near.contains(&code) {
                let text = "Invalid code received for user";
                return Err(Refused::new("CodeMismatchException", text));
            }
            (user, Passed::Everything)
        }
        _ => return Err(Refused::parameter("Unsupported challenge.")),
    };
    let facts = json!({ "user": user.sub, "challenge": name });
    let answered = Change::Answered { key };
    call.memory.happen(ISSUER, "answer_challenge", facts, vec![answered.into()])?;
    proceed(call, &client, &user, passed)
}

fn new_password(call: &mut Call<'_>, mut user: User, password: &str) -> Result<User, Refused> {
    attributes::password(password)?;
    user.password = sealed(&user.sub, password);
    user.status = Status::Confirmed;
    user.updated_at = call.memory.now();
    let facts = json!({ "user": user.sub });
    let saved = Change::UserSaved { user: user.clone() };
    call.memory.happen(ISSUER, "new_password", facts, vec![saved.into()])?;
    Ok(user)
}

/// RFC 6238: the authenticator's six digits, so many seconds from now by the machine's clock.
pub(crate) fn totp(secret: &str, shift: i64) -> String {
    let seconds = clock::now(0).div_euclid(1000).saturating_add(shift);
    let step = seconds.div_euclid(30).to_be_bytes();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &base32(secret));
    let tag = hmac::sign(&key, &step);
    let bytes = tag.as_ref();
    let offset = usize::from(bytes.last().copied().unwrap_or_default() & 0x0f);
    let four = bytes.iter().skip(offset).take(4);
    let number = four.fold(0_u32, |number, byte| (number << 8) | u32::from(*byte)) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

fn base32(text: &str) -> Vec<u8> {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0_u32);
    for letter in text.chars() {
        let Some(value) = LETTERS.find(letter.to_ascii_uppercase()) else { continue };
        held = ((held << 5) | u32::try_from(value).unwrap_or_default()) & 0xffff;
        bits = bits.saturating_add(5);
        if bits >= 8 {
            bits = bits.saturating_sub(8);
            bytes.push(u8::try_from((held >> bits) & 0xff).unwrap_or_default());
        }
    }
    bytes
}

/// The second factor, as `GetUser` and `AdminGetUser` tell it.
pub(crate) fn show_factor(user: &User, answer: &mut Value) {
    let name = match &user.factor {
        None => return,
        Some(Factor::Sms) => "SMS_MFA",
        Some(Factor::Totp { .. }) => "SOFTWARE_TOKEN_MFA",
    };
    if let Some(members) = answer.as_object_mut() {
        members.insert("PreferredMfaSetting".to_owned(), json!(name));
        members.insert("UserMFASettingList".to_owned(), json!([name]));
    }
}
