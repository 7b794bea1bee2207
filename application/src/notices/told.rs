//! What a job is to tell, and the job that tells it.

use super::Notice;
use crate::{
    desk::Desk,
    failure::Failure,
    jobs::put_job,
    ports::{JobKind, NewJob},
};
use herald_kernel::{AccountId, IdentityId, Instant, MemberId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// What a job is to tell, and whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    /// What.
    #[serde(flatten)]
    pub(crate) notice: Notice,
    /// The event that led to it, by its place: stream and number.
    pub(crate) cause: String,
    /// Since when it is worth telling.
    pub(crate) since: Instant,
    /// Whom; everybody who is to hear of it where nobody is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) member: Option<MemberId>,
}

impl Told {
    /// The job that tells it.
    pub(crate) fn job(&self, account: AccountId, key: String, due_at: Instant) -> NewJob {
        let priority = self.notice.weight().priority();
        NewJob::new(JobKind::SendNotice, account, key, json!(self), due_at, priority)
    }
}

/// Has a member told that somebody signed in as them with a device that they never had. The row of
/// the sign-in log names the mail, so one sign-in is told once.
pub(crate) async fn new_device(
    desk: &Desk,
    account: AccountId,
    member: MemberId,
    identity: IdentityId,
    fact: Uuid,
) -> Result<(), Failure> {
    if !desk.settings.notices {
        return Ok(());
    }
    let (notice, now) = (Notice::NewDevice { identity, fact }, desk.clock.now());
    let cause = format!("sign-in/{fact}");
    let key = format!("notice:{cause}:{}:{member}", notice.name());
    let told = Told { notice, cause, since: now, member: Some(member) };
    Ok(put_job(desk, told.job(account, key, now)).await?)
}
