//! A person in an account, from the invitation to the farewell.

use crate::{Email, Identity, NoticeKind, OptOuts, PersonName, Role};
use herald_kernel::{IdentityId, Instant, MemberId, Personal};

/// Where a member stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberState {
    /// Asked to join; the invitation is void from `expires_at` on.
    Invited {
        /// From when on it can no longer be accepted.
        expires_at: Instant,
    },
    /// Takes part.
    Active,
    /// Has no seat in the account's tier; takes part again once it has one.
    Resting,
    /// Has left or was removed, or the invitation was withdrawn.
    Removed,
}

/// A person in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub(crate) id: MemberId,
    pub(crate) role: Role,
    pub(crate) state: MemberState,
    pub(crate) name: Option<Personal<PersonName>>,
    pub(crate) email: Option<Personal<Email>>,
    pub(crate) identities: Vec<Identity>,
    pub(crate) opt_outs: OptOuts,
    /// The how-many-eth person who joined: the older of two has the smaller number.
    pub(crate) joined: usize,
}

impl Member {
    /// Somebody who does not take part yet.
    pub(crate) const fn new(id: MemberId, role: Role, email: Option<Personal<Email>>) -> Self {
        let state = MemberState::Removed;
        Self {
            id,
            role,
            state,
            name: None,
            email,
            identities: Vec::new(),
            opt_outs: OptOuts::new(),
            joined: 0,
        }
    }

    pub(crate) fn join(&mut self, identity: Identity, name: Personal<PersonName>, joined: usize) {
        self.state = MemberState::Active;
        self.joined = joined;
        self.name = Some(name);
        self.identities = vec![identity];
    }

    pub(crate) fn observe(
        &mut self,
        name: Option<&Personal<PersonName>>,
        email: Option<&Personal<Email>>,
    ) {
        self.name = name.cloned().or_else(|| self.name.take());
        self.email = email.cloned().or_else(|| self.email.take());
    }

    pub(crate) fn forget(&mut self) {
        self.name = None;
        self.email = None;
    }

    /// The id.
    #[must_use]
    pub const fn id(&self) -> MemberId {
        self.id
    }

    /// What the member may do, or would once the invitation is accepted.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Where the member stands.
    #[must_use]
    pub const fn state(&self) -> MemberState {
        self.state
    }

    /// The name, unless it is not known yet or was forgotten.
    #[must_use]
    pub fn name(&self) -> Option<&PersonName> {
        self.name.as_ref().and_then(Personal::known)
    }

    /// The address, unless there is none or it was forgotten.
    #[must_use]
    pub fn email(&self) -> Option<&Email> {
        self.email.as_ref().and_then(Personal::known)
    }

    /// As whom the member can sign in.
    #[must_use]
    pub fn identities(&self) -> &[Identity] {
        &self.identities
    }

    /// Does the member want mails of this kind?
    #[must_use]
    pub fn wants(&self, kind: NoticeKind) -> bool {
        !self.opt_outs.contains(&kind)
    }

    /// The mails that the member does without.
    #[must_use]
    pub const fn opt_outs(&self) -> &OptOuts {
        &self.opt_outs
    }

    /// Does the member take part?
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.state, MemberState::Active)
    }

    /// Does the member rest for want of a seat?
    #[must_use]
    pub const fn rests(&self) -> bool {
        matches!(self.state, MemberState::Resting)
    }

    /// Has the member joined and not left, with or without a seat at present?
    #[must_use]
    pub const fn belongs(&self) -> bool {
        self.is_active() || self.rests()
    }

    /// Can the member sign in: belongs here, as somebody whom an issuer still knows?
    #[must_use]
    pub const fn can_sign_in(&self) -> bool {
        self.belongs() && !self.identities.is_empty()
    }

    /// Is there an invitation that can still be accepted?
    #[must_use]
    pub fn is_invited(&self, now: Instant) -> bool {
        matches!(self.state, MemberState::Invited { expires_at } if now < expires_at)
    }

    /// Can the member sign in as `identity`?
    #[must_use]
    pub fn is_known_as(&self, identity: IdentityId) -> bool {
        self.identities.iter().any(|known| known.id() == identity)
    }
}
