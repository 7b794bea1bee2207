//! Attributes of users: which there are, and who may write them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::call::Call;
use super::wire::Refused;

/// The standard attributes that the pool knows.
const STANDARD: [&str; 12] = [
    "email",
    "email_verified",
    "family_name",
    "given_name",
    "locale",
    "name",
    "nickname",
    "phone_number",
    "phone_number_verified",
    "picture",
    "preferred_username",
    "zoneinfo",
];

/// The attributes that were declared on the pool. Users cannot write them, only administrators.
const CUSTOM: [&str; 2] = ["custom:stripe_customer_id", "custom:account_id"];

#[derive(Debug, Deserialize)]
struct Pair {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "Value", default)]
    value: String,
}

/// The attributes of a call, checked against the pool's schema.
pub(crate) fn read(call: &Call<'_>, admin: bool) -> Result<BTreeMap<String, String>, Refused> {
    let list = call.members.get("UserAttributes").cloned().unwrap_or(Value::Array(Vec::new()));
    let pairs: Vec<Pair> = serde_json::from_value(list)
        .map_err(|_| Refused::new("SerializationException", "UserAttributes is not a list."))?;
    let mut attributes = BTreeMap::new();
    for Pair { name, value } in pairs {
        let (standard, custom) =
            (STANDARD.contains(&name.as_str()), CUSTOM.contains(&name.as_str()));
        if !standard && !custom {
            return Err(Refused::parameter(&format!(
                "Attributes did not conform to the schema: {name}: Attribute does not exist in \
                 the schema.\n"
            )));
        }
        if !admin && (custom || name.ends_with("_verified")) {
            let text = "A client attempted to write unauthorized attribute";
            return Err(Refused::unauthorized(text));
        }
        if name == "email" && !value.contains('@') {
            return Err(Refused::parameter("Invalid email address format."));
        }
        if name == "phone_number" && !value.starts_with('+') {
            return Err(Refused::parameter("Invalid phone number format."));
        }
        attributes.insert(name, value);
    }
    Ok(attributes)
}

/// The pool's rule for passwords: eight characters with a digit, both cases and a symbol.
pub(crate) fn password(text: &str) -> Result<(), Refused> {
    let has = |wanted: fn(&char) -> bool| text.chars().any(|letter| wanted(&letter));
    let reason = if text.chars().count() < 8 {
        "Password not long enough"
    } else if !has(char::is_ascii_digit) {
        "Password must have numeric characters"
    } else if !has(char::is_ascii_uppercase) {
        "Password must have uppercase characters"
    } else if !has(char::is_ascii_lowercase) {
        "Password must have lowercase characters"
    } else if !has(char::is_ascii_punctuation) {
        "Password must have symbol characters"
    } else {
        return Ok(());
    };
    let text = format!("Password did not conform with policy: {reason}");
    Err(Refused::new("InvalidPasswordException", &text))
}
