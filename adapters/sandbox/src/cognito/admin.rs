//! Administration of the pool; every request here was signed with an access key of AWS.

use serde_json::{Value, json};

use super::call::Call;
use super::sign_up::new_sub;
use super::wire::{self, Refused, seconds};
use super::world::{Change, Letter, Purpose, Status, User, sealed};
use super::{ISSUER, attributes, auth, challenge};
use crate::identity::world::Change as IdentityChange;

/// Runs one operation.
pub(crate) fn serve(call: &mut Call<'_>, name: &str) -> Result<Value, Refused> {
    let pool = call.required("UserPoolId")?;
    if pool != call.settings.cognito_pool {
        let text = format!("User pool {pool} does not exist.");
        return Err(Refused::new("ResourceNotFoundException", &text));
    }
    match name {
        "ListUsers" => list(call),
        "AdminCreateUser" => create(call),
        _ => {
            let username = call.required("Username")?;
            let found = call.memory.world.cognito.find(&username).cloned();
            let user = found.ok_or_else(Refused::no_such_user)?;
            match name {
                "AdminGetUser" => Ok(get(&user)),
                "AdminUpdateUserAttributes" => update(call, user),
                "AdminSetUserPassword" => set_password(call, user),
                "AdminUserGlobalSignOut" => auth::sign_out(call, &user.sub),
                _ => delete(call, &user.sub),
            }
        }
    }
}

fn get(user: &User) -> Value {
    let mut answer = shown(user, "UserAttributes");
    challenge::show_factor(user, &mut answer);
    answer
}

/// A user as lists and single answers print one; the attributes' name differs.
fn shown(user: &User, attributes: &str) -> Value {
    let mut shown = json!({
        "Username": user.sub,
        "UserCreateDate": seconds(user.created_at),
        "UserLastModifiedDate": seconds(user.updated_at),
        "Enabled": true,
        "UserStatus": user.status,
    });
    if let Some(members) = shown.as_object_mut() {
        members.insert(attributes.to_owned(), wire::attributes(user));
    }
    shown
}

fn update(call: &mut Call<'_>, mut user: User) -> Result<Value, Refused> {
    let given = attributes::read(call, true)?;
    if let Some(email) = given.get("email")
        && call.memory.world.cognito.find(email).is_some_and(|other| other.sub != user.sub)
    {
        let text = "An account with the given email already exists.";
        return Err(Refused::new("AliasExistsException", text));
    }
    let names: Vec<String> = given.keys().cloned().collect();
    // An empty value takes an attribute away.
    for (name, value) in given {
        if value.is_empty() {
            user.attributes.remove(&name);
        } else {
            user.attributes.insert(name, value);
        }
    }
    user.updated_at = call.memory.now();
    let facts = json!({ "user": user.sub, "attributes": names });
    let saved = Change::UserSaved { user };
    call.memory.happen(ISSUER, "admin_update_attributes", facts, vec![saved.into()])?;
    Ok(json!({}))
}

fn create(call: &mut Call<'_>) -> Result<Value, Refused> {
    let username = call.required("Username")?;
    let given = attributes::read(call, true)?;
    let resend = call.text("MessageAction") == Some("RESEND");
    let before = call.memory.world.cognito.find(&username).cloned();
    let password = match call.text("TemporaryPassword") {
        Some(password) => password.to_owned(),
        None => format!("Tmp-{}1", new_sub()),
    };
    attributes::password(&password)?;
    let now = call.memory.now();
    let mut user = match (before, resend) {
        (None, true) => return Err(Refused::no_such_user()),
        (Some(_), false) => {
            let text = "User account already exists";
            return Err(Refused::new("UsernameExistsException", text));
        }
        (Some(user), true) if user.status != Status::ForceChangePassword => {
            let text = "Resend not possible. User is not in FORCE_CHANGE_PASSWORD state";
            return Err(Refused::new("UnsupportedUserStateException", text));
        }
        (Some(user), true) => user,
        (None, false) => {
            if !username.contains('@') {
                return Err(Refused::parameter("Username should be an email."));
            }
            let sub = new_sub();
            let mut attributes = given;
            attributes.insert("sub".to_owned(), sub.clone());
            attributes.entry("email".to_owned()).or_insert_with(|| username.clone());
            User {
                sub,
                attributes,
                status: Status::ForceChangePassword,
                password: String::new(),
                factor: None,
                created_at: now,
                updated_at: now,
            }
        }
    };
    user.password = sealed(&user.sub, &password);
    user.updated_at = now;
    let answer = json!({ "User": shown(&user, "Attributes") });
    let facts = json!({ "user": user.sub });
    let letter = Letter {
        user: user.sub.clone(),
        to: user.email().to_owned(),
        medium: "EMAIL".to_owned(),
        purpose: Purpose::TemporaryPassword,
        code: password,
        at: now,
        expires_at: now.saturating_add(7 * 86_400_000),
    };
    let mut changes = vec![Change::UserSaved { user }.into()];
    if call.text("MessageAction") != Some("SUPPRESS") {
        changes.push(Change::Sent { letter }.into());
    }
    call.memory.happen(ISSUER, "admin_create_user", facts, changes)?;
    Ok(answer)
}

