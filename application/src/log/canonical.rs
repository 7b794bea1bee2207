//! One spelling for one JSON value (RFC 8785), and what a stored event may contain.
//!
//! Two engines store the same event in different spellings; the digest must not notice.

use serde_json::{Number, Value};
use std::{
    cmp::Ordering,
    fmt::{self, Write},
};

/// The largest integer that every JSON reader keeps exactly: 2^53 - 1.
const MAX_SAFE_INTEGER: u64 = 9_007_199_254_740_991;
const MAX_DEPTH: usize = 32;
const MAX_BYTES: usize = 256 * 1024;

/// Why a value may not be stored as an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    /// Only an object can be an event's payload or metadata.
    #[error("an event must be a JSON object")]
    NotAnObject,
    /// A fraction, or an integer beyond 2^53 - 1.
    #[error("`{0}` is not an integer of at most 2^53 - 1; write ratios as decimal strings")]
    Number(String),
    /// U+0000, which PostgreSQL cannot store.
    #[error("an event must not contain U+0000")]
    Nul,
    /// Nested more than 32 levels deep.
    #[error("an event may be nested {MAX_DEPTH} levels deep at the most")]
    TooDeep,
    /// Larger than 256 KiB.
    #[error("an event may have {MAX_BYTES} bytes at the most, this one has {0}")]
    TooLarge(usize),
}

/// Checks the event profile.
pub fn check(value: &Value) -> Result<(), NotCanonical> {
    if !value.is_object() {
        return Err(NotCanonical::NotAnObject);
    }
    check_value(value, 1)?;
    let mut size = Size(0);
    write_value(&mut size, value);
    let Size(size) = size;
    if size > MAX_BYTES { Err(NotCanonical::TooLarge(size)) } else { Ok(()) }
}

fn check_value(value: &Value, depth: usize) -> Result<(), NotCanonical> {
    if depth > MAX_DEPTH {
        return Err(NotCanonical::TooDeep);
    }
    match value {
        Value::Null | Value::Bool(_) => Ok(()),
        Value::Number(number) => check_number(number),
        Value::String(text) => check_text(text),
        Value::Array(items) => items.iter().try_for_each(|item| check_value(item, depth + 1)),
        Value::Object(entries) => entries.iter().try_for_each(|(key, item)| {
            check_text(key)?;
            check_value(item, depth + 1)
        }),
    }
}

fn check_number(number: &Number) -> Result<(), NotCanonical> {
    let safe = number.as_i64().is_some_and(|n| n.unsigned_abs() <= MAX_SAFE_INTEGER);
    if safe { Ok(()) } else { Err(NotCanonical::Number(number.to_string())) }
}

fn check_text(text: &str) -> Result<(), NotCanonical> {
    if text.contains('\0') { Err(NotCanonical::Nul) } else { Ok(()) }
}

/// The canonical spelling. A total function: rows of foreign writers outside of the profile get
/// RFC 8785's number rules, except that integers print exactly.
#[must_use]
pub fn to_string(value: &Value) -> String {
    let mut out = String::with_capacity(1024);
    write_value(&mut out, value);
    out
}

/// The length of a spelling that nobody needs to read.
struct Size(usize);

impl Write for Size {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

/// Appends the canonical spelling. Neither a string nor a size refuses what is written to it.
pub(super) fn write_value(out: &mut impl Write, value: &Value) {
    match value {
        Value::Null => put(out, "null"),
        Value::Bool(flag) => put(out, if *flag { "true" } else { "false" }),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_text(out, text),
        Value::Array(items) => {
            put(out, "[");
            for (index, item) in items.iter().enumerate() {
                put(out, if index > 0 { "," } else { "" });
                write_value(out, item);
            }
            put(out, "]");
        }
        // Never rely on the map's own order: a dependency can switch it on or off.
        Value::Object(entries) if entries.keys().is_sorted_by(|a, b| order(a, b).is_lt()) => {
            write_entries(out, entries.iter());
        }
        Value::Object(entries) => {
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| order(a, b));
            write_entries(out, sorted.into_iter());
        }
    }
}

/// By UTF-16 units, which for ASCII is by bytes.
fn order(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

fn write_entries<'e>(out: &mut impl Write, entries: impl Iterator<Item = (&'e String, &'e Value)>) {
    put(out, "{");
    for (index, (key, item)) in entries.enumerate() {
        put(out, if index > 0 { "," } else { "" });
        write_text(out, key);
        put(out, ":");
        write_value(out, item);
    }
    put(out, "}");
}

/// Appends a JSON string.
pub(super) fn write_text(out: &mut impl Write, text: &str) {
    put(out, "\"");
    let mut rest = text;
    // What needs no escape, which is nearly everything, is appended in one piece.
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
        let (plain, tail) = rest.split_at(at);
        put(out, plain);
        let mut letters = tail.chars();
        letters.next().into_iter().for_each(|letter| write_escaped(out, letter));
        rest = letters.as_str();
    }
    put(out, rest);
    put(out, "\"");
}

