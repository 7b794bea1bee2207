//! A key is renamed, replaced, rests, and in the end is over for ever.

use super::*;

const USER: DisabledReason = DisabledReason::User;
const PLAN: DisabledReason = DisabledReason::PlanLimit;
const ABUSE: DisabledReason = DisabledReason::Abuse;

fn rename(to: &str) -> ApiKeyCommand {
    ApiKeyCommand::Rename { name: name(to) }
}

fn leak() -> ApiKeyCommand {
    ApiKeyCommand::ReportLeak { source: LeakSource::Scanner }
}

fn every_command() -> Vec<ApiKeyCommand> {
    vec![
        rotate(2, 1),
        ApiKeyCommand::EndOverlap,
        ApiKeyCommand::NarrowScopes { scopes: scopes(&[Scope::Read]) },
        ApiKeyCommand::WidenScopes { scopes: scopes(&Scope::OF_USERS) },
        rename("other"),
        disable(USER),
        enable(USER),
        ApiKeyCommand::Revoke,
        leak(),
        ApiKeyCommand::Expire,
    ]
}

#[test]
fn a_key_that_nobody_issued_is_not_found() {
    for command in every_command() {
        let refusal = given_nothing().when(command).expect_err("nothing was issued");
        assert_eq!((refusal, refusal.code()), (ApiKeyRefusal::NotIssued, "NOT_FOUND"));
    }
}

#[test]
fn a_key_can_be_called_something_else() {
    let renamed = ApiKeyEvent::Renamed { name: name("Ada's phone").into() };
    assert_eq!(given(ada()).when(rename("Ada's phone")), Ok(vec![renamed.clone()]));
    assert_eq!(given(ada()).when(rename("Ada's laptop")), Ok(vec![]));
    let phone = given(ada()).and([renamed]).state();
    assert_eq!(phone.name(), Some(&name("Ada's phone")));
}

#[test]
fn a_key_and_its_successor_work_side_by_side_for_a_week_at_most() {
    assert_eq!(given(ada()).when(rotate(2, 7 * DAY)), Ok(vec![rotated(2, 7 * DAY)]));
    let refusal = given(ada()).when(rotate(2, 7 * DAY + 1)).expect_err("too long");
    assert_eq!((refusal.code(), refusal.field()), ("VALIDATION", Some("overlap")));
    assert_eq!(given(ada()).when(rotate(1, 1)), Err(ApiKeyRefusal::OwnSuccessor));
    let rotating = given(ada()).and([rotated(2, 1)]);
    assert_eq!(rotating.when(rotate(2, 5)), Ok(vec![]));
    assert_eq!(rotating.when(rotate(3, 1)), Err(ApiKeyRefusal::RotationOpen));
    assert_eq!(rotating.when(disable(USER)), Err(ApiKeyRefusal::RotationOpen));
    assert!(!rotating.state().takes_a_place(t(0)));
}

#[test]
fn a_key_that_rests_is_not_rotated() {
    let resting = given(ada()).and([disabled(USER)]);
    assert_eq!(resting.when(rotate(2, 1)), Err(ApiKeyRefusal::KeyDisabled { reason: USER }));
}

#[test]
fn a_replaced_key_ends_with_the_overlap_and_not_before() {
    let rotating = given(ada()).and([rotated(2, 5)]);
    let early = rotating.when_in(ApiKeyCommand::EndOverlap, &at(4)).expect_err("too early");
    assert_eq!((early, early.retryable()), (ApiKeyRefusal::OverlapNotOver, true));
    let due = rotating.when_in(ApiKeyCommand::EndOverlap, &at(5));
    assert_eq!(due, Ok(vec![ApiKeyEvent::OverlapEnded]));
    let over = rotating.and([ApiKeyEvent::OverlapEnded]);
    assert_eq!(over.state().stage(), Stage::Revoked);
    assert_eq!(over.when(ApiKeyCommand::EndOverlap), Ok(vec![]));
    let alone = given(ada()).when(ApiKeyCommand::EndOverlap);
    assert_eq!(alone, Err(ApiKeyRefusal::NotRotating));
}

#[test]
fn a_successor_is_alike_in_everything_but_its_text() {
    let key = given(Issuance { ip_allow: vec![net("192.0.2.7")], ..ada() });
    let material = KeyMaterial { digest: KeyDigest::new([1; 32]), ..material() };
    let next = key.state().successor(key_id(2), material.clone()).expect("issued");
    let expected = Issuance {
        key: key_id(2),
        replaces: Some(key_id(1)),
        material: material.clone(),
        ip_allow: vec![net("192.0.2.7")],
        ..ada()
    };
    assert_eq!(next, expected);
    assert!(given_nothing().when_in(issue(next), &with_places(1, 1)).is_ok());
    assert_eq!(given_nothing().state().successor(key_id(2), material), None);
}

