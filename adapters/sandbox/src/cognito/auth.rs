//! Signing in with a password, refreshing, and signing out everywhere.

use serde_json::{Value, json};

use super::call::{Call, prove};
use super::wire::{self, Refused};
use super::world::{Change, User, sealed};
use super::{AppClient, ISSUER, attributes, challenge, tokens};
use crate::clock;
use crate::identity::grants;
use crate::identity::world::{Change as IdentityChange, Grant};
use crate::x::hash;

/// How many wrong passwords are answered before the pool makes one wait, longer each time.
const GUESSES: u32 = 5;

/// `InitiateAuth`.
pub(crate) fn initiate(call: &mut Call<'_>) -> Result<Value, Refused> {
    let client = call.client()?;
    match call.required("AuthFlow")?.as_str() {
        "USER_PASSWORD_AUTH" => by_password(call, &client),
        "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => by_refresh_token(call, &client),
        flow @ ("USER_SRP_AUTH" | "CUSTOM_AUTH" | "USER_AUTH") => {
            Err(Refused::parameter(&format!("{flow} is not enabled for the client.")))
        }
        _ => Err(Refused::parameter("Unsupported auth flow.")),
    }
}

fn by_password(call: &mut Call<'_>, client: &AppClient) -> Result<Value, Refused> {
    let username = call.required_within("AuthParameters", "USERNAME")?;
    let password = call.required_within("AuthParameters", "PASSWORD")?;
    let proof = call.within("AuthParameters", "SECRET_HASH");
    prove(client, &username, proof.as_deref())?;
    let wrong = || Refused::unauthorized("Incorrect username or password.");
    let user = call.memory.world.cognito.find(&username).cloned().ok_or_else(wrong)?;
    let now = call.memory.now();
    if let Some((count, last)) = call.memory.world.cognito.guesses.get(&user.sub)
        && let Some(beyond) = count.checked_sub(GUESSES)
        && now < last.saturating_add(1_000_i64.saturating_mul(1 << beyond.min(9)))
    {
        return Err(Refused::unauthorized("Password attempts exceeded"));
    }
    if user.password != sealed(&user.sub, &password) {
        let missed = Change::PasswordMissed { user: user.sub.clone(), at: now };
        let facts = json!({ "user": user.sub });
        call.memory.happen(ISSUER, "password_missed", facts, vec![missed.into()])?;
        return Err(wrong());
    }
    challenge::proceed(call, client, &user, challenge::Passed::Password)
}

/// The family, the user and the client behind a refresh token, or why it does not work.
fn refreshed(call: &mut Call<'_>, client: &AppClient, token: &str) -> Result<Grant, Refused> {
    let id = &client.client.id;
    if let Ok((_, grant)) = grants::refreshable(call.memory, ISSUER, id, token) {
        return Ok(grant);
    }
    let identity = &call.memory.world.identity;
    if let Some(grant) = identity.spent.get(&hash(token)).cloned() {
        // Somebody uses a token that was replaced: nobody is trusted with this sign-in any more.
        let ended = IdentityChange::FamilyEnded { family: grant.family };
        let facts = json!({ "user": grant.user });
        call.memory.happen(ISSUER, "refresh_token_reused", facts, vec![ended.into()])?;
        let text = "Refresh token reuse detected";
        return Err(Refused::new("RefreshTokenReuseException", text));
    }
    let expired = identity.refresh.get(&hash(token)).is_some_and(|grant| grant.issuer == ISSUER);
    let text = if expired { "Refresh Token has expired" } else { "Invalid Refresh Token" };
    Err(Refused::unauthorized(text))
}

fn owner(call: &Call<'_>, grant: &Grant) -> Result<User, Refused> {
    let user = call.memory.world.cognito.users.get(&grant.user).cloned();
    user.ok_or_else(Refused::no_such_user)
}

fn by_refresh_token(call: &mut Call<'_>, client: &AppClient) -> Result<Value, Refused> {
    let token = call.required_within("AuthParameters", "REFRESH_TOKEN")?;
    if client.rotates {
        let text = "REFRESH_TOKEN_AUTH is not supported while refresh token rotation is enabled.";
        return Err(Refused::new("UnsupportedOperationException", text));
    }
    let proof = call.within("AuthParameters", "SECRET_HASH");
    let grant = refreshed(call, client, &token)?;
    prove(client, &grant.user, proof.as_deref())?;
    let user = owner(call, &grant)?;
    tokens::issue(call.memory, &user, &grant, None, ("refresh_token", Vec::new()))
}

