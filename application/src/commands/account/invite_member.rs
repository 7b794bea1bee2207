//! Ask a person to join: they get a link that works once.

use crate::{
    entitlements,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    ports::{Link, LinkPurpose},
    sign_in::{self, OneTimeSecret},
};
use async_trait::async_trait;
use herald_account::{AccountCommand, Action, Email, Invitation, Role};
use herald_kernel::MemberId;
use herald_terms::Feature;
use secrecy::SecretString;
use serde::Serialize;
use uuid::Uuid;

/// Invite a person.
#[derive(Debug, Serialize)]
pub struct InviteMember {
    /// Where the invitation goes.
    pub email: Email,
    /// What the person will be.
    pub role: Role,
}

/// Who was invited.
#[derive(Debug, Clone)]
pub struct Invited {
    /// Who the person will be.
    pub member: MemberId,
    /// The secret of the link that accepts the invitation. Shown once: `None` when the same request
    /// was followed before.
    pub secret: Option<SecretString>,
}

#[async_trait]
impl UseCase for InviteMember {
    const WHO: Who = Who::Members(Action::InviteMember);
    type Answer = Invited;

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<Invited, Failure> {
        let entitled = entitlements::of_account(work.desk, work.account()).await?;
        entitled.must_include(Feature::Teams)?;
        let member = work.naming().created();
        let expires_at = work.now.plus(work.desk.settings.waits.invitation);
        let invitation = Invitation {
            member,
            email: self.email.clone(),
            role: self.role,
            by: work.caller.acting_member()?,
            expires_at,
        };
        super::decide(work, AccountCommand::InviteMember(invitation)).await?;
        let OneTimeSecret { secret, hash } = sign_in::draw(work.desk);
        let subject = format!("{}/{member}", work.account());
        // Stored before the event: a link to an invitation that was never made opens nothing.
        let link = Link { hash, purpose: LinkPurpose::Invite, subject, expires_at };
        work.desk.stores.links.create(&link).await?;
        Ok(Invited { member, secret: Some(secret) })
    }

    fn replayed(&self, naming: Naming) -> Invited {
        Invited { member: naming.created(), secret: None }
    }
}
