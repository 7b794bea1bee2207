//! GitHub behind the port for signing in.
//!
//! **Invariant:** the token endpoint is reached only through [`herald_http_client::Commit`].
//!
//! **Invariant:** only signing in is asked for: repositories and organisations are seen where a
//! setting says so, and no token is kept otherwise.

mod health;
mod settings;
mod sign_in;
mod wire;

pub use settings::Settings;

use herald_http_client::{Client, Environment, InvalidSettings, RealEnvironment};
use std::sync::Arc;

/// GitHub, reached over HTTP.
#[derive(Debug, Clone)]
pub struct GitHub {
    settings: Arc<Settings>,
    /// `https://api.github.com/`
    api: Client,
    /// `https://github.com/`
    web: Client,
}

impl GitHub {
    /// GitHub in real time.
    pub fn try_new(settings: Settings) -> Result<Self, InvalidSettings> {
        Self::try_new_in(settings, Arc::new(RealEnvironment))
    }

    /// GitHub with time and chance from `environment`.
    pub fn try_new_in(
        settings: Settings,
        environment: Arc<dyn Environment>,
    ) -> Result<Self, InvalidSettings> {
        let api = Client::try_new_in(settings.http(&settings.api), Arc::clone(&environment))?;
        let web = Client::try_new_in(settings.http(&settings.web), environment)?;
        Ok(Self { settings: Arc::new(settings), api, web })
    }
}