/// `GetTokensFromRefreshToken`: with rotation, a new refresh token comes and the old one ends.
pub(crate) fn tokens_from_refresh(call: &mut Call<'_>) -> Result<Value, Refused> {
    let client = call.client()?;
    let token = call.required("RefreshToken")?;
    if client.client.secret.is_some()
        && client.client.secret.as_deref() != call.text("ClientSecret")
    {
        let text = format!("Unable to verify client secret for client {}", client.client.id);
        return Err(Refused::unauthorized(&text));
    }
    let grant = refreshed(call, &client, &token)?;
    let user = owner(call, &grant)?;
    if !client.rotates {
        return tokens::issue(call.memory, &user, &grant, None, ("refresh_token", Vec::new()));
    }
    let rotated = IdentityChange::RefreshUsed { key: hash(&token) };
    let next = tokens::new_refresh();
    let spent = ("refresh_token", vec![rotated.into()]);
    tokens::issue(call.memory, &user, &grant, Some(&next), spent)
}

/// The user of the access token in the call.
fn caller(call: &Call<'_>) -> Result<(User, Grant), Refused> {
    let token = call.required("AccessToken")?;
    let Some(grant) = grants::access(call.memory, ISSUER, &token) else {
        let known = call.memory.world.identity.access.contains_key(&hash(&token));
        let text = match (known, token.split('.').count()) {
            (true, _) => "Access Token has expired",
            (false, 3) => "Access Token has been revoked",
            (false, _) => "Invalid Access Token",
        };
        return Err(Refused::unauthorized(text));
    };
    Ok((owner(call, &grant)?, grant))
}

/// `GetUser`.
pub(crate) fn get_user(call: &mut Call<'_>) -> Result<Value, Refused> {
    let (user, _) = caller(call)?;
    let mut answer = json!({ "Username": user.sub, "UserAttributes": wire::attributes(&user) });
    challenge::show_factor(&user, &mut answer);
    Ok(answer)
}

/// `UpdateUserAttributes`: what the person may write themselves.
pub(crate) fn update_attributes(call: &mut Call<'_>) -> Result<Value, Refused> {
    let (mut user, _) = caller(call)?;
    let mut given = attributes::read(call, false)?;
    if given.contains_key("email") {
        given.insert("email_verified".to_owned(), "false".to_owned());
    }
    user.attributes.extend(given);
    user.updated_at = call.memory.now();
    let facts = json!({ "user": user.sub });
    let saved = Change::UserSaved { user };
    call.memory.happen(ISSUER, "update_attributes", facts, vec![saved.into()])?;
    Ok(json!({ "CodeDeliveryDetailsList": [] }))
}

/// `GlobalSignOut`: every token of the person ends.
pub(crate) fn global_sign_out(call: &mut Call<'_>) -> Result<Value, Refused> {
    let (user, _) = caller(call)?;
    sign_out(call, &user.sub)
}

/// The same, for an administrator.
pub(crate) fn sign_out(call: &mut Call<'_>, sub: &str) -> Result<Value, Refused> {
    let ended = IdentityChange::UserEnded { issuer: ISSUER.to_owned(), user: sub.to_owned() };
    let facts = json!({ "user": sub });
    call.memory.happen(ISSUER, "global_sign_out", facts, vec![ended.into()])?;
    Ok(json!({}))
}

/// `RevokeToken`: a refresh token and everything that came from it.
pub(crate) fn revoke(call: &mut Call<'_>) -> Result<Value, Refused> {
    let client = call.client()?;
    let token = call.required("Token")?;
    if client.client.secret.is_some()
        && client.client.secret.as_deref() != call.text("ClientSecret")
    {
        return Err(Refused::new("UnauthorizedException", "Invalid client secret"));
    }
    let key = hash(&token);
    let identity = &call.memory.world.identity;
    if identity.access.contains_key(&key) {
        let text = "Unsupported token type";
        return Err(Refused::new("UnsupportedTokenTypeException", text));
    }
    let found = identity.refresh.get(&key).filter(|grant| grant.issuer == ISSUER).cloned();
    let Some(grant) = found else { return Ok(json!({})) };
    if grant.client != client.client.id {
        let text = "Token does not belong to the client";
        return Err(Refused::new("UnauthorizedException", text));
    }
    let ended = IdentityChange::FamilyEnded { family: grant.family };
    let facts = json!({ "user": grant.user });
    call.memory.happen(ISSUER, "revoke_token", facts, vec![ended.into()])?;
    Ok(json!({}))
}

/// A grant for somebody who just proved who they are.
pub(crate) fn fresh(client: &AppClient, user: &User) -> Grant {
    Grant {
        issuer: ISSUER.to_owned(),
        client: client.client.id.clone(),
        user: user.sub.clone(),
        scopes: vec!["aws.cognito.signin.user.admin".to_owned()],
        signed_in_at: clock::now(0),
        family: super::sign_up::new_sub(),
        expires_at: None,
    }
}
