//! What a person granted at their provider beyond signing in, such as their repositories: a token
//! in the vault, for as long as the identity holds and the grant is asked for.

use super::keepsake::Keepsake;
use crate::{desk::Desk, failure::Failure, ports::SignInGrant};
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
    let kept = Keepsake::of(desk, identity, PURPOSE);
    let former = kept.get().await?;
    // Whoever was faster signed in just as lately, and their token opens the same.
    kept.put(former.as_ref(), &grant.access).await?;
    Ok(())
}

/// Removes it.
pub(crate) async fn forget(desk: &Desk, identity: IdentityId) -> Result<(), Failure> {
    Keepsake::of(desk, identity, PURPOSE).forget().await
}
