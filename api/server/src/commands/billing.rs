//! What an operator does about billing: set the provider up, give tiers away, read what is earned,
//! look at webhooks and replay them.

use super::say;
use crate::{
    cli::{Accounts, Flags, RevenueArgs, Setup, Webhooks},
    compose::House,
    config::Config,
};
use anyhow::{Context as _, bail, ensure};
use herald_application::{
    billing,
    caller::{Caller, Standing},
    commands::subscription::{Grandfather, OnSubscription, catalogue},
    execute::Request,
    inbox,
    log::Via,
    ports::{InboxFilter, InboxReplay, InboxStateName, payments::IdempotencyKey},
    views::revenue,
};
use herald_kernel::{AccountId, CommandId, Instant};
use herald_subscription::{Reason, TierKey};
use secrecy::ExposeSecret as _;
use std::process::ExitCode;

/// `herald stripe setup`.
pub(super) async fn stripe(config: Config, flags: &Flags, what: Setup) -> anyhow::Result<ExitCode> {
    let house = House::open(config, flags).await?;
    let Setup::Setup { dry_run } = what;
    let wanted = billing::setup(catalogue(&house.desk)?, &house.desk.settings)?;
    let payments = billing::payments(&house.desk)?;
    if dry_run {
        let differences = payments.catalogue.plan(&wanted).await?;
        for difference in &differences {
            say(difference);
        }
        say(format_args!("{} differences; nothing was changed.", differences.len()));
    } else {
        let command = CommandId::new(house.desk.ids.uuid());
        let done = payments.catalogue.apply(&IdempotencyKey::of(command), &wanted).await?;
        for difference in &done.differences {
            say(difference);
        }
        if let Some(secret) = &done.webhook_secret {
            say("The webhook endpoint was made. Its secret is shown this once:");
            say(format_args!("STRIPE_WEBHOOK_SECRET={}", secret.expose_secret()));
        }
        if let Some(portal) = &done.portal {
            say(format_args!("HERALD_STRIPE_PORTAL={portal}"));
        }
    }
    house.storage.close().await;
    Ok(ExitCode::SUCCESS)
}

