//! Prompts and outputs beside the log: sealed under the account's key, found by keyed hash.

use crate::{desk::Desk, failure::Failure, log::KeyringError};
use herald_kernel::AccountId;

/// One account's part of the content store.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Archive<'d> {
    desk: &'d Desk,
    account: AccountId,
}

impl<'d> Archive<'d> {
    /// The part of `account`.
    #[must_use]
    pub const fn new(desk: &'d Desk, account: AccountId) -> Self {
        Self { desk, account }
    }

    /// Where a text of this purpose is kept: equal texts of one account in one place, and nobody
    /// can guess a text from its place.
    pub async fn reference(&self, purpose: &str, text: &str) -> Result<String, Failure> {
        let key = self.desk.journal.keyring().ensure(self.account).await?;
        Ok(format!("{purpose}/{}", key.fingerprint(purpose, text)))
    }

    /// Seals a text and keeps it.
    pub async fn keep(&self, reference: &str, text: &str) -> Result<(), Failure> {
        let key = self.desk.journal.keyring().ensure(self.account).await?;
        let sealed = key.seal(&self.place(reference), text.as_bytes());
        Ok(self.desk.stores.content.put(self.account, reference, &sealed).await?)
    }

    /// Opens a text; `None` when it was never kept or is erased.
    pub async fn open(&self, reference: &str) -> Result<Option<String>, Failure> {
        let Some(key) = self.desk.journal.keyring().existing(self.account).await? else {
            return Ok(None);
        };
        let Some(sealed) = self.desk.stores.content.get(self.account, reference).await? else {
            return Ok(None);
        };
        let plain = key.open(&self.place(reference), &sealed)?;
        Ok(Some(String::from_utf8(plain).map_err(|_| KeyringError::Tampered)?))
    }

    fn place(&self, reference: &str) -> String {
        format!("content\n{}\n{reference}", self.account)
    }
}
