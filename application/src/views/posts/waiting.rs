//! What of posts waits for a person, and what that person can do.

use super::PostDoc;
use crate::{
    ports::ViewDocument,
    views::attention::{AttentionDoc, attention_row},
};
use herald_post::{Failure, HoldReason, TargetState};

impl PostDoc {
    pub(super) fn attention_rows(&self) -> Vec<ViewDocument> {
        let mut rows = Vec::new();
        if self.status() == "in_review" {
            let reason = "waits for approval".to_owned();
            rows.extend(self.attention("approval", &self.id.to_string(), reason, "approvePost"));
        }
        for target in self.post.targets() {
            let Some((kind, reason, action)) = wants_a_person(&target.state) else { continue };
            rows.extend(self.attention(kind, &target.id.to_string(), reason, action));
        }
        rows
    }

    fn attention(
        &self,
        kind: &str,
        subject: &str,
        reason: String,
        action: &str,
    ) -> Option<ViewDocument> {
        let doc = AttentionDoc {
            id: format!("{kind}/{subject}"),
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            post: Some(self.id),
            title: self.excerpt(),
            reason,
            next_action: action.to_owned(),
            since: self.updated_at,
        };
        attention_row(self.account, &doc).ok()
    }
}

/// Kind, reason and next action, for states in which only a person can go on.
fn wants_a_person(state: &TargetState) -> Option<(&'static str, String, &'static str)> {
    let (kind, reason) = match state {
        TargetState::OutcomeUnknown | TargetState::Reconciling => {
            let reason = "it is not known whether this was published; we are looking";
            ("outcome_unknown", reason.to_owned())
        }
        TargetState::NeedsHuman { left: false, reason } => {
            ("needs_human", format!("look on the network and say what you see ({reason:?})"))
        }
        TargetState::Missed => ("missed", "its time passed before it could go out".to_owned()),
        TargetState::Failed(failure) => ("failed", in_words(failure)),
        TargetState::PartiallyPublished(failure) => ("partially_published", in_words(failure)),
        TargetState::Held(reason) => ("held", format!("held: {}", reason.name().replace('_', " "))),
        TargetState::NeedsHuman { left: true, .. }
        | TargetState::Idle
        | TargetState::Scheduled
        | TargetState::Due
        | TargetState::Preparing
        | TargetState::Committing
        | TargetState::NotPublished
        | TargetState::Canceled
        | TargetState::Published
        | TargetState::RemoteRemoved => return None,
    };
    Some((kind, reason, next_action(state)?))
}

/// The mutation with which a person can move a target on, where one is needed.
#[must_use]
pub const fn next_action(state: &TargetState) -> Option<&'static str> {
    match state {
        TargetState::OutcomeUnknown | TargetState::Reconciling => Some("reconcileTarget"),
        TargetState::NeedsHuman { .. } => Some("resolveTarget"),
        TargetState::NotPublished | TargetState::Failed(_) | TargetState::PartiallyPublished(_) => {
            Some("retryTarget")
        }
        TargetState::Missed => Some("reschedulePost"),
        TargetState::Held(reason) => match reason {
            HoldReason::Billing => Some("openPortal"),
            HoldReason::PlanLimit => Some("chooseKeepers"),
            HoldReason::NeedsReauth => Some("reconnect"),
            HoldReason::ConnectionPaused => Some("pauseConnection"),
            HoldReason::ApprovalStale => Some("approvePost"),
            HoldReason::ClientHold => Some("reschedulePost"),
            // Passes by itself; who sets the policy need not wait.
            HoldReason::DailyLimit { .. } => Some("changePolicy"),
            // Nothing ends it.
            HoldReason::Disconnected => Some("cancelPost"),
            // Ends without anybody of the account.
            HoldReason::AccountSuspended
            | HoldReason::PlatformQuota { .. }
            | HoldReason::PlatformOutage => None,
        },
        TargetState::Idle
        | TargetState::Scheduled
        | TargetState::Due
        | TargetState::Preparing
        | TargetState::Committing
        | TargetState::Canceled
        | TargetState::Published
        | TargetState::RemoteRemoved => None,
    }
}

fn in_words(failure: &Failure) -> String {
    format!("{}: {} ({})", failure.kind.name().replace('_', " "), failure.detail, failure.code)
}