/// `herald accounts grandfather`.
pub(super) async fn accounts(
    config: Config,
    flags: &Flags,
    what: Accounts,
) -> anyhow::Result<ExitCode> {
    let house = House::open(config, flags).await?;
    let Accounts::Grandfather { file, account, tier, version, until, reason, dry_run } = what;
    let listed = match file {
        Some(path) => std::fs::read_to_string(&path)
            .with_context(|| format!("{} cannot be read", path.display()))?,
        None => String::new(),
    };
    let lines = listed.lines().map(str::trim).filter(|line| !line.is_empty());
    let accounts: Vec<AccountId> = lines
        .chain(account.iter().map(String::as_str))
        .map(|text| text.parse().with_context(|| format!("`{text}` is no account's id")))
        .collect::<anyhow::Result<_>>()?;
    ensure!(!accounts.is_empty(), "name accounts with --account, or in a --file, one a line");
    let catalogue = catalogue(&house.desk)?;
    let tier = catalogue.tier(&tier).with_context(|| format!("there is no tier `{tier}`"))?;
    let newest = catalogue.latest(&tier).map_or(1, |it| it.key.version);
    let to = TierKey { tier, version: version.unwrap_or(newest) };
    let until: Option<Instant> = until.map(|text| text.parse()).transpose()?;
    let why: Reason = reason.try_into()?;
    let mut failed = 0_u32;
    for account in accounts {
        if dry_run {
            say(format_args!("{account} would get {to}"));
            continue;
        }
        let key = format!("{to}/{until:?}/{why}");
        let give = Grandfather { to: to.clone(), until, reason: why.clone() };
        let request = Request { idempotency_key: key, expected_version: None };
        let caller = operator(&house, account);
        match house.desk.carry_out(&caller, request, OnSubscription(give)).await {
            Ok(_) => say(format_args!("{account} has {to}")),
            Err(failure) => {
                failed += 1;
                say(format_args!("{account}: {failure}"));
            }
        }
    }
    house.storage.close().await;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn operator(house: &House, account: AccountId) -> Caller {
    let correlation = house.desk.ids.uuid();
    let causation = "cli:accounts".to_owned();
    Caller { account, standing: Standing::Operator(None), via: Via::Cli, correlation, causation }
}

/// `herald revenue`.
pub(super) async fn earned(
    config: Config,
    flags: &Flags,
    args: RevenueArgs,
) -> anyhow::Result<ExitCode> {
    let house = House::open(config, flags).await?;
    house.worker.projector().register().await?;
    house.worker.projector().run_to_head().await?;
    let instant = |text: Option<String>| text.map(|it| it.parse::<Instant>()).transpose();
    let now = house.desk.clock.now();
    let at = instant(args.as_of)?.unwrap_or(now);
    for (currency, rate) in revenue::as_of(&house.desk, at).await? {
        say(format_args!("monthly recurring revenue at {at}: {} {currency}", rate.minor()));
    }
    if let Some(from) = instant(args.from)? {
        let to = instant(args.to)?.unwrap_or(now);
        let report = revenue::report(&house.desk, from, to).await?;
        for (currency, it) in &report.revenue {
            say(format_args!(
                "{currency}: start {} new {} expansion {} contraction {} churn {} back {} end {}",
                it.start.minor(),
                it.new.minor(),
                it.expansion.minor(),
                it.contraction.minor(),
                it.churn.minor(),
                it.reactivation.minor(),
                it.end.minor()
            ));
            say(format_args!(
                "{currency}: refunds {} ({}) disputes {} ({}) lost {} ({})",
                it.refunds.count,
                it.refunds.minor,
                it.disputes.count,
                it.disputes.minor,
                it.disputes_lost.count,
                it.disputes_lost.minor
            ));
        }
        say(format_args!(
            "accounts opened {}, trials {}, of them paid {}, upgrades {}, downgrades {}",
            report.sign_ups,
            report.trials,
            report.converted,
            catalogue(&house.desk).map_or(0, |it| report.upgrades(it)),
            catalogue(&house.desk).map_or(0, |it| report.downgrades(it)),
        ));
    }
    house.storage.close().await;
    Ok(ExitCode::SUCCESS)
}

/// `herald webhooks`.
pub(super) async fn webhooks(
    config: Config,
    flags: &Flags,
    what: Webhooks,
) -> anyhow::Result<ExitCode> {
    let house = House::open(config, flags).await?;
    match what {
        Webhooks::List { source, state } => {
            let parse = |text: String| match InboxStateName::parse(&text) {
                Some(state) => Ok(state),
                None => bail!("`{text}` is no state: received, processing, applied, …"),
            };
            let states = state.into_iter().map(parse).collect::<anyhow::Result<_>>()?;
            let filter = InboxFilter { source, states, ..InboxFilter::default() };
            for row in inbox::list(&house.desk, &filter).await? {
                let state = row.state.name().as_str();
                say(format_args!(
                    "{:>8} {} {:<10} {:<10} {:<36} {}",
                    row.number, row.received_at, row.source, state, row.kind, row.event_id
                ));
            }
        }
        Webhooks::Replay { source, event, first, last, since } => {
            let which = match (event, first.zip(last), since) {
                (Some(event_id), None, None) => InboxReplay::One { source, event_id },
                (None, Some((first, last)), None) => InboxReplay::Range { source, first, last },
                (None, None, Some(since)) => InboxReplay::Since { source, since: since.parse()? },
                _ => bail!("name one --event, --first and --last, or everything --since a time"),
            };
            let rows = inbox::replay(&house.desk, &which).await?;
            say(format_args!("{rows} webhooks are applied once more by the worker."));
        }
    }
    house.storage.close().await;
    Ok(ExitCode::SUCCESS)
}
