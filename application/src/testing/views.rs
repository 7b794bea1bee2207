//! A storage engine that forgets: views and checkpoints.

use super::memory::{Memory, State};
use crate::{
    ports::{
        Batch, Checkpoint, CheckpointStatus, Committed, Direction, Ordinal, ProjectionStore,
        StoreError, ViewChange, ViewDocument, ViewPage, ViewQuery, ViewStore,
    },
    views::derived_names,
};
use async_trait::async_trait;
use herald_kernel::{AccountId, Instant};

impl State {
    fn documents(&self, view: &str, version: i32) -> impl Iterator<Item = &ViewDocument> {
        let view = view.to_owned();
        let rows = self.views.iter();
        rows.filter(move |((name, v, _), _)| *name == view && *v == version).map(|(_, row)| row)
    }

    fn matching(&self, query: &ViewQuery) -> Vec<ViewDocument> {
        let matches = |row: &&ViewDocument| {
            let found = |text: &String| row.text.to_lowercase().contains(&text.to_lowercase());
            row.account == Some(query.account)
                && (query.statuses.is_empty() || query.statuses.contains(&row.status))
                && query.from.is_none_or(|from| row.at >= from)
                && query.to.is_none_or(|to| row.at < to)
                && query.search.as_ref().is_none_or(found)
        };
        let rows = self.documents(&query.view, query.version).filter(matches);
        let mut rows: Vec<_> = rows.cloned().collect();
        rows.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        rows
    }

    fn apply(&mut self, change: &ViewChange) {
        match change.clone() {
            ViewChange::Put { view, version, document, .. } => {
                self.views.insert((view, version, document.id.clone()), document);
            }
            ViewChange::Remove { view, version, id } => {
                self.views.remove(&(view, version, id));
            }
        }
    }

    fn checkpoint(&mut self, projection: &str, version: i32) -> Option<&mut Checkpoint> {
        let known = self.checkpoints.iter_mut();
        known.into_iter().find(|c| c.projection == projection && c.version == version)
    }
}

#[async_trait]
impl ViewStore for Memory {
    async fn get(
        &self,
        view: &str,
        version: i32,
        account: AccountId,
        id: &str,
    ) -> Result<Option<ViewDocument>, StoreError> {
        let found = self.get_unscoped(view, version, id).await?;
        Ok(found.filter(|row| row.account == Some(account)))
    }

    async fn list(&self, query: &ViewQuery) -> Result<ViewPage, StoreError> {
        let mut rows = self.state().matching(query);
        if query.page.direction == Direction::Descending {
            rows.reverse();
        }
        if let Some((at, id)) = &query.page.after {
            rows.retain(|row| match query.page.direction {
                Direction::Ascending => (row.at, &row.id) > (*at, id),
                Direction::Descending => (row.at, &row.id) < (*at, id),
            });
        }
        let limit = query.page.limit.try_into().unwrap_or_default();
        let more = rows.len() > limit;
        rows.truncate(limit);
        Ok(ViewPage { documents: rows, more })
    }

    async fn count(&self, query: &ViewQuery, cap: u32) -> Result<u32, StoreError> {
        let found = self.state().matching(query).len();
        Ok(u32::try_from(found).unwrap_or(u32::MAX).min(cap))
    }

    async fn get_unscoped(
        &self,
        view: &str,
        version: i32,
        id: &str,
    ) -> Result<Option<ViewDocument>, StoreError> {
        let key = (view.to_owned(), version, id.to_owned());
        Ok(self.state().views.get(&key).cloned())
    }

    async fn list_unscoped(
        &self,
        view: &str,
        version: i32,
        statuses: &[String],
        after: Option<&(Instant, String)>,
        limit: u32,
    ) -> Result<Vec<ViewDocument>, StoreError> {
        let state = self.state();
        let rows = state.documents(view, version).filter(|row| statuses.contains(&row.status));
        let rows = rows.filter(|row| after.is_none_or(|(at, id)| (row.at, &row.id) > (*at, id)));
        let mut rows: Vec<_> = rows.cloned().collect();
        rows.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        rows.truncate(limit.try_into().unwrap_or_default());
        Ok(rows)
    }
}

#[async_trait]
impl ProjectionStore for Memory {
    async fn checkpoints(&self) -> Result<Vec<Checkpoint>, StoreError> {
        Ok(self.state().checkpoints.clone())
    }

    async fn register(
        &self,
        projection: &str,
        version: i32,
        status: CheckpointStatus,
        ordinal: Ordinal,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.checkpoint(projection, version).is_none() {
            let projection = projection.to_owned();
            state.checkpoints.push(Checkpoint {
                projection,
                version,
                ordinal,
                status,
                error: None,
            });
        }
        Ok(())
    }

    async fn documents(
        &self,
        view: &str,
        version: i32,
        ids: &[String],
    ) -> Result<Vec<ViewDocument>, StoreError> {
        let state = self.state();
        Ok(state.documents(view, version).filter(|row| ids.contains(&row.id)).cloned().collect())
    }

    async fn commit(&self, batch: &Batch) -> Result<Committed, StoreError> {
        let mut state = self.state();
        for step in &batch.moves {
            let stands = state.checkpoint(&step.projection, step.version).map(|c| c.ordinal);
            if stands != Some(step.from) {
                return Ok(Committed::Stale);
            }
        }
        for step in &batch.moves {
            if let Some(checkpoint) = state.checkpoint(&step.projection, step.version) {
                checkpoint.ordinal = step.to;
                checkpoint.error = None;
            }
        }
        for change in &batch.views {
            state.apply(change);
        }
        for change in &batch.jobs {
            state.change_job(change);
        }
        Ok(Committed::Done)
    }

    async fn set_status(
        &self,
        seen: &Checkpoint,
        status: CheckpointStatus,
        error: Option<&str>,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let stands = |c: &&mut Checkpoint| (c.ordinal, c.status) == (seen.ordinal, seen.status);
        let stored = state.checkpoint(&seen.projection, seen.version).filter(stands);
        let Some(checkpoint) = stored else { return Ok(false) };
        checkpoint.status = status;
        checkpoint.error = error.map(ToOwned::to_owned);
        if status == CheckpointStatus::Live {
            let former = state.checkpoints.iter_mut();
            let lower =
                |c: &&mut Checkpoint| c.projection == seen.projection && c.version < seen.version;
            former.filter(lower).for_each(|lower| lower.status = CheckpointStatus::Retired);
        }
        Ok(true)
    }

    async fn forget(&self, projection: &str, version: i32, limit: u32) -> Result<u64, StoreError> {
        let mut state = self.state();
        let retired = |c: &mut Checkpoint| c.status == CheckpointStatus::Retired;
        if !state.checkpoint(projection, version).is_some_and(retired) {
            return Ok(0);
        }
        let names: Vec<_> = derived_names(projection).iter().copied().chain([projection]).collect();
        let rows = state.views.keys();
        let gone = rows.filter(|(view, v, _)| names.contains(&view.as_str()) && *v == version);
        let gone: Vec<_> = gone.take(limit.try_into().unwrap_or_default()).cloned().collect();
        for key in &gone {
            state.views.remove(key);
        }
        Ok(gone.len().try_into().unwrap_or(u64::MAX))
    }
}
