//! The adapter for Cognito on a scripted provider.

use herald_cognito::{AwsCredentials, Cognito, Settings};
pub(crate) use herald_scripted_provider::{Asked, Then, say};
use herald_scripted_provider::{ScriptedProvider, World};
use std::{sync::Arc, time::Duration};

/// The provider, and the adapter that talks to it.
pub(crate) struct Stage {
    pub(crate) it: Cognito,
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
            Settings::new(provider.base(), "eu-central-1", "eu-central-1_Pool", "CLIENT");
        settings.client_secret = Some("CANARY-CS".into());
        settings.credentials = Some(AwsCredentials {
            key_id: "AKIDEXAMPLE".to_owned(),
            secret: "CANARY-AWS".into(),
            session_token: None,
        });
        settings.timeout = Duration::from_millis(300);
        change(&mut settings);
        let it = Cognito::try_new_in(settings, Arc::new(World::default())).expect("valid settings");
        Self { it, provider }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.provider.asked()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.provider.lines()
    }
}
