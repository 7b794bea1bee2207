//! Pausing, resuming, blocking and ending.

use super::*;
use crate::{ConnectionCommand as Command, ConnectionEvent as Event, ConnectionRefusal as No, *};
use herald_kernel::{Decider, Refusal};
use herald_terms::{Entitlements, Quota};

fn pause(reason: PauseReason) -> Command {
    Command::Pause { reason, by: None }
}

fn resume(reason: PauseReason) -> Command {
    Command::Resume { reason, by: None }
}

#[test]
fn a_pause_lasts_until_its_own_reason_is_lifted() {
    let connection = after(&given(&connected()), 1, pause(PauseReason::User));
    let connection = after(&connection, 2, pause(PauseReason::PlanLimit));
    assert_eq!(connection.pause(), Some(PauseReason::PlanLimit), "the stronger one is shown");
    let connection = after(&connection, 3, resume(PauseReason::User));
    assert_eq!(connection.status(), Status::Paused);
    assert_eq!(after(&connection, 4, resume(PauseReason::PlanLimit)).status(), Status::Active);
}

#[test]
fn pausing_twice_and_resuming_what_runs_is_already_so() {
    let connection = after(&given(&connected()), 1, pause(PauseReason::User));
    assert_eq!(when(&connection, 2, pause(PauseReason::User)), Ok(vec![]));
    assert_eq!(when(&given(&connected()), 2, resume(PauseReason::User)), Ok(vec![]));
}

#[test]
fn a_pause_hides_the_health_beneath_it_and_does_not_heal_it() {
    let connection = after(&given(&connected()), 1, pause(PauseReason::User));
    let probe = Probe::AuthRejected { code: ProviderCode::new("revoked") };
    let connection = after(&connection, 2, Command::ObserveProbe { probe });
    assert_eq!(connection.status(), Status::Paused);
    assert_eq!(after(&connection, 3, resume(PauseReason::User)).status(), Status::NeedsReauth);
}

#[test]
fn what_the_plan_paused_resumes_only_where_the_plan_has_a_seat() {
    let connection = after(&given(&connected()), 1, pause(PauseReason::PlanLimit));
    let full = Context {
        entitlements: Entitlements::free(),
        live_connections: 1,
        ..Context::unlimited(t(2))
    };
    let refusal = connection.decide(resume(PauseReason::PlanLimit), &full);
    assert_eq!(refusal, Err(No::ConnectionLimit { limit: Quota::Limited(1) }));
}

#[test]
fn a_block_is_noted_once_for_each_reason() {
    let block = |reason| Command::Block { reason };
    let connection = after(&given(&connected()), 1, block(BlockReason::DailyUserCap));
    assert_eq!(connection.status(), Status::Blocked);
    assert_eq!(connection.block(), Some(BlockReason::DailyUserCap));
    assert_eq!(when(&connection, 2, block(BlockReason::DailyUserCap)), Ok(vec![]));
    let banned = Event::Blocked { reason: BlockReason::Banned };
    assert_eq!(when(&connection, 2, block(BlockReason::Banned)), Ok(vec![banned]));
}

#[test]
fn disconnecting_ends_the_connection_and_gives_up_its_secrets() {
    let disconnect = Command::Disconnect { by: Some(ada()) };
    let answer = when(&given(&connected()), 1, disconnect.clone());
    let expected = vec![Event::Disconnected { by: Some(ada()) }, Event::SecretShredded];
    assert_eq!(answer, Ok(expected));
    let connection = after(&given(&connected()), 1, disconnect.clone());
    assert_eq!((connection.status(), connection.secret_version()), (Status::Disconnected, None));
    assert_eq!(connection.refresh_due_at(t(2)), None);
    assert_eq!(when(&connection, 2, disconnect), Ok(vec![]));
}

#[test]
fn a_disconnected_connection_does_nothing_any_more() {
    let connection = after(&given(&refreshing(0)), 1, Command::Disconnect { by: None });
    let late = Command::RecordRefresh { n: 1, tokens: tokens(2, 2) };
    let reconnect = Command::BeginReauth { by: ada(), expires_at: t(600) };
    for command in [late, reconnect, pause(PauseReason::User), resume(PauseReason::User)] {
        let refusal = when(&connection, 2, command).expect_err("refused");
        assert_eq!(refusal, No::InvalidState { status: Status::Disconnected });
        assert_eq!((refusal.code(), refusal.retryable()), ("INVALID_STATE", false));
    }
}
