//! Everybody who one person is: the identities by which the same member signs in.

use super::memberships;
use crate::{caller::Person, desk::Desk, failure::Failure};
use herald_account::{Account, Member};

/// The person who asks, and the identities that are linked to the same member somewhere.
pub async fn identities_of(desk: &Desk, person: &Person) -> Result<Vec<Person>, Failure> {
    let mut own = vec![person.clone()];
    for membership in memberships(desk, person).await? {
        let account = desk.journal.load::<Account>(membership.account.uuid()).await?.state;
        let member = account.member(membership.member);
        for identity in member.map_or(&[][..], Member::identities) {
            let linked = Person::of(identity.issuer(), identity.subject());
            if !own.contains(&linked) {
                own.push(linked);
            }
        }
    }
    Ok(own)
}
