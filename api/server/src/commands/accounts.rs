//! What an operator does to one account: a tier for nothing, more time, other limits, money back,
//! bills that move on.

use super::say;
use crate::{
    cli::{Accounts, Flags, InvoiceArgs, Invoices, RefundArgs},
    compose::House,
    config::Config,
};
use anyhow::{Context as _, ensure};
use herald_application::{
    commands::subscription::{
        ExtendGrace, FinalizeInvoice, Grandfather, LiftOverride, OnSubscription,
        OverrideEntitlement, Paid, RefundPayment, SendInvoice, VoidInvoice, catalogue,
    },
    execute::{Request, UseCase},
    failure::Failure,
    sign_in,
};
use herald_kernel::{AccountId, Instant};
use herald_subscription::{Entitlement, Reason, TierKey};
use std::{path::PathBuf, process::ExitCode};

/// `herald accounts`.
pub(super) async fn run(config: Config, flags: &Flags, what: Accounts) -> anyhow::Result<ExitCode> {
    let house = House::open(config, flags).await?;
    let done = match what {
        Accounts::Grandfather { file, account, tier, version, until, reason, dry_run } => {
            let gift = Gift { file, account, tier, version, until, reason, dry_run };
            gift.give(&house).await
        }
        Accounts::ExtendGrace { account, until, reason } => {
            let (until, reason): (Instant, Reason) = (until.parse()?, reason.try_into()?);
            let key = format!("{until}/{reason}");
            let extend = OnSubscription(ExtendGrace { until, reason });
            one(&house, &account, key, extend, "has more time").await
        }
        Accounts::Override { account, entitlement, value, until, reason } => {
            let key = format!("{entitlement}={value}/{until:?}/{reason}");
            let set = OnSubscription(OverrideEntitlement {
                entitlement: Entitlement::named(&entitlement, &value)?,
                until: until.map(|text| text.parse()).transpose()?,
                reason: reason.try_into()?,
            });
            one(&house, &account, key, set, "has it otherwise than its tier").await
        }
        Accounts::Lift { account, entitlement } => {
            // What is lifted may be set and lifted again.
            let key = house.desk.ids.uuid().to_string();
            let entitlement = Entitlement::about(&entitlement)?;
            let lift = OnSubscription(LiftOverride { entitlement });
            one(&house, &account, key, lift, "has what its tier says").await
        }
    };
    house.storage.close().await;
    done
}

/// `herald refund`.
pub(super) async fn refund(
    config: Config,
    flags: &Flags,
    args: RefundArgs,
) -> anyhow::Result<ExitCode> {
    let house = House::open(config, flags).await?;
    let RefundArgs { account, payment, invoice, amount, end_subscription, reason } = args;
    let key = format!("{payment:?}/{invoice:?}/{amount:?}/{reason}");
    let what = match (payment, invoice) {
        (Some(payment), _) => Paid::Payment(payment.parse()?),
        (None, invoice) => Paid::Invoice(invoice.unwrap_or_default().parse()?),
    };
    let (reason, ends_subscription) = (reason.try_into()?, end_subscription);
    let refund = RefundPayment { what, minor: amount, reason, ends_subscription };
    let done =
        one(&house, &account, key, refund, "gets money back once the worker has asked").await;
    house.storage.close().await;
    done
}

/// `herald invoices`.
pub(super) async fn invoices(
    config: Config,
    flags: &Flags,
    what: Invoices,
) -> anyhow::Result<ExitCode> {
    let house = House::open(config, flags).await?;
    let done = match what {
        Invoices::Finalize(InvoiceArgs { account, invoice }) => {
            let (key, invoice) = (invoice.clone(), invoice.parse()?);
            one(&house, &account, key, FinalizeInvoice { invoice }, "has a bill that is due").await
        }
        Invoices::Void(InvoiceArgs { account, invoice }) => {
            let (key, invoice) = (invoice.clone(), invoice.parse()?);
            one(&house, &account, key, VoidInvoice { invoice }, "has a bill less").await
        }
        Invoices::Send(InvoiceArgs { account, invoice }) => {
            // A bill may be mailed more than once.
            let key = house.desk.ids.uuid().to_string();
            let send = SendInvoice { invoice: invoice.parse()? };
            one(&house, &account, key, send, "is mailed the bill once more").await
        }
    };
    house.storage.close().await;
    done
}

fn named(account: &str) -> anyhow::Result<AccountId> {
    account.parse().with_context(|| format!("`{account}` is no account's id"))
}

/// Does one thing in one account, and says what came of it.
async fn one<U: UseCase>(
    house: &House,
    account: &str,
    key: String,
    use_case: U,
    done: &str,
) -> anyhow::Result<ExitCode> {
    let account = named(account)?;
    match carry(house, account, key, use_case).await {
        Ok(()) => {
            say(format_args!("{account} {done}"));
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => {
            say(format_args!("{account}: {failure}"));
            Ok(ExitCode::FAILURE)
        }
    }
}

async fn carry<U: UseCase>(
    house: &House,
    account: AccountId,
    key: String,
    use_case: U,
) -> Result<(), Failure> {
    let caller = sign_in::operator(&house.desk, None, account, house.desk.ids.uuid()).await?;
    let request = Request { idempotency_key: key, expected_version: None };
    house.desk.carry_out(&caller, request, use_case).await.map(drop)
}

/// A tier version for nothing.
struct Gift {
    file: Option<PathBuf>,
    account: Vec<String>,
    tier: String,
    version: Option<u32>,
    until: Option<String>,
    reason: String,
    dry_run: bool,
}

impl Gift {
    async fn give(self, house: &House) -> anyhow::Result<ExitCode> {
        let accounts = self.accounts()?;
        let catalogue = catalogue(&house.desk)?;
        let unknown = || format!("there is no tier `{}`", self.tier);
        let tier = catalogue.tier(&self.tier).with_context(unknown)?;
        let newest = catalogue.latest(&tier).map_or(1, |it| it.key.version);
        let to = TierKey { tier, version: self.version.unwrap_or(newest) };
        let until: Option<Instant> = self.until.map(|text| text.parse()).transpose()?;
        let why: Reason = self.reason.try_into()?;
        let mut failed = 0_u32;
        for account in accounts {
            if self.dry_run {
                say(format_args!("{account} would get {to}"));
                continue;
            }
            let key = format!("{to}/{until:?}/{why}");
            let give = Grandfather { to: to.clone(), until, reason: why.clone() };
            match carry(house, account, key, OnSubscription(give)).await {
                Ok(()) => say(format_args!("{account} has {to}")),
                Err(failure) => {
                    failed += 1;
                    say(format_args!("{account}: {failure}"));
                }
            }
        }
        Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn accounts(&self) -> anyhow::Result<Vec<AccountId>> {
        let listed = match &self.file {
            Some(path) => std::fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read", path.display()))?,
            None => String::new(),
        };
        let lines = listed.lines().map(str::trim).filter(|line| !line.is_empty());
        let accounts: Vec<AccountId> = lines
            .chain(self.account.iter().map(String::as_str))
            .map(named)
            .collect::<anyhow::Result<_>>()?;
        ensure!(!accounts.is_empty(), "name accounts with --account, or in a --file, one a line");
        Ok(accounts)
    }
}
