//! The contestants that one would otherwise pick: `sqlite-es` and `postgres-es`, unmodified.

use crate::{
    business::{self, Aggregate},
    contestant::Contestant,
};
use anyhow::{Result, bail};
use async_trait::async_trait;
use cqrs_es::{
    AggregateContext as _, CqrsFramework, EventEnvelope, EventStore as _, Query, View,
    persist::{GenericQuery, PersistedEventRepository, PersistedEventStore},
};
use herald_account::{AccountEvent, BusinessProfile};
use herald_application::bridge::Logged;
use herald_kernel::{AccountId, Personal};
use postgres_es::{PostgresEventRepository, PostgresViewRepository};
use serde::{Deserialize, Serialize};
use sqlite_es::{SqliteEventRepository, SqliteViewRepository};
use sqlx::{PgPool, SqlitePool};
use std::{collections::HashMap, sync::Arc};

/// The tables as the crates' own migrations make them.
pub(crate) const SQLITE_TABLES: &str = "
    CREATE TABLE events (
        aggregate_type text NOT NULL, aggregate_id text NOT NULL,
        sequence integer CHECK (sequence >= 0) NOT NULL, event_type text NOT NULL,
        event_version text NOT NULL, payload text NOT NULL, metadata text NOT NULL,
        PRIMARY KEY (aggregate_type, aggregate_id, sequence)) STRICT;
    CREATE TABLE account_view (
        view_id text NOT NULL, version integer CHECK (version >= 0) NOT NULL,
        payload text NOT NULL, PRIMARY KEY (view_id)) STRICT;";

/// The same for PostgreSQL.
pub(crate) const POSTGRES_TABLES: &str = "
    CREATE TABLE events (
        aggregate_type text NOT NULL, aggregate_id text NOT NULL,
        sequence bigint CHECK (sequence >= 0) NOT NULL, event_type text NOT NULL,
        event_version text NOT NULL, payload json NOT NULL, metadata json NOT NULL,
        PRIMARY KEY (aggregate_type, aggregate_id, sequence));
    CREATE TABLE account_view (
        view_id text NOT NULL, version bigint CHECK (version >= 0) NOT NULL,
        payload json NOT NULL, PRIMARY KEY (view_id));";

/// A framework of `cqrs-es` over one of its repositories.
pub(crate) struct Rival<R: PersistedEventRepository> {
    name: &'static str,
    framework: CqrsFramework<Aggregate, PersistedEventStore<R, Aggregate>>,
    store: PersistedEventStore<R, Aggregate>,
    repository: R,
}

impl<R: PersistedEventRepository> Rival<R> {
    fn new(
        name: &'static str,
        repository: impl Fn() -> R,
        queries: Vec<Box<dyn Query<Aggregate>>>,
    ) -> Self {
        let store = || PersistedEventStore::new_event_store(repository());
        let framework = CqrsFramework::new(store(), queries, business::context());
        Self { name, framework, store: store(), repository: repository() }
    }
}

/// `sqlite-es`; with a view, it is kept by the crate's own query.
pub(crate) fn sqlite(
    name: &'static str,
    pool: &SqlitePool,
    with_view: bool,
) -> Rival<SqliteEventRepository> {
    let mut queries: Vec<Box<dyn Query<Aggregate>>> = Vec::new();
    if with_view {
        let views =
            SqliteViewRepository::<AccountView, Aggregate>::new("account_view", pool.clone());
        queries.push(Box::new(GenericQuery::new(Arc::new(views))));
    }
    Rival::new(name, || SqliteEventRepository::new(pool.clone()), queries)
}

/// `postgres-es`; with a view, it is kept by the crate's own query.
pub(crate) fn postgres(
    name: &'static str,
    pool: &PgPool,
    with_view: bool,
) -> Rival<PostgresEventRepository> {
    let mut queries: Vec<Box<dyn Query<Aggregate>>> = Vec::new();
    if with_view {
        let views =
            PostgresViewRepository::<AccountView, Aggregate>::new("account_view", pool.clone());
        queries.push(Box::new(GenericQuery::new(Arc::new(views))));
    }
    Rival::new(name, || PostgresEventRepository::new(pool.clone()), queries)
}

#[async_trait]
impl<R: PersistedEventRepository + 'static> Contestant for Rival<R> {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn prepare(&self, account: AccountId, updates: u64) -> Result<()> {
        let id = account.uuid().to_string();
        self.framework.execute(&id, business::open(account)?).await?;
        if updates == 0 { Ok(()) } else { self.update_many(account, updates).await }
    }

    async fn update(&self, account: AccountId, number: u64) -> Result<()> {
        let id = account.uuid().to_string();
        Ok(self.framework.execute(&id, business::update(number)?).await?)
    }

    async fn update_many(&self, account: AccountId, count: u64) -> Result<()> {
        let mut context = self.store.load_aggregate(&account.uuid().to_string()).await?;
        let events = business::decide_many(&mut context.aggregate().0, count)?;
        let events = events.into_iter().map(Logged).collect();
        self.store.commit(events, context, HashMap::new()).await?;
        Ok(())
    }

    async fn read_all(&self) -> Result<u64> {
        let mut stream = self.repository.stream_all_events::<Aggregate>().await?;
        let mut events = 0;
        while let Some(event) = stream.next::<Aggregate>(&[]).await {
            if let Err(error) = event {
                bail!("an event cannot be read: {error}");
            }
            events += 1;
        }
        Ok(events)
    }
}

/// The one view of the contestants: what an account says about itself.
#[derive(Debug, Default, Serialize, Deserialize)]
struct AccountView {
    id: String,
    profile: Option<Personal<BusinessProfile>>,
}

impl View<Aggregate> for AccountView {
    fn update(&mut self, event: &EventEnvelope<Aggregate>) {
        self.id.clone_from(&event.aggregate_id);
        if let AccountEvent::BusinessProfileUpdated { profile } = &event.payload.0 {
            self.profile = Some(profile.clone());
        }
    }
}
