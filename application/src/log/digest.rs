//! What makes the history tamper-evident: a digest per event and a chain over all of them.
//!
//! Called by the sequencer of either engine and by `herald audit verify`, always on the stored row,
//! never on the event in memory. `docs/audit.md` describes the form for auditors.

use super::canonical;
use crate::ports::{EventRow, Ordinal};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The chain value before the first event.
pub const GENESIS: [u8; 32] = [0; 32];

/// SHA-256 of `herald.event.v1`, a line break, and the canonical JSON array of `row`, whose JSON is
/// `payload` and `metadata`. Its position is the engine's own and is left out; the recording time is
/// in, so that it cannot be edited unseen.
#[must_use]
pub fn event_digest(row: &EventRow, payload: &Value, metadata: &Value) -> [u8; 32] {
    // Piece by piece, since an array of it all would first copy payload and metadata.
    let mut text = String::with_capacity(2048);
    text.push_str("herald.event.v1\n[");
    canonical::write_text(&mut text, &row.aggregate_type);
    text.push(',');
    canonical::write_text(&mut text, &row.aggregate_id);
    // Writing to a string cannot fail.
    let _ = write!(text, ",{},", row.sequence);
    canonical::write_text(&mut text, &row.event_type);
    text.push(',');
    canonical::write_text(&mut text, &row.event_version);
    let _ = write!(text, ",\"{}\",", row.recorded_at);
    canonical::write_value(&mut text, payload);
    text.push(',');
    canonical::write_value(&mut text, metadata);
    text.push(']');
    Sha256::digest(text).into()
}

/// SHA-256 of `herald.chain.v1`, a line break, the previous value, the ordinal as eight big-endian
/// bytes, and the event's digest.
#[must_use]
pub fn chain(previous: &[u8; 32], ordinal: Ordinal, digest: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"herald.chain.v1\n");
    hash.update(previous);
    hash.update(ordinal.0.to_be_bytes());
    hash.update(digest);
    hash.finalize().into()
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{Position, StoreError, StoredJson};

    fn row() -> EventRow {
        EventRow {
            position: Position(1),
            aggregate_type: "post".to_owned(),
            aggregate_id: "01890a5d-ac96-774b-bcce-b302099a8057".to_owned(),
            sequence: 1,
            event_type: "post.created".to_owned(),
            event_version: "1".to_owned(),
            recorded_at: "2026-11-21T09:00:00.123456Z".parse().expect("an instant"),
            payload: StoredJson::new(r#"{"type": "created", "n": 7, "text": "Grüße\n"}"#),
            metadata: StoredJson::new(r#"{"account_id": "acc_0", "via": "graphql"}"#),
        }
    }

    /// The same vector is checked by `tests/audit_vectors.py`, an implementation of its own.
    #[test]
    fn the_digest_and_the_chain_are_those_of_the_published_vector() {
        let digest = row().digest().expect("JSON");
        let expected = include_str!("vector.txt");
        let mut lines = expected.lines();
        assert_eq!(Some(hex(&digest).as_str()), lines.next());
        assert_eq!(Some(hex(&chain(&GENESIS, Ordinal(1), &digest)).as_str()), lines.next());
    }

    #[test]
    fn every_covered_part_changes_the_digest_and_the_position_does_not() {
        let later = row().recorded_at.plus(std::time::Duration::from_micros(1));
        let variants = [
            EventRow { aggregate_type: "plan".to_owned(), ..row() },
            EventRow { aggregate_id: "x".to_owned(), ..row() },
            EventRow { sequence: 2, ..row() },
            EventRow { event_type: "post.edited".to_owned(), ..row() },
            EventRow { event_version: "2".to_owned(), ..row() },
            EventRow { recorded_at: later, ..row() },
            EventRow { payload: StoredJson::new(r#"{"n": 2}"#), ..row() },
            EventRow { metadata: StoredJson::new(r#"{"n": 2}"#), ..row() },
        ];
        for variant in variants {
            assert_ne!(row().digest(), variant.digest(), "{variant:?}");
        }
        let moved = EventRow { position: Position(2), ..row() };
        assert_eq!(row().digest(), moved.digest());
    }

    #[test]
    fn what_is_no_json_has_no_digest() {
        let broken = EventRow { payload: StoredJson::new("{"), ..row() };
        assert!(matches!(broken.digest(), Err(StoreError::Corrupt(_))));
    }
}
