//! Open an account: whoever asks becomes its first owner.

use crate::{
    caller::Person,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
};
use async_trait::async_trait;
use herald_account::{Account, AccountCommand, AccountName, Email, Opening, PersonName};
use herald_kernel::{AccountId, MemberId, Zone};
use serde::Serialize;
use uuid::Uuid;

/// Open an account.
#[derive(Debug, Serialize)]
pub struct OpenAccount {
    /// What the business is called.
    pub business: AccountName,
    /// What the owner is called.
    pub name: PersonName,
    /// Where the owner can be reached.
    pub email: Option<Email>,
    /// The zone in which the account's times are meant.
    pub zone: Zone,
}

/// The opened account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// Its first owner.
    pub owner: MemberId,
}

/// The account that `person` opens with `key`: a repetition meets the same one. The caller of
/// [`OpenAccount`] acts in it.
#[must_use]
pub fn new_account_id(person: &Person, key: &str) -> AccountId {
    AccountId::derived(person.identity.uuid(), &format!("openAccount\n{key}"))
}

#[async_trait]
impl UseCase for OpenAccount {
    const WHO: Who = Who::Anyone("openAccount");
    type Answer = Opened;

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<Opened, Failure> {
        let identity = super::identity(work, "openAccount")?;
        let mut account = work.load_any::<Account>(work.account().uuid()).await?;
        let owner = work.naming().created();
        let opening = Opening {
            account: work.account(),
            owner,
            identity,
            name: self.name.clone(),
            email: self.email.clone(),
            zone: self.zone.clone(),
            business: self.business.clone(),
        };
        let context = super::context(work).await?;
        work.decide(&mut account, AccountCommand::Open(opening), &context).await?;
        Ok(Opened { owner })
    }

    fn replayed(&self, naming: Naming) -> Opened {
        Opened { owner: naming.created() }
    }
}
