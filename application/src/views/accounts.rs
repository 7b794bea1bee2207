//! Accounts with their people; and, derived, in which accounts a person takes part.

mod documents;

pub use documents::{AccountDoc, AccountStatus, MemberDoc, MemberStatus, MembershipDoc};

use super::{Document, FoldError, write};
use crate::{
    bridge::StreamKind,
    occurred::{AnyEvent, Occurred},
    ports::ViewDocument,
};
use herald_account::{AccountEvent, AccountName, OptOuts, Role};
use herald_kernel::{AccountId, IdentityId, Instant, MemberId, Personal, Zone};
use herald_terms::Policy;

/// Accounts.
pub const NAME: &str = "accounts";
/// One row for each identity and account: the row's status is the identity.
pub const MEMBERSHIPS: &str = "memberships";

impl Document for AccountDoc {
    type Fact = AccountEvent;

    const NAME: &'static str = NAME;
    const VERSION: i32 = 1;
    const READS: &'static [StreamKind] = &[StreamKind::Account];
    const DERIVES: &'static [&'static str] = &[MEMBERSHIPS];

    fn told(event: &Occurred) -> Option<&AccountEvent> {
        let AnyEvent::Account(fact) = &event.event else { return None };
        Some(fact)
    }

    fn key(event: &Occurred) -> Option<String> {
        Some(AccountId::new(event.stream).to_string())
    }

    fn before(fact: &AccountEvent, event: &Occurred) -> Option<Self> {
        let AccountEvent::Opened { account, business, zone } = fact else { return None };
        Some(Self::opened(*account, business, zone, event.at))
    }

    fn believe(&mut self, fact: &AccountEvent, event: &Occurred) {
        self.version = event.sequence;
        match fact {
            AccountEvent::Opened { .. } => {}
            AccountEvent::BusinessProfileUpdated { profile } => {
                self.profile = profile.known().cloned();
                self.business = self.profile.as_ref().map(|profile| profile.name.to_string());
            }
            AccountEvent::TimeZoneChanged { zone } => self.zone = zone.clone(),
            AccountEvent::PolicyChanged { policy } => self.policy = policy.clone(),
            AccountEvent::OnboardingAdvanced { step } => self.onboarding.push(*step),
            AccountEvent::MemberAdded { .. }
            | AccountEvent::MemberInvited { .. }
            | AccountEvent::InviteAccepted { .. }
            | AccountEvent::RoleChanged { .. }
            | AccountEvent::MemberRemoved { .. }
            | AccountEvent::MemberRested { .. }
            | AccountEvent::MemberResumed { .. }
            | AccountEvent::IdentityLinked { .. }
            | AccountEvent::IdentityUnlinked { .. }
            | AccountEvent::MemberProfileObserved { .. }
            | AccountEvent::NoticesChanged { .. }
            | AccountEvent::MemberForgotten { .. } => self.believe_people(fact, event.at),
            AccountEvent::Suspended { reason } => {
                self.status = AccountStatus::Suspended;
                self.suspended_for = Some(*reason);
            }
            AccountEvent::Reinstated | AccountEvent::DeletionCanceled => {
                self.status = AccountStatus::Active;
                self.suspended_for = None;
                self.deletion_due_at = None;
            }
            AccountEvent::DeletionScheduled { due_at, .. } => {
                self.status = AccountStatus::DeletionScheduled;
                self.deletion_due_at = Some(*due_at);
            }
            AccountEvent::Deleted => self.status = AccountStatus::Deleted,
        }
    }

    fn row(&self) -> Result<ViewDocument, FoldError> {
        Ok(ViewDocument {
            id: self.id.to_string(),
            account: Some(self.id),
            status: self.status.as_str().to_owned(),
            at: self.opened_at,
            text: self.business.clone().unwrap_or_default(),
            doc: write(self)?,
        })
    }

    fn derived(&self) -> Vec<(&'static str, ViewDocument)> {
        self.memberships().into_iter().map(|row| (MEMBERSHIPS, row)).collect()
    }
}

impl AccountDoc {
    /// One of its people.
    #[must_use]
    pub fn member(&self, id: MemberId) -> Option<&MemberDoc> {
        self.members.iter().find(|member| member.id == id)
    }

