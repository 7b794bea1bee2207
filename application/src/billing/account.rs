//! Whose customer that is.

use super::{payments, sync::subscription};
use crate::{desk::Desk, inbox::Applied, views::subscriptions::CUSTOMERS};
use herald_kernel::AccountId;
use herald_subscription::CustomerRef;

/// The account of a customer: by the view, else by the note that we left at the provider, which
/// must then be borne out by the log or by the provider.
pub async fn account_of(
    desk: &Desk,
    customer: &CustomerRef,
    noted: Option<AccountId>,
) -> Result<Option<AccountId>, Applied> {
    let (views, version) = (&desk.stores.views, desk.progress.version(CUSTOMERS));
    let names = [customer.to_string()];
    let known = views.list_unscoped(CUSTOMERS, version, &names, None, 1).await?;
    if let Some(account) = known.first().and_then(|row| row.account) {
        return Ok(Some(account));
    }
    let Some(account) = noted else { return Ok(None) };
    let state = subscription(desk, account).await?;
    match state.customer() {
        Some(linked) if linked == customer => Ok(Some(account)),
        Some(_) => Ok(None),
        None => {
            let payments = payments(desk).map_err(|it| Applied::Retry(it.to_string()))?;
            let found = payments.customers.find(account).await;
            let found = found.map_err(|failure| Applied::Retry(failure.to_string()))?;
            if found.as_ref() == Some(customer) {
                return Ok(Some(account));
            }
            Err(Applied::Retry("the customer is not linked to its account yet".to_owned()))
        }
    }
}
