//! The adapter for X on a scripted provider.

pub(crate) use herald_scripted_provider::{Asked, Then, say};
use herald_scripted_provider::{ScriptedProvider, World};
use herald_x::{Settings, X};
use std::{sync::Arc, time::Duration};

/// The provider, and the adapter that talks to it.
pub(crate) struct Stage {
    pub(crate) x: X,
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
        let provider = ScriptedProvider::playing("x", then).await;
        let base = provider.base();
        let mut settings = Settings::new(base.clone(), base, "CLIENT", Some("CANARY-S".into()));
        settings.timeout = Duration::from_millis(300);
        change(&mut settings);
        let world = World::default();
        let x = X::try_new_in(settings, Arc::new(world.clone())).expect("valid settings");
        Self { x, world, provider }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.provider.asked()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.provider.lines()
    }
}
