//! Takes over what providers already have: people, and customers with what they pay for.

use super::say;
use crate::{
    cli::{Flags, Import},
    compose::House,
    config::Config,
};
use anyhow::{Context as _, ensure};
use herald_application::imports::{self, CustomerOutcome, PersonOutcome};
use herald_subscription::{MirrorStatus, SubscriptionRef};
use std::{collections::BTreeMap, fmt::Write as _, process::ExitCode};

/// `herald import`.
pub(super) async fn run(config: Config, flags: &Flags, what: Import) -> anyhow::Result<ExitCode> {
    let house = House::open(config, flags).await?;
    house.worker.projector().register().await?;
    house.worker.projector().run_to_head().await?;
    let mut sum = Sum::default();
    let done = match what {
        Import::Users { from, dry_run } => users(&house, &from, dry_run, &mut sum).await,
        Import::Customers { dry_run } => customers(&house, dry_run, &mut sum).await,
    };
    // What was done before a provider went away is said all the same.
    say(sum.line());
    house.storage.close().await;
    done?;
    Ok(if sum.failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn users(house: &House, from: &str, dry_run: bool, sum: &mut Sum) -> anyhow::Result<()> {
    ensure!(
        house.desk.business.directories.contains_key(from),
        "`{from}` is no directory that can be listed here: clerk needs CLERK_SECRET_KEY, cognito \
         AWS_ACCESS_KEY_ID"
    );
    let mut after = None::<String>;
    loop {
        let page = imports::people(&house.desk, from, after.as_deref(), dry_run).await;
        let page = page.with_context(|| format!("the people of `{from}` cannot be listed"))?;
        for (subject, came) in &page.people {
            let (word, rest) = person(came);
            sum.count(word);
            say(format_args!("{subject} {word}{rest}"));
        }
        house.worker.projector().run_to_head().await?;
        match page.next {
            None => return Ok(()),
            next => after = next,
        }
    }
}

fn person(came: &PersonOutcome) -> (&'static str, String) {
    match came {
        PersonOutcome::Opened(account) => ("opened", format!(" {account}")),
        PersonOutcome::WouldOpen(account) => ("would open", format!(" {account}")),
        PersonOutcome::AlreadyThere(account) => ("already there", format!(" {account}")),
        PersonOutcome::MayNotSignIn => ("left out", ": may not sign in".to_owned()),
        PersonOutcome::Failed(failure) => (FAILED, format!(": {}: {failure}", failure.code())),
    }
}

async fn customers(house: &House, dry_run: bool, sum: &mut Sum) -> anyhow::Result<()> {
    let listed = imports::customers(&house.desk).await;
    for one in &listed.context("the customers cannot be listed")? {
        let (word, rest) = payer(&imports::take_over(&house.desk, one, dry_run).await);
        sum.count(word);
        say(format_args!("{} {word}{rest}", one.customer));
    }
    house.worker.projector().run_to_head().await?;
    Ok(())
}

fn payer(came: &CustomerOutcome) -> (&'static str, String) {
    let with = |account, pays: &Option<(SubscriptionRef, MirrorStatus)>| match pays {
        Some((subscription, status)) => format!(" {account}, {subscription} {status}"),
        None => format!(" {account}, pays for nothing"),
    };
    match came {
        CustomerOutcome::TakenOver(account, pays) => ("linked", with(account, pays)),
        CustomerOutcome::WouldTakeOver(account, pays) => ("would link", with(account, pays)),
        CustomerOutcome::AlreadyThere(account) => ("already there", format!(" {account}")),
        CustomerOutcome::Unmatched(reason) => ("unmatched", format!(": {reason}")),
        CustomerOutcome::Failed(failure) => (FAILED, format!(": {failure}")),
    }
}

const FAILED: &str = "failed";

/// How often each thing happened.
#[derive(Default)]
struct Sum(BTreeMap<&'static str, u32>);

impl Sum {
    fn count(&mut self, word: &'static str) {
        *self.0.entry(word).or_default() += 1;
    }

    fn failed(&self) -> bool {
        self.0.contains_key(FAILED)
    }

    /// `3 in all: 2 opened, 1 already there`.
    fn line(&self) -> String {
        let mut line = format!("{} in all", self.0.values().sum::<u32>());
        for (place, (word, number)) in self.0.iter().enumerate() {
            let between = if place == 0 { ":" } else { "," };
            let _infallible = write!(line, "{between} {number} {word}");
        }
        line
    }
}