fn set_password(call: &mut Call<'_>, mut user: User) -> Result<Value, Refused> {
    let password = call.required("Password")?;
    attributes::password(&password)?;
    let permanent = call.members.get("Permanent").and_then(Value::as_bool).unwrap_or(false);
    user.password = sealed(&user.sub, &password);
    user.status = if permanent { Status::Confirmed } else { Status::ForceChangePassword };
    user.updated_at = call.memory.now();
    let facts = json!({ "user": user.sub });
    let found = Change::PasswordFound { user: user.sub.clone() };
    let changes = vec![Change::UserSaved { user }.into(), found.into()];
    call.memory.happen(ISSUER, "admin_set_password", facts, changes)?;
    Ok(json!({}))
}

fn delete(call: &mut Call<'_>, sub: &str) -> Result<Value, Refused> {
    let ended = IdentityChange::UserEnded { issuer: ISSUER.to_owned(), user: sub.to_owned() };
    let changes = vec![Change::UserDeleted { sub: sub.to_owned() }.into(), ended.into()];
    call.memory.happen(ISSUER, "admin_delete_user", json!({ "user": sub }), changes)?;
    Ok(json!({}))
}

/// `ListUsers`: a filter on one attribute, and pages of at most sixty.
fn list(call: &mut Call<'_>) -> Result<Value, Refused> {
    let limit = match call.members.get("Limit") {
        None | Some(Value::Null) => 60,
        Some(given) => {
            let number = given.as_u64().and_then(|number| usize::try_from(number).ok());
            number.filter(|number| (1..=60).contains(number)).ok_or_else(|| {
                Refused::parameter(
                    "1 validation error detected: Value at 'limit' failed to satisfy constraint: \
                     Member must have value less than or equal to 60",
                )
            })?
        }
    };
    let from: usize = match call.text("PaginationToken") {
        None => 0,
        Some(token) => token
            .strip_prefix("page-")
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| Refused::parameter("Invalid pagination token."))?,
    };
    let filter = call.text("Filter").map(Filter::read).transpose()?;
    let matches = |user: &&User| filter.as_ref().is_none_or(|filter| filter.fits(user));
    let all: Vec<&User> = call.memory.world.cognito.users.values().filter(matches).collect();
    let page = all.iter().skip(from).take(limit);
    let users: Vec<Value> = page.map(|user| shown(user, "Attributes")).collect();
    let mut answer = json!({ "Users": users });
    let next = from.saturating_add(limit);
    if next < all.len()
        && let Some(members) = answer.as_object_mut()
    {
        members.insert("PaginationToken".to_owned(), json!(format!("page-{next}")));
    }
    Ok(answer)
}

/// `email = "ada@bakery.example"`, or `^=` for a beginning.
#[derive(Debug)]
struct Filter {
    attribute: String,
    text: String,
    beginning: bool,
}

impl Filter {
    fn read(text: &str) -> Result<Self, Refused> {
        let invalid = || Refused::parameter("Invalid filter expression.");
        let (left, right) = text.split_once('=').ok_or_else(invalid)?;
        let (name, beginning) = match left.trim_end().strip_suffix('^') {
            Some(name) => (name, true),
            None => (left, false),
        };
        let attribute = name.trim().trim_matches('"');
        let value = right.trim();
        let bare = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let known = [
            "username",
            "email",
            "phone_number",
            "name",
            "given_name",
            "family_name",
            "preferred_username",
            "cognito:user_status",
            "status",
            "sub",
        ];
        if !known.contains(&attribute) {
            return Err(invalid());
        }
        let text = bare.ok_or_else(invalid)?.to_owned();
        Ok(Self { attribute: attribute.to_owned(), text, beginning })
    }

    fn fits(&self, user: &User) -> bool {
        let status = json!(user.status);
        let value = match self.attribute.as_str() {
            "username" => Some(user.sub.as_str()),
            "cognito:user_status" => status.as_str(),
            "status" => Some("Enabled"),
            name => user.attributes.get(name).map(String::as_str),
        };
        value.is_some_and(|value| {
            if self.beginning { value.starts_with(&self.text) } else { value == self.text }
        })
    }
}
