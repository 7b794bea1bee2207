//! Holding a target back, letting it go, and noticing that its time passed.

use super::{ALREADY_SO, Decision, contradicts, ending};
use crate::{
    Context, PostEvent, PostRefusal,
    target::{HoldReason, Target, TargetState},
};

pub(super) fn hold(target: &Target, reason: HoldReason) -> Decision {
    if target.state == TargetState::Held(reason) {
        return ALREADY_SO;
    }
    if !target.state.is_waiting() && !target.state.is_held() {
        return Err(contradicts(target, "scheduled, due or held"));
    }
    Ok(vec![PostEvent::TargetHeld { target: target.id, reason }])
}

/// A held target whose time passed is missed: nothing goes out in a late burst.
pub(super) fn release(target: &Target, context: &Context) -> Decision {
    if target.state.is_waiting() {
        return ALREADY_SO;
    }
    if !target.state.is_held() {
        return Err(contradicts(target, "held"));
    }
    Ok(vec![released(target, context)])
}

/// What a held target becomes once nothing holds it.
pub(super) fn released(target: &Target, context: &Context) -> PostEvent {
    if ending::is_late(target, context) {
        return ending::missed(target, context);
    }
    let due = target.due.unwrap_or(context.now);
    PostEvent::TargetReleased { target: target.id, due }
}

pub(super) fn mark_missed(target: &Target, context: &Context) -> Decision {
    if target.state == TargetState::Missed {
        return ALREADY_SO;
    }
    if !target.state.is_waiting() {
        return Err(contradicts(target, "scheduled or due"));
    }
    if !ending::is_late(target, context) {
        return Err(PostRefusal::NotLate);
    }
    Ok(vec![ending::missed(target, context)])
}

pub(super) fn observe_removal(target: &Target, context: &Context) -> Decision {
    if target.state == TargetState::RemoteRemoved {
        return ALREADY_SO;
    }
    if !target.state.is_published() {
        return Err(contradicts(target, "published"));
    }
    Ok(vec![PostEvent::TargetRemoteRemoved { target: target.id, at: context.now }])
}
