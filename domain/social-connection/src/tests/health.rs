//! What a look at the network changes, and what it does not.

use super::*;
use crate::{ConnectionCommand as Command, ConnectionEvent as Event, ConnectionRefusal as No, *};

fn probe(probe: Probe) -> Command {
    Command::ObserveProbe { probe }
}

fn trouble() -> Probe {
    Probe::Transient { cause: Trouble::ServerError }
}

fn auth_rejected() -> Probe {
    Probe::AuthRejected { code: ProviderCode::new("revoked") }
}

#[test]
fn an_outage_degrades_and_never_asks_to_reconnect() {
    let connection = given(&connected());
    let degraded = Event::Degraded { cause: Trouble::ServerError, at: t(1) };
    assert_eq!(when(&connection, 1, probe(trouble())), Ok(vec![degraded]));
    let connection = after(&connection, 1, probe(trouble()));
    assert_eq!(connection.status(), Status::Degraded);
    assert_eq!(when(&connection, 2, probe(trouble())), Ok(vec![]));
    assert_eq!(when(&connection, 3, probe(Probe::Healthy)), Ok(vec![Event::Recovered]));
}

#[test]
fn a_healthy_answer_of_a_healthy_connection_is_no_news() {
    assert_eq!(when(&given(&connected()), 1, probe(Probe::Healthy)), Ok(vec![]));
}

#[test]
fn a_revoked_access_needs_a_person_and_is_said_once() {
    let connection = given(&connected());
    let required = Event::ReauthRequired { reason: ReauthReason::AuthRejected };
    assert_eq!(when(&connection, 1, probe(auth_rejected())), Ok(vec![required]));
    let connection = after(&connection, 1, probe(auth_rejected()));
    assert_eq!(connection.status(), Status::NeedsReauth);
    assert_eq!(when(&connection, 2, probe(auth_rejected())), Ok(vec![]));
    assert_eq!(when(&connection, 2, probe(Probe::Healthy)), Ok(vec![]));
}

#[test]
fn a_lost_scope_is_noted_once() {
    let lost = || probe(Probe::CapabilityLost { scope: "media.write".to_owned() });
    let connection = given(&connected());
    assert!(connection.can_attach_media());
    let connection = after(&connection, 1, lost());
    assert!(!connection.can_attach_media());
    assert_eq!(connection.publishable(t(1)), Ok(()));
    assert_eq!(when(&connection, 2, lost()), Ok(vec![]));
}

#[test]
fn nothing_is_observed_of_a_connection_that_was_never_made() {
    let no = No::InvalidState { status: Status::AwaitingConsent };
    assert_eq!(when(&given(&asked()), 1, probe(Probe::Healthy)), Err(no.clone()));
    let quota = QuotaWindow { window: "posts_24h".to_owned(), used: 1, limit: 1, resets_at: t(9) };
    assert_eq!(when(&given(&asked()), 1, Command::RecordQuota { quota }), Err(no.clone()));
    let block = Command::Block { reason: BlockReason::Banned };
    assert_eq!(when(&given(&asked()), 1, block), Err(no));
}

#[test]
fn a_quota_is_noted_when_it_changes() {
    let quota =
        QuotaWindow { window: "posts_24h".to_owned(), used: 49, limit: 50, resets_at: t(9) };
    let command = Command::RecordQuota { quota: quota.clone() };
    let connection = given(&connected());
    assert_eq!(when(&connection, 1, command.clone()), Ok(vec![Event::QuotaObserved { quota }]));
    assert_eq!(when(&after(&connection, 1, command.clone()), 1, command), Ok(vec![]));
}
