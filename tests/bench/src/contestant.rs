//! What every contestant can do, so that each is measured alike.

use anyhow::{Result, bail};
use async_trait::async_trait;
use herald_kernel::AccountId;
use std::{sync::Arc, time::Instant};
use tokio::task::JoinSet;

/// Commands that one account is given in a measurement: streams stay as short as they are in life.
const PER_ACCOUNT: u32 = 8;
/// A client gives up after this many failures of one command.
const PATIENCE: u32 = 1_000;

/// Somebody who keeps events.
#[async_trait]
pub(crate) trait Contestant: Send + Sync {
    /// As the table names it.
    fn name(&self) -> &'static str;

    /// Opens an account and describes it `updates` times, however it is quickest.
    async fn prepare(&self, account: AccountId, updates: u64) -> Result<()>;

    /// One command: load, decide, append.
    async fn update(&self, account: AccountId, number: u64) -> Result<()>;

    /// One command that appends `count` events at once.
    async fn update_many(&self, account: AccountId, count: u64) -> Result<()>;

    /// Waits until everything that was written is where readers look.
    async fn settle(&self) -> Result<()> {
        Ok(())
    }

    /// Reads every event, typed; answers how many there were.
    async fn read_all(&self) -> Result<u64>;
}

/// A measured run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    /// Per second.
    pub(crate) rate: f64,
    /// Commands that had to be repeated because the contestant failed.
    pub(crate) failures: u32,
}

/// Has `clients` give about `commands` commands, one after the other each, to streams of their own.
pub(crate) async fn commands(
    contestant: &Arc<dyn Contestant>,
    clients: u32,
    commands: u32,
) -> Result<Run> {
    let accounts = (commands / PER_ACCOUNT).max(clients).next_multiple_of(clients);
    let accounts = crate::business::fresh_accounts(accounts);
    for account in &accounts {
        contestant.prepare(*account, 0).await?;
    }
    contestant.settle().await?;
    let each = accounts.len() / usize::try_from(clients)?;
    let started = Instant::now();
    let mut running = JoinSet::new();
    for own in accounts.chunks(each) {
        running.spawn(client(Arc::clone(contestant), own.to_vec()));
    }
    let mut failures = 0;
    while let Some(ended) = running.join_next().await {
        failures += ended??;
    }
    contestant.settle().await?;
    let given = f64::from(u32::try_from(accounts.len())? * PER_ACCOUNT);
    Ok(Run { rate: given / started.elapsed().as_secs_f64(), failures })
}

async fn client(contestant: Arc<dyn Contestant>, accounts: Vec<AccountId>) -> Result<u32> {
    let mut failures = 0;
    for account in accounts {
        for number in 0..PER_ACCOUNT {
            let mut tries = 0;
            while let Err(error) = contestant.update(account, number.into()).await {
                (tries, failures) = (tries + 1, failures + 1);
                if tries > PATIENCE {
                    bail!("{} does not get through: {error:#}", contestant.name());
                }
            }
        }
    }
    Ok(failures)
}

/// Has one client append `appends` times `count` events at once; answers events per second.
pub(crate) async fn batches(
    contestant: &Arc<dyn Contestant>,
    appends: u32,
    count: u32,
) -> Result<f64> {
    let accounts = crate::business::fresh_accounts(appends);
    for account in &accounts {
        contestant.prepare(*account, 0).await?;
    }
    let started = Instant::now();
    for account in accounts {
        contestant.update_many(account, count.into()).await?;
    }
    Ok(f64::from(appends * count) / started.elapsed().as_secs_f64())
}
