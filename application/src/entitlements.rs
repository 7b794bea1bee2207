//! What an account may use at present, and by what.

use crate::{desk::Desk, failure::Failure, settings::Billing};
use herald_kernel::{AccountId, Instant};
use herald_subscription::{Access, Basis, Overage, Period, Subscription, subscription_id};
use herald_terms::Entitlements;

/// What an account may use at one instant. A value: whoever decides by it takes it along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitled {
    /// What it may use.
    pub entitlements: Entitlements,
    /// What happens beyond a monthly quota.
    pub overage: Overage,
    /// What it may do, whatever its tier includes.
    pub access: Access,
    /// The month in which its quotas count.
    pub period: Period,
    /// By what; `None` where nobody pays.
    pub basis: Option<Basis>,
}

impl Entitled {
    /// Where nobody pays, nothing is limited.
    #[must_use]
    pub fn unlimited(now: Instant) -> Self {
        Self {
            entitlements: Entitlements::embedded(),
            overage: Overage::default(),
            access: Access::Full { ends_at: None },
            period: Period::calendar_month(now),
            basis: None,
        }
    }
}

/// What `account` may use now. Read from the log, so that a change holds from its event on.
pub async fn of_account(desk: &Desk, account: AccountId) -> Result<Entitled, Failure> {
    of_account_at(desk, account, desk.clock.now()).await
}

/// What `account` may use at `now`, by what has happened so far.
pub async fn of_account_at(
    desk: &Desk,
    account: AccountId,
    now: Instant,
) -> Result<Entitled, Failure> {
    let Billing::On { catalogue, .. } = &desk.settings.billing else {
        return Ok(Entitled::unlimited(now));
    };
    let id = subscription_id(account).uuid();
    let loaded = desk.journal.confirmed::<Subscription>(id).await?;
    let subscription = &loaded.state;
    Ok(Entitled {
        entitlements: subscription.entitlements_at(now, catalogue),
        overage: subscription.overage_at(now),
        access: subscription.access_at(now),
        period: subscription.period_at(now),
        basis: Some(subscription.basis(now, catalogue)),
    })
}
