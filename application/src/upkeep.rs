//! What a new binary leaves to set right: schedules that a newer time-zone database understands
//! otherwise, and documents of views that were replaced.

use crate::{
    caller::{Caller, Standing},
    commands::post::{OnPost, ReResolve},
    desk::Desk,
    execute::Request,
    failure::Failure,
    log::Via,
    ports::CheckpointStatus,
    reading::{AT_ONCE, EveryDocument, read_document},
    views::posts::{self, TargetDoc},
};
use herald_kernel::{AccountId, PostId, TZDB_VERSION};
use std::{collections::BTreeSet, sync::Arc};

/// Versions of views that were replaced.
pub(crate) type Retired = BTreeSet<(String, i32)>;

/// Deletes the documents of versions that were replaced before the `last` look, when those who still
/// read them have heard of it. Answers which are replaced now.
pub(crate) async fn forget_retired(desk: &Desk, last: &Retired) -> Result<Retired, Failure> {
    let store = &desk.stores.projections;
    let checkpoints = store.checkpoints().await?.into_iter();
    let retired = checkpoints.filter(|c| c.status == CheckpointStatus::Retired);
    let retired: Retired = retired.map(|c| (c.projection, c.version)).collect();
    for (projection, version) in retired.intersection(last) {
        while store.forget(projection, *version, AT_ONCE).await? > 0 {}
    }
    Ok(retired)
}

/// Asks every post whose schedule was resolved with another database to resolve it anew; answers how
/// many were asked. A post that stays where it is records nothing.
pub async fn re_resolve_schedules(desk: &Arc<Desk>) -> Result<usize, Failure> {
    let mut pages = EveryDocument::of(desk, posts::TARGETS, &["scheduled", "held"]);
    let mut asked = BTreeSet::new();
    while let Some(page) = pages.next().await? {
        for document in &page {
            let doc: TargetDoc = read_document(document)?;
            let wall = doc.schedule.as_ref().and_then(|schedule| schedule.wall.as_ref());
            let outdated = wall.is_some_and(|wall| wall.tzdb != TZDB_VERSION);
            if let Some(account) = document.account.filter(|_| outdated && asked.insert(doc.post)) {
                re_resolve(desk, account, doc.post).await;
            }
        }
    }
    Ok(asked.len())
}

async fn re_resolve(desk: &Arc<Desk>, account: AccountId, post: PostId) {
    let caller = Caller {
        account,
        standing: Standing::Job(format!("re_resolve:{post}")),
        via: Via::Job,
        correlation: post.uuid(),
        causation: format!("tzdb:{TZDB_VERSION}"),
    };
    let request =
        Request { idempotency_key: format!("tzdb/{TZDB_VERSION}"), expected_version: None };
    if let Err(failure) = desk.carry_out(&caller, request, OnPost(ReResolve { post })).await {
        tracing::warn!(%post, %failure, "a schedule was not resolved anew");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ports::ViewDocument,
        testing::{World, start},
        views,
    };
    use herald_kernel::{ConnectionId, Shift, TargetId, Zone};
    use herald_post::{Schedule, WallClock};
    use std::time::Duration;
    use uuid::Uuid;

    /// The target of this number, which falls due after those of lower ones.
    fn target(number: u64, account: AccountId, wall: Option<WallClock>) -> ViewDocument {
        let id = Uuid::from_u128(number.into());
        let instant = start().plus(Duration::from_secs(number));
        let doc = TargetDoc {
            id: TargetId::new(id),
            post: PostId::new(id),
            connection: ConnectionId::new(id),
            network: "x".to_owned(),
            status: "scheduled".to_owned(),
            held: None,
            excerpt: String::new(),
            at: Some(instant),
            schedule: Some(Schedule { instant, wall, asap: false }),
            remote: None,
            remote_ids: Vec::new(),
        };
        ViewDocument {
            id: doc.id.to_string(),
            account: Some(account),
            status: doc.status.clone(),
            at: instant,
            text: String::new(),
            doc: views::write(&doc).expect("it is written"),
        }
    }

    #[tokio::test]
    async fn schedules_are_looked_through_however_many_there_are() {
        let world = World::new().await;
        let account = world.open_account("Ada").await.account;
        let version = world.desk.progress.version(posts::TARGETS);
        let (local, zone) = ("2026-12-01T09:00".parse().expect("a time"), Zone::utc());
        let wall = WallClock { local, zone, tzdb: "1999z".to_owned(), shift: Shift::Exact };
        for number in 0..=AT_ONCE.into() {
            let wall = (number == u64::from(AT_ONCE)).then(|| wall.clone());
            let row = target(number, account, wall);
            let key = (posts::TARGETS.to_owned(), version, row.id.clone());
            world.memory.state().views.insert(key, row);
        }
        assert_eq!(re_resolve_schedules(&world.desk).await, Ok(1), "the last one of all");
    }
}
