use super::*;
use crate::ports::{NewEvent, Position};
use async_trait::async_trait;
use cqrs_es::persist::SerializedEvent;
use proptest::prelude::*;
use serde_json::json;
use std::collections::HashMap;
use tokio::task::JoinSet;

const WRITERS: usize = 4;

/// A store that keeps versions only, and counts how often it is asked.
#[derive(Default)]
struct Versions(Mutex<(HashMap<Uuid, u64>, Vec<usize>)>);

#[async_trait]
impl EventStore for Versions {
    async fn load(&self, _: StreamKind, _: Uuid) -> Result<Vec<SerializedEvent>, StoreError> {
        Ok(Vec::new())
    }

    async fn append(&self, streams: &[StreamAppend]) -> Answer {
        // Others get their turn, as while a disk writes.
        tokio::task::yield_now().await;
        let mut state = self.0.lock().expect("no test dies here");
        state.1.push(streams.len());
        let mut after = state.0.clone();
        for stream in streams {
            let version = after.entry(stream.id).or_default();
            if *version != stream.expected {
                return Err(AppendError::Conflict);
            }
            *version += u64::try_from(stream.events.len()).expect("few");
        }
        state.0 = after;
        Ok(Appended { position: Position(1) })
    }

    fn writers(&self) -> usize {
        WRITERS
    }
}

fn append(stream: u128, expected: u64) -> StreamAppend {
    let event = NewEvent {
        event_type: "claim.taken".to_owned(),
        event_version: "1".to_owned(),
        payload: json!({}),
        metadata: json!({}),
    };
    let id = Uuid::from_u128(stream);
    StreamAppend { kind: StreamKind::Claim, id, expected, events: vec![event] }
}

/// All of them at once; answers which were written, and how many streams each statement had.
fn at_once(appends: Vec<Vec<StreamAppend>>) -> (Vec<bool>, Arc<Versions>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let store = Arc::new(Versions::default());
        let group = Arc::new(Group::new(store.clone()));
        let mut running = JoinSet::new();
        for (index, streams) in appends.into_iter().enumerate() {
            let group = Arc::clone(&group);
            running.spawn(async move { (index, group.append(streams).await.is_ok()) });
        }
        let mut written = running.join_all().await;
        written.sort_unstable();
        (written.into_iter().map(|(_, ok)| ok).collect(), store)
    })
}

#[test]
fn those_who_wait_are_written_together() {
    let (written, store) = at_once((0..64).map(|stream| vec![append(stream, 0)]).collect());
    assert!(written.iter().all(|ok| *ok));
    let statements = store.0.lock().expect("no test dies here").1.clone();
    assert_eq!(statements.iter().sum::<usize>(), 64);
    assert!(statements.len() <= WRITERS + 1, "{statements:?}");
}

#[test]
fn no_one_pays_for_anothers_conflict() {
    let mut appends: Vec<_> = (0..32).map(|stream| vec![append(stream, 0)]).collect();
    appends.insert(20, vec![append(100, 0), append(101, 7)]);
    let (written, store) = at_once(appends);
    let failed: Vec<_> = (0..33).filter(|index| !written[*index]).collect();
    assert_eq!(failed, [20]);
    let versions = store.0.lock().expect("no test dies here").0.clone();
    assert_eq!(versions.get(&Uuid::from_u128(100)), None, "its other stream is not written either");
    assert_eq!(versions.len(), 32);
}

proptest! {
    #[test]
    fn of_the_writers_of_one_version_exactly_one_wins(
        streams in prop::collection::vec(prop::collection::hash_set(0_u128..6, 1..3), 1..40)
    ) {
        let appends = streams.iter().map(|ids| ids.iter().map(|id| append(*id, 0)).collect());
        let (written, store) = at_once(appends.collect());
        let mut winners: HashMap<u128, usize> = HashMap::new();
        for (ids, _) in streams.iter().zip(&written).filter(|(_, ok)| **ok) {
            for id in ids {
                *winners.entry(*id).or_default() += 1;
            }
        }
        let versions = store.0.lock().expect("no test dies here").0.clone();
        prop_assert!(winners.values().all(|count| *count == 1), "{winners:?}");
        prop_assert!(versions.values().all(|version| *version == 1));
        prop_assert_eq!(winners.len(), versions.len(), "what was said to be written is written");
        prop_assert!(written.iter().any(|ok| *ok));
    }
}
