//! The social networks that this installation is connected to.

use crate::{
    failure::Failure,
    ports::{SocialAuthorization, SocialNetwork},
};
use herald_kernel::Network as Name;
use std::{collections::BTreeMap, sync::Arc};

/// One network's ports.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Network {
    /// Publishes, looks up, measures.
    pub social: Arc<dyn SocialNetwork>,
    /// Obtains and renews consent.
    pub authorization: Arc<dyn SocialAuthorization>,
}

/// Every configured network.
#[derive(Clone, Default)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Networks(BTreeMap<Name, Network>);

impl Networks {
    /// Adds a network.
    #[must_use]
    pub fn with(mut self, name: Name, network: Network) -> Self {
        self.0.insert(name, network);
        self
    }

    /// The network of this name, unless it has no credentials here.
    pub fn get(&self, name: Name) -> Result<&Network, Failure> {
        self.0.get(&name).ok_or_else(|| Failure::Refused {
            code: "PROVIDER_NOT_CONFIGURED",
            message: format!("{name} is not configured here; `herald doctor` says what is missing"),
            path: Some("network".to_owned()),
            retryable: false,
        })
    }
}
