//! What programs and people read: codes, names, sentences.

use super::{remote, t, target};
use crate::{FailureKind, HoldReason, PostRefusal, rules::Violation};
use herald_kernel::Refusal as _;
use std::collections::BTreeMap;

fn violation() -> Violation {
    let (path, message) = ("root.text".to_owned(), "write something".to_owned());
    Violation { code: "EMPTY", step: 0, path, message }
}

/// Every refusal: its code, the field at fault, and whether waiting helps.
fn refusals() -> Vec<(PostRefusal, &'static str, Option<&'static str>, bool)> {
    let invalid = PostRefusal::Invalid(vec![violation()]);
    let state = PostRefusal::InvalidState { current: "draft", allowed: "scheduled" };
    let tier = "free".to_owned();
    let limit = PostRefusal::LimitReached { tier, tier_version: 1, limit: 10, used: 10 };
    let (instant, due, deadline) = (t(0), t(0), t(0));
    vec![
        (PostRefusal::NotCreated, "NOT_FOUND", None, false),
        (PostRefusal::AlreadyCreated, "ALREADY_EXISTS", None, false),
        (PostRefusal::UnknownTarget(target()), "NOT_FOUND", Some("target"), false),
        (PostRefusal::NoTargets, "NO_TARGETS", Some("targets"), false),
        (PostRefusal::DuplicateTarget, "DUPLICATE_TARGET", Some("targets"), false),
        (invalid, "VALIDATION", Some("content"), false),
        (PostRefusal::ContentForgotten, "CONTENT_FORGOTTEN", Some("content"), false),
        (state, "INVALID_STATE", None, false),
        (PostRefusal::InFlight, "IN_FLIGHT", None, true),
        (PostRefusal::StaleApproval, "STALE_APPROVAL", Some("contentHash"), false),
        (PostRefusal::SelfApproval, "SELF_APPROVAL", None, false),
        (PostRefusal::ApprovalRequired, "APPROVAL_REQUIRED", None, false),
        (PostRefusal::InThePast { instant }, "IN_THE_PAST", Some("when"), false),
        (PostRefusal::TimeOutOfRange, "TIME_OUT_OF_RANGE", Some("when"), false),
        (limit, "LIMIT_REACHED", None, true),
        (PostRefusal::NotDue { due }, "NOT_DUE", None, true),
        (PostRefusal::NotLate, "NOT_LATE", None, true),
        (PostRefusal::AttemptOpen { attempt: 1 }, "ATTEMPT_OPEN", None, true),
        (PostRefusal::StaleAttempt { attempt: 1 }, "STALE_ATTEMPT", None, false),
        (PostRefusal::NotNextStep { step: 1 }, "NOT_NEXT_STEP", None, false),
        (PostRefusal::OutcomeUnknown { attempt: 1 }, "OUTCOME_UNKNOWN", None, true),
        (PostRefusal::NoIntent { attempt: 1, step: 0 }, "NO_INTENT", None, false),
        (PostRefusal::RemoteInUse { step: 0 }, "REMOTE_IN_USE", Some("resolution"), false),
        (PostRefusal::DeadlinePassed, "DEADLINE_PASSED", None, false),
        (PostRefusal::DeadlineAhead { deadline }, "DEADLINE_AHEAD", None, true),
    ]
}

#[test]
fn every_refusal_has_a_code_a_field_a_sentence_and_says_whether_waiting_helps() {
    let mut sentences: BTreeMap<String, &str> = BTreeMap::new();
    for (refusal, code, field, retryable) in refusals() {
        let seen = (refusal.code(), refusal.field(), refusal.retryable());
        assert_eq!(seen, (code, field, retryable), "{refusal:?}");
        assert_eq!(sentences.insert(refusal.to_string(), code), None, "said twice: {refusal}");
    }
    assert!(sentences.contains_key("write something"));
}

#[test]
fn stored_names_are_those_that_are_serialised() {
    for kind in [
        FailureKind::Validation,
        FailureKind::Policy,
        FailureKind::Auth,
        FailureKind::Permission,
        FailureKind::Quota,
        FailureKind::MediaRejected,
        FailureKind::MediaUnreachable,
        FailureKind::PlatformErrorProven,
        FailureKind::Unsupported,
        FailureKind::Canceled,
        FailureKind::Late,
    ] {
        assert_eq!(serde_json::to_value(kind).expect("serialises"), kind.name());
    }
    for reason in [
        HoldReason::Billing,
        HoldReason::PlanLimit,
        HoldReason::NeedsReauth,
        HoldReason::ConnectionPaused,
        HoldReason::Disconnected,
        HoldReason::AccountSuspended,
        HoldReason::PlatformQuota { until: t(0) },
        HoldReason::DailyLimit { until: t(0) },
        HoldReason::PlatformOutage,
        HoldReason::ApprovalStale,
        HoldReason::ClientHold,
    ] {
        let json = serde_json::to_value(reason).expect("serialises");
        assert_eq!(json["kind"], reason.name());
    }
}

#[test]
fn a_remote_post_is_the_same_whatever_its_address() {
    let elsewhere = crate::Remote { url: "https://twitter.com/a".into(), ..remote(1) };
    assert!(elsewhere.is(&remote(1)));
    assert!(!elsewhere.is(&remote(2)));
}
