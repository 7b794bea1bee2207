//! How the providers are.

use crate::schema::{
    fault::{Fault, Result},
    types::provider::ProviderHealth,
    visitor::{caller, desk},
};
use async_graphql::{Context, Object};
use futures::future::join_all;
use herald_account::Action;
use herald_application::{
    ports::{Health, HealthCheck},
    reading::require,
};
use herald_kernel::Instant;
use std::{sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// A verdict is good for this long: however many ask, the providers are asked once.
const FRESH: Duration = Duration::from_secs(10);

/// Every provider's health check, and what they last said.
#[derive(Default)]
pub(crate) struct Checkup {
    checks: Vec<Arc<dyn HealthCheck>>,
    last: Mutex<Option<(Instant, Vec<Health>)>>,
}

impl Checkup {
    pub(crate) fn new(checks: Vec<Arc<dyn HealthCheck>>) -> Self {
        Self { checks, last: Mutex::default() }
    }

    async fn run(&self, now: Instant) -> (Instant, Vec<Health>) {
        let mut last = self.last.lock().await;
        match &*last {
            Some((then, found)) if now.since(*then) < FRESH => (*then, found.clone()),
            _ => {
                let found = join_all(self.checks.iter().map(|check| check.check())).await;
                *last = Some((now, found.clone()));
                (now, found)
            }
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct ProviderQueries;

#[Object]
impl ProviderQueries {
    /// How every provider is, asked side by side and not more often than every ten seconds.
    #[graphql(complexity = "20 + child_complexity")]
    async fn providers(&self, ctx: &Context<'_>) -> Result<Vec<ProviderHealth>> {
        require(&caller(ctx).await?, Action::ReadProviderHealth)?;
        let checkup = ctx.data_opt::<Checkup>();
        let checkup = checkup.ok_or_else(|| Fault::internal("the schema has no health checks"))?;
        let (at, found) = checkup.run(desk(ctx)?.clock.now()).await;
        found.iter().map(|health| ProviderHealth::of(health, at)).collect()
    }
}
