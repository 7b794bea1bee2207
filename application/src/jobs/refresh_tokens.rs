//! Renews a connection's tokens ahead of their end, and comes back for the next time.

use super::{
    JobFailure, Next,
    access_token::{Renewal, load, renew},
    caller, payload,
};
use crate::{desk::Desk, ports::ClaimedJob};
use herald_kernel::{ConnectionId, Instant};
use herald_social_connection::SocialConnection;
use serde::Deserialize;
use std::{sync::Arc, time::Duration};

/// The pause after a failure while the token still works.
const SOON: Duration = Duration::from_secs(60);
/// The pause once it does not: a person may have to help, and posts ask for themselves.
const LATER: Duration = Duration::from_secs(15 * 60);

#[derive(Deserialize)]
struct Subject {
    connection: ConnectionId,
}

pub(super) async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    let Subject { connection } = payload(job)?;
    let now = desk.clock.now();
    let state = load(desk, job.account, connection).await?;
    match state.refresh_due_at(now) {
        None => return Ok(Next::Done),
        Some(due) if due > now => return Ok(Next::At(due)),
        Some(_) => {}
    }
    match renew(desk, &caller(job), connection, job.fence).await? {
        // What was stored makes the next job.
        Renewal::Renewed | Renewal::NotPossible => Ok(Next::Done),
        Renewal::Busy | Renewal::Trouble(_) => {
            let state = load(desk, job.account, connection).await?;
            Ok(again(&state, now))
        }
    }
}

/// A renewal is never given up for mere trouble: it is tried until the network says no.
fn again(connection: &SocialConnection, now: Instant) -> Next {
    let Some(due) = connection.refresh_due_at(now) else { return Next::Done };
    let works = connection.access_expires_at().is_some_and(|expires| now < expires);
    Next::At(due.max(now.plus(if works { SOON } else { LATER })))
}
