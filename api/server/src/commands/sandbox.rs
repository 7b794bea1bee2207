//! `herald sandbox`: the stand-in for the networks, on its own.

use super::say;
use crate::{compose, config::Config};
use std::process::ExitCode;

pub(super) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let running = compose::sandbox(config).await?;
    let address = running.addr();
    say(format_args!("The sandbox stands in for X, OpenRouter and OpenAI. Nothing here is real."));
    say(format_args!("  what was published   http://{address}/"));
    say(format_args!("  every effect         http://{address}/_ledger"));
    say(format_args!("  faults on demand     http://{address}/_control"));
    say(format_args!("Stop with Ctrl-C."));
    super::serve::stop_signal().await;
    running.shutdown().await;
    Ok(ExitCode::SUCCESS)
}
