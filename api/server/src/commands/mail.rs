//! `herald mail`: addresses that get no more mail that they can do without.

use super::say;
use crate::{
    cli::{Flags, MailWish},
    compose::House,
    config::Config,
};
use herald_application::{notices, ports::Suppression};
use std::{fmt::Write as _, process::ExitCode};

/// How many are shown.
const SHOWN: u32 = 100;

pub(super) async fn run(config: Config, flags: &Flags, what: MailWish) -> anyhow::Result<ExitCode> {
    let house = House::open(config, flags).await?;
    let mut code = ExitCode::SUCCESS;
    match what {
        MailWish::Suppressed { address: Some(address) } => {
            match notices::suppressed(&house.desk, &address).await? {
                Some(it) => say(line(&it)),
                None => say("mail goes to this address."),
            }
        }
        MailWish::Suppressed { address: None } => {
            for it in notices::suppressions(&house.desk, None, SHOWN).await? {
                say(line(&it));
            }
        }
        MailWish::Lift { address } => {
            if notices::lift(&house.desk, &address).await? {
                say(
                    "mail goes to this address again. If the carrier keeps a list, lift it there too.",
                );
            } else {
                say("this address was not suppressed.");
                code = ExitCode::FAILURE;
            }
        }
    }
    house.storage.close().await;
    Ok(code)
}

/// Enough of the mark to tell two apart.
fn line(it: &Suppression) -> String {
    let mut mark = String::new();
    for byte in it.mark.iter().take(8) {
        let _ = write!(mark, "{byte:02x}");
    }
    format!("{} {:<9} {mark}", it.since, it.cause.as_str())
}
