//! The adapter for Stripe on a scripted provider.

use herald_application::ports::payments::IdempotencyKey;
use herald_kernel::{AccountId, CommandId};
pub(crate) use herald_scripted_provider::{Asked, Then, say};
use herald_scripted_provider::{ScriptedProvider, World};
use herald_stripe::{Settings, Stripe};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

pub(crate) fn ok(body: &Value) -> Then {
    say(200, body)
}

pub(crate) fn list(data: &[Value]) -> Then {
    ok(&serde_json::json!({ "object": "list", "has_more": false, "data": data }))
}

/// The provider, and the adapter that talks to it.
pub(crate) struct Stage {
    pub(crate) stripe: Stripe,
    pub(crate) world: World,
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
        let provider = ScriptedProvider::playing("stripe", then).await;
        let secret = "sk_test_CANARY0123456789abcdefghij".into();
        let mut settings = Settings::new(provider.base(), secret, "CARD-KEY".into());
        settings.timeout = Duration::from_millis(300);
        settings.webhook_secrets = vec!["whsec_test".into()];
        change(&mut settings);
        let world = World::default();
        let stripe = Stripe::try_new_in(settings, Arc::new(world.clone())).expect("valid settings");
        Self { stripe, world, provider }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.provider.asked()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.provider.lines()
    }
}

pub(crate) fn key() -> IdempotencyKey {
    IdempotencyKey::of(CommandId::new(uuid::Uuid::from_u128(7)))
}

pub(crate) fn account() -> AccountId {
    AccountId::new(uuid::Uuid::from_u128(42))
}

pub(crate) fn named<T: std::str::FromStr>(name: &str) -> T {
    name.parse().ok().expect("a name")
}
