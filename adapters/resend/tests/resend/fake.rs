//! The adapter for Resend on a scripted provider.

use herald_resend::{Resend, Settings};
use herald_scripted_provider::{Asked, ScriptedProvider, Then, say};
use serde_json::json;
use std::time::Duration;

/// The provider, and the adapter that talks to it.
pub(crate) struct Stage {
    pub(crate) it: Resend,
    provider: ScriptedProvider,
}

impl Stage {
    pub(crate) async fn new(then: impl IntoIterator<Item = Then>) -> Self {
        let provider = ScriptedProvider::playing("it", then).await;
        let from = "Herald <hello@herald.example>";
        let mut settings = Settings::new(provider.base(), "re_CANARY".into(), from);
        settings.base_delay = Duration::from_millis(1);
        Self { it: Resend::try_new(settings).expect("valid settings"), provider }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.provider.asked()
    }
}

/// A refusal in Resend's own shape.
pub(crate) fn refusal(status: u16, name: &str) -> Then {
    let message = "about ada@example.org";
    say(status, &json!({ "statusCode": status, "name": name, "message": message }))
}
