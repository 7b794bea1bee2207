//! Which calls pass, and what the others are told.

use super::*;
use crate::Ground;
use herald_kernel::Personal;

/// A call by Ada's key at hour 0 that only wants to know whose key it is.
fn call<'a>(digest: &'a KeyDigest, rights: &'a Rights) -> Call<'a> {
    Call {
        now: t(0),
        presented: digest,
        environment: Environment::Live,
        source: ip("192.0.2.9"),
        issuer: Some(rights),
        plan: rights,
        needs: None,
        on: None,
    }
}

fn judged(key: &Given, change: impl FnOnce(&mut Call<'_>)) -> Verdict {
    let (digest, rights) = (digest(), Rights::all());
    let mut call = call(&digest, &rights);
    change(&mut call);
    verdict(&key.state(), &call)
}

#[test]
fn a_call_with_a_good_key_passes_with_the_rights_of_key_and_issuer() {
    let issued = given(Issuance { reach: Reach::Only([connection(1)].into()), ..ada() });
    let viewer = Rights::new([Scope::Read, Scope::Publish], Reach::All);
    let (digest, all) = (digest(), Rights::all());
    let answer = verdict(&issued.state(), &Call { issuer: Some(&viewer), ..call(&digest, &all) });
    let left = Rights::new([Scope::Read], Reach::Only([connection(1)].into()));
    assert_eq!(answer, Verdict::Valid(left));
}

#[test]
fn a_key_that_nobody_issued_or_another_of_the_same_look_up_is_not_found() {
    assert_eq!(judged(&given_nothing(), |_| {}), Verdict::NotFound);
    let (other, all) = (KeyDigest::new([1; 32]), Rights::all());
    assert_eq!(verdict(&given(ada()).state(), &call(&other, &all)), Verdict::NotFound);
}

#[test]
fn a_key_that_rests_or_is_over_does_not_pass() {
    for (event, expected) in [
        (disabled(DisabledReason::User), Verdict::Disabled),
        (ApiKeyEvent::Revoked, Verdict::Revoked),
        (ApiKeyEvent::OverlapEnded, Verdict::Revoked),
        (compromised(), Verdict::Revoked),
        (ApiKeyEvent::Expired, Verdict::Expired),
    ] {
        let answer = judged(&given(ada()).and([event]), |_| {});
        assert_eq!(answer, expected);
        assert!(answer.is_unauthenticated() && !answer.is_valid());
    }
}

#[test]
fn time_alone_ends_a_key_and_an_overlap() {
    let expiring = given(Issuance { expires_at: Some(t(5)), ..ada() });
    assert!(judged(&expiring, |call| call.now = t(4)).is_valid());
    assert_eq!(judged(&expiring, |call| call.now = t(5)), Verdict::Expired);
    let rotating = given(ada()).and([rotated(2, 5)]);
    assert!(judged(&rotating, |call| call.now = t(4)).is_valid());
    assert_eq!(judged(&rotating, |call| call.now = t(5)), Verdict::Revoked);
    let at_once = given(ada()).and([rotated(2, 0)]);
    assert_eq!(judged(&at_once, |_| {}), Verdict::Revoked);
}

#[test]
fn a_key_dies_with_the_membership_of_its_issuer() {
    assert_eq!(judged(&given(ada()), |call| call.issuer = None), Verdict::Revoked);
}

#[test]
fn a_key_of_one_environment_does_not_pass_in_the_other() {
    let wrong = judged(&given(ada()), |call| call.environment = Environment::Dev);
    assert_eq!(wrong, Verdict::Forbidden(Ground::Environment));
    let dev = given(Issuance { environment: Environment::Dev, ..ada() });
    assert_eq!(judged(&dev, |_| {}), Verdict::Forbidden(Ground::Environment));
    assert!(!wrong.is_unauthenticated());
}

#[test]
fn a_key_that_is_bound_to_networks_passes_from_there_only() {
    let bound = given(Issuance { ip_allow: vec![net("10.0.0.0/8"), net("192.0.2.0/24")], ..ada() });
    assert!(judged(&bound, |_| {}).is_valid());
    let outside = judged(&bound, |call| call.source = ip("198.51.100.1"));
    assert_eq!(outside, Verdict::Forbidden(Ground::Source));
}

#[test]
fn a_key_whose_networks_were_forgotten_passes_from_nowhere() {
    let mut history = given(ada());
    if let Some(ApiKeyEvent::Issued(issued)) = history.0.first_mut() {
        issued.ip_allow = Personal::Forgotten;
    }
    assert_eq!(judged(&history, |_| {}), Verdict::Forbidden(Ground::Source));
    assert_eq!(history.state().successor(key_id(2), material()), None);
}

#[test]
fn a_call_beyond_the_keys_scopes_or_its_issuers_role_is_told_which_scope_it_lacks() {
    let wants = |scope| judged(&given(ada()), |call| call.needs = Some(scope));
    assert!(wants(Scope::Write).is_valid());
    assert_eq!(wants(Scope::Publish), Verdict::InsufficientScope(Scope::Publish));
    let viewer = Rights::new([Scope::Read], Reach::All);
    let (digest, all) = (digest(), Rights::all());
    let write = Call { issuer: Some(&viewer), needs: Some(Scope::Write), ..call(&digest, &all) };
    let demoted = verdict(&given(ada()).state(), &write);
    assert_eq!(demoted, Verdict::InsufficientScope(Scope::Write));
}

#[test]
fn a_call_on_a_connection_beyond_the_keys_reach_does_not_pass() {
    let bound = given(Issuance { reach: Reach::Only([connection(1)].into()), ..ada() });
    let on = |number| {
        judged(&bound, |call| {
            call.needs = Some(Scope::Write);
            call.on = Some(connection(number));
        })
    };
    assert!(on(1).is_valid());
    assert_eq!(on(2), Verdict::InsufficientScope(Scope::Write));
}

#[test]
fn what_the_plan_leaves_out_asks_for_a_subscription_and_not_for_a_scope() {
    let restricted = Rights::new([Scope::Read], Reach::All);
    let (digest, all) = (digest(), Rights::all());
    let wants = |scope| {
        let call = Call { plan: &restricted, needs: Some(scope), ..call(&digest, &all) };
        verdict(&given(ada()).state(), &call)
    };
    assert!(wants(Scope::Read).is_valid());
    assert_eq!(wants(Scope::Write), Verdict::SubscriptionRequired);
    assert_eq!(wants(Scope::Publish), Verdict::InsufficientScope(Scope::Publish));
}

#[test]
fn a_service_starts_checkouts_without_issuer_or_plan() {
    let none = Rights::default();
    let digest = digest();
    let from = |source, needs| {
        let call =
            Call { issuer: None, source: ip(source), needs: Some(needs), ..call(&digest, &none) };
        verdict(&given(shop()).state(), &call)
    };
    let valid = Verdict::Valid(Rights::of_services());
    assert_eq!(from("192.0.2.9", Scope::CheckoutCreate), valid);
    let elsewhere = from("198.51.100.1", Scope::CheckoutCreate);
    assert_eq!(elsewhere, Verdict::Forbidden(Ground::Source));
    assert_eq!(from("192.0.2.9", Scope::Read), Verdict::InsufficientScope(Scope::Read));
}

#[test]
fn the_first_reason_in_the_fixed_order_is_the_answer() {
    let (wrong, none) = (KeyDigest::new([1; 32]), Rights::default());
    let rotating =
        given(Issuance { expires_at: Some(t(5)), ip_allow: vec![net("10.0.0.0/8")], ..ada() })
            .and([rotated(2, 3)]);
    let right = digest();
    let mut call = Call {
        now: t(9),
        environment: Environment::Dev,
        needs: Some(Scope::Write),
        plan: &none,
        ..call(&wrong, &none)
    };
    let all = Rights::all();
    let answer = |call: &Call<'_>| verdict(&rotating.state(), call);
    assert_eq!(answer(&call), Verdict::NotFound);
    call.presented = &right;
    assert_eq!(answer(&call), Verdict::Revoked);
    let lone = given(Issuance { expires_at: Some(t(5)), ..ada() });
    assert_eq!(verdict(&lone.state(), &call), Verdict::Expired);
    call.now = t(0);
    assert_eq!(answer(&call), Verdict::Forbidden(Ground::Environment));
    call.environment = Environment::Live;
    assert_eq!(answer(&call), Verdict::Forbidden(Ground::Source));
    call.source = ip("10.1.2.3");
    assert_eq!(answer(&call), Verdict::InsufficientScope(Scope::Write));
    call.issuer = Some(&all);
    assert_eq!(answer(&call), Verdict::SubscriptionRequired);
    call.plan = &all;
    assert!(answer(&call).is_valid());
}

#[test]
fn the_outside_cannot_tell_why_a_key_is_not_taken() {
    let hidden = [
        Verdict::Malformed,
        Verdict::NotFound,
        Verdict::Disabled,
        Verdict::Expired,
        Verdict::Revoked,
    ];
    let told = [
        Verdict::Valid(Rights::all()),
        Verdict::Forbidden(Ground::Source),
        Verdict::InsufficientScope(Scope::Read),
        Verdict::SubscriptionRequired,
        Verdict::RateLimited,
        Verdict::QuotaExceeded,
    ];
    assert!(hidden.iter().all(Verdict::is_unauthenticated));
    assert!(!told.iter().any(Verdict::is_unauthenticated));
    let codes: BTreeSet<_> = hidden.iter().chain(&told).map(Verdict::code).collect();
    assert_eq!(codes.len(), hidden.len() + told.len());
}
