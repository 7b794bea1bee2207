//! Who a person is, as the one who signed them in says it.

use herald_kernel::IdentityId;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use uuid::Uuid;

/// The namespace of identity ids: a version 5 UUID needs one, any fixed one will do.
const NAMESPACE: Uuid = Uuid::from_u128(0x2f6b_90d4_7c0e_4b7b_a1b5_3f0d_5a7e_91c3);
const LENGTH_AT_MOST: usize = 255;

/// The id that always follows from an issuer and a subject.
#[must_use]
pub fn identity_id(issuer: &str, subject: &str) -> IdentityId {
    IdentityId::derived(NAMESPACE, &format!("{issuer}\n{subject}"))
}

/// A person as an issuer knows them.
///
/// An e-mail address is no part of it: addresses change hands, subjects do not.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Identity {
    id: IdentityId,
    issuer: String,
    subject: String,
}

/// An issuer or subject that no issuer would send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("issuer and subject have 1 to 255 characters and no line breaks")]
pub struct InvalidIdentity;

impl Identity {
    /// The person whom `issuer` calls `subject`.
    pub fn try_new(
        issuer: impl Into<String>,
        subject: impl Into<String>,
    ) -> Result<Self, InvalidIdentity> {
        let (issuer, subject) = (issuer.into(), subject.into());
        // Without control characters in either, the line break between them keeps pairs apart.
        let fits = |part: &str| {
            (1..=LENGTH_AT_MOST).contains(&part.len()) && !part.chars().any(char::is_control)
        };
        if !fits(&issuer) || !fits(&subject) {
            return Err(InvalidIdentity);
        }
        Ok(Self { id: identity_id(&issuer, &subject), issuer, subject })
    }

    /// The id, derived from issuer and subject.
    #[must_use]
    pub const fn id(&self) -> IdentityId {
        self.id
    }

    /// Who vouches for the person.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// How the issuer calls the person.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

impl<'de> Deserialize<'de> for Identity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Stored {
            issuer: String,
            subject: String,
        }
        let stored = Stored::deserialize(deserializer)?;
        Self::try_new(stored.issuer, stored.subject).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_subject_of_two_issuers_is_two_people() {
        let local = Identity::try_new("local", "ada").expect("valid");
        let google = Identity::try_new("google", "ada").expect("valid");
        assert_ne!(local.id(), google.id());
        assert_eq!(local.id(), identity_id(local.issuer(), local.subject()));
    }

    #[test]
    fn a_line_break_cannot_move_the_border_between_issuer_and_subject() {
        assert_eq!(Identity::try_new("a\nb", "c"), Err(InvalidIdentity));
        assert_eq!(Identity::try_new("a", "b\nc"), Err(InvalidIdentity));
        assert_eq!(Identity::try_new("", "c"), Err(InvalidIdentity));
        assert_eq!(Identity::try_new("a", "c".repeat(256)), Err(InvalidIdentity));
    }

    #[test]
    fn an_identity_reads_back_with_the_id_that_it_must_have() {
        let ada = Identity::try_new("local", "ada").expect("valid");
        let mut json = serde_json::to_value(&ada).expect("serialises");
        json["id"] = serde_json::json!(identity_id("local", "eve"));
        assert_eq!(serde_json::from_value::<Identity>(json).expect("reads back"), ada);
    }
}
