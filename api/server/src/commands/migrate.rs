//! `herald migrate`: creates or updates the tables; `--adopt` takes over a restored database.

use super::say;
use crate::{
    compose::Storage,
    config::{Config, Database},
};
use anyhow::bail;
use herald_postgres::{Postgres, PostgresSettings};
use std::process::ExitCode;

pub(super) async fn run(config: &Config, adopt: bool) -> anyhow::Result<ExitCode> {
    if adopt {
        let Database::Postgres(url) = &config.database else {
            bail!("only a PostgreSQL database needs adopting; a SQLite file is simply copied");
        };
        let adopted = Postgres::adopt(&PostgresSettings::new(url.clone())).await?;
        say(format_args!("The database belongs to this cluster now: {adopted:?}"));
    }
    let storage = Storage::set_up(config).await?;
    say(format_args!("The {} database is up to date.", storage.name()));
    storage.close().await;
    Ok(ExitCode::SUCCESS)
}
