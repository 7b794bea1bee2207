//! Typed ids: one UUID each, printed as `post_` and 26 characters that a person can read aloud.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, hash::Hash, hash::Hasher, marker::PhantomData, str::FromStr};
use uuid::Uuid;

/// What an id identifies.
pub trait Kind: 'static {
    /// The prefix of the printed form, without the underscore.
    const PREFIX: &'static str;
}

/// The id of one `K`. A post's id does not pass where an account's is meant.
pub struct Id<K: Kind>(Uuid, PhantomData<fn() -> K>);

impl<K: Kind> Id<K> {
    /// Wraps a UUID that the `Ids` port drew or [`Id::derived`] computed.
    #[must_use]
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The id that always follows from `parent` and `part`: UUID version 5.
    #[must_use]
    pub fn derived(parent: Uuid, part: &str) -> Self {
        Self::new(Uuid::new_v5(&parent, part.as_bytes()))
    }

    /// The bare UUID; its hyphenated form is the stored stream id.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<K: Kind> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K: Kind> Copy for Id<K> {}
impl<K: Kind> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K: Kind> Eq for Id<K> {}
impl<K: Kind> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K: Kind> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K: Kind> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", K::PREFIX, encode(self.0))
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<K: Kind> FromStr for Id<K> {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId { expected: K::PREFIX };
        let (prefix, body) = text.split_once('_').ok_or_else(invalid)?;
        if prefix != K::PREFIX {
            return Err(invalid());
        }
        decode(body).map(Self::new).ok_or_else(invalid)
    }
}
impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// Text that is not an id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an id of the form `{expected}_` and 26 characters")]
pub struct InvalidId {
    /// The prefix that was expected.
    pub expected: &'static str,
}

macro_rules! ids {
    (
        nodes { $($(#[$doc:meta])* $name:ident = $alias:ident, $prefix:literal;)* }
        inner { $($(#[$inner_doc:meta])* $inner:ident = $inner_alias:ident, $inner_prefix:literal;)* }
    ) => {
        /// The kinds of id, one marker each.
        pub mod kinds {
            $($(#[$doc])* #[derive(Debug)] pub enum $name {})*
            $($(#[$inner_doc])* #[derive(Debug)] pub enum $inner {})*
        }
        $(
            impl Kind for kinds::$name {
                const PREFIX: &'static str = $prefix;
            }
            $(#[$doc])*
            pub type $alias = Id<kinds::$name>;
        )*
        $(
            impl Kind for kinds::$inner {
                const PREFIX: &'static str = $inner_prefix;
            }
            $(#[$inner_doc])*
            pub type $inner_alias = Id<kinds::$inner>;
        )*

        /// An id whose kind is only known at run time, as `node(id)` takes it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum AnyId {
            $($(#[$doc])* $name($alias),)*
        }

        impl FromStr for AnyId {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                match text.split_once('_').map(|(prefix, _)| prefix) {
                    $(Some($prefix) => text.parse().map(Self::$name),)*
                    _ => Err(InvalidId { expected: "kind" }),
                }
            }
        }
    };
}

// `nodes` are what `node(id)` takes; `inner` are ids of streams and parts that are reached through
// the account they belong to.
ids! {
    nodes {
        /// An account: the tenant.
        Account = AccountId, "acc";
        /// A command that was accepted once.
        Command = CommandId, "cmd";
        /// A social connection.
        Connection = ConnectionId, "conn";
        /// A person as an issuer knows them: (issuer, subject).
        Identity = IdentityId, "idn";
        /// A unit of background work.
        Job = JobId, "job";
        /// An uploaded picture.
        Media = MediaId, "med";
        /// A person in an account.
        Member = MemberId, "mem";
        /// A content plan.
        Plan = PlanId, "plan";
        /// A proposed post in a content plan.
        PlanItem = PlanItemId, "item";
        /// A post.
        Post = PostId, "post";
        /// One generation run of a content plan.
        Run = RunId, "run";
        /// One post on one connection.
        Target = TargetId, "tgt";
    }
    inner {
        /// An API key.
        ApiKey = ApiKeyId, "key";
        /// The bought credits of one account and kind.
        Credits = CreditsId, "crd";
        /// A block of a quota that one replica may use up by itself.
        Lease = LeaseId, "lse";
        /// What an account pays for.
        Subscription = SubscriptionId, "sub";
        /// What an account used of one counter within one period.
        Usage = UsageId, "use";
    }
}

const ALPHABET: [char; 32] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j',
    'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'v', 'w', 'x', 'y', 'z',
];

/// Crockford base32, most significant digit first, 26 digits for 128 bits.
fn encode(uuid: Uuid) -> String {
    let bits = uuid.as_u128();
    (0..26_u32)
        .rev()
        .filter_map(|digit| {
            let value = usize::try_from((bits >> (digit * 5)) & 31).ok()?;
            ALPHABET.get(value)
        })
        .collect()
}

fn decode(text: &str) -> Option<Uuid> {
    if text.len() != 26 {
        return None;
    }
    let mut bits: u128 = 0;
    for (index, letter) in text.chars().enumerate() {
        let value = ALPHABET.iter().position(|&known| known == letter)?;
        // 26 digits carry 130 bits: the first one must leave the top two empty.
        if index == 0 && value > 7 {
            return None;
        }
        bits = (bits << 5) | u128::try_from(value).ok()?;
    }
    Some(Uuid::from_u128(bits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_reads_back_what_it_prints(bits: u128) {
            let id = PostId::new(Uuid::from_u128(bits));
            let printed = id.to_string();
            prop_assert_eq!(printed.len(), "post_".len() + 26);
            prop_assert_eq!(printed.parse::<PostId>(), Ok(id));
            let json = serde_json::to_string(&id).expect("an id serialises");
            prop_assert_eq!(serde_json::from_str::<PostId>(&json).expect("and reads back"), id);
        }

        #[test]
        fn arbitrary_text_is_refused_and_never_panics(text in "\\PC{0,40}") {
            if let Ok(id) = text.parse::<PostId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let account = AccountId::new(Uuid::from_u128(7)).to_string();
        assert_eq!(account.parse::<PostId>(), Err(InvalidId { expected: "post" }));
        assert!(matches!(account.parse::<AnyId>(), Ok(AnyId::Account(_))));
    }

    #[test]
    fn an_overflowing_first_digit_is_refused() {
        assert!(format!("post_8{}", "0".repeat(25)).parse::<PostId>().is_err());
    }

    #[test]
    fn a_derived_id_depends_on_parent_and_part() {
        let parent = Uuid::from_u128(1);
        assert_eq!(TargetId::derived(parent, "a"), TargetId::derived(parent, "a"));
        assert_ne!(TargetId::derived(parent, "a"), TargetId::derived(parent, "b"));
        assert_ne!(TargetId::derived(Uuid::from_u128(2), "a"), TargetId::derived(parent, "a"));
    }
}
