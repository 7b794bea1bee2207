//! Who has a seat when a tier has fewer than there are people.

use super::{Decision, must_exist};
use crate::{Account, AccountEvent, Context, Member, Role};
use herald_kernel::MemberId;
use std::collections::BTreeSet;

/// Owners have their seats first, and never rest; then whom people chose, then who joined first.
/// Nobody is removed. An open invitation finds its seat when it is accepted.
pub(super) fn settle(
    account: &Account,
    chosen: &BTreeSet<MemberId>,
    context: &Context,
) -> Decision {
    must_exist(account)?;
    let mut order: Vec<&Member> = account.members().filter(|it| it.belongs()).collect();
    order.sort_by_key(|it| (it.role != Role::Owner, !chosen.contains(&it.id), it.joined));
    let (mut taken, mut rested, mut resumed) = (0, Vec::new(), Vec::new());
    for it in order {
        let seated = it.role == Role::Owner || context.entitlements.seats.allows(taken);
        taken += u32::from(seated);
        match (seated, it.rests()) {
            (false, false) => rested.push(AccountEvent::MemberRested { member: it.id }),
            (true, true) => resumed.push(AccountEvent::MemberResumed { member: it.id }),
            (true, false) | (false, true) => {}
        }
    }
    // Seats are given back before they are taken again.
    rested.append(&mut resumed);
    Ok(rested)
}
