//! Codes exchanged once and tokens that end together, for every provider that speaks OAuth.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::form::{Form, basic};
use super::world::{Change, Code, Grant};
use crate::clock::Millis;
use crate::state::Memory;
use crate::world;
use crate::x::oauth::Client;
use crate::x::{hash, oauth};

/// Why a token request is refused; each provider has its own words for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// This parameter is missing.
    Missing(&'static str),
    /// There is no such application.
    Stranger,
    /// The application did not prove who it is.
    Secret,
    /// The code or refresh token is wrong, spent, expired or another application's.
    Grant,
    /// The redirect address is another one than before.
    Redirect,
    /// The verifier does not lead to the challenge.
    Verifier,
}

/// Who asks: by Basic, by `client_id` and `client_secret`, or, without a secret, by name alone.
pub(crate) fn authenticate(
    clients: &[Client],
    headers: &HeaderMap,
    form: &Form,
) -> Result<String, Unusable> {
    let (id, secret) = if let Some((id, secret)) = basic(headers) {
        (id, Some(secret))
    } else {
        let id = form.get("client_id").ok_or(Unusable::Missing("client_id"))?;
        (id.to_owned(), form.get("client_secret").map(str::to_owned))
    };
    let known = clients.iter().find(|client| client.id == id).ok_or(Unusable::Stranger)?;
    if known.secret.is_some() && known.secret != secret {
        return Err(Unusable::Secret);
    }
    Ok(id)
}

/// Checks a code against what was consented to; the change that uses it up comes with it.
pub(crate) fn redeem(
    memory: &Memory,
    issuer: &str,
    client: &str,
    form: &Form,
) -> Result<(Code, Change), Unusable> {
    let key = hash(form.get("code").ok_or(Unusable::Missing("code"))?);
    let code = memory.world.identity.codes.get(&key).ok_or(Unusable::Grant)?.clone();
    if code.issuer != issuer || code.client != client || code.expires_at <= memory.now() {
        return Err(Unusable::Grant);
    }
    if let Some(expected) = &code.redirect_uri {
        match form.get("redirect_uri") {
            // GitHub lets it be left out.
            None if issuer == "github" => {}
            None => return Err(Unusable::Missing("redirect_uri")),
            Some(given) if given == expected => {}
            Some(_) => return Err(Unusable::Redirect),
        }
    }
    if let Some(challenge) = &code.challenge {
        let verifier = form.get("code_verifier").ok_or(Unusable::Missing("code_verifier"))?;
        if !proves(verifier, challenge) {
            return Err(Unusable::Verifier);
        }
    }
    Ok((code, Change::CodeUsed { key }))
}

/// The grant behind a refresh token that still works for this application.
pub(crate) fn refreshable(
    memory: &Memory,
    issuer: &str,
    client: &str,
    token: &str,
) -> Result<(String, Grant), Unusable> {
    let key = hash(token);
    let grant = memory.world.identity.refresh.get(&key).ok_or(Unusable::Grant)?;
    let expired = grant.expires_at.is_some_and(|at| at <= memory.now());
    if grant.issuer != issuer || grant.client != client || expired {
        return Err(Unusable::Grant);
    }
    Ok((key, grant.clone()))
}

/// The grant behind an access token that still works.
pub(crate) fn access(memory: &Memory, issuer: &str, token: &str) -> Option<Grant> {
    let grant = memory.world.identity.access.get(&hash(token))?;
    let alive = grant.expires_at.is_none_or(|at| at > memory.now());
    (grant.issuer == issuer && alive).then(|| grant.clone())
}

/// The changes that make a token stand for a grant.
pub(crate) fn give(
    memory: &Memory,
    grant: &Grant,
    access: (&str, Option<i64>),
    refresh: Option<(&str, Option<i64>)>,
) -> Vec<world::Change> {
    let until = |seconds: Option<i64>| -> Option<Millis> {
        seconds.map(|seconds| memory.now().saturating_add(seconds.saturating_mul(1000)))
    };
    let lasting = |seconds| Grant { expires_at: until(seconds), ..grant.clone() };
    let mut changes =
        vec![Change::AccessGranted { key: hash(access.0), grant: lasting(access.1) }.into()];
    if let Some((token, seconds)) = refresh {
        changes.push(Change::RefreshGranted { key: hash(token), grant: lasting(seconds) }.into());
    }
    changes
}

/// A new name for the tokens of one sign-in.
pub(crate) fn family() -> String {
    oauth::secret().chars().take(24).collect()
}

/// The half hash that binds an id token to its access token.
pub(crate) fn at_hash(access: &str) -> String {
    let digest = Sha256::digest(access.as_bytes());
    let half: Vec<u8> = digest.iter().take(16).copied().collect();
    URL_SAFE_NO_PAD.encode(half)
}

/// RFC 7636 with S256: the verifier must be well-formed and lead to the challenge.
fn proves(verifier: &str, challenge: &str) -> bool {
    let formed = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    formed && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == challenge
}
