//! `herald demo`: the whole main job, from sign-in to a published post and the reasons for it.
//!
//! Nothing is special-cased: the same use cases, the same jobs, the same adapters over real HTTP, a
//! sandbox in place of the networks, and a person's clicks on its consent page.

mod scenes;

use super::say;
use crate::{
    cli::Flags,
    compose::{self, House},
    config::{Config, Database},
};
use anyhow::{Context as _, bail, ensure};
use herald_application::{
    audit,
    caller::Caller,
    execute::{Request, UseCase},
    ports::{LoggedEvent, Ordinal},
    settings::Mode,
};
use std::{
    path::PathBuf,
    process::ExitCode,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

/// How long the slowest step may take before the demonstration gives up.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn run(config: Config, flags: &Flags) -> anyhow::Result<ExitCode> {
    if config.mode() == Mode::Production {
        bail!("the demonstration publishes to the sandbox only; unset HERALD_MODE");
    }
    let data_dir = if config.data_dir_given {
        config.data_dir.clone()
    } else {
        std::env::temp_dir().join(format!("herald-demo-{}", std::process::id()))
    };
    if let Database::Sqlite(_) = &config.database {
        ensure!(
            !data_dir.join("herald.db").exists(),
            "{} already holds a database; the demonstration wants a fresh folder (HERALD_DATA_DIR)",
            data_dir.display()
        );
    }
    let (config, sandbox) = stage(flags, data_dir).await?;
    let house = House::set_up(config, flags).await?;
    house.worker.projector().register().await?;
    let play = Play { house: &house, step: AtomicU32::new(0), started: Instant::now() };
    say("Herald plays its main job. SANDBOX: nothing real is published.");
    say(format_args!("  files    {}", house.config.data_dir.display()));
    say(format_args!("  storage  {}\n", house.storage.name()));
    let ended = scenes::play(&play).await;
    if ended.is_ok() {
        say(format_args!("\nPlayed in {:.1} s.", play.started.elapsed().as_secs_f64()));
        say("To look around in what was played:");
        say(format_args!("  HERALD_DATA_DIR={} herald audit log", house.config.data_dir.display()));
        say(format_args!("  HERALD_DATA_DIR={} herald", house.config.data_dir.display()));
    }
    house.storage.close().await;
    sandbox.shutdown().await;
    ended.map(|()| ExitCode::SUCCESS)
}

/// A sandbox on a free port, and settings that lead to it.
async fn stage(
    flags: &Flags,
    data_dir: PathBuf,
) -> anyhow::Result<(Config, herald_sandbox::Running)> {
    let mut flags = flags.clone();
    flags.data_dir = Some(data_dir.clone());
    flags.sandbox_listen = Some(([127, 0, 0, 1], 0).into());
    let sandbox = compose::sandbox(&Config::read(&flags)?).await?;
    flags.sandbox_listen = Some(sandbox.addr());
    std::fs::create_dir_all(&data_dir)
        .with_context(|| format!("{} cannot be created", data_dir.display()))?;
    Ok((Config::read(&flags)?, sandbox))
}

/// The demonstration under way.
struct Play<'p> {
    house: &'p House,
    step: AtomicU32,
    started: Instant,
}

impl Play<'_> {
    /// Announces a step.
    fn scene(&self, title: &str) {
        let number = self.step.fetch_add(1, Ordering::Relaxed) + 1;
        say(format_args!("{:>5.1} s  {number:>2}. {title}", self.started.elapsed().as_secs_f64()));
    }

    /// Carries a use case out as a person would.
    async fn tell<U: UseCase>(&self, caller: &Caller, use_case: U) -> anyhow::Result<U::Answer> {
        let step = self.step.load(Ordering::Relaxed);
        let idempotency_key = format!("demo-{step}-{}", self.house.desk.ids.uuid());
        let request = Request { idempotency_key, expected_version: None };
        let receipt = self.house.desk.carry_out(caller, request, use_case).await?;
        self.house.worker.projector().run_to_head().await?;
        Ok(receipt.answer)
    }

    /// Lets jobs run until `done` answers something.
    async fn wait_for<T, F>(&self, what: &str, mut done: impl FnMut() -> F) -> anyhow::Result<T>
    where
        F: Future<Output = anyhow::Result<Option<T>>>,
    {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.house.worker.tick().await?;
            if let Some(found) = done().await? {
                return Ok(found);
            }
            ensure!(Instant::now() < deadline, "{what} took longer than {PATIENCE:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Verifies the log, and answers every event.
    async fn verify(&self) -> anyhow::Result<Vec<LoggedEvent>> {
        let stores = &self.house.desk.stores;
        let verified = audit::verify(stores, |_| ()).await?;
        if let Some(breach) = verified.breach {
            bail!("the log is not as it was written: {breach}");
        }
        detail(format_args!("{} events, chain {}", verified.events, verified.head));
        let limit = u32::try_from(verified.events).unwrap_or(u32::MAX);
        Ok(stores.log.page(Ordinal(0), limit).await?)
    }
}

/// Tells a detail of a step.
fn detail(text: impl std::fmt::Display) {
    say(format_args!("             {text}"));
}
