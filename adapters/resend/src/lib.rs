//! Resend behind the ports for mail and for webhooks.
//!
//! **Invariant:** the list of addresses that are not to be written to is Resend's own: it grows by
//! bounces and complaints where they arrive, and holds for every mail. None is kept here.

mod health;
mod messages;
mod settings;
mod webhooks;
mod wire;

pub use settings::Settings;
pub use webhooks::{Webhooks, read_return};

use herald_http_client::{Client, Environment, InvalidSettings, RealEnvironment};
use std::sync::Arc;

/// Resend's API, reached over HTTP.
#[derive(Debug, Clone)]
pub struct Resend {
    settings: Arc<Settings>,
    client: Client,
}

impl Resend {
    /// Resend in real time.
    pub fn try_new(settings: Settings) -> Result<Self, InvalidSettings> {
        Self::try_new_in(settings, Arc::new(RealEnvironment))
    }

    /// Resend with time and chance from `environment`.
    pub fn try_new_in(
        settings: Settings,
        environment: Arc<dyn Environment>,
    ) -> Result<Self, InvalidSettings> {
        let client = Client::try_new_in(settings.http(), environment)?;
        Ok(Self { settings: Arc::new(settings), client })
    }
}
