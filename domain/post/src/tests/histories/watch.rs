//! The invariants of a history, kept beside the aggregate and without looking into it.

use crate::{Authority, Post, PostEvent, TargetState};
use herald_kernel::TargetId;
use std::collections::BTreeMap;

/// What has been seen so far.
#[derive(Default)]
pub(crate) struct Watch {
    /// Intents whose outcome is not known, by target: the attempt and step.
    unresolved: BTreeMap<TargetId, Vec<(u32, u16)>>,
    published: BTreeMap<(TargetId, u16), u32>,
    open: BTreeMap<TargetId, u32>,
    hash: Option<String>,
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the other events end no attempt")]
impl Watch {
    pub(crate) fn see(&mut self, event: &PostEvent) {
        match event {
            PostEvent::Created { content_hash, .. }
            | PostEvent::ContentRevised { content_hash, .. } => {
                self.hash = Some(content_hash.to_string());
            }
            PostEvent::AttemptStarted { target, attempt, .. } => {
                assert_eq!(self.open.insert(*target, *attempt), None, "one open attempt");
                assert!(self.unresolved(*target).is_empty(), "an outcome is not known");
            }
            PostEvent::AttemptAbandoned { target, .. } => {
                assert!(self.open.remove(target).is_some(), "it was open");
                assert!(self.unresolved(*target).is_empty(), "an intent is open");
            }
            PostEvent::CommitIntended { target, attempt, step, content_hash, .. } => {
                assert_eq!(self.open.get(target), Some(attempt), "the fence");
                assert!(self.unresolved(*target).is_empty(), "an outcome is not known");
                assert!(!self.published.contains_key(&(*target, *step)), "it stands already");
                assert_eq!(Some(content_hash.to_string()), self.hash, "other content");
                self.unresolved(*target).push((*attempt, *step));
            }
            PostEvent::StepPublished { target, attempt, step, .. } => {
                self.resolve(*target, *attempt, *step);
                let count = self.published.entry((*target, *step)).or_default();
                *count += 1;
                assert_eq!(*count, 1, "published twice");
            }
            PostEvent::StepRejected { target, attempt, step, .. } => {
                self.resolve(*target, *attempt, *step);
                self.open.remove(target);
            }
            PostEvent::StepNotPublished { target, attempt, step, .. } => {
                self.resolve(*target, *attempt, *step);
            }
            PostEvent::OutcomeUnknown { target, .. }
            | PostEvent::TargetPublished { target, .. } => {
                self.open.remove(target);
            }
            PostEvent::RetryAuthorized { target, by, .. } => {
                assert!(self.unresolved(*target).is_empty(), "an outcome is not known");
                assert!(matches!(by, Authority::System) || !self.open.contains_key(target));
            }
            _ => {}
        }
    }

    fn unresolved(&mut self, target: TargetId) -> &mut Vec<(u32, u16)> {
        self.unresolved.entry(target).or_default()
    }

    fn resolve(&mut self, target: TargetId, attempt: u32, step: u16) {
        self.unresolved(target).retain(|intent| *intent != (attempt, step));
    }
}

pub(crate) fn check_states(before: &Post, after: &Post) {
    for (was, is) in before.targets().iter().zip(after.targets()) {
        if matches!(was.state, TargetState::Published | TargetState::RemoteRemoved) {
            let fine = matches!(is.state, TargetState::Published | TargetState::RemoteRemoved);
            assert!(fine, "{:?} became {:?}", was.state, is.state);
        }
        if is.state.is_unknown() {
            assert!(is.in_question().is_some(), "nothing to look for in {:?}", is.state);
        }
        assert!(is.attempt >= was.attempt, "the fence goes up only");
        let waits = is.state.is_waiting();
        assert!(!waits || is.due.is_some(), "it waits for nothing");
    }
    assert!(after.status().is_some());
}
