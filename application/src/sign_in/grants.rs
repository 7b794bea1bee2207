//! What a person granted at their provider beyond signing in, such as their repositories: a token
//! in the vault, for as long as the identity holds and the grant is asked for.

use super::log::keeper;
use crate::{desk::Desk, failure::Failure, ports::SignInGrant, vault::Name};
use herald_kernel::IdentityId;

/// What it is kept for in the vault.
const PURPOSE: &str = "grant";

/// Keeps what was granted with this sign-in. One without a grant ends an earlier one: it is no
/// longer asked for. Never fails: whoever cannot be kept anything of, such as a person who was
/// forgotten, still signs in.
pub(super) async fn keep(desk: &Desk, identity: IdentityId, grant: Option<&SignInGrant>) {
    if let Err(failure) = try_keep(desk, identity, grant).await {
        tracing::warn!(%failure, "what was granted with a sign-in was not kept");
    }
}

async fn try_keep(
    desk: &Desk,
    identity: IdentityId,
    grant: Option<&SignInGrant>,
) -> Result<(), Failure> {
    let Some(grant) = grant else { return forget(desk, identity).await };
    let owner = identity.to_string();
    let kept = desk.vault.get(name(&owner, identity)).await?;
    let version = kept.map_or(0, |kept| kept.version);
    // Whoever was faster signed in just as lately, and their token opens the same.
    desk.vault.put(name(&owner, identity), version, &grant.access).await?;
    Ok(())
}

/// Removes it.
pub(crate) async fn forget(desk: &Desk, identity: IdentityId) -> Result<(), Failure> {
    let owner = identity.to_string();
    Ok(desk.vault.remove(name(&owner, identity)).await?)
}

fn name(owner: &str, identity: IdentityId) -> Name<'_> {
    Name { account: keeper(identity), owner, purpose: PURPOSE }
}
