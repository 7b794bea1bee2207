//! Which jobs follow from a connection's events.

use super::*;
use crate::{bridge::StreamKind, settings::Mode};
use herald_kernel::MemberId;
use herald_social_connection::PauseReason;
use uuid::Uuid;

fn react(event: ConnectionEvent) -> Vec<JobChange> {
    let account = AccountId::new(Uuid::from_u128(1));
    let occurred = Occurred {
        ordinal: Ordinal(7),
        kind: Some(StreamKind::Connection),
        stream: Uuid::from_u128(2),
        sequence: 1,
        account: Some(account),
        at: crate::testing::start(),
        actor: "system:herald".to_owned(),
        correlation: None,
        event: AnyEvent::Connection(event),
    };
    let url = "http://127.0.0.1:8080".parse().expect("a url");
    Connect.react(&occurred, &Settings::new(Mode::Sandbox, url))
}

fn verbs(changes: &[JobChange]) -> Vec<String> {
    let verb = |key: &str| key.split(':').next().unwrap_or_default().to_owned();
    let named = changes.iter().map(|change| match change {
        JobChange::Put(job) => verb(&job.key),
        JobChange::Cancel { key } => format!("cancel {}", verb(key)),
    });
    named.collect()
}

#[test]
fn a_code_is_exchanged_before_anything_else() {
    let changes = react(ConnectionEvent::TokenExchangeIntended { attempt: 3 });
    let [JobChange::Put(job)] = changes.as_slice() else { panic!("one job: {changes:?}") };
    assert_eq!(
        (job.kind, job.priority, job.due_at),
        (JobKind::ExchangeCode, Priority::AtOnce, crate::testing::start())
    );
    assert_eq!(job.payload["attempt"], 3);
}

#[test]
fn an_ended_connection_renews_nothing_and_is_settled() {
    let changes = react(ConnectionEvent::Disconnected { by: None });
    assert_eq!(verbs(&changes), ["cancel exchange", "cancel refresh", "settle"]);
}

#[test]
fn whatever_changes_what_may_be_published_settles_the_posts() {
    let by = Some(MemberId::new(Uuid::from_u128(3)));
    let reason = PauseReason::User;
    for event in [
        ConnectionEvent::Paused { reason, by },
        ConnectionEvent::Resumed { reason, by },
        ConnectionEvent::Recovered,
        ConnectionEvent::CapabilityLost { scope: "tweet.write".to_owned() },
    ] {
        let changes = react(event);
        assert_eq!(verbs(&changes), ["settle"]);
        let JobChange::Put(job) = &changes[0] else { panic!("a job: {changes:?}") };
        assert_eq!(job.payload["ordinal"], 7, "it waits until the views know this event");
    }
    assert_eq!(react(ConnectionEvent::SecretShredded), []);
}

#[test]
fn the_same_event_makes_the_same_job() {
    let twice = || react(ConnectionEvent::TokenExchangeIntended { attempt: 1 });
    assert_eq!(twice(), twice());
}
