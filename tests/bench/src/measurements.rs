//! What is measured, one round after the other: in each every contestant has its turn.

use crate::{
    Measurement, Options,
    business::fresh_accounts,
    contestant::{self, Contestant},
    house::House,
    place::Place,
    report::{Report, percentile},
};
use anyhow::{Result, ensure};
use clap::ValueEnum as _;
use herald_application::{log::digest::event_digest, ports::LoggedEvent};
use std::{hint::black_box, sync::Arc, time::Instant};

/// Clients that command side by side.
const CLIENTS: [u32; 3] = [1, 16, 64];
/// Events in one append.
const BATCH: u32 = 100;
/// Events of one stream in the log that is read.
const STREAM: u32 = 50;

/// One engine's contestants, each over databases of its own.
pub(crate) struct Measurements<'p> {
    place: &'p Place,
    commands: u32,
    events: u32,
    only: Vec<Measurement>,
    asleep: Arc<House>,
    awake: Arc<House>,
    reader: Arc<House>,
    crates: Arc<dyn Contestant>,
    crates_with_view: Arc<dyn Contestant>,
    crates_reader: Arc<dyn Contestant>,
    raw: Arc<dyn Contestant>,
}

impl<'p> Measurements<'p> {
    /// Opens every contestant's databases and fills those that are read.
    pub(crate) async fn prepare(place: &'p Place, options: &Options) -> Result<Self> {
        let this = Self {
            place,
            commands: options.commands,
            events: options.events,
            only: options.only.clone(),
            asleep: Arc::new(place.house("herald", false).await?),
            awake: Arc::new(place.house("herald, all views", true).await?),
            reader: Arc::new(place.house("herald", false).await?),
            crates: place.rival(false).await?,
            crates_with_view: place.rival(true).await?,
            crates_reader: place.rival(false).await?,
            raw: place.raw().await?,
        };
        for account in fresh_accounts(options.events / STREAM) {
            this.reader.prepare(account, STREAM.into()).await?;
            this.crates_reader.prepare(account, STREAM.into()).await?;
        }
        this.reader.sequence().await?;
        this.reader.project().await?;
        Ok(this)
    }

    /// Every measurement once. Who begins changes with the round.
    pub(crate) async fn round(&self, round: u32, report: &mut Report) -> Result<()> {
        for measurement in Measurement::value_variants() {
            if !self.only.is_empty() && !self.only.contains(measurement) {
                continue;
            }
            match measurement {
                Measurement::Commands => self.commands(round, report).await?,
                Measurement::Batches => self.batches(round, report).await?,
                Measurement::Reads => self.reads(round, report).await?,
                Measurement::Proofs => self.proofs(report).await?,
                Measurement::Rebuild => self.rebuild(report).await?,
                Measurement::Visible => self.visible(report).await?,
                Measurement::Gate => self.gate(report).await?,
                // Of the whole binary, not of an engine.
                Measurement::Served => {}
            }
        }
        Ok(())
    }

    /// Ends the loops.
    pub(crate) async fn close(&self) {
        self.awake.close().await;
    }

    fn title(&self, what: &str) -> String {
        format!("{}: {what}", self.place.name())
    }

    async fn commands(&self, round: u32, report: &mut Report) -> Result<()> {
        for clients in CLIENTS {
            let title = self.title(&format!("commands/s, {clients} clients"));
            let contestants: [Arc<dyn Contestant>; 5] = [
                self.asleep.clone(),
                self.crates.clone(),
                self.awake.clone(),
                self.crates_with_view.clone(),
                self.raw.clone(),
            ];
            for contestant in taking_turns(&contestants, round) {
                let run = contestant::commands(contestant, clients, self.commands).await?;
                report.add(&title, contestant.name(), run.rate);
                report.add_failures(&title, contestant.name(), run.failures);
            }
        }
        Ok(())
    }

