//! What makes the history tamper-evident: a digest per event and a chain over all of them.
//!
//! Called by the sequencer of either engine and by `herald audit verify`, always on the stored row,
//! never on the event in memory. `docs/audit.md` describes the form for auditors.

use super::canonical;
use crate::ports::Ordinal;
use herald_kernel::Instant;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The chain value before the first event.
pub const GENESIS: [u8; 32] = [0; 32];

/// The parts of a stored row that the digest covers. Position and transaction are the engine's own
/// and are left out; the recording time is in, so that it cannot be edited unseen.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r> {
    /// The aggregate's type.
    pub aggregate_type: &'r str,
    /// The aggregate.
    pub aggregate_id: &'r str,
    /// Its number in the stream.
    pub sequence: i64,
    /// The event's stored name.
    pub event_type: &'r str,
    /// Its version.
    pub event_version: &'r str,
    /// When the database stored it.
    pub recorded_at: Instant,
    /// The stored payload.
    pub payload: &'r Value,
    /// The stored metadata.
    pub metadata: &'r Value,
}

/// SHA-256 of `herald.event.v1`, a line break, and the canonical JSON array of the row.
#[must_use]
pub fn event_digest(row: &Row<'_>) -> [u8; 32] {
    // Piece by piece, since an array of it all would first copy payload and metadata.
    let mut text = String::with_capacity(2048);
    text.push_str("herald.event.v1\n[");
    canonical::write_text(&mut text, row.aggregate_type);
    text.push(',');
    canonical::write_text(&mut text, row.aggregate_id);
    // Writing to a string cannot fail.
    let _ = write!(text, ",{},", row.sequence);
    canonical::write_text(&mut text, row.event_type);
    text.push(',');
    canonical::write_text(&mut text, row.event_version);
    let _ = write!(text, ",\"{}\",", row.recorded_at);
    canonical::write_value(&mut text, row.payload);
    text.push(',');
    canonical::write_value(&mut text, row.metadata);
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

    use serde_json::json;

    fn row<'r>(payload: &'r Value, metadata: &'r Value) -> Row<'r> {
        Row {
            aggregate_type: "post",
            aggregate_id: "01890a5d-ac96-774b-bcce-b302099a8057",
            sequence: 1,
            event_type: "post.created",
            event_version: "1",
            recorded_at: "2026-11-21T09:00:00.123456Z".parse().expect("an instant"),
            payload,
            metadata,
        }
    }

    /// The same vector is checked by `tests/audit_vectors.py`, an implementation of its own.
    #[test]
    fn the_digest_and_the_chain_are_those_of_the_published_vector() {
        let payload = json!({"type": "created", "n": 7, "text": "Grüße\n"});
        let metadata = json!({"account_id": "acc_0", "via": "graphql"});
        let digest = event_digest(&row(&payload, &metadata));
        let expected = include_str!("vector.txt");
        let mut lines = expected.lines();
        assert_eq!(Some(hex(&digest).as_str()), lines.next());
        assert_eq!(Some(hex(&chain(&GENESIS, Ordinal(1), &digest)).as_str()), lines.next());
    }

    #[test]
    fn every_covered_part_changes_the_digest() {
        let (payload, metadata) = (json!({"n": 1}), json!({"via": "cli"}));
        let base = row(&payload, &metadata);
        let other = json!({"n": 2});
        let variants = [
            Row { aggregate_type: "plan", ..base },
            Row { aggregate_id: "x", ..base },
            Row { sequence: 2, ..base },
            Row { event_type: "post.edited", ..base },
            Row { event_version: "2", ..base },
            Row { recorded_at: base.recorded_at.plus(std::time::Duration::from_micros(1)), ..base },
            Row { payload: &other, ..base },
            Row { metadata: &other, ..base },
        ];
        for variant in variants {
            assert_ne!(event_digest(&base), event_digest(&variant), "{variant:?}");
        }
    }
}
