//! What decisions about a subscription look at.

use crate::{
    desk::Desk,
    execute::Work,
    failure::Failure,
    reading::read_document,
    settings::Billing,
    views::{
        accounts::{self, AccountDoc, MemberStatus},
        connections,
    },
};
use herald_kernel::AccountId;
use herald_subscription::{Catalogue, InUse, SubscriptionContext};
use std::sync::Arc;

/// What is on offer; refused where nobody pays.
pub fn catalogue(desk: &Desk) -> Result<&Arc<Catalogue>, Failure> {
    match &desk.settings.billing {
        Billing::On { catalogue, .. } => Ok(catalogue),
        Billing::Off => Err(Failure::Refused {
            code: "BILLING_OFF",
            message: "nobody pays in this installation; an operator sets HERALD_BILLING=on"
                .to_owned(),
            path: None,
            retryable: false,
        }),
    }
}

pub(super) async fn context(work: &Work<'_>, weighs: bool) -> Result<SubscriptionContext, Failure> {
    let catalogue = Arc::clone(catalogue(work.desk)?);
    let in_use = if weighs { in_use(work.desk, work.account()).await? } else { InUse::default() };
    Ok(SubscriptionContext { now: work.now, catalogue, in_use })
}

/// What would need a place in a lower tier. The counts come from views and may lag.
pub(crate) async fn in_use(desk: &Desk, account: AccountId) -> Result<InUse, Failure> {
    let live = connections::live(desk, account).await?;
    let (connections, networks) = connections::places_taken(&live);
    let networks = u32::try_from(networks.len()).unwrap_or(u32::MAX);
    let version = desk.progress.version(accounts::NAME);
    let id = account.to_string();
    let account = desk.stores.views.get(accounts::NAME, version, account, &id).await?;
    let account: Option<AccountDoc> = account.as_ref().map(read_document).transpose()?;
    let takes_part = |state| match state {
        MemberStatus::Active | MemberStatus::Resting | MemberStatus::Invited => true,
        MemberStatus::Removed => false,
    };
    let members = account.iter().flat_map(|it| &it.members);
    let seats = members.filter(|member| takes_part(member.state)).count();
    let seats = u32::try_from(seats).unwrap_or(u32::MAX);
    Ok(InUse { networks, connections, seats, api_keys: 0 })
}
