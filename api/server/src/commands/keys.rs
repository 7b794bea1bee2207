//! `herald keys`: what operators do with API keys, and with the keys that seal data.

use super::say;
use crate::{
    cli::{Flags, Keys},
    compose::House,
    config::Config,
};
use anyhow::{Context as _, bail};
use herald_api_key::{ApiKey, KeyName, SourceNet};
use herald_application::{
    caller::{Caller, Standing},
    commands::api_key::{IssueServiceKey, RevokeApiKey, services_account},
    desk::Desk,
    execute::Request,
    log::{Rewrapped, Via},
    views::api_keys::{ApiKeyDoc, NAME},
};
use herald_kernel::{AccountId, ApiKeyId, Instant, Text};
use secrecy::ExposeSecret as _;
use std::{process::ExitCode, sync::Arc};

pub(super) async fn run(config: Config, flags: &Flags, what: Keys) -> anyhow::Result<ExitCode> {
    let house = House::open(config, flags).await?;
    let done = match what {
        Keys::Rewrap { dry_run } => rewrap(&house, dry_run).await,
        Keys::List { .. } | Keys::Revoke { .. } | Keys::IssueService { .. } => {
            carry_out(&house, what).await.map(|()| ExitCode::SUCCESS)
        }
    };
    house.storage.close().await;
    done
}

/// Ends with 1 when something is still wrapped by a former master key.
async fn rewrap(house: &House, dry_run: bool) -> anyhow::Result<ExitCode> {
    let Desk { journal, vault, stores, .. } = house.desk.as_ref();
    let (keyring, wraps) = (journal.keyring(), stores.key_wraps.as_ref());
    let word = if dry_run { "would be wrapped anew" } else { "wrapped anew" };
    let tell = |so_far: &Rewrapped| say(format_args!("{} of {} {word}", so_far.done, so_far.found));
    let done = keyring.rewrap(wraps, vault, dry_run, tell).await?;
    for account in &done.damaged {
        say(format_args!("{account} has a key that does not open; it is left as it is"));
    }
    if dry_run {
        say(format_args!("{} data keys {word}; nothing was written", done.done));
        return Ok(ExitCode::from(u8::from(!done.damaged.is_empty())));
    }
    // A process that was not restarted may have wrapped one by its own key meanwhile.
    let left: u64 = keyring.former(wraps).await?.iter().map(|former| former.wraps).sum();
    if left > 0 {
        say(format_args!(
            "{} data keys {word}; {left} are still wrapped by a former master key: keep it, see \
             that every process has the new one, and run this again",
            done.done
        ));
        return Ok(ExitCode::FAILURE);
    }
    say(format_args!(
        "{} data keys {word}; all are wrapped by master key {}, and HERALD_FORMER_MASTER_KEYS may go",
        done.done,
        keyring.master()
    ));
    Ok(ExitCode::SUCCESS)
}

async fn carry_out(house: &House, what: Keys) -> anyhow::Result<()> {
    // The lists that are read here are folded first: nobody else may be running.
    house.worker.projector().register().await?;
    house.worker.projector().run_to_head().await?;
    let desk = &house.desk;
    match what {
        Keys::Rewrap { .. } => Ok(()),
        Keys::List { account } => list(desk, account.as_deref()).await,
        Keys::Revoke { key } => revoke(desk, &key).await,
        Keys::IssueService { name, operator, from, expires } => {
            issue(desk, name, operator, &from, expires.as_deref()).await
        }
    }
}

async fn list(desk: &Arc<Desk>, account: Option<&str>) -> anyhow::Result<()> {
    let account = match account {
        Some(text) => text.parse().context("--account takes an id, acc_…")?,
        None => services_account(),
    };
    let keys: Vec<ApiKeyDoc> = desk.all_documents(account, NAME, &[]).await?;
    for doc in keys {
        let (display, stage) = (doc.key.display().unwrap_or_default(), doc.key.stage());
        let name = doc.key.name().map(ToString::to_string).unwrap_or_default();
        say(format!("{}  {:<11}  {display}  {}  {name}", doc.id, stage.as_str(), doc.created_at));
    }
    Ok(())
}

async fn revoke(desk: &Arc<Desk>, key: &str) -> anyhow::Result<()> {
    let key: ApiKeyId = key.parse().context("name the key by its id, key_…")?;
    let found = desk.journal.load::<ApiKey>(key.uuid()).await?;
    let Some(account) = found.account else { bail!("there is no key {key}") };
    desk.carry_out(&operator(desk, account), request(desk), RevokeApiKey { key }).await?;
    say(format!("{key} is revoked"));
    Ok(())
}

async fn issue(
    desk: &Arc<Desk>,
    name: String,
    by: String,
    from: &[String],
    expires: Option<&str>,
) -> anyhow::Result<()> {
    let networks: Result<Vec<SourceNet>, _> = from.iter().map(|text| text.parse()).collect();
    let use_case = IssueServiceKey {
        name: KeyName::try_from(name).context("--name")?,
        operator: Text::<80>::try_from(by).context("--operator")?,
        ip_allow: networks.context("--from takes networks such as 192.0.2.0/24")?,
        expires_at: expires.map(str::parse::<Instant>).transpose().context("--expires")?,
    };
    let caller = operator(desk, services_account());
    let issued = desk.carry_out(&caller, request(desk), use_case).await?.answer;
    say(issued.key);
    // Shown once, to whoever asked for it: it is stored nowhere.
    if let Some(secret) = issued.secret {
        say(secret.expose_secret());
    }
    Ok(())
}

fn operator(desk: &Desk, account: AccountId) -> Caller {
    let correlation = desk.ids.uuid();
    let causation = "cli:keys".to_owned();
    Caller { account, standing: Standing::Operator(None), via: Via::Cli, correlation, causation }
}

fn request(desk: &Desk) -> Request {
    Request { idempotency_key: desk.ids.uuid().to_string(), expected_version: None }
}
