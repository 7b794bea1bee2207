//! `herald doctor`: what is well, what is not, and what to do about it.

use super::say;
use crate::{
    cli::Flags,
    compose::{self, House},
    config::{Config, Database},
};
use futures::future::join_all;
use herald_application::{audit, log::Former, ports::HealthStatus, settings::Mode};
use std::{process::ExitCode, time::Duration};

pub(super) async fn run(config: Config, flags: &Flags) -> anyhow::Result<ExitCode> {
    let mode = config.mode();
    say(format_args!("mode       {}", mode.as_str()));
    say(format_args!("listens    {}", config.listen));
    say(format_args!("reached    {}", config.settings.public_url));
    say(format_args!("files      {}", config.data_dir.display()));
    match &config.database {
        Database::Sqlite(path) => say(format_args!("database   SQLite, {}", path.display())),
        Database::Postgres(_) => say("database   PostgreSQL"),
    }
    for name in &config.ignored {
        say(format_args!("note       {name} is set and not used: this is sandbox mode"));
    }
    // A serving sandbox on the same address is the one to ask; otherwise one is started.
    let sandbox = match mode {
        Mode::Sandbox => compose::sandbox(&config).await.ok(),
        Mode::Production => None,
    };
    let house = House::open(config, flags).await?;
    let mut well = storage(&house).await?;
    well &= keys(&house).await?;
    well &= providers(&house).await;
    house.storage.close().await;
    if let Some(sandbox) = sandbox {
        sandbox.shutdown().await;
    }
    say(if well { "All is well." } else { "Something needs you: see above." });
    Ok(ExitCode::from(u8::from(!well)))
}

async fn storage(house: &House) -> anyhow::Result<bool> {
    let unlisted = audit::unlisted(&house.desk.stores).await?;
    say(format_args!("log        {} events", house.desk.stores.log.head().await?.ordinal.0));
    let mut well = unlisted.is_none();
    if let Some(breach) = unlisted {
        say(format_args!("           {breach}; run `herald audit verify`"));
    }
    let stopped = house.desk.stores.projections.checkpoints().await?;
    for c in stopped.iter().filter(|c| c.error.is_some()) {
        well = false;
        let error = c.error.as_deref().unwrap_or_default();
        say(format_args!("view       {} stopped: {error}", c.projection));
    }
    let backlog = house.desk.stores.job_board.backlog(house.desk.clock.now()).await?;
    say(format_args!(
        "jobs       {} due, {} later, {} running, {} given up",
        backlog.due, backlog.later, backlog.running, backlog.dead
    ));
    Ok(well)
}

/// Does anything still need a former master key?
async fn keys(house: &House) -> anyhow::Result<bool> {
    let keyring = house.desk.journal.keyring();
    say(format_args!("keys       wrapped by master key {}", keyring.master()));
    let mut well = true;
    for Former { master, wraps, outlived } in
        keyring.former(house.desk.stores.key_wraps.as_ref()).await?
    {
        let needed = wraps > 0 || !outlived;
        well &= !needed;
        if needed {
            say(format_args!(
                "           {wraps} still wrapped by former master key {master}; run `herald keys \
                 rewrap`, and keep that key until it is done"
            ));
        } else {
            say(format_args!("           former master key {master} is not needed any more"));
        }
    }
    Ok(well)
}

async fn providers(house: &House) -> bool {
    let checks = house.health.iter().map(|check| async {
        let bound = tokio::time::timeout(Duration::from_secs(10), check.check());
        (check.provider(), bound.await.ok())
    });
    let mut well = true;
    for (name, health) in join_all(checks).await {
        let (usable, status, detail) = match &health {
            Some(health) => {
                let (usable, status) = in_words(health.status);
                (usable, status, health.detail.as_str())
            }
            None => (false, "down", "it did not answer within 10 s"),
        };
        well &= usable;
        say(format_args!("{name:<10} {status}: {detail}"));
    }
    well
}

/// Can work be done with it, and how does one say so?
const fn in_words(status: HealthStatus) -> (bool, &'static str) {
    match status {
        HealthStatus::Healthy => (true, "healthy"),
        HealthStatus::Degraded => (true, "degraded"),
        HealthStatus::Down => (false, "down"),
        HealthStatus::NotConfigured => (false, "not configured"),
    }
}