fn write_escaped(out: &mut impl Write, letter: char) {
    match letter {
        '"' => put(out, "\\\""),
        '\\' => put(out, "\\\\"),
        '\u{8}' => put(out, "\\b"),
        '\t' => put(out, "\\t"),
        '\n' => put(out, "\\n"),
        '\u{c}' => put(out, "\\f"),
        '\r' => put(out, "\\r"),
        control => {
            let _ = write!(out, "\\u{:04x}", u32::from(control));
        }
    }
}

fn write_number(out: &mut impl Write, number: &Number) {
    if let Some(integer) = number.as_i64() {
        let _ = write!(out, "{integer}");
    } else if let Some(integer) = number.as_u64() {
        let _ = write!(out, "{integer}");
    } else {
        put(out, &ecmascript(number.as_f64().unwrap_or_default()));
    }
}

fn put(out: &mut impl Write, text: &str) {
    let _ = out.write_str(text);
}

/// A finite double as ECMAScript prints it, which is what RFC 8785 asks for.
fn ecmascript(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{:e}", value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let point = exponent.parse::<i64>().unwrap_or_default() + 1;
    let count = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    let zeros = |n: i64| "0".repeat(usize::try_from(n).unwrap_or_default());
    let split = |at: i64| digits.split_at(usize::try_from(at).unwrap_or_default());
    let body = if count <= point && point <= 21 {
        format!("{digits}{}", zeros(point - count))
    } else if 0 < point && point <= 21 {
        let (whole, fraction) = split(point);
        format!("{whole}.{fraction}")
    } else if -6 < point && point <= 0 {
        format!("0.{}{digits}", zeros(-point))
    } else {
        let (first, rest) = split(1);
        let dot = if rest.is_empty() { "" } else { "." };
        let sign = if point > 0 { '+' } else { '-' };
        format!("{first}{dot}{rest}e{sign}{}", (point - 1).abs())
    };
    if value < 0.0 { format!("-{body}") } else { body }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_and_spaces_dropped() {
        let value = json!({"b": [1, true, null], "a": {"z": "é\n", "aa": "\u{1}"}});
        let expected = r#"{"a":{"aa":"\u0001","z":"é\n"},"b":[1,true,null]}"#;
        assert_eq!(to_string(&value), expected);
    }

    #[test]
    fn keys_are_sorted_by_utf_16_units() {
        // U+1F600 begins with the unit D83D, which sorts before U+FB33.
        let value = json!({"\u{fb33}": 1, "\u{1f600}": 2});
        assert_eq!(to_string(&value), "{\"\u{1f600}\":2,\"\u{fb33}\":1}");
    }

    #[test]
    fn doubles_print_as_ecmascript_does() {
        for (text, expected) in [
            ("-0.0", "0"),
            ("1e21", "1e+21"),
            ("1e20", "100000000000000000000"),
            ("1e-7", "1e-7"),
            ("0.000001", "0.000001"),
            ("333333333.33333329", "333333333.3333333"),
            ("1.5e300", "1.5e+300"),
            ("-12.25", "-12.25"),
        ] {
            let value: Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(to_string(&value), expected, "{text}");
        }
    }

    #[test]
    fn neighbouring_large_integers_stay_apart() {
        let a: Value = serde_json::from_str("9007199254740993").expect("JSON");
        let b: Value = serde_json::from_str("9007199254740992").expect("JSON");
        assert_ne!(to_string(&a), to_string(&b));
    }

    #[test]
    fn what_does_not_fit_the_profile_is_refused() {
        assert_eq!(check(&json!([])), Err(NotCanonical::NotAnObject));
        assert_eq!(check(&json!({"a": 0.5})), Err(NotCanonical::Number("0.5".to_owned())));
        assert!(matches!(check(&json!({"a": u64::MAX})), Err(NotCanonical::Number(_))));
        assert_eq!(check(&json!({"a": "\u{0}"})), Err(NotCanonical::Nul));
        assert_eq!(check(&json!({"\u{0}": 1})), Err(NotCanonical::Nul));
        let deep = (0..40).fold(json!(1), |inner, _| json!({"a": inner}));
        assert_eq!(check(&deep), Err(NotCanonical::TooDeep));
        let large = json!({"a": "x".repeat(300_000)});
        assert!(matches!(check(&large), Err(NotCanonical::TooLarge(_))));
        assert_eq!(check(&json!({"a": 9_007_199_254_740_991_i64})), Ok(()));
    }

    proptest! {
        #[test]
        fn the_canonical_spelling_reads_back_as_the_same_value(
            text in "\\PC*", number: i64, flag: bool
        ) {
            let value = json!({"t": text, "n": number, "f": flag, "l": [number, flag]});
            let back: Value = serde_json::from_str(&to_string(&value)).expect("JSON");
            prop_assert_eq!(back, value);
        }
    }
}
