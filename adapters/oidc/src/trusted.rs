//! One issuer's tokens: proven by its keys, then read by its rules.

use crate::{
    Issuer, Profile, Unusable,
    endpoints::Finder,
    jwt::{Claims, Jwt},
    key_set::KeySet,
    settings::Endpoints,
};
use herald_application::ports::{ClaimedEmail, ClaimedOrganisation, TokenRefused, VerifiedToken};
use herald_http_client::Environment;
use herald_kernel::Instant;
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// Clocks differ by this much.
const LEEWAY: Duration = Duration::from_secs(5);

/// An issuer whose tokens are believed.
#[derive(Debug)]
pub(crate) struct Trusted {
    pub(crate) issuer: Issuer,
    pub(crate) keys: Arc<KeySet>,
}

impl Trusted {
    pub(crate) fn try_new(
        issuer: Issuer,
        endpoints: Option<Endpoints>,
        environment: Arc<dyn Environment>,
    ) -> Result<Self, Unusable> {
        let named = match issuer.profile {
            Profile::Clerk => !issuer.audiences.is_empty() || !issuer.authorized_parties.is_empty(),
            Profile::Oidc | Profile::CognitoId | Profile::CognitoAccess => {
                !issuer.audiences.is_empty()
            }
        };
        if !named {
            return Err(Unusable::NoAudience(issuer.name));
        }
        let finder = Finder::try_new(&issuer, endpoints, Arc::clone(&environment))?;
        let keys = KeySet::new(issuer.name, finder, issuer.pace, environment);
        Ok(Self { issuer, keys })
    }

    /// Whether `iss` is this issuer's.
    pub(crate) fn is(&self, iss: &str) -> bool {
        self.issuer.issuer == iss || self.issuer.aliases.iter().any(|alias| alias == iss)
    }

    /// Whether the token is of the kind that these rules are for.
    pub(crate) fn reads(&self, claims: &Claims) -> bool {
        match self.issuer.profile {
            Profile::Oidc | Profile::Clerk => true,
            Profile::CognitoId => claims.text("token_use") == Some("id"),
            Profile::CognitoAccess => claims.text("token_use") == Some("access"),
        }
    }

    /// What `jwt` says, once all of it is proven.
    pub(crate) async fn verify(
        &self,
        jwt: &Jwt<'_>,
        now: Instant,
    ) -> Result<VerifiedToken, TokenRefused> {
        let claims = &jwt.claims;
        let iss = claims.text("iss").ok_or(TokenRefused::Malformed)?;
        if !self.is(iss) {
            return Err(TokenRefused::Issuer);
        }
        self.keys.prove(jwt).await?;
        if !self.reads(claims) {
            return Err(TokenRefused::Use);
        }
        let expires_at = timely(claims, now)?;
        self.meant_for_us(claims)?;
        let clerk = self.issuer.profile == Profile::Clerk;
        if clerk && claims.text("sts") == Some("pending") {
            return Err(TokenRefused::Pending);
        }
        Ok(VerifiedToken {
            issuer: self.issuer.issuer.clone(),
            subject: claims.owned("sub").ok_or(TokenRefused::Malformed)?,
            email: email(claims),
            name: claims.owned("name"),
            session: claims.owned("sid").or_else(|| claims.owned("origin_jti")),
            organisation: clerk.then(|| organisation(claims)).flatten(),
            stripe_customer: ["custom:stripe_customer_id", "stripe_customer_id"]
                .into_iter()
                .find_map(|name| claims.owned(name)),
            expires_at,
        })
    }

    fn meant_for_us(&self, claims: &Claims) -> Result<(), TokenRefused> {
        let Issuer { audiences, authorized_parties: parties, profile, .. } = &self.issuer;
        let ours = |name: &str| audiences.iter().any(|audience| audience == name);
        let claimed = claims.audiences();
        match profile {
            Profile::CognitoAccess => {
                let client = claims.text("client_id").ok_or(TokenRefused::Audience)?;
                if ours(client) { Ok(()) } else { Err(TokenRefused::Audience) }
            }
            // Clerk's session tokens carry no audience unless a template gives them one.
            Profile::Clerk if audiences.is_empty() => party(claims, parties),
            Profile::Oidc | Profile::Clerk | Profile::CognitoId => {
                if !claimed.iter().any(|audience| ours(audience)) {
                    return Err(TokenRefused::Audience);
                }
                if !parties.is_empty() {
                    return party(claims, parties);
                }
                match claims.text("azp") {
                    Some(party) if ours(party) => Ok(()),
                    // OpenID Connect Core, 3.1.3.7: with several audiences one must be named.
                    None if claimed.len() == 1 => Ok(()),
                    Some(_) | None => Err(TokenRefused::AuthorizedParty),
                }
            }
        }
    }
}

fn party(claims: &Claims, parties: &[String]) -> Result<(), TokenRefused> {
    let named = claims.text("azp").is_some_and(|azp| parties.iter().any(|party| party == azp));
    if named { Ok(()) } else { Err(TokenRefused::AuthorizedParty) }
}

fn timely(claims: &Claims, now: Instant) -> Result<Instant, TokenRefused> {
    let expires_at = claims.time("exp")?.ok_or(TokenRefused::Malformed)?;
    if now >= expires_at.plus(LEEWAY) {
        return Err(TokenRefused::Expired);
    }
    for name in ["nbf", "iat"] {
        if claims.time(name)?.is_some_and(|begins| begins > now.plus(LEEWAY)) {
            return Err(TokenRefused::NotYet);
        }
    }
    Ok(expires_at)
}

fn email(claims: &Claims) -> Option<ClaimedEmail> {
    let address = claims.owned("email")?;
    Some(ClaimedEmail { address, verified: claims.yes("email_verified") })
}

/// Version 2 has `o`, version 1 had `org_…`; roles are told without their prefix.
fn organisation(claims: &Claims) -> Option<ClaimedOrganisation> {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let o = claims.0.get("o").and_then(Value::as_object);
    let member = |new: &str, old: &str| match o {
        Some(o) => o.get(new).and_then(text),
        None => claims.owned(old),
    };
    let role = member("rol", "org_role");
    Some(ClaimedOrganisation {
        id: member("id", "org_id")?,
        slug: member("slg", "org_slug"),
        role: role.map(|role| role.strip_prefix("org:").map_or(role.clone(), str::to_owned)),
    })
}
