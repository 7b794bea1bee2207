//! Announcements between processes by `NOTIFY`, outside of every transaction that writes: the
//! server lets those who notify commit one by one.

use crate::{Postgres, errors::failed};
use async_trait::async_trait;
use herald_application::ports::{Announcement, Announcements, StoreError};
use sqlx::postgres::PgListener;
use std::{fmt, sync::Arc};
use tokio::sync::Mutex;
use uuid::Uuid;

const CHANNEL: &str = "herald";

/// What this process tells the others, and hears of them on one connection of its own.
pub struct Neighbours {
    engine: Arc<Postgres>,
    /// This process, so that it does not listen to itself.
    own: Uuid,
    listener: Mutex<Option<PgListener>>,
}

impl fmt::Debug for Neighbours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Neighbours").field("own", &self.own).finish_non_exhaustive()
    }
}

impl Postgres {
    /// Announcements between the processes over this database. `own` names this one.
    #[must_use]
    pub fn announcements(self: &Arc<Self>, own: Uuid) -> Neighbours {
        Neighbours { engine: Arc::clone(self), own, listener: Mutex::default() }
    }
}

#[async_trait]
impl Announcements for Neighbours {
    async fn tell(&self, announcement: Announcement) -> Result<(), StoreError> {
        let told = format!("{} {}", self.own, announcement.as_str());
        let notify = sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(told);
        notify.execute(&self.engine.pool).await.map(|_| ()).map_err(failed)
    }

    async fn next(&self) -> Result<Announcement, StoreError> {
        let mut slot = self.listener.lock().await;
        // Taken out: whatever fails or is dropped here leaves no half-read connection behind.
        let mut listener = match slot.take() {
            Some(listener) => listener,
            None => self.listen().await.map_err(failed)?,
        };
        loop {
            let heard = listener.recv().await.map_err(failed)?;
            if let Some(announcement) = self.understand(heard.payload()) {
                *slot = Some(listener);
                return Ok(announcement);
            }
        }
    }
}

impl Neighbours {
    async fn listen(&self) -> Result<PgListener, sqlx::Error> {
        let mut listener = PgListener::connect_with(&self.engine.pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(listener)
    }

    /// What another process says; nothing for our own words and for those of a later version.
    fn understand(&self, told: &str) -> Option<Announcement> {
        let (who, what) = told.split_once(' ')?;
        let other = who.parse::<Uuid>().is_ok_and(|who| who != self.own);
        Announcement::parse(what).filter(|_| other)
    }
}
