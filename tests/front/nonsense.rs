//! Nonsense in many forms, drawn from seeded dice.

use rand::{Rng as _, rngs::StdRng};
use serde_json::{Value, json};

/// A value that nobody expects.
pub(crate) fn value(dice: &mut StdRng) -> Value {
    let long = dice.random_range(1..30_000);
    match dice.random_range(0..16) {
        0 => Value::Null,
        1 => json!(-1),
        2 => json!(i64::MAX),
        3 => json!(1e308),
        4 => json!(true),
        5 => json!(""),
        6 => json!("x".repeat(long)),
        7 => json!("\u{0}\u{1}\u{7f}\u{202e}\u{feff}"),
        8 => json!("\u{10ffff}".repeat(long / 8)),
        9 => json!([[[[["deep"]]]]]),
        10 => json!({ "a": { "b": [] } }),
        11 => json!("post_00000000000000000000000000"),
        12 => json!("post_ZZZZZZZZZZZZZZZZZZZZZZZZZZ"),
        13 => json!("9999-99-99T99:99:99Z"),
        14 => json!("' OR 1=1; DROP TABLE events; --"),
        _ => json!("2031-03-30T02:30:00+25:00[Mars/Olympus]"),
    }
}

/// A body that is no request.
pub(crate) fn body(dice: &mut StdRng) -> String {
    let n = dice.random_range(1..20_000);
    match dice.random_range(0..12) {
        0 => "[".repeat(n),
        1 => "{\"a\":".repeat(n),
        2 => r#"{"query":"{ __typename }","query":"{ a }"}"#.to_owned(),
        3 => format!("[{}]", vec![r#"{"query":"{ __typename }"}"#; n / 100 + 1].join(",")),
        4 => format!("{{\"query\":\"{}\"}}", "{ a ".repeat(n / 2)),
        5 => {
            let aliases = "a: __typename b: __typename ".repeat(n / 30);
            json!({ "query": format!("{{ {aliases} }}") }).to_string()
        }
        6 => {
            let query = "query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }";
            json!({ "query": query }).to_string()
        }
        7 => json!({ "query": format!("{{ posts(first: {n}{n}{n}{n}) {{ __typename }} }}") })
            .to_string(),
        8 => json!({ "query": 1, "variables": "x", "operationName": [] }).to_string(),
        9 => json!({ "query": "{ __typename }", "variables": [], "extensions": n }).to_string(),
        10 => String::new(),
        _ => (0..n).map(|_| char::from(dice.random::<u8>())).collect(),
    }
}
