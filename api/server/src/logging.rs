//! The log of what the process does, on standard error.

use crate::config::Config;
use std::io::IsTerminal as _;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// Starts logging; `RUST_LOG` chooses what is written.
pub(crate) fn start(config: &Config) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("warn,herald=info,sqlx=error"));
    let ansi = std::io::stderr().is_terminal();
    let registry = tracing_subscriber::registry().with(filter);
    // A second start, in tests, keeps the first.
    let _ = if config.json_logs {
        registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init()
    } else {
        registry
            .with(fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(ansi))
            .try_init()
    };
}
