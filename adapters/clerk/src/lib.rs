//! Clerk behind the ports for directories of people and for webhooks. Its session tokens are proven
//! by the adapter of any OIDC issuer.
//!
//! **Invariant:** what a webhook says about a person is never taken for true: it names whom to read
//! again.

mod directory;
mod health;
mod settings;
mod webhooks;
mod wire;

pub use settings::Settings;
pub use webhooks::{Unreadable, Webhooks, read_event};

use herald_http_client::{
    Client, Environment, HeaderName, InvalidSettings, RealEnvironment, Request,
};
use std::sync::Arc;

/// Clerk's Backend API, reached over HTTP.
#[derive(Debug, Clone)]
pub struct Clerk {
    settings: Arc<Settings>,
    client: Client,
}

impl Clerk {
    /// Clerk in real time.
    pub fn try_new(settings: Settings) -> Result<Self, InvalidSettings> {
        Self::try_new_in(settings, Arc::new(RealEnvironment))
    }

    /// Clerk with time and chance from `environment`.
    pub fn try_new_in(
        settings: Settings,
        environment: Arc<dyn Environment>,
    ) -> Result<Self, InvalidSettings> {
        let client = Client::try_new_in(settings.http(), environment)?;
        Ok(Self { settings: Arc::new(settings), client })
    }

    /// `request` in the application's name and in the version that this adapter follows.
    fn signed(&self, request: Request) -> Request {
        const VERSION: HeaderName = HeaderName::from_static("clerk-api-version");
        request.bearer(&self.settings.secret_key).header(VERSION, "2026-05-12")
    }
}
