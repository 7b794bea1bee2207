//! Sessions and links: found by hash, ended, used once.

use crate::{
    Storage,
    samples::{at, hash, id},
};
use futures::future::join_all;
use herald_application::ports::{
    Link, LinkPurpose, RefreshToken, Session, Spent, Succession, SuppressedBy, Suppression,
};
use herald_kernel::IdentityId;

fn link(byte: u8) -> Link {
    Link {
        hash: hash(byte),
        purpose: LinkPurpose::Invite,
        subject: "acc_1/mem_2".to_owned(),
        expires_at: at(900),
    }
}

pub async fn a_session_is_found_touched_and_ended(storage: Storage) {
    let sessions = &storage.stores.sessions;
    let session = Session {
        hash: hash(1),
        identity: IdentityId::new(id(5)),
        issuer: "local".to_owned(),
        subject: "s".to_owned(),
        signed_in_at: at(-5),
        created_at: at(0),
        used_at: at(0),
        expires_at: at(1_000),
        device: "Firefox on Linux".to_owned(),
        family: None,
    };
    let other = Session { hash: hash(2), ..session.clone() };
    sessions.create(&session).await.expect("created");
    sessions.create(&other).await.expect("created");
    assert!(sessions.create(&session).await.is_err());
    assert_eq!(sessions.find(&hash(1)).await, Ok(Some(session.clone())));
    assert_eq!(sessions.find(&hash(3)).await, Ok(None));
    sessions.touch(&hash(1), at(50)).await.expect("touched");
    sessions.touch(&hash(1), at(40)).await.expect("touched late");
    assert_eq!(sessions.find(&hash(1)).await, Ok(Some(Session { used_at: at(50), ..session })));
    sessions.end(&hash(1)).await.expect("ended");
    assert_eq!(sessions.find(&hash(1)).await, Ok(None));
    assert_eq!(sessions.find(&hash(2)).await, Ok(Some(other)));
}

fn refresh(byte: u8) -> RefreshToken {
    RefreshToken {
        hash: hash(byte),
        family: id(9),
        identity: IdentityId::new(id(5)),
        issuer: "local".to_owned(),
        subject: "s".to_owned(),
        device: "a script".to_owned(),
        signed_in_at: at(-5),
        expires_at: at(1_000),
    }
}

/// What a renewal hands out, as hashes that no other has.
fn succession(token: u8) -> Succession {
    Succession { token: hash(token), session: hash(token + 100), expires_at: at(100) }
}

pub async fn a_token_is_renewed_once_and_says_all_along_when_the_person_signed_in(
    storage: Storage,
) {
    let (refreshes, sessions) = (&storage.stores.refreshes, &storage.stores.sessions);
    refreshes.put(&refresh(1)).await.expect("stored");
    assert_eq!(refreshes.renew(&hash(7), at(10), &succession(2)).await, Ok(Spent::Unknown));
    assert_eq!(refreshes.renew(&hash(1), at(10), &succession(2)).await, Ok(Spent::Fresh));
    assert_eq!(refreshes.renew(&hash(2), at(20), &succession(3)).await, Ok(Spent::Fresh));
    let session = sessions.find(&hash(103)).await.expect("an answer").expect("a session");
    assert_eq!((session.signed_in_at, session.created_at), (at(-5), at(20)));
    let again = refreshes.renew(&hash(1), at(30), &succession(4)).await;
    assert_eq!(again, Ok(Spent::Again(refresh(1))));
    assert_eq!(refreshes.renew(&hash(3), at(1_000), &succession(4)).await, Ok(Spent::Unknown));
    assert_eq!(sessions.find(&hash(104)).await, Ok(None), "nothing is handed out for either");
    assert_eq!(refreshes.renew(&hash(4), at(30), &succession(5)).await, Ok(Spent::Unknown));
}

pub async fn a_chain_that_ends_while_it_is_renewed_leaves_nothing_behind(storage: Storage) {
    let (refreshes, sessions) = (&storage.stores.refreshes, &storage.stores.sessions);
    let identity = refresh(1).identity;
    for round in 0..20_u8 {
        let (first, next) = (round * 2 + 1, round * 2 + 2);
        refreshes.put(&refresh(first)).await.expect("stored");
        let renewal = {
            let refreshes = refreshes.clone();
            async move { refreshes.renew(&hash(first), at(10), &succession(next)).await }
        };
        let end = {
            let (refreshes, sessions) = (refreshes.clone(), sessions.clone());
            async move {
                if round % 2 == 0 {
                    refreshes.end_family(refresh(first).family).await
                } else {
                    sessions.end_all(identity, None).await.map(|_| ())
                }
            }
        };
        let (renewed, ended) = (tokio::spawn(renewal), tokio::spawn(end));
        renewed.await.expect("no panic").expect("an answer");
        ended.await.expect("no panic").expect("ended");
        assert_eq!(sessions.of(identity).await, Ok(Vec::new()), "round {round}");
        for token in [first, next] {
            let late = refreshes.renew(&hash(token), at(20), &succession(90)).await;
            assert_eq!(late, Ok(Spent::Unknown), "round {round}: {token}");
        }
    }
}

pub async fn a_link_is_taken_once(storage: Storage) {
    let links = &storage.stores.links;
    for byte in 1..=5 {
        links.create(&link(byte)).await.expect("created");
        let takers = (0..8).map(|_| {
            let links = links.clone();
            tokio::spawn(async move { links.take(&hash(byte)).await.expect("an answer") })
        });
        let taken: Vec<_> =
            join_all(takers).await.into_iter().filter_map(|t| t.expect("no panic")).collect();
        assert_eq!(taken, [link(byte)]);
        assert_eq!(links.peek(&hash(byte)).await, Ok(None));
    }
}

pub async fn looking_at_a_link_does_not_use_it_up(storage: Storage) {
    let links = &storage.stores.links;
    links.create(&link(1)).await.expect("created");
    assert_eq!(links.peek(&hash(1)).await, Ok(Some(link(1))));
    assert_eq!(links.peek(&hash(1)).await, Ok(Some(link(1))));
    assert_eq!(links.peek(&hash(2)).await, Ok(None));
    assert_eq!(links.take(&hash(2)).await, Ok(None));
    assert_eq!(links.take(&hash(1)).await, Ok(Some(link(1))));
}

pub async fn a_suppressed_address_is_found_listed_and_lifted(storage: Storage) {
    let store = &storage.stores.suppressions;
    let of = |byte, cause, since| Suppression { mark: hash(byte), cause, since: at(since) };
    let first = of(1, SuppressedBy::Bounce, 10);
    store.suppress(&first).await.expect("kept");
    store.suppress(&of(1, SuppressedBy::Complaint, 90)).await.expect("known");
    assert_eq!(store.find(&[hash(7), hash(1)]).await, Ok(Some(first.clone())));
    assert_eq!(store.find(&[hash(7)]).await, Ok(None));
    assert_eq!(store.find(&[]).await, Ok(None));
    let (second, third) = (of(2, SuppressedBy::Complaint, 20), of(3, SuppressedBy::Bounce, 20));
    for it in [&second, &third] {
        store.suppress(it).await.expect("kept");
    }
    let page = store.list(None, 2).await.expect("an answer");
    assert_eq!(page, [third.clone(), second.clone()], "the latest first");
    let next = store.list(Some((second.since, second.mark)), 2).await;
    assert_eq!(next, Ok(vec![first]));
    assert_eq!(store.lift(&hash(1)).await, Ok(true));
    assert_eq!(store.lift(&hash(1)).await, Ok(false));
    assert_eq!(store.list(None, 9).await, Ok(vec![third, second]));
}
