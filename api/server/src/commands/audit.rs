//! `herald audit`: read and prove the log.

use super::say;
use crate::{
    cli::{Audit, Flags},
    compose::House,
    config::Config,
};
use anyhow::Context as _;
use herald_application::{
    audit,
    log::digest::hex,
    ports::{AccountPage, LoggedEvent, Ordinal, StoreError},
};
use herald_kernel::AccountId;
use serde_json::json;
use std::{borrow::Cow, io::Write as _, process::ExitCode};

const PAGE: u32 = 500;

pub(super) async fn run(config: Config, flags: &Flags, what: Audit) -> anyhow::Result<ExitCode> {
    let house = House::open_sealed(config, flags).await?;
    // What was committed just before may not be sequenced yet.
    house.desk.stores.sequencer.run_to_end().await?;
    let code = match what {
        Audit::Log { account, last } => log(&house, account.as_deref(), last).await?,
        Audit::Verify => verify(&house).await?,
        Audit::Export => export(&house).await?,
    };
    house.storage.close().await;
    Ok(code)
}

async fn log(house: &House, account: Option<&str>, last: u32) -> anyhow::Result<ExitCode> {
    let reader = &house.desk.stores.log;
    let events = if let Some(text) = account {
        let account: AccountId = text.parse().context("--account takes an id like acc_…")?;
        let from = Ordinal(i64::MAX);
        let wanted = AccountPage { account, object: None, from, backwards: true, limit: last };
        let mut events = reader.account_page(wanted).await?;
        events.reverse();
        events
    } else {
        let head = reader.head().await?.ordinal;
        reader.page(Ordinal((head.0 - i64::from(last)).max(0)), last).await?
    };
    for event in &events {
        say(line(event));
    }
    Ok(ExitCode::SUCCESS)
}

/// One event on one line, without its payload: personal values stay sealed on a terminal.
pub(crate) fn line(event: &LoggedEvent) -> String {
    let meta = |key| event.row.meta(key).unwrap_or(Cow::Borrowed("-"));
    format!(
        "{:>6}  {}  {:<32} {} by {} via {} (because of {})",
        event.ordinal.0,
        event.row.recorded_at,
        event.row.event_type,
        event.row.aggregate_id,
        meta("actor"),
        meta("via"),
        meta("causation_id"),
    )
}

async fn verify(house: &House) -> anyhow::Result<ExitCode> {
    let mut next = 100_000;
    let verified = audit::verify(&house.desk.stores, |ordinal| {
        if ordinal.0 >= next {
            let _ = writeln!(std::io::stderr(), "… {} events", ordinal.0);
            next = ordinal.0 + 100_000;
        }
    })
    .await?;
    say(format_args!("{} events, chain {}", verified.events, verified.head));
    match verified.breach {
        None => {
            say("The log is as it was written.");
            Ok(ExitCode::SUCCESS)
        }
        Some(breach) => {
            say(format_args!("THE LOG IS NOT AS IT WAS WRITTEN: {breach}."));
            say("Keep this database as it is and compare with a backup; see docs/audit.md.");
            Ok(ExitCode::from(1))
        }
    }
}

async fn export(house: &House) -> anyhow::Result<ExitCode> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut last = Ordinal(0);
    loop {
        let page = house.desk.stores.log.page(last, PAGE).await?;
        let Some(end) = page.last() else { break };
        last = end.ordinal;
        for event in &page {
            if writeln!(out, "{}", exported(event)?).is_err() {
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
    let _ = out.flush();
    Ok(ExitCode::SUCCESS)
}

/// The stored row with its place: everything that is needed to recompute digest and chain.
fn exported(event: &LoggedEvent) -> Result<serde_json::Value, StoreError> {
    Ok(json!({
        "ordinal": event.ordinal.0,
        "aggregate_type": event.row.aggregate_type,
        "aggregate_id": event.row.aggregate_id,
        "sequence": event.row.sequence,
        "event_type": event.row.event_type,
        "event_version": event.row.event_version,
        "recorded_at": event.row.recorded_at,
        "payload": event.row.payload.value()?,
        "metadata": event.row.metadata.value()?,
        "digest": hex(&event.digest),
        "chain": hex(&event.chain),
    }))
}
