//! Measures Herald's log against what one would otherwise pick, all in one interleaved run.
//!
//! No test looks at the figures: machines differ. `docs/performance.md` names the ones we claim.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod business;
mod contestant;
mod crates;
mod house;
mod measurements;
mod place;
mod raw;
mod report;
mod served;
mod server;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use measurements::Measurements;
use place::Place;
use report::Report;
use server::Server;
use std::path::PathBuf;

/// Measures Herald's log against sqlite-es, postgres-es and bare inserts.
#[derive(Debug, Parser)]
struct Options {
    /// The storage engines.
    #[arg(long, value_enum, default_value_t = Engine::Both)]
    engine: Engine,
    /// How often everything is measured, the contestants taking turns.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Commands per measurement.
    #[arg(long, default_value_t = 2_000)]
    commands: u32,
    /// Events in the log that is read, verified and folded.
    #[arg(long, default_value_t = 50_000)]
    events: u32,
    /// Only these measurements.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Measurement>,
    /// Two rounds of little work: shows that it runs, not how fast.
    #[arg(long)]
    quick: bool,
    /// Where the databases are put; a disk, not memory, since commits are what is measured.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engine {
    Sqlite,
    Postgres,
    Both,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measurement {
    /// Commands per second, by 1, 16 and 64 clients.
    Commands,
    /// A hundred events in one command.
    Batches,
    /// The whole log read.
    Reads,
    /// The log verified, digested, sequenced.
    Proofs,
    /// A view built anew.
    Rebuild,
    /// From a command to its effect in a view.
    Visible,
    /// What a call with a key costs before anything is done.
    Gate,
    /// The binary: its start, its memory, its answers at half load. Needs `herald` built beside.
    Served,
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut options = Options::parse();
    if options.quick {
        (options.rounds, options.commands, options.events) = (2, 128, 2_000);
    }
    let mut places = Vec::new();
    if options.engine != Engine::Postgres {
        places.push(Place::sqlite(&options.folder)?);
    }
    if options.engine != Engine::Sqlite {
        let server = Server::start(&options.folder)?;
        println!("{}", server.describe().await?);
        places.push(Place::Postgres(server));
    }
    let cores = std::thread::available_parallelism()?;
    let build = if cfg!(debug_assertions) { "debug: the figures mean nothing" } else { "release" };
    println!("{cores} cores, {} rounds, {} commands, {build}", options.rounds, options.commands);
    let mut report = Report::default();
    let binary = served::binary();
    let mut all = Vec::new();
    for place in &places {
        all.push(Measurements::prepare(place, &options).await?);
    }
    for round in 1..=options.rounds {
        for measurements in &all {
            measurements.round(round, &mut report).await?;
        }
        if options.only.is_empty() || options.only.contains(&Measurement::Served) {
            match &binary {
                Some(binary) => served::round(binary, &options.folder, &mut report).await?,
                None => eprintln!("no `herald` beside this benchmark: `cargo build --release`"),
            }
        }
        eprintln!("round {round} of {} is done", options.rounds);
    }
    println!("{}", report.to_markdown());
    for measurements in all {
        measurements.close().await;
    }
    for place in &places {
        if let Place::Postgres(server) = place {
            server.close().await?;
        }
    }
    Ok(())
}
