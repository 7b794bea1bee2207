//! Small, steady values for tests: the same number always gives the same value.

use herald_application::{
    bridge::StreamKind,
    ports::{NewEvent, StreamAppend, ViewDocument},
};
use herald_kernel::{AccountId, Instant};
use serde_json::{Value, json};
use uuid::Uuid;

/// The `n`th account.
#[must_use]
pub fn account(n: u128) -> AccountId {
    AccountId::new(id(n))
}

/// The `n`th UUID.
#[must_use]
pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0001_0000_0000_7000_8000_0000_0000_0000 + n)
}

/// `seconds` after a certain morning.
#[must_use]
pub fn at(seconds: i64) -> Instant {
    let morning: i64 = 1_795_251_600;
    Instant::from_micros((morning + seconds) * 1_000_000 + 123_456).expect("an instant")
}

/// A hash of 32 equal bytes.
#[must_use]
pub const fn hash(byte: u8) -> [u8; 32] {
    [byte; 32]
}

/// An event of `account` that carries the number `n`.
#[must_use]
pub fn event(account: AccountId, n: i64) -> NewEvent {
    let payload = json!({
        "type": "taken", "by": id(7), "n": n, "text": "Grüße „an“ \\ alle \u{1f680}\n",
        "list": [1, true, null, {"b": 2, "a": 1}], "bb": -1, "a": 0
    });
    NewEvent {
        event_type: "claim.taken".to_owned(),
        event_version: "1".to_owned(),
        payload,
        metadata: metadata(account, n),
    }
}

/// The metadata of one command.
#[must_use]
pub fn metadata(account: AccountId, n: i64) -> Value {
    json!({"account_id": account, "command_id": n.to_string(), "via": "cli"})
}

/// `count` events for stream `n` of the claims, after `expected` earlier ones.
#[must_use]
pub fn append(n: u128, expected: u64, count: u64) -> StreamAppend {
    append_of(account(1), n, expected, count)
}

/// The same on behalf of `account`.
#[must_use]
pub fn append_of(account: AccountId, n: u128, expected: u64, count: u64) -> StreamAppend {
    let numbers = (expected + 1..).take(usize::try_from(count).expect("a small number"));
    StreamAppend {
        kind: StreamKind::Claim,
        id: id(n),
        expected,
        events: numbers
            .map(|n| event(account, i64::try_from(n).expect("a small number")))
            .collect(),
    }
}

/// A document `id` of `account` at `seconds`.
#[must_use]
pub fn document(id: &str, account: Option<AccountId>, seconds: i64) -> ViewDocument {
    ViewDocument {
        id: id.to_owned(),
        account,
        status: "draft".to_owned(),
        at: at(seconds),
        text: format!("text of {id}"),
        doc: json!({"id": id, "n": seconds}),
    }
}
