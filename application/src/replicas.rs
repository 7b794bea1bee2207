//! Several processes over one database: each tells the others that there is something to look at.
//!
//! **Invariant:** nothing rests on it. An announcement that is lost costs the time until the poll.

use crate::{
    desk::Desk,
    ports::{Announcement, Announcements},
};
use std::{sync::Arc, time::Duration};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Without a connection to listen on, so long until the next try.
const PAUSE: Duration = Duration::from_secs(1);

/// What this process does beside answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It folds the log and carries out jobs.
    Works,
    /// It leaves both to others.
    Answers,
}

/// Tells and listens until `stop`.
pub(crate) fn start(
    desk: &Arc<Desk>,
    announcements: &Arc<dyn Announcements>,
    part: Part,
    stop: &CancellationToken,
    running: &TaskTracker,
) {
    let (mine, link, ended) = (Arc::clone(desk), Arc::clone(announcements), stop.clone());
    running.spawn(async move { ended.run_until_cancelled(tell(&mine, link.as_ref(), part)).await });
    let (mine, link, ended) = (Arc::clone(desk), Arc::clone(announcements), stop.clone());
    running.spawn(async move { ended.run_until_cancelled(hear(&mine, link.as_ref(), part)).await });
}

/// However much happened since the last announcement, it is one.
async fn tell(desk: &Desk, announcements: &dyn Announcements, part: Part) {
    loop {
        let announcement = match part {
            Part::Works => {
                desk.folded.notified().await;
                Announcement::Folded
            }
            // Nobody in this process waits for these.
            Part::Answers => {
                tokio::select! {
                    () = desk.wake.notified() => {}
                    () = desk.jobs_wake.notified() => {}
                }
                Announcement::Written
            }
        };
        if let Err(error) = announcements.tell(announcement).await {
            tracing::debug!(%error, "other processes were not told; they find out by themselves");
        }
    }
}

async fn hear(desk: &Desk, announcements: &dyn Announcements, part: Part) {
    loop {
        match announcements.next().await {
            Ok(announcement) => follow(desk, announcement, part).await,
            Err(error) => {
                tracing::debug!(%error, "nothing is heard of other processes");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn follow(desk: &Desk, announcement: Announcement, part: Part) {
    match (announcement, part) {
        (Announcement::Written, Part::Works) => {
            desk.wake.notify_one();
            desk.jobs_wake.notify_one();
        }
        (Announcement::Written, Part::Answers) => {}
        (Announcement::Folded, _) => {
            if part == Part::Works {
                desk.jobs_wake.notify_one();
            }
            if let Err(failure) = desk.refresh_progress().await {
                tracing::debug!(%failure, "how far the views have come was not learnt");
            }
        }
    }
}