    fn opened(id: AccountId, name: &Personal<AccountName>, zone: &Zone, at: Instant) -> Self {
        Self {
            id,
            business: text(name),
            profile: None,
            zone: zone.clone(),
            policy: Policy::default(),
            onboarding: Vec::new(),
            status: AccountStatus::Active,
            suspended_for: None,
            deletion_due_at: None,
            version: 0,
            members: Vec::new(),
            opened_at: at,
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "`believe` has told the events apart")]
    fn believe_people(&mut self, fact: &AccountEvent, at: Instant) {
        match fact {
            AccountEvent::MemberAdded { member, role, identity, name, email } => {
                self.members.push(MemberDoc {
                    name: text(name),
                    email: email.as_ref().and_then(text),
                    state: MemberStatus::Active,
                    identities: vec![identity.id()],
                    joined_at: Some(at),
                    ..MemberDoc::new(*member, *role)
                });
            }
            AccountEvent::MemberInvited { member, email, role, by, expires_at } => {
                self.members.retain(|known| known.id != *member);
                self.members.push(MemberDoc {
                    email: text(email),
                    invited_by: Some(*by),
                    expires_at: Some(*expires_at),
                    ..MemberDoc::new(*member, *role)
                });
            }
            AccountEvent::InviteAccepted { member, identity, name } => {
                self.change(*member, |member| {
                    member.name = text(name);
                    member.state = MemberStatus::Active;
                    member.identities = vec![identity.id()];
                    member.expires_at = None;
                    member.joined_at = Some(at);
                });
            }
            AccountEvent::RoleChanged { member, role, .. } => {
                self.change(*member, |member| member.role = *role);
            }
            AccountEvent::MemberRemoved { member, .. } => {
                self.stand(*member, MemberStatus::Removed);
            }
            AccountEvent::MemberRested { member } => self.stand(*member, MemberStatus::Resting),
            AccountEvent::MemberResumed { member } => self.stand(*member, MemberStatus::Active),
            AccountEvent::IdentityLinked { member, identity } => {
                self.change(*member, |member| member.identities.push(identity.id()));
            }
            AccountEvent::IdentityUnlinked { member, identity, .. } => {
                self.change(*member, |it| it.identities.retain(|known| known != identity));
            }
            AccountEvent::MemberProfileObserved { member, name, email } => {
                self.change(*member, |member| {
                    member.name = name.as_ref().map_or(member.name.take(), text);
                    member.email = email.as_ref().map_or(member.email.take(), text);
                });
            }
            AccountEvent::NoticesChanged { member, opt_outs } => {
                self.change(*member, |member| member.opt_outs.clone_from(opt_outs));
            }
            AccountEvent::MemberForgotten { member } => {
                self.change(*member, |member| {
                    member.name = None;
                    member.email = None;
                });
            }
            _ => {}
        }
    }

    fn stand(&mut self, id: MemberId, state: MemberStatus) {
        self.change(id, |member| member.state = state);
    }

    fn change(&mut self, id: MemberId, change: impl FnOnce(&mut MemberDoc)) {
        if let Some(member) = self.members.iter_mut().find(|member| member.id == id) {
            change(member);
        }
    }

    /// Nobody takes part in an account that is gone.
    fn memberships(&self) -> Vec<ViewDocument> {
        let live = self.status != AccountStatus::Deleted;
        let belongs = |it: &&MemberDoc| {
            live && matches!(it.state, MemberStatus::Active | MemberStatus::Resting)
        };
        let pairs = self
            .members
            .iter()
            .filter(belongs)
            .flat_map(|member| member.identities.iter().map(move |id| (member, *id)));
        pairs.filter_map(|(member, identity)| self.membership(member, identity).ok()).collect()
    }

    fn membership(
        &self,
        member: &MemberDoc,
        identity: IdentityId,
    ) -> Result<ViewDocument, FoldError> {
        let doc = MembershipDoc {
            identity,
            account: self.id,
            member: member.id,
            role: member.role,
            rests: member.state == MemberStatus::Resting,
            business: self.business.clone(),
        };
        Ok(ViewDocument {
            id: format!("{identity}/{}", self.id),
            account: Some(self.id),
            status: identity.to_string(),
            at: member.joined_at.unwrap_or(self.opened_at),
            text: String::new(),
            doc: write(&doc)?,
        })
    }
}

impl MemberDoc {
    const fn new(id: MemberId, role: Role) -> Self {
        Self {
            id,
            name: None,
            email: None,
            role,
            state: MemberStatus::Invited,
            identities: Vec::new(),
            opt_outs: OptOuts::new(),
            invited_by: None,
            expires_at: None,
            joined_at: None,
        }
    }
}

fn text<T: ToString>(value: &Personal<T>) -> Option<String> {
    value.known().map(ToString::to_string)
}

#[cfg(test)]
mod tests;
