//! Wrapping every data key by the master key in force, so that former ones can be put away.
//!
//! It may be broken off and begun again at any time: what is done is not found any more, and each
//! wrap replaces the very one that it was made from.

use super::{Keyring, KeyringError, MasterKey, lasting};
use crate::{
    ports::{KeyWraps, Rewrap, WrappedKey},
    vault::Vault,
};
use herald_kernel::AccountId;

/// How many keys are wrapped anew in one transaction.
const PAGE: u32 = 500;

/// What was done, or, in a dry run, what would be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// Keys that a former master key wrapped when it began.
    pub found: u64,
    /// Keys that were opened, and wrapped anew unless the run was dry.
    pub done: u64,
    /// Whose key does not open although its master key is there.
    pub damaged: Vec<AccountId>,
}

/// A former master key, and what still needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    /// Its public name.
    pub master: String,
    /// Data keys that it wraps.
    pub wraps: u64,
    /// Has what must outlive it been put away?
    pub outlived: bool,
}

impl Keyring {
    /// The public name of the master key in force.
    #[must_use]
    pub fn master(&self) -> &str {
        self.masters.current.id()
    }

    /// The former master keys that are configured.
    pub async fn former(&self, wraps: &dyn KeyWraps) -> Result<Vec<Former>, KeyringError> {
        let mut all = Vec::new();
        for former in &self.masters.former {
            let master = former.id.clone();
            let (wraps, outlived) = (wraps.count(&master).await?, self.is_outlived(&master));
            all.push(Former { master, wraps, outlived });
        }
        Ok(all)
    }

    /// Wraps every data key by the master key in force, and puts away what must outlive the former
    /// ones. A dry run opens every key and writes nothing. Tells after each page how far it is.
    pub async fn rewrap(
        &self,
        wraps: &dyn KeyWraps,
        vault: &Vault,
        dry_run: bool,
        mut tell: impl FnMut(&Rewrapped),
    ) -> Result<Rewrapped, KeyringError> {
        // First: whoever sees no old wrap left may put the former keys away at once.
        if !dry_run {
            lasting::put_away(vault, &self.masters).await?;
        }
        let mut done = Rewrapped::default();
        let names = wraps.masters().await?;
        let old: Vec<_> = names.iter().filter(|name| *name != self.master()).collect();
        for name in &old {
            done.found += wraps.count(name).await?;
        }
        for name in old {
            let unknown = || KeyringError::UnknownMaster(name.clone());
            let former = self.masters.named(name).ok_or_else(unknown)?;
            let mut after = None;
            loop {
                let page = wraps.page(name, after, PAGE).await?;
                let Some((last, _)) = page.last() else { break };
                after = Some(*last);
                let new = self.anew(former, page, &mut done)?;
                done.done += if dry_run {
                    u64::try_from(new.len()).unwrap_or(u64::MAX)
                } else {
                    wraps.replace(&new).await?
                };
                tell(&done);
            }
        }
        if done.done > 0 && !dry_run {
            wraps.tidy().await?;
        }
        Ok(done)
    }

    /// The keys of a page under the master key in force. A damaged one is noted and left as it is.
    pub(super) fn anew(
        &self,
        former: &MasterKey,
        page: Vec<(AccountId, WrappedKey)>,
        done: &mut Rewrapped,
    ) -> Result<Vec<Rewrap>, KeyringError> {
        let mut new = Vec::new();
        for (account, from) in page {
            let Ok(key) = former.unwrap(account, &from) else {
                done.damaged.push(account);
                continue;
            };
            let to = self.masters.current.wrap(account, &key);
            // Nothing takes the place of a key that has not been seen to open.
            if self.masters.current.unwrap(account, &to)? != key {
                return Err(KeyringError::Tampered);
            }
            new.push(Rewrap { account, from, to });
        }
        Ok(new)
    }
}
