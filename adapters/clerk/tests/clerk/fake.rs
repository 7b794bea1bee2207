//! The adapter for Clerk on a scripted provider.

use herald_clerk::{Clerk, Settings};
pub(crate) use herald_scripted_provider::{Asked, Then, say};
use herald_scripted_provider::{ScriptedProvider, World};
use std::{sync::Arc, time::Duration};

/// The provider, and the adapter that talks to it.
pub(crate) struct Stage {
    pub(crate) it: Clerk,
    provider: ScriptedProvider,
}

impl Stage {
    pub(crate) async fn new(then: impl IntoIterator<Item = Then>) -> Self {
        Self::with(then, |_| {}).await
    }

    pub(crate) async fn with(
        then: impl IntoIterator<Item = Then>,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let provider = ScriptedProvider::playing("it", then).await;
        let mut settings =
            Settings::new(provider.base(), "https://clerk.example", "CANARY-SK".into());
        settings.timeout = Duration::from_millis(300);
        change(&mut settings);
        let it = Clerk::try_new_in(settings, Arc::new(World::default())).expect("valid settings");
        Self { it, provider }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.provider.asked()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.provider.lines()
    }
}
