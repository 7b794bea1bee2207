//! What a key could do, were no payment owed.

use crate::{
    caller::{Caller, Standing},
    desk::Desk,
    failure::Failure,
};
use herald_account::Action;
use herald_terms::Rights;

/// Why a key may not do what its scopes and its issuer allow: a payment is owed. `None` where
/// something else stands against it.
pub(crate) async fn owing(
    desk: &Desk,
    caller: &Caller,
    action: Action,
) -> Result<Option<Failure>, Failure> {
    let Standing::Key { key, role, .. } = &caller.standing else { return Ok(None) };
    let known = desk.keys.state(desk, *key).await?;
    let own = known.key.rights(&role.rights(), &Rights::all());
    let could = role.may(action) && action.scope().is_some_and(|scope| own.allow(scope));
    Ok(known.entitled.must_allow_work().err().filter(|_| could))
}
