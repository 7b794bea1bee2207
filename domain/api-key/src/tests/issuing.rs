//! A key is issued within limits, and given more or fewer scopes.

use super::*;
use crate::{LIFETIME_AT_MOST, NETWORKS_AT_MOST};

fn narrow(to: &[Scope]) -> ApiKeyCommand {
    ApiKeyCommand::NarrowScopes { scopes: scopes(to) }
}

fn widen(to: &[Scope]) -> ApiKeyCommand {
    ApiKeyCommand::WidenScopes { scopes: scopes(to) }
}

fn changed(to: &[Scope]) -> ApiKeyEvent {
    ApiKeyEvent::ScopesChanged { scopes: scopes(to) }
}

fn refused(issuance: Issuance) -> (&'static str, Option<&'static str>) {
    let refusal = given_nothing().when(issue(issuance)).expect_err("refused");
    assert!(!refusal.to_string().is_empty());
    (refusal.code(), refusal.field())
}

#[test]
fn an_issued_key_is_known_by_all_but_its_text() {
    let key = given(ada()).state();
    let details = key.details().expect("issued");
    assert_eq!((key.id(), key.stage()), (Some(key_id(1)), Stage::Active));
    assert_eq!(key.name(), Some(&name("Ada's laptop")));
    assert_eq!((key.issuer(), key.scopes()), (ada().kind.member(), &ada().scopes));
    assert_eq!((&details.lookup, &details.last4), (&material().lookup, &material().last4));
    let shown = key.display().expect("issued");
    assert_eq!(shown, format!("herald_sk_live_…{}", material().last4.as_str()));
    assert!(key.takes_a_place(t(0)) && !given_nothing().state().takes_a_place(t(0)));
}

#[test]
fn an_issued_event_holds_no_secret_and_seals_what_is_personal() {
    let event = given(Issuance { ip_allow: vec![net("192.0.2.0/24")], ..ada() }).0.remove(0);
    let stored = serde_json::to_value(&event).expect("serialises");
    assert_eq!(stored["type"], "issued");
    assert_eq!(stored["digest"], "09".repeat(32));
    assert_eq!(stored["name"]["$personal"], "Ada's laptop");
    assert_eq!(stored["ip_allow"]["$personal"][0], "192.0.2.0/24");
    assert_eq!(stored["owner"]["kind"], "user");
    assert!(!stored.to_string().contains("herald_sk"));
}

#[test]
fn issuing_a_key_twice_is_already_so_and_another_under_its_id_is_refused() {
    let issued = given(ada());
    assert_eq!(issued.when(issue(ada())), Ok(vec![]));
    let other = Issuance { name: name("Eve's"), ..ada() };
    assert_eq!(issued.when(issue(other)), Err(ApiKeyRefusal::AlreadyIssued));
    let revoked = issued.and([ApiKeyEvent::Revoked]);
    assert_eq!(revoked.when(issue(ada())), Ok(vec![]));
}

#[test]
fn a_key_needs_a_free_place_in_the_tier() {
    let full = given_nothing().when_in(issue(ada()), &with_places(3, 3));
    assert_eq!(full, Err(ApiKeyRefusal::KeysTaken { limit: 3, used: 3 }));
    assert_eq!(full.map_err(|refusal| refusal.code()), Err("LIMIT_REACHED"));
    assert!(given_nothing().when_in(issue(ada()), &with_places(3, 2)).is_ok());
}

#[test]
fn a_successor_and_a_service_take_no_place() {
    let successor = Issuance { replaces: Some(key_id(2)), ..ada() };
    assert!(given_nothing().when_in(issue(successor), &with_places(1, 1)).is_ok());
    assert!(given_nothing().when_in(issue(shop()), &with_places(0, 0)).is_ok());
    assert!(!given(shop()).state().takes_a_place(t(0)));
    let own = Issuance { replaces: Some(key_id(1)), ..ada() };
    assert_eq!(refused(own), ("VALIDATION", Some("successor")));
}

#[test]
fn a_key_is_allowed_no_more_than_its_issuer() {
    let editor = Context { issuer: Rights::new([Scope::Read, Scope::Write], Reach::All), ..at(0) };
    assert!(given_nothing().when_in(issue(ada()), &editor).is_ok());
    let publisher = Issuance { scopes: scopes(&[Scope::Publish]), ..ada() };
    let answer = given_nothing().when_in(issue(publisher), &editor);
    assert_eq!(answer, Err(ApiKeyRefusal::BeyondIssuer));
    let some = Rights::new(Scope::OF_USERS, Reach::Only([connection(1)].into()));
    let bound = Context { issuer: some, ..at(0) };
    let everywhere = given_nothing().when_in(issue(ada()), &bound);
    assert_eq!(everywhere, Err(ApiKeyRefusal::BeyondIssuer));
    let there = Issuance { reach: Reach::Only([connection(1)].into()), ..ada() };
    assert!(given_nothing().when_in(issue(there), &bound).is_ok());
}

#[test]
fn a_users_key_needs_a_scope_but_never_that_of_services() {
    assert_eq!(refused(Issuance { scopes: scopes(&[]), ..ada() }), ("VALIDATION", Some("scopes")));
    let checkout = scopes(&[Scope::Read, Scope::CheckoutCreate]);
    assert_eq!(refused(Issuance { scopes: checkout, ..ada() }), ("FORBIDDEN", Some("scopes")));
}

