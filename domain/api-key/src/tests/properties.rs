//! What holds for every key, whatever one asks of it.

use super::*;
use herald_kernel::Fact;
use proptest::prelude::*;

fn some_scopes() -> impl Strategy<Value = BTreeSet<Scope>> {
    prop::sample::subsequence(Scope::ALL.to_vec(), 0..=4)
        .prop_map(|scopes| scopes.into_iter().collect())
}

fn reason() -> impl Strategy<Value = DisabledReason> {
    prop::sample::select(DisabledReason::ALL.to_vec())
}

fn issuance() -> impl Strategy<Value = Issuance> {
    let expiry = prop::option::of(1..200_u64);
    (any::<bool>(), some_scopes(), expiry).prop_map(|(service, scopes, expiry)| {
        let expires_at = expiry.map(t);
        if service {
            Issuance { expires_at, ..shop() }
        } else {
            Issuance { scopes, expires_at, ..ada() }
        }
    })
}

fn command() -> impl Strategy<Value = ApiKeyCommand> {
    prop_oneof![
        1 => issuance().prop_map(issue),
        2 => (1..4_u8, 0..200_u64).prop_map(|(key, overlap)| rotate(key, overlap)),
        2 => Just(ApiKeyCommand::EndOverlap),
        2 => some_scopes().prop_map(|scopes| ApiKeyCommand::NarrowScopes { scopes }),
        2 => some_scopes().prop_map(|scopes| ApiKeyCommand::WidenScopes { scopes }),
        1 => prop_oneof![Just("one"), Just("two")]
            .prop_map(|text| ApiKeyCommand::Rename { name: name(text) }),
        3 => reason().prop_map(disable),
        3 => reason().prop_map(enable),
        1 => Just(ApiKeyCommand::Revoke),
        1 => prop::sample::select(LeakSource::ALL.to_vec())
            .prop_map(|source| ApiKeyCommand::ReportLeak { source }),
        2 => Just(ApiKeyCommand::Expire),
    ]
}

/// A command, how many hours pass before it, and in what circumstances it is asked.
type Asked = (ApiKeyCommand, u64, (u32, BTreeSet<Scope>, bool));

fn asked() -> impl Strategy<Value = Asked> {
    let circumstances = (0..3_u32, some_scopes(), any::<bool>());
    (command(), prop_oneof![8 => 0..3_u64, 1 => 50..150_u64], circumstances)
}

fn context(hours: u64, (used, scopes, proven): (u32, BTreeSet<Scope>, bool)) -> Context {
    let now = t(hours);
    Context {
        now,
        issuer: Rights::new(scopes, Reach::All),
        reauthenticated_at: proven.then_some(now),
        ..with_places(2, used)
    }
}

fn stored_and_read(event: &ApiKeyEvent) -> ApiKeyEvent {
    let stored = serde_json::to_value(event).expect("serialises");
    assert_eq!(stored["type"], event.name());
    assert!(ApiKeyEvent::NAMES.contains(&event.name()));
    serde_json::from_value(stored).expect("reads back")
}

/// The friendliest call there is: everything but the key itself speaks for it.
fn passes(key: &ApiKey, now: Instant) -> bool {
    let (presented, all) = (digest(), Rights::all());
    let call = Call {
        now,
        presented: &presented,
        environment: Environment::Live,
        source: ip("192.0.2.9"),
        issuer: Some(&all),
        plan: &all,
        needs: None,
        on: None,
    };
    verdict(key, &call).is_valid()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_key_is_what_its_history_says_and_never_comes_back(
        first in issuance(), commands in prop::collection::vec(asked(), 1..50),
    ) {
        let mut key = ApiKey::default();
        let mut history = Vec::new();
        let (mut hours, mut over) = (0, false);
        let birth = (issue(first), 0, (0, scopes(&Scope::OF_USERS), true));
        for (command, pause, circumstances) in std::iter::once(birth).chain(commands) {
            hours += pause;
            let context = context(hours, circumstances);
            let before = key.clone();
            match key.decide(command.clone(), &context) {
                Ok(events) => {
                    for event in events {
                        key.evolve(&event);
                        history.push(stored_and_read(&event));
                    }
                    // What was followed is already so when asked again.
                    prop_assert_eq!(key.decide(command, &context), Ok(vec![]));
                }
                Err(refusal) => {
                    prop_assert!(!refusal.code().is_empty() && !refusal.to_string().is_empty());
                    prop_assert_eq!(&key, &before);
                }
            }
            over |= key.stage().is_final() || key.is_past_expiry(context.now);
            prop_assert!(!over || !passes(&key, context.now));
            prop_assert!(!before.stage().is_final() || key.stage() == before.stage());
        }
        prop_assert_eq!(ApiKey::fold(&history), key);
    }

    #[test]
    fn no_key_does_more_than_it_was_given_and_no_users_key_a_services_work(
        first in issuance(), commands in prop::collection::vec(asked(), 1..30),
        issuer in some_scopes(), plan in some_scopes(),
    ) {
        let mut key = ApiKey::default();
        let birth = (issue(first), 0, (0, scopes(&Scope::OF_USERS), true));
        for (command, _, circumstances) in std::iter::once(birth).chain(commands) {
            let events = key.decide(command, &context(0, circumstances)).unwrap_or_default();
            for event in &events {
                key.evolve(event);
            }
            let [issuer, plan] = [&issuer, &plan]
                .map(|scopes| Rights::new(scopes.iter().copied(), Reach::All));
            let rights = key.rights(&issuer, &plan);
            prop_assert!(rights.scopes().is_subset(key.scopes()));
            let Some(issued) = key.details() else { continue };
            if issued.owner.is_service() {
                prop_assert_eq!(rights, Rights::of_services());
            } else {
                prop_assert!(rights.are_within(&issuer) && rights.are_within(&plan));
                prop_assert!(!rights.allow(Scope::CheckoutCreate));
            }
        }
    }
}
