//! Something of a person's in the vault, sealed with a key of theirs and forgotten with it.

use super::log::keeper;
use crate::{
    desk::Desk,
    failure::Failure,
    vault::{Name, Versioned},
};
use herald_kernel::IdentityId;
use secrecy::SecretString;

/// Where it lies.
pub(super) struct Keepsake<'d> {
    desk: &'d Desk,
    identity: IdentityId,
    owner: String,
    purpose: &'static str,
}

impl<'d> Keepsake<'d> {
    /// What is kept of `identity` for `purpose`.
    pub(super) fn of(desk: &'d Desk, identity: IdentityId, purpose: &'static str) -> Self {
        Self { desk, identity, owner: identity.to_string(), purpose }
    }

    fn name(&self) -> Name<'_> {
        Name { account: keeper(self.identity), owner: &self.owner, purpose: self.purpose }
    }

    /// What is kept, if anything is.
    pub(super) async fn get(&self) -> Result<Option<Versioned>, Failure> {
        Ok(self.desk.vault.get(self.name()).await?)
    }

    /// Keeps `secret` in place of `former`; `false` when another writer was first.
    pub(super) async fn put(
        &self,
        former: Option<&Versioned>,
        secret: &SecretString,
    ) -> Result<bool, Failure> {
        let version = former.map_or(0, |former| former.version);
        Ok(self.desk.vault.put(self.name(), version, secret).await?.is_some())
    }

    /// Forgets it.
    pub(super) async fn forget(&self) -> Result<(), Failure> {
        Ok(self.desk.vault.remove(self.name()).await?)
    }
}
