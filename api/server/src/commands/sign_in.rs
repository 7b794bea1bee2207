//! `herald sign-in`: prints a link that signs in once.

use super::say;
use crate::{cli::Flags, compose::House, config::Config};
use anyhow::bail;
use herald_application::{
    desk::Desk,
    settings::Mode,
    sign_in::{SignInAs, create_sign_in_link},
};
use secrecy::ExposeSecret as _;
use std::{io::IsTerminal as _, process::ExitCode};

pub(super) async fn run(config: Config, flags: &Flags, new: bool) -> anyhow::Result<ExitCode> {
    // The link is a secret: in production it is shown to a person at a terminal and to nobody else.
    if config.mode() == Mode::Production && !std::io::stdout().is_terminal() {
        bail!("in production mode a sign-in link is only shown on a terminal");
    }
    let house = House::open(config, flags).await?;
    let whom = if new { SignInAs::Newcomer } else { SignInAs::Resident };
    say(link(&house.desk, whom).await?);
    house.storage.close().await;
    Ok(ExitCode::SUCCESS)
}

/// A new link to sign in with. The one secret that is ever printed, and only to the terminal.
pub(super) async fn link(desk: &Desk, whom: SignInAs) -> anyhow::Result<String> {
    let secret = create_sign_in_link(desk, whom).await?;
    Ok(desk.settings.public_url.join(&format!("sign-in/{}", secret.expose_secret()))?.into())
}
