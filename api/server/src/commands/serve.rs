//! `herald serve`: the API and the worker, until told to stop.

use super::{say, sign_in};
use crate::{
    cli::Flags,
    compose::{self, House},
    config::Config,
    http,
};
use anyhow::Context as _;
use herald_application::{replicas::Part, settings::Mode, sign_in::SignInAs};
use std::{io::IsTerminal as _, process::ExitCode, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch};

/// How long what runs may take to come to its end after a signal.
const GRACE: Duration = Duration::from_secs(3);

pub(super) async fn run(config: Config, flags: &Flags) -> anyhow::Result<ExitCode> {
    let started = std::time::Instant::now();
    let listener = TcpListener::bind(config.listen).await.with_context(|| {
        format!("{} cannot be listened on; choose another with HERALD_LISTEN", config.listen)
    })?;
    let sandbox = match config.mode() {
        Mode::Sandbox => Some(compose::sandbox(&config).await?),
        Mode::Production => None,
    };
    let house = Arc::new(House::set_up(config, flags).await?);
    if house.config.roles.worker {
        house.worker.start().await?;
    } else {
        house.worker.stand_by().await?;
    }
    if let Some(announcements) = house.storage.announcements(house.desk.ids.uuid()) {
        let part = if house.config.roles.worker { Part::Works } else { Part::Answers };
        house.worker.keep_in_touch(&announcements, part);
    }
    greet(&house, started.elapsed()).await?;
    let (close, closing) = watch::channel(false);
    if house.config.roles.api {
        http::serve(listener, Arc::clone(&house), closing, async move {
            stop_signal().await;
            let _ = close.send(true);
        })
        .await;
    } else {
        stop_signal().await;
    }
    say("Stopping: commands and jobs in flight come to their end …");
    house.desk.commands.close();
    let commands = tokio::time::timeout(GRACE, house.desk.commands.wait());
    let (commands, jobs) = tokio::join!(commands, house.worker.stop(GRACE));
    if !(commands.is_ok() && jobs) {
        tracing::warn!(
            "some work did not end in time; its leases run out and it is taken up again"
        );
    }
    house.storage.close().await;
    if let Some(sandbox) = sandbox {
        sandbox.shutdown().await;
    }
    Ok(ExitCode::SUCCESS)
}

async fn greet(house: &House, took: Duration) -> anyhow::Result<()> {
    let config = &house.config;
    let url = &config.settings.public_url;
    tracing::info!(listen = %config.listen, mode = config.mode().as_str(),
        storage = house.storage.name(), milliseconds = took.as_millis(), "ready");
    say(format_args!("Herald serves at {url} on {}.", house.storage.name()));
    if config.mode() == Mode::Sandbox {
        say("SANDBOX: every network is a stand-in; nothing real is published.");
        say(format_args!("  what was published   http://{}/", config.sandbox_listen));
        for name in &config.ignored {
            say(format_args!("  {name} is set and not used in sandbox mode"));
        }
    }
    // The link is a secret: in production it is only for a person who watches.
    if config.mode() == Mode::Sandbox || std::io::stdout().is_terminal() {
        let link = sign_in::link(&house.desk, SignInAs::Resident).await?;
        say(format_args!("Sign in once, within 15 minutes: {link}"));
    }
    say(match config.mode() {
        Mode::Sandbox => {
            "Next: README.md walks you to a published post; `herald demo` plays it all for you."
        }
        Mode::Production => {
            "Next: `herald doctor` says what is set up and what is missing; `herald sign-in` prints \
             a link to sign in with."
        }
    });
    Ok(())
}

/// Ends when the process is asked to stop.
pub(super) async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
