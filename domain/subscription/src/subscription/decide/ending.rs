//! Decisions about the end of a subscription.

use super::{Decision, must_live};
use crate::subscription::{
    CancelAt, Impact, Recorded, Subscription, SubscriptionContext, SubscriptionEvent as E,
    SubscriptionRefusal as R,
};

/// Nothing is taken away before what is paid for is over, unless somebody wants it at once.
pub(super) fn cancel(it: &Subscription, at: CancelAt, context: &SubscriptionContext) -> Decision {
    let shown = must_live(it)?;
    let ends = shown.ends_at().is_some();
    let so = it.cancel_intended || (at == CancelAt::PeriodEnd && ends && !it.resume_intended);
    if so {
        return Ok(Vec::new());
    }
    let ends_at = match at {
        CancelAt::PeriodEnd => shown.period_end,
        CancelAt::Now => context.now,
    };
    let impact = Impact::of(context.in_use, &context.catalogue.free());
    let subscription = shown.id.clone();
    Ok(vec![E::CancellationIntended { subscription, when: at, ends_at, impact }])
}

pub(super) fn record_cancellation(it: &Subscription, outcome: Recorded) -> Vec<E> {
    match outcome {
        _ if !it.cancel_intended => Vec::new(),
        Recorded::Accepted => vec![E::CancellationAccepted],
        Recorded::Rejected { code } => vec![E::CancellationRejected { code }],
    }
}

pub(super) fn resume(it: &Subscription) -> Decision {
    let shown = it.live().ok_or(R::NotSubscribed)?;
    let ends = shown.ends_at().is_some() || it.cancel_intended;
    if !ends || it.resume_intended {
        return Ok(Vec::new());
    }
    Ok(vec![E::ResumptionIntended { subscription: shown.id.clone() }])
}

pub(super) fn record_resumption(it: &Subscription, outcome: Recorded) -> Vec<E> {
    match outcome {
        _ if !it.resume_intended => Vec::new(),
        Recorded::Accepted => vec![E::ResumptionAccepted],
        Recorded::Rejected { code } => vec![E::ResumptionRejected { code }],
    }
}