    async fn batches(&self, round: u32, report: &mut Report) -> Result<()> {
        let title = self.title(&format!("events/s, {BATCH} in one command"));
        let contestants: [Arc<dyn Contestant>; 2] = [self.asleep.clone(), self.crates.clone()];
        for contestant in taking_turns(&contestants, round) {
            let rate = contestant::batches(contestant, self.commands / 40, BATCH).await?;
            report.add(&title, contestant.name(), rate);
        }
        Ok(())
    }

    async fn reads(&self, round: u32, report: &mut Report) -> Result<()> {
        let title = self.title("events/s read, whole log, typed");
        let contestants: [Arc<dyn Contestant>; 2] =
            [self.reader.clone(), self.crates_reader.clone()];
        for contestant in taking_turns(&contestants, round) {
            let started = Instant::now();
            let events = contestant.read_all().await?;
            ensure!(events >= self.events.into(), "{} lost events", contestant.name());
            report.add(&title, contestant.name(), per_second(events, started)?);
        }
        Ok(())
    }

    async fn proofs(&self, report: &mut Report) -> Result<()> {
        let title = self.title("events/s proven");
        let started = Instant::now();
        let events = self.reader.verify().await?;
        report.add(&title, "whole log verified", per_second(events, started)?);
        let page = self.reader.first_page().await?;
        let tree = |event: &LoggedEvent| -> Result<_> {
            Ok((event.row.payload.value()?, event.row.metadata.value()?))
        };
        let trees = page.iter().map(tree).collect::<Result<Vec<_>>>()?;
        let started = Instant::now();
        for (event, (payload, metadata)) in page.iter().zip(&trees) {
            black_box(event_digest(&event.row, payload, metadata));
        }
        report.add(&title, "digests alone", per_second(u64::try_from(page.len())?, started)?);
        let started = Instant::now();
        let events = self.asleep.sequence().await?;
        report.add(&title, "sequenced: numbered, digested, chained", per_second(events, started)?);
        Ok(())
    }

    async fn rebuild(&self, report: &mut Report) -> Result<()> {
        self.reader.begin_rebuild().await?;
        let started = Instant::now();
        let events = self.reader.project().await?.0;
        let title = self.title("events/s, a view built anew");
        report.add(&title, "accounts", per_second(u64::try_from(events)?, started)?);
        Ok(())
    }

    async fn gate(&self, report: &mut Report) -> Result<()> {
        let account = self.awake.account().await?;
        let passed = self.awake.calls_with_a_key(account, self.commands * 10).await?;
        let title = self.title("microseconds, a call with a key let in and counted");
        report.add(&title, "p50", percentile(&passed, 50));
        report.add(&title, "p95", percentile(&passed, 95));
        report.add(&title, "p99", percentile(&passed, 99));
        Ok(())
    }

    async fn visible(&self, report: &mut Report) -> Result<()> {
        let account = self.awake.account().await?;
        let (mut acknowledged, mut visible) = (Vec::new(), Vec::new());
        for number in 0..(self.commands / 10).into() {
            // Idle means that the loops have gone to rest.
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            let (first, then) = self.awake.until_visible(account, number).await?;
            acknowledged.push(first.as_secs_f64() * 1_000.0);
            visible.push(then.as_secs_f64() * 1_000.0);
        }
        let title = self.title("milliseconds, one command, idle");
        report.add(&title, "to the acknowledgement, p50", percentile(&acknowledged, 50));
        report.add(&title, "to the acknowledgement, p99", percentile(&acknowledged, 99));
        report.add(&title, "from there to every view, p50", percentile(&visible, 50));
        report.add(&title, "from there to every view, p99", percentile(&visible, 99));
        Ok(())
    }
}

/// The contestants, beginning with another one in each round.
fn taking_turns<T>(contestants: &[T], round: u32) -> impl Iterator<Item = &T> {
    let first = usize::try_from(round).unwrap_or_default() % contestants.len();
    contestants.iter().cycle().skip(first).take(contestants.len())
}

fn per_second(events: u64, started: Instant) -> Result<f64> {
    Ok(f64::from(u32::try_from(events)?) / started.elapsed().as_secs_f64())
}
