//! Ends the sessions of an identity that no longer holds, forgets what was granted with it, and says
//! so in the log of its person.

use super::{JobFailure, Next, payload};
use crate::{
    desk::Desk,
    failure::Failure,
    ports::{ClaimedJob, SignInKind},
    sign_in::{self, Whence},
};
use herald_account::{Account, Identity, Member};
use herald_kernel::{IdentityId, MemberId};
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

#[derive(Deserialize)]
struct Subject {
    identity: IdentityId,
    member: Option<MemberId>,
    /// The number of the event that unlinked it.
    #[serde(default)]
    cause: i64,
}

pub(super) async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    let Subject { identity, member, cause } = payload(job)?;
    sign_in::end_everywhere(desk, identity).await?;
    sign_in::forget_grant(desk, identity).await?;
    if let Some(member) = member {
        let account = desk.journal.load::<Account>(job.account.uuid()).await;
        let account = account.map_err(Failure::from)?.state;
        // Whoever has another identity reads it there; nobody's log has the lost one any more.
        let left = account.member(member).map_or(&[][..], Member::identities);
        let left = left.iter().map(Identity::id).find(|other| *other != identity);
        let name = format!("unlinked/{identity}/{cause}");
        let row = Uuid::new_v5(&job.account.uuid(), name.as_bytes());
        let (whose, kind) = (left.unwrap_or(identity), SignInKind::Unlinked);
        sign_in::note_as(desk, row, whose, kind, &Whence::default()).await;
    }
    Ok(Next::Done)
}
