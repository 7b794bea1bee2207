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
    ports::{Health, HealthCheck, HealthStatus},
    reading::require,
};
use herald_kernel::Instant;
use std::{sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// A verdict is good for this long: however many ask, the providers are asked once.
const FRESH: Duration = Duration::from_secs(10);

/// How long a provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Every provider's health check, and what they last said. Whoever asks shares it.
#[derive(Default)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Checkup {
    checks: Vec<Arc<dyn HealthCheck>>,
    last: Mutex<Option<(Instant, Vec<Health>)>>,
}

impl Checkup {
    /// Nobody was asked yet.
    #[must_use]
    pub fn new(checks: Vec<Arc<dyn HealthCheck>>) -> Self {
        Self { checks, last: Mutex::default() }
    }

    /// What the providers say, or said a moment ago, and when that was.
    pub async fn run(&self, now: Instant) -> (Instant, Vec<Health>) {
        let mut last = self.last.lock().await;
        match &*last {
            Some((then, found)) if now.since(*then) < FRESH => (*then, found.clone()),
            _ => {
                let found = join_all(self.checks.iter().map(|check| ask(&**check))).await;
                *last = Some((now, found.clone()));
                (now, found)
            }
        }
    }
}

async fn ask(check: &dyn HealthCheck) -> Health {
    let late = || Health {
        provider: check.provider().to_owned(),
        status: HealthStatus::Down,
        detail: "no answer within five seconds".to_owned(),
        milliseconds: 5_000,
    };
    tokio::time::timeout(PATIENCE, check.check()).await.unwrap_or_else(|_| late())
}

#[derive(Debug, Default)]
pub(crate) struct ProviderQueries;

#[Object]
impl ProviderQueries {
    /// How every provider is, asked side by side and not more often than every ten seconds.
    #[graphql(complexity = "20 + child_complexity")]
    async fn providers(&self, ctx: &Context<'_>) -> Result<Vec<ProviderHealth>> {
        require(&caller(ctx).await?, Action::ReadProviderHealth)?;
        let checkup = ctx.data_opt::<Arc<Checkup>>();
        let checkup = checkup.ok_or_else(|| Fault::internal("the schema has no health checks"))?;
        let (at, found) = checkup.run(desk(ctx)?.clock.now()).await;
        found.iter().map(|health| ProviderHealth::of(health, at)).collect()
    }
}
