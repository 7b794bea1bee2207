//! What has to be set right once after a new binary starts: schedules that a newer time-zone
//! database understands otherwise.

use crate::{
    caller::{Caller, Standing},
    commands::post::{OnPost, ReResolve},
    desk::Desk,
    execute::Request,
    failure::Failure,
    log::Via,
    reading::read_document,
    views::posts::{self, TargetDoc},
};
use herald_kernel::TZDB_VERSION;
use std::{collections::BTreeSet, sync::Arc};

/// More scheduled targets than this are looked through at the next start.
const AT_ONCE: u32 = 10_000;

/// Asks every post whose schedule was resolved with another database to resolve it anew; answers how
/// many were asked. A post that stays where it is records nothing.
pub async fn re_resolve_schedules(desk: &Arc<Desk>) -> Result<usize, Failure> {
    let waiting = ["scheduled".to_owned(), "held".to_owned()];
    let version = desk.progress.version(posts::TARGETS);
    let views = &desk.stores.views;
    let targets = views.list_unscoped(posts::TARGETS, version, &waiting, AT_ONCE).await?;
    let mut asked = BTreeSet::new();
    for document in &targets {
        let doc: TargetDoc = read_document(document)?;
        let wall = doc.schedule.as_ref().and_then(|schedule| schedule.wall.as_ref());
        let outdated = wall.is_some_and(|wall| wall.tzdb != TZDB_VERSION);
        let Some(account) = document.account.filter(|_| outdated && asked.insert(doc.post)) else {
            continue;
        };
        let caller = Caller {
            account,
            standing: Standing::Job(format!("re_resolve:{}", doc.post)),
            via: Via::Job,
            correlation: doc.post.uuid(),
            causation: format!("tzdb:{TZDB_VERSION}"),
        };
        let request =
            Request { idempotency_key: format!("tzdb/{TZDB_VERSION}"), expected_version: None };
        let told = desk.carry_out(&caller, request, OnPost(ReResolve { post: doc.post })).await;
        if let Err(failure) = told {
            tracing::warn!(post = %doc.post, %failure, "a schedule was not resolved anew");
        }
    }
    Ok(asked.len())
}
