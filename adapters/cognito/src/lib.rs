//! AWS Cognito behind the ports for passwords and for directories of people. Its tokens are proven
//! by the adapter of any OIDC issuer.
//!
//! **Invariant:** a call that uses a password, a code or a session goes out once, through
//! [`herald_http_client::Commit`].
//!
//! **Invariant:** no answer tells whether somebody is known: wrong names and wrong passwords are one
//! refusal, and a code for nobody is sent to nobody in silence.

mod call;
mod directory;
mod health;
mod password;
mod registration;
mod settings;
mod signature;
mod wire;

pub use settings::{Attributes, AwsCredentials, Settings};

use herald_http_client::{Client, Environment, InvalidSettings, RealEnvironment};
use std::sync::Arc;

/// A Cognito user pool, reached over HTTP as one of its application clients.
#[derive(Debug, Clone)]
pub struct Cognito {
    settings: Arc<Settings>,
    client: Client,
}

impl Cognito {
    /// Cognito in real time.
    pub fn try_new(settings: Settings) -> Result<Self, InvalidSettings> {
        Self::try_new_in(settings, Arc::new(RealEnvironment))
    }

    /// Cognito with time and chance from `environment`.
    pub fn try_new_in(
        settings: Settings,
        environment: Arc<dyn Environment>,
    ) -> Result<Self, InvalidSettings> {
        let client = Client::try_new_in(settings.http(), environment)?;
        Ok(Self { settings: Arc::new(settings), client })
    }
}
