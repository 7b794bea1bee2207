//! What is left of a key's scopes once role and connections have had their say.

use crate::Scope;
use herald_kernel::ConnectionId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The connections that rights extend to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Every connection of the account, also those made later.
    #[default]
    All,
    /// These and no others.
    Only(BTreeSet<ConnectionId>),
}

impl Reach {
    /// The connections that both extend to.
    fn within(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, reach) | (reach, Self::All) => reach.clone(),
            (Self::Only(mine), Self::Only(theirs)) => Self::Only(mine & theirs),
        }
    }
}

/// What a caller may do: scopes, on certain connections.
///
/// Rights only ever shrink: a key's rights are its scopes within what its issuer's present role
/// allows, within the connections that it was issued for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    scopes: BTreeSet<Scope>,
    reach: Reach,
}

impl Rights {
    /// These scopes on these connections.
    pub fn new(scopes: impl IntoIterator<Item = Scope>, reach: Reach) -> Self {
        Self { scopes: scopes.into_iter().collect(), reach }
    }

    /// Whatever a user can be allowed: every scope of users, on every connection.
    #[must_use]
    pub fn all() -> Self {
        Self::new(Scope::OF_USERS, Reach::All)
    }

    /// The one thing that a service may do.
    #[must_use]
    pub fn of_services() -> Self {
        Self::new([Scope::CheckoutCreate], Reach::All)
    }

    /// The scopes.
    #[must_use]
    pub const fn scopes(&self) -> &BTreeSet<Scope> {
        &self.scopes
    }

    /// The connections that they extend to.
    #[must_use]
    pub const fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Does `other` allow everything that these allow?
    #[must_use]
    pub fn are_within(&self, other: &Self) -> bool {
        self.within(other) == *self
    }

    /// What both allow.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        Self { scopes: &self.scopes & &other.scopes, reach: self.reach.within(&other.reach) }
    }

    /// Is `scope` among the rights?
    #[must_use]
    pub fn allow(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Is `scope` among the rights, on `connection`?
    #[must_use]
    pub fn allow_on(&self, scope: Scope, connection: ConnectionId) -> bool {
        let reached = match &self.reach {
            Reach::All => true,
            Reach::Only(connections) => connections.contains(&connection),
        };
        reached && self.allow(scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn connection(number: u8) -> ConnectionId {
        ConnectionId::new(uuid::Uuid::from_u128(number.into()))
    }

    fn rights() -> impl Strategy<Value = Rights> {
        let scopes = prop::sample::subsequence(Scope::OF_USERS.to_vec(), 0..=3);
        let reach = prop_oneof![
            Just(Reach::All),
            prop::collection::btree_set((0..4_u8).prop_map(connection), 0..4).prop_map(Reach::Only),
        ];
        (scopes, reach).prop_map(|(scopes, reach)| Rights::new(scopes, reach))
    }

    proptest! {
        #[test]
        fn a_key_may_do_exactly_what_both_it_and_its_issuer_may(
            key in rights(), issuer in rights(), number in 0..4_u8,
        ) {
            let both = key.within(&issuer);
            for scope in Scope::ALL {
                let on = connection(number);
                prop_assert_eq!(both.allow(scope), key.allow(scope) && issuer.allow(scope));
                let each = key.allow_on(scope, on) && issuer.allow_on(scope, on);
                prop_assert_eq!(both.allow_on(scope, on), each);
            }
            prop_assert_eq!(&both, &issuer.within(&key));
            prop_assert!(both.are_within(&key) && both.are_within(&issuer));
            prop_assert_eq!(key.within(&Rights::all()), key);
        }
    }

    #[test]
    fn rights_without_scopes_allow_nothing() {
        assert!(Scope::ALL.iter().all(|&scope| !Rights::default().allow(scope)));
    }

    #[test]
    fn whatever_a_user_is_allowed_a_checkout_is_not_among_it() {
        assert!(!Rights::all().allow(Scope::CheckoutCreate));
        assert!(Rights::of_services().allow(Scope::CheckoutCreate));
        assert!(Scope::OF_USERS.iter().all(|&scope| !Rights::of_services().allow(scope)));
    }

    #[test]
    fn all_connections_are_not_within_some() {
        let some = Rights::new([Scope::Read], Reach::Only([connection(1)].into()));
        assert!(some.are_within(&Rights::all()) && !Rights::all().are_within(&some));
        assert!(!Rights::new([Scope::Read], Reach::All).are_within(&some));
    }

    #[test]
    fn rights_read_back_as_they_were_written() {
        let rights = Rights::new([Scope::Read], Reach::Only([connection(1)].into()));
        let json = serde_json::to_string(&rights).expect("serialises");
        assert_eq!(serde_json::from_str::<Rights>(&json).expect("reads back"), rights);
    }
}
