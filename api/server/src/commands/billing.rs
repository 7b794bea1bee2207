//! What an operator does about billing as a whole: set the provider up, read what is earned, look at
//! webhooks and replay them.

use super::say;
use crate::{
    cli::{Flags, RevenueArgs, Setup, Webhooks},
    compose::House,
    config::Config,
};
use anyhow::bail;
use herald_application::{
    billing,
    commands::subscription::catalogue,
    inbox,
    ports::{InboxFilter, InboxReplay, InboxStateName, payments::IdempotencyKey},
    views::revenue,
};
use herald_kernel::{CommandId, Instant};
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