#[test]
fn a_services_key_starts_checkouts_from_known_networks_and_nothing_else() {
    assert!(given_nothing().when(issue(shop())).is_ok());
    for not_only in [vec![], vec![Scope::Read], vec![Scope::Read, Scope::CheckoutCreate]] {
        let issuance = Issuance { scopes: scopes(&not_only), ..shop() };
        assert_eq!(refused(issuance), ("VALIDATION", Some("scopes")));
    }
    let from_anywhere = Issuance { ip_allow: Vec::new(), ..shop() };
    assert_eq!(refused(from_anywhere), ("VALIDATION", Some("ipAllow")));
}

#[test]
fn a_key_names_a_bounded_number_of_networks() {
    let with = |count| Issuance { ip_allow: vec![net("192.0.2.7"); count], ..ada() };
    assert!(given_nothing().when(issue(with(NETWORKS_AT_MOST))).is_ok());
    assert_eq!(refused(with(NETWORKS_AT_MOST + 1)), ("VALIDATION", Some("ipAllow")));
}

#[test]
fn a_key_ends_in_the_future_and_within_two_years() {
    let until = |expires_at| Issuance { expires_at: Some(expires_at), ..ada() };
    let last = t(0).plus(LIFETIME_AT_MOST);
    assert!(given_nothing().when(issue(until(last))).is_ok());
    for wrong in [t(0), last.plus(Duration::from_secs(1))] {
        assert_eq!(refused(until(wrong)), ("VALIDATION", Some("expiresAt")));
    }
}

#[test]
fn taking_scopes_away_needs_no_proof() {
    let issued = given(ada());
    assert_eq!(issued.when(narrow(&[Scope::Read])), Ok(vec![changed(&[Scope::Read])]));
    assert_eq!(issued.when(narrow(&[Scope::Read, Scope::Write])), Ok(vec![]));
    assert_eq!(issued.when(narrow(&[Scope::Publish])), Err(ApiKeyRefusal::NotNarrower));
    assert_eq!(issued.when(narrow(&[])), Err(ApiKeyRefusal::NoScopes));
    let narrowed = issued.and([changed(&[Scope::Read])]).state();
    assert_eq!(narrowed.scopes(), &scopes(&[Scope::Read]));
}

#[test]
fn adding_scopes_needs_a_proof_of_the_last_ten_minutes() {
    let issued = given(ada());
    let all = widen(&Scope::OF_USERS);
    let proven = |ago: u64| {
        let context = at(DAY);
        let at = context.now.minus(Duration::from_secs(ago));
        Context { reauthenticated_at: Some(at), ..context }
    };
    assert_eq!(issued.when_in(all.clone(), &proven(600)), Ok(vec![changed(&Scope::OF_USERS)]));
    let late = issued.when_in(all.clone(), &proven(601)).expect_err("too long ago");
    assert_eq!((late.code(), late.retryable()), ("REAUTHENTICATION_REQUIRED", true));
    assert_eq!(issued.when_in(all.clone(), &at(DAY)), Err(late));
    let tomorrow = Context { reauthenticated_at: Some(t(2 * DAY)), ..at(DAY) };
    assert_eq!(issued.when_in(all, &tomorrow), Err(late));
    assert_eq!(issued.when(widen(&[Scope::Read, Scope::Write])), Ok(vec![]));
}

#[test]
fn a_key_is_widened_within_what_its_issuer_may_now() {
    let editor = Rights::new([Scope::Read, Scope::Write], Reach::All);
    let context = Context { issuer: editor, reauthenticated_at: Some(t(0)), ..at(0) };
    let refused = given(ada()).when_in(widen(&Scope::OF_USERS), &context);
    assert_eq!(refused, Err(ApiKeyRefusal::BeyondIssuer));
}

#[test]
fn scopes_of_services_neither_change_nor_pass_to_users() {
    let context = Context { reauthenticated_at: Some(t(0)), ..at(0) };
    let to_user = given(ada()).when_in(widen(&Scope::ALL), &context);
    assert_eq!(to_user, Err(ApiKeyRefusal::ScopeForServices));
    let to_service = given(shop()).when_in(widen(&Scope::ALL), &context);
    assert_eq!(to_service, Err(ApiKeyRefusal::ServiceScopeOnly));
    assert_eq!(given(shop()).when(narrow(&[])), Err(ApiKeyRefusal::ServiceScopeOnly));
}

#[test]
fn a_change_of_scopes_is_a_widening_as_soon_as_one_is_new() {
    let key = given(ada()).state();
    for (wanted, narrows) in [
        (vec![Scope::Read], true),
        (vec![Scope::Read, Scope::Write], true),
        (vec![Scope::Publish], false),
        (Scope::OF_USERS.to_vec(), false),
    ] {
        let command = ApiKeyCommand::change_scopes(&key, scopes(&wanted));
        let is_narrowing = matches!(command, ApiKeyCommand::NarrowScopes { .. });
        assert_eq!(is_narrowing, narrows, "{wanted:?}");
    }
}
