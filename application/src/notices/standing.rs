//! Whether what was to be told is still so, once its time has come.

use super::Notice;
use crate::{
    billing::subscription,
    commands::subscription::{catalogue, in_use},
    desk::Desk,
    failure::Failure,
};
use herald_kernel::AccountId;
use herald_subscription::{Access, Impact};

/// What is to be told as things stand; `None` when it is no longer so.
pub(crate) async fn as_it_stands(
    desk: &Desk,
    account: AccountId,
    notice: &Notice,
) -> Result<Option<Notice>, Failure> {
    let so = match notice {
        Notice::GraceEnding { .. } => {
            let access = subscription(desk, account).await?.access_at(desk.clock.now());
            matches!(access, Access::Grace { .. })
        }
        Notice::Ending { seen, .. } => {
            let state = subscription(desk, account).await?;
            let ends = state.live().is_none_or(|it| it.ends_at().is_some());
            // What was asked for here was told then.
            if *seen { ends && !state.end_asked() } else { ends || state.end_asked() }
        }
        Notice::LossAhead { at, impact, days } => {
            let Some(ahead) = loss(desk, account, *impact).await? else { return Ok(None) };
            return Ok(Some(Notice::LossAhead { at: *at, impact: Some(ahead), days: *days }));
        }
        Notice::Welcome
        | Notice::TrialStarted { .. }
        | Notice::SubscriptionStarted
        | Notice::Receipt { .. }
        | Notice::PaymentFailed { .. }
        | Notice::TrialEnding { .. }
        | Notice::Grandfathered { .. }
        | Notice::Resting
        | Notice::SeatRests
        | Notice::Usage { .. }
        | Notice::KeyLeaked { .. }
        | Notice::NewDevice { .. } => true,
    };
    Ok(so.then(|| notice.clone()))
}

/// What loses its place, if anything still will.
async fn loss(
    desk: &Desk,
    account: AccountId,
    known: Option<Impact>,
) -> Result<Option<Impact>, Failure> {
    let state = subscription(desk, account).await?;
    let Some(live) = state.live() else { return Ok(None) };
    let lower = if live.ends_at().is_some() || state.end_asked() {
        catalogue(desk)?.free()
    } else {
        let Some(change) = state.change() else { return Ok(None) };
        change.entitlements.clone()
    };
    let impact = match known {
        Some(impact) => impact,
        None => Impact::of(in_use(desk, account).await?, &lower),
    };
    Ok(Some(impact).filter(|it| !it.is_none()))
}
