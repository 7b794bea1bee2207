//! What holds in every history, whatever is asked in whichever order.

use super::*;
use crate::{ConnectionCommand as Command, ConnectionEvent as Event, *};
use herald_kernel::{Decider, Fact};
use proptest::prelude::*;

fn member() -> impl Strategy<Value = herald_kernel::MemberId> {
    prop_oneof![9 => Just(ada()), 1 => Just(bob())]
}

fn consent_step() -> impl Strategy<Value = Command> {
    let attempt = || 1..4_u32;
    let exchange = prop_oneof![
        Just(ExchangeFailure::Unknown),
        Just(ExchangeFailure::NotSent),
        Just(ExchangeFailure::Refused { code: ProviderCode::new("invalid_request") }),
    ];
    prop_oneof![
        Just(begin()),
        (member(), 0..9_000_u64)
            .prop_map(|(by, until)| Command::BeginReauth { by, expires_at: t(until) }),
        (attempt(), member()).prop_map(|(attempt, by)| Command::ReceiveConsent { attempt, by }),
        (attempt(), member()).prop_map(|(attempt, by)| {
            Command::ReceiveDenial { attempt, by, reason: ProviderCode::new("access_denied") }
        }),
        (attempt(), any_tokens())
            .prop_map(|(attempt, tokens)| Command::RecordTokens { attempt, tokens }),
        (attempt(), exchange)
            .prop_map(|(attempt, kind)| Command::RecordExchangeFailure { attempt, kind }),
        prop_oneof![9 => Just("42"), 1 => Just("43")].prop_map(establish),
    ]
}

fn any_tokens() -> impl Strategy<Value = TokenFacts> {
    (1..20_u32, 0..9_000_u64, any::<bool>())
        .prop_map(|(version, now, has_refresh)| TokenFacts { has_refresh, ..tokens(version, now) })
}

fn refresh_step() -> impl Strategy<Value = Command> {
    let n = || 1..6_u32;
    let failure = prop_oneof![
        Just(RefreshFailure::Unknown),
        Just(rejected()),
        Just(RefreshFailure::Transient { cause: Trouble::Unreachable }),
    ];
    prop_oneof![
        3 => any::<i8>().prop_map(|fence| Command::IntendRefresh { fence: fence.into() }),
        2 => (n(), any_tokens()).prop_map(|(n, tokens)| Command::RecordRefresh { n, tokens }),
        2 => (n(), failure).prop_map(|(n, kind)| Command::RecordRefreshFailure { n, kind }),
    ]
}

fn health_step() -> impl Strategy<Value = Command> {
    let reason = || {
        prop_oneof![
            Just(PauseReason::User),
            Just(PauseReason::PlanLimit),
            Just(PauseReason::AccountSuspended)
        ]
    };
    let probe = prop_oneof![
        Just(Probe::Healthy),
        Just(Probe::Transient { cause: Trouble::ServerError }),
        Just(Probe::AuthRejected { code: ProviderCode::new("revoked") }),
        Just(Probe::CapabilityLost { scope: "media.write".to_owned() }),
    ];
    prop_oneof![
        probe.prop_map(|probe| Command::ObserveProbe { probe }),
        reason().prop_map(|reason| Command::Pause { reason, by: None }),
        reason().prop_map(|reason| Command::Resume { reason, by: None }),
        Just(Command::Block { reason: BlockReason::Banned }),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        20 => consent_step(),
        20 => refresh_step(),
        10 => health_step(),
        1 => Just(Command::Disconnect { by: None }),
    ]
}

/// Each command with how many seconds pass before it.
fn commands() -> impl Strategy<Value = Vec<(u64, Command)>> {
    prop::collection::vec((0..200_u64, command()), 1..60)
}

/// Plays `commands` after `history` and hands each step to `check`.
fn play(
    history: Vec<Event>,
    commands: Vec<(u64, Command)>,
    mut check: impl FnMut(&SocialConnection, &[Event], &SocialConnection) -> Result<(), TestCaseError>,
) -> Result<(Vec<Event>, SocialConnection), TestCaseError> {
    let (mut history, mut now) = (history, 0);
    let mut connection = given(&history);
    for (pause, command) in commands {
        now += pause;
        let before = connection.clone();
        let events = when(&connection, now, command).unwrap_or_default();
        for event in &events {
            connection.evolve(event);
        }
        check(&before, &events, &connection)?;
        history.extend(events);
    }
    Ok((history, connection))
}

fn starts() -> impl Strategy<Value = Vec<Event>> {
    prop_oneof![Just(Vec::new()), Just(connected()), Just(refreshing(0))]
}

fn is_refreshed(event: &Event) -> bool {
    matches!(event, Event::TokenStored { origin: TokenOrigin::Refresh(_), .. })
}

fn gives_up(event: &Event, open: Option<OpenRefresh>) -> bool {
    matches!((event, open), (Event::RefreshOutcomeUnknown { n }, Some(open)) if open.n == *n)
}

proptest! {
    #[test]
    fn the_state_after_deciding_is_the_refold_of_what_was_stored(
        start in starts(), commands in commands(),
    ) {
        let (history, connection) = play(start, commands, |before, events, after| {
            prop_assert!(!events.is_empty() || before == after);
            Ok(())
        })?;
        let text = serde_json::to_string(&history).expect("serialises");
        let read: Vec<Event> = serde_json::from_str(&text).expect("reads back");
        prop_assert_eq!(&read, &history);
        prop_assert_eq!(given(&read), connection);
        for event in &history {
            let json = serde_json::to_value(event).expect("serialises");
            prop_assert_eq!(json["type"].as_str(), Some(event.name()));
            prop_assert!(Event::NAMES.contains(&event.name()));
        }
    }

    #[test]
    fn at_most_one_refresh_is_open_and_numbers_never_repeat(
        start in starts(), commands in commands(),
    ) {
        let mut seen = std::collections::BTreeSet::new();
        play(start, commands, |before, events, _| {
            for event in events {
                if let Event::RefreshIntended { n, .. } = event {
                    let open = before.open_refresh();
                    let over = events.iter().any(|event| gives_up(event, open));
                    prop_assert!(open.is_none() || over);
                    prop_assert!(seen.insert(*n));
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_lost_answer_is_followed_by_one_more_try_at_the_most(
        start in starts(), commands in commands(),
    ) {
        let (history, _) = play(start, commands, |_, _, _| Ok(()))?;
        let mut lost = 0;
        for event in &history {
            match event.name() {
                "refresh_outcome_unknown" => lost += 1,
                "refresh_intended" => prop_assert!(lost < 2),
                "established" | "reauthorized" => lost = 0,
                "token_stored" if is_refreshed(event) => lost = 0,
                _ => {}
            }
        }
    }

    #[test]
    fn a_disconnected_connection_stays_so_and_holds_no_secret(
        start in starts(), commands in commands(),
    ) {
        play(start, commands, |before, events, after| {
            if before.status() == Status::Disconnected {
                prop_assert_eq!(events, &[]);
            }
            if after.status() == Status::Disconnected {
                prop_assert_eq!((after.secret_version(), after.candidate_version()), (None, None));
            }
            Ok(())
        })?;
    }

    #[test]
    fn the_account_behind_a_connection_never_changes(start in starts(), commands in commands()) {
        play(start, commands, |before, _, after| {
            if before.is_established() {
                prop_assert_eq!(before.provider_account_id(), after.provider_account_id());
            }
            prop_assert!(after.publishable(t(0)).is_err() || after.secret_version().is_some());
            Ok(())
        })?;
    }
}
