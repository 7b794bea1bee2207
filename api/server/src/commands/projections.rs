//! `herald projections`: how far the views have read, and building one anew.

use super::say;
use crate::{
    cli::{Flags, Projections},
    compose::House,
    config::Config,
};
use anyhow::bail;
use herald_application::{failure::Failure, ports::CheckpointStatus, views::all_views};
use std::process::ExitCode;

pub(super) async fn run(
    config: Config,
    flags: &Flags,
    what: Projections,
) -> anyhow::Result<ExitCode> {
    let house = House::open(config, flags).await?;
    match what {
        Projections::List => list(&house).await?,
        Projections::Rebuild { name } => rebuild(&house, &name).await?,
    }
    house.storage.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn list(house: &House) -> anyhow::Result<()> {
    let head = house.desk.stores.log.head().await?;
    say(format_args!("The log has {} events.", head.ordinal.0));
    say(format_args!(
        "{:<16} {:>8} {:>10}  {:<9} stopped by",
        "projection", "version", "read", "status"
    ));
    for c in house.desk.stores.projections.checkpoints().await? {
        let others = c.status != CheckpointStatus::Retired && !house.worker.projector().folds(&c);
        let nobody = if others { "nobody of this version folds it" } else { "-" };
        let note = c.error.as_deref().unwrap_or(nobody);
        let status = c.status.as_str();
        say(format_args!(
            "{:<16} {:>8} {:>10}  {status:<9} {note}",
            c.projection, c.version, c.ordinal.0
        ));
    }
    Ok(())
}

async fn rebuild(house: &House, name: &str) -> anyhow::Result<()> {
    let projector = house.worker.projector();
    projector.register().await?;
    let version = match projector.rebuild(name).await {
        Ok(version) => version,
        Err(Failure::NotFound) => {
            let names: Vec<_> = all_views().iter().map(|view| view.name()).collect();
            bail!("there is no view `{name}`; the views are {}", names.join(", "));
        }
        Err(failure) => return Err(failure.into()),
    };
    say(format_args!("Building {name} version {version} beside the live one …"));
    projector.run_to_head().await?;
    let checkpoints = house.desk.stores.projections.checkpoints().await?;
    let built = checkpoints.iter().find(|c| c.projection == name && c.version == version);
    match built {
        Some(c) if c.status == CheckpointStatus::Live => {
            say(format_args!("{name} version {version} is live at event {}.", c.ordinal.0));
            Ok(())
        }
        Some(c) => bail!(
            "{name} version {version} stopped at event {}: {}",
            c.ordinal.0,
            c.error.as_deref().unwrap_or("another process goes on with it")
        ),
        None => bail!("{name} version {version} was retired by another process"),
    }
}