#[test]
fn a_key_rests_and_works_again() {
    assert_eq!(given(ada()).when(disable(USER)), Ok(vec![disabled(USER)]));
    let resting = given(ada()).and([disabled(USER)]);
    assert!(!resting.state().takes_a_place(t(0)));
    assert_eq!(resting.when(disable(USER)), Ok(vec![]));
    assert_eq!(resting.when(enable(USER)), Ok(vec![ApiKeyEvent::Enabled]));
    let again = resting.and([ApiKeyEvent::Enabled]);
    assert_eq!(again.state(), given(ada()).state());
    assert_eq!(again.when(enable(USER)), Ok(vec![]));
}

#[test]
fn a_weightier_reason_replaces_a_lighter_one_and_not_the_reverse() {
    for (present, wanted, changes) in [
        (PLAN, USER, true),
        (PLAN, ABUSE, true),
        (USER, ABUSE, true),
        (USER, PLAN, false),
        (ABUSE, USER, false),
        (ABUSE, PLAN, false),
    ] {
        let events = given(ada()).and([disabled(present)]).when(disable(wanted));
        let expected = if changes { vec![disabled(wanted)] } else { vec![] };
        assert_eq!(events, Ok(expected), "{present} {wanted}");
    }
}

#[test]
fn who_may_give_a_reason_lifts_it_and_every_lighter_one() {
    for present in DisabledReason::ALL {
        for lifted in DisabledReason::ALL {
            let answer = given(ada()).and([disabled(present)]).when(enable(lifted));
            let expected = if lifted >= present {
                Ok(vec![ApiKeyEvent::Enabled])
            } else {
                Err(ApiKeyRefusal::StaysDisabled { reason: present })
            };
            assert_eq!(answer, expected, "{present} {lifted}");
        }
    }
}

#[test]
fn a_key_that_rested_needs_a_place_again() {
    let resting = given(ada()).and([disabled(PLAN)]);
    let full = resting.when_in(enable(USER), &with_places(1, 1));
    assert_eq!(full, Err(ApiKeyRefusal::KeysTaken { limit: 1, used: 1 }));
    assert!(resting.when_in(enable(USER), &with_places(1, 0)).is_ok());
    let service = given(shop()).and([disabled(ABUSE)]);
    assert!(service.when_in(enable(ABUSE), &with_places(0, 0)).is_ok());
}

#[test]
fn a_key_can_be_ended_from_wherever_it_stands() {
    for before in [vec![], vec![rotated(2, 5)], vec![disabled(ABUSE)]] {
        let key = given(ada()).and(before);
        assert_eq!(key.when(ApiKeyCommand::Revoke), Ok(vec![ApiKeyEvent::Revoked]));
        assert_eq!(key.when(leak()), Ok(vec![compromised()]));
    }
    assert_eq!(given(ada()).and([compromised()]).state().stage(), Stage::Compromised);
}

#[test]
fn a_key_expires_when_its_time_is_up() {
    let key = given(Issuance { expires_at: Some(t(5)), ..ada() });
    let expire = |hour| key.when_in(ApiKeyCommand::Expire, &at(hour));
    assert_eq!(expire(4), Err(ApiKeyRefusal::NotDue));
    assert_eq!(expire(5), Ok(vec![ApiKeyEvent::Expired]));
    assert!(key.state().takes_a_place(t(4)) && !key.state().takes_a_place(t(5)));
    let endless = given(ada()).when_in(ApiKeyCommand::Expire, &at(1_000 * DAY));
    assert_eq!(endless, Err(ApiKeyRefusal::NotDue));
}

#[test]
fn a_key_whose_time_is_up_can_only_be_ended_or_named() {
    let key = given(Issuance { expires_at: Some(t(5)), ..ada() }).and([disabled(USER)]);
    for command in [rotate(2, 1), disable(ABUSE), enable(USER), every_command().remove(2)] {
        assert_eq!(key.when_in(command, &at(5)), Err(ApiKeyRefusal::KeyExpired));
    }
    for command in [rename("old"), ApiKeyCommand::Revoke, leak(), ApiKeyCommand::Expire] {
        assert_eq!(key.when_in(command, &at(5)).map(|events| events.len()), Ok(1));
    }
}

#[test]
fn what_is_over_stays_over() {
    for (how, refusal) in [
        (ApiKeyEvent::Revoked, ApiKeyRefusal::KeyRevoked),
        (ApiKeyEvent::OverlapEnded, ApiKeyRefusal::KeyRevoked),
        (ApiKeyEvent::Expired, ApiKeyRefusal::KeyExpired),
        (compromised(), ApiKeyRefusal::KeyCompromised),
    ] {
        let over = given(ada()).and([how]);
        assert!(over.state().stage().is_final());
        for command in every_command() {
            let ends = matches!(
                command,
                ApiKeyCommand::EndOverlap
                    | ApiKeyCommand::Revoke
                    | ApiKeyCommand::ReportLeak { .. }
                    | ApiKeyCommand::Expire
            );
            let expected = if ends { Ok(vec![]) } else { Err(refusal) };
            assert_eq!(over.when(command), expected);
        }
    }
}
