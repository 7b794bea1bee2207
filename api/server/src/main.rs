//! The binary `herald`: configuration, composition, and the HTTP surface.
//!
//! **Invariant:** this crate is the only one that knows every adapter.

mod cli;
mod commands;
mod compose;
mod config;
mod http;
mod logging;
mod system;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    // One crypto provider for every TLS connection, chosen before the first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = cli::Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return commands::fail(&anyhow::Error::new(error)),
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(code) => code,
        Err(error) => commands::fail(&error),
    }
}
