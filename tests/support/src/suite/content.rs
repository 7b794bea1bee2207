//! Media, texts and observations: each account its own.

use crate::{
    Storage,
    samples::{account, at, id},
};
use herald_application::ports::{Media, MediaKind, Observation};
use herald_kernel::{MediaId, TargetId};

fn picture(n: u128, owner: u128, seconds: i64) -> Media {
    Media {
        id: MediaId::new(id(n)),
        account: account(owner),
        kind: [MediaKind::Jpeg, MediaKind::Png, MediaKind::Webp, MediaKind::Gif]
            .into_iter()
            .cycle()
            .nth(usize::try_from(n).expect("a small number"))
            .expect("a cycle has no end"),
        bytes: 1_234,
        fingerprint: format!("fingerprint {n}"),
        name: "Foto – 1.jpg".to_owned(),
        alt: n.is_multiple_of(2).then(|| "Ein Hund".to_owned()),
        uploaded_at: at(seconds),
    }
}

pub async fn media_are_listed_newest_first_and_by_account(storage: Storage) {
    let media = &storage.stores.media;
    let given: Vec<_> =
        (0..5).map(|n| picture(n, 1, i64::try_from(n / 2).expect("small"))).collect();
    for picture in given.iter().chain([&picture(9, 2, 9)]) {
        media.insert(picture).await.expect("inserted");
        let renamed = Media { name: "again".to_owned(), ..picture.clone() };
        media.insert(&renamed).await.expect("already there");
    }
    assert_eq!(media.get(account(1), MediaId::new(id(3))).await, Ok(given.get(3).cloned()));
    assert_eq!(media.get(account(2), MediaId::new(id(3))).await, Ok(None));
    assert_eq!(media.bytes_of(account(1)).await, Ok(5 * 1_234));
    assert_eq!(media.bytes_of(account(3)).await, Ok(0));
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = media.list(account(1), after, 2).await.expect("a page");
        let Some(last) = page.last() else { break };
        after = Some((last.uploaded_at, last.id));
        listed.extend(page);
    }
    assert!(listed.iter().eq(given.iter().rev()), "{listed:?}");
}

pub async fn a_text_is_kept_once_and_erased_with_its_account(storage: Storage) {
    let content = &storage.stores.content;
    content.put(account(1), "prompt/1", &[0, 1, 255]).await.expect("stored");
    content.put(account(1), "prompt/1", &[9]).await.expect("the same reference");
    content.put(account(2), "prompt/1", &[2]).await.expect("stored");
    assert_eq!(content.get(account(1), "prompt/1").await, Ok(Some(vec![0, 1, 255])));
    assert_eq!(content.get(account(1), "prompt/2").await, Ok(None));
    content.erase(account(1)).await.expect("erased");
    assert_eq!(content.get(account(1), "prompt/1").await, Ok(None));
    assert_eq!(content.get(account(2), "prompt/1").await, Ok(Some(vec![2])));
}

pub async fn an_observation_is_recorded_once_and_read_newest_first(storage: Storage) {
    let observations = &storage.stores.observations;
    let observation = |n: i64| Observation {
        account: account(1),
        target: TargetId::new(id(1)),
        at: at(n),
        impressions: Some(n * 1_000_000_000_000),
        likes: Some(n),
        reposts: None,
        replies: Some(0),
        quotes: None,
        bookmarks: Some(3),
    };
    for n in [1, 3, 2] {
        observations.record(&observation(n)).await.expect("recorded");
        let again = Observation { likes: Some(99), ..observation(n) };
        observations.record(&again).await.expect("already recorded");
    }
    let target = TargetId::new(id(1));
    let newest = observations.of_target(account(1), target, 2).await;
    assert_eq!(newest, Ok(vec![observation(3), observation(2)]));
    assert_eq!(observations.of_target(account(2), target, 9).await, Ok(vec![]));
    assert_eq!(observations.of_target(account(1), TargetId::new(id(2)), 9).await, Ok(vec![]));
}
