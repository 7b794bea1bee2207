//! How a connection's facts are stored, for ever.

use super::*;
use crate::{ConnectionEvent as Event, *};
use herald_kernel::{Decider, Fact};
use std::collections::BTreeSet;

fn one_of_each() -> Vec<Event> {
    let code = ProviderCode::new("invalid_grant");
    let resets_at = t(1);
    let quota = QuotaWindow { window: "posts_24h".to_owned(), used: 1, limit: 2, resets_at };
    let mut events = connected();
    events.extend([
        Event::ConsentDenied { attempt: 1, by: ada(), reason: code.clone() },
        Event::TokenExchangeFailed {
            attempt: 1,
            failure: ExchangeFailure::Refused { code: code.clone() },
        },
        Event::TokenExchangeUnknown { attempt: 1 },
        Event::Reauthorized {
            handle: identity("42").handle.into(),
            display_name: herald_kernel::Personal::Forgotten,
            text_limit: TextLimit(25_000),
        },
        refresh_intended(1, 1, 0),
        Event::RefreshFailedTransient { n: 1, cause: Trouble::UnreadableAnswer },
        Event::RefreshRejected { n: 1, code },
        Event::RefreshOutcomeUnknown { n: 1 },
        Event::Degraded { cause: Trouble::Unreachable, at: t(1) },
        Event::Recovered,
        Event::ReauthRequired { reason: ReauthReason::AuthRejected },
        Event::CapabilityLost { scope: "media.write".to_owned() },
        Event::QuotaObserved { quota },
        Event::Paused { reason: PauseReason::AccountSuspended, by: Some(ada()) },
        Event::Resumed { reason: PauseReason::AccountSuspended, by: None },
        Event::Blocked { reason: BlockReason::AppSuspended },
        Event::Disconnected { by: None },
        Event::SecretShredded,
    ]);
    events
}

#[test]
fn every_fact_reads_back_as_it_was_written_under_its_own_name() {
    for event in one_of_each() {
        let json = serde_json::to_value(&event).expect("serialises");
        assert_eq!(json["type"], event.name());
        let text = json.to_string();
        assert_eq!(serde_json::from_str::<Event>(&text).expect("reads back"), event, "{text}");
        assert_eq!(event.version(), 1);
    }
}

#[test]
fn the_list_of_names_is_complete_and_has_nothing_else() {
    let used: BTreeSet<_> = one_of_each().iter().map(Fact::name).collect();
    let listed: BTreeSet<_> = Event::NAMES.iter().copied().collect();
    assert_eq!(used, listed);
    assert_eq!(listed.len(), Event::NAMES.len());
    assert_eq!(SocialConnection::STREAM, "connection");
}

#[test]
fn handle_and_name_are_marked_as_personal() {
    let established = connected().pop().expect("an event");
    let json = serde_json::to_value(established).expect("serialises");
    assert_eq!(json["handle"], serde_json::json!({"$personal": "ada"}));
    assert_eq!(json["display_name"], serde_json::json!({"$personal": "Ada Lovelace"}));
    assert_eq!(json["provider_account_id"], "42");
}

#[test]
fn a_providers_code_is_kept_short_and_visible() {
    let code = ProviderCode::new(&format!("invalid grant\n{}é", "x".repeat(100)));
    assert_eq!(code.as_str().len(), 64);
    assert!(code.as_str().starts_with("invalidgrantx"));
}

#[test]
fn states_are_stored_as_what_they_print() {
    for status in [Status::Absent, Status::AwaitingConsent, Status::NeedsReauth] {
        assert_eq!(serde_json::json!(status), status.to_string());
    }
}
