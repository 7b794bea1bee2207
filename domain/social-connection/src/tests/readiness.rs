//! When a post may go out through a connection, and why not.

use super::*;
use crate::{ConnectionEvent as Event, *};

fn publishable(more: Vec<Event>) -> Result<(), Unpublishable> {
    given(&[connected(), more].concat()).publishable(t(10))
}

#[test]
fn a_working_and_a_degraded_connection_publish() {
    assert_eq!(publishable(vec![]), Ok(()));
    assert_eq!(
        publishable(vec![Event::Degraded { cause: Trouble::Unreachable, at: t(1) }]),
        Ok(())
    );
}

#[test]
fn every_other_state_says_why_it_does_not() {
    let paused = Event::Paused { reason: PauseReason::User, by: None };
    let reauth = Event::ReauthRequired { reason: ReauthReason::RefreshLost };
    let blocked = Event::Blocked { reason: BlockReason::Banned };
    let cases = [
        (paused, Unpublishable::Paused(PauseReason::User), "paused"),
        (reauth, Unpublishable::NeedsReauth(ReauthReason::RefreshLost), "needs_reauth"),
        (blocked, Unpublishable::Blocked(BlockReason::Banned), "blocked"),
        (Event::Disconnected { by: None }, Unpublishable::Disconnected, "disconnected"),
    ];
    for (event, why, name) in cases {
        assert_eq!(publishable(vec![event]), Err(why));
        assert_eq!(why.as_str(), name);
    }
    assert_eq!(given(&exchanged()).publishable(t(1)), Err(Unpublishable::NotEstablished));
}

#[test]
fn a_scope_that_the_person_did_not_grant_is_named() {
    let lost = Event::CapabilityLost { scope: "tweet.write".to_owned() };
    assert_eq!(publishable(vec![lost]), Err(Unpublishable::MissingScope("tweet.write")));
}

#[test]
fn a_used_up_quota_holds_until_it_starts_anew() {
    let window = |name: &str, used, resets: u64| {
        let window = name.to_owned();
        let quota = QuotaWindow { window, used, limit: 50, resets_at: t(resets) };
        Event::QuotaObserved { quota }
    };
    assert_eq!(publishable(vec![window("posts_24h", 49, 20)]), Ok(()));
    assert_eq!(publishable(vec![window("posts_24h", 50, 10)]), Ok(()));
    let both = vec![window("posts_15m", 50, 20), window("posts_24h", 50, 30)];
    assert_eq!(publishable(both), Err(Unpublishable::QuotaUsedUp { until: t(30) }));
}
