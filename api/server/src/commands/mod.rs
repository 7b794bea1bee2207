//! What each command does, one a file.

mod accounts;
mod audit;
mod billing;
mod demo;
mod doctor;
mod imports;
mod keys;
mod mail;
mod migrate;
mod projections;
mod sandbox;
mod serve;
mod sign_in;

use crate::{
    cli::{Cli, Command},
    config::{Config, ConfigError},
};
use std::{io::Write as _, process::ExitCode};

/// Runs the chosen command.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let config = Config::read(&cli.settings)?;
    crate::logging::start(&config);
    let flags = &cli.settings;
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(config, flags).await,
        Command::Sandbox => sandbox::run(&config).await,
        Command::Demo => Box::pin(demo::run(config, flags)).await,
        Command::Migrate { adopt } => migrate::run(&config, adopt).await,
        Command::SignIn { new } => sign_in::run(config, flags, new).await,
        Command::Audit(what) => audit::run(config, flags, what).await,
        Command::Projections(what) => projections::run(config, flags, what).await,
        Command::Keys(what) => keys::run(config, flags, what).await,
        Command::Stripe(what) => billing::stripe(config, flags, what).await,
        Command::Accounts(what) => accounts::run(config, flags, what).await,
        Command::Refund(args) => accounts::refund(config, flags, args).await,
        Command::Invoices(what) => accounts::invoices(config, flags, what).await,
        Command::Revenue(args) => billing::earned(config, flags, args).await,
        Command::Webhooks(what) => billing::webhooks(config, flags, what).await,
        Command::Mail(what) => mail::run(config, flags, what).await,
        Command::Import(what) => Box::pin(imports::run(config, flags, what)).await,
        Command::Doctor => doctor::run(config, flags).await,
    }
}

/// Says on the terminal what went wrong, with every cause. Settings end with 2, the rest with 1.
pub(crate) fn fail(error: &anyhow::Error) -> ExitCode {
    let mut text = format!("herald: {error}");
    for cause in error.chain().skip(1) {
        text = format!("{text}\n  because: {cause}");
    }
    let _ = writeln!(std::io::stderr(), "{text}");
    ExitCode::from(if error.is::<ConfigError>() { 2 } else { 1 })
}

/// Prints a line for a person. A closed pipe is no error: `herald audit export | head` may end early.
pub(crate) fn say(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
