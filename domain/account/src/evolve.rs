//! How each fact changes what an account is.

use crate::state::Stage;
use crate::{Account, AccountEvent, Member, MemberState};
use herald_kernel::MemberId;

impl Account {
    pub(crate) fn believe(&mut self, event: &AccountEvent) {
        use AccountEvent as E;
        match event {
            E::Opened { account, business, zone } => {
                self.id = Some(*account);
                self.stage = Stage::Active;
                self.business = Some(business.clone());
                self.zone = Some(zone.clone());
            }
            E::MemberAdded { member, role, identity, name, email } => {
                let mut added = Member::new(*member, *role, email.clone());
                self.joined += 1;
                added.join(identity.clone(), name.clone(), self.joined);
                self.members.insert(*member, added);
            }
            E::BusinessProfileUpdated { profile } => self.profile = Some(profile.clone()),
            E::TimeZoneChanged { zone } => self.zone = Some(zone.clone()),
            E::PolicyChanged { policy } => self.policy = policy.clone(),
            E::MemberInvited { member, email, role, expires_at, .. } => {
                let mut invited = Member::new(*member, *role, Some(email.clone()));
                invited.state = MemberState::Invited { expires_at: *expires_at };
                self.members.insert(*member, invited);
            }
            E::InviteAccepted { member, identity, name } => {
                self.joined += 1;
                let nth = self.joined;
                self.change(*member, |it| it.join(identity.clone(), name.clone(), nth));
            }
            E::RoleChanged { member, role, .. } => self.change(*member, |it| it.role = *role),
            E::MemberRemoved { member, .. } => {
                self.change(*member, |member| member.state = MemberState::Removed);
            }
            E::MemberRested { member } => {
                self.change(*member, |member| member.state = MemberState::Resting);
            }
            E::MemberResumed { member } => {
                self.change(*member, |member| member.state = MemberState::Active);
            }
            E::IdentityLinked { member, identity } => {
                self.change(*member, |member| member.identities.push(identity.clone()));
            }
            E::IdentityUnlinked { member, identity, .. } => {
                self.change(*member, |it| it.identities.retain(|known| known.id() != *identity));
            }
            E::MemberProfileObserved { member, name, email } => {
                self.change(*member, |member| member.observe(name.as_ref(), email.as_ref()));
            }
            E::NoticesChanged { member, opt_outs } => {
                self.change(*member, |member| member.opt_outs.clone_from(opt_outs));
            }
            E::MemberForgotten { member } => self.change(*member, Member::forget),
            E::OnboardingAdvanced { step } => {
                self.onboarding.insert(*step);
            }
            E::Suspended { reason } => self.stage = Stage::Suspended { reason: *reason },
            E::Reinstated | E::DeletionCanceled => self.stage = Stage::Active,
            E::DeletionScheduled { due_at, .. } => {
                self.stage = Stage::DeletionScheduled { due_at: *due_at };
            }
            E::Deleted => self.stage = Stage::Deleted,
        }
    }

    fn change(&mut self, id: MemberId, change: impl FnOnce(&mut Member)) {
        // A history that was written by hand may name a member nobody added; it changes nobody.
        if let Some(member) = self.members.get_mut(&id) {
            change(member);
        }
    }
}
