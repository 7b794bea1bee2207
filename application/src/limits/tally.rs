//! What a caller is told of their limits, in the headers of the IETF's draft on rate limits
//! (draft-ietf-httpapi-ratelimit-headers): structured fields, one item for each policy.

use super::gcra::{Level, Rate};
use std::fmt;

/// The policy of bursts.
pub const BURST: &str = "burst";
/// The policy of the month.
pub const MONTH: &str = "month";

/// Where a caller stands with one policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Its name, which never changes.
    pub policy: &'static str,
    /// How many calls there are.
    pub quota: u64,
    /// In how many seconds.
    pub window: u64,
    /// How many are left.
    pub remaining: u64,
    /// In how many seconds there are as many again.
    pub reset: u64,
}

impl Line {
    /// What a bucket of `rate` at `level` says of itself: calls, seconds.
    #[must_use]
    pub fn burst(rate: Rate, level: Level) -> Self {
        Self {
            policy: BURST,
            quota: rate.calls.into(),
            window: rate.window.as_secs(),
            remaining: level.remaining.into(),
            reset: level.empty_in,
        }
    }
}

/// Where a caller stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(pub Vec<Line>);

impl Tally {
    /// The value of `RateLimit-Policy`; `None` when nothing is limited.
    #[must_use]
    pub fn policies(&self) -> Option<String> {
        let item = |line: &Line, f: &mut String| {
            let Line { policy, quota, window, .. } = line;
            fmt::write(f, format_args!("\"{policy}\";q={quota};w={window}"))
        };
        self.list(item)
    }

    /// The value of `RateLimit`; `None` when nothing is limited.
    #[must_use]
    pub fn limits(&self) -> Option<String> {
        let item = |line: &Line, f: &mut String| {
            let Line { policy, remaining, reset, .. } = line;
            fmt::write(f, format_args!("\"{policy}\";r={remaining};t={reset}"))
        };
        self.list(item)
    }

    fn list(&self, item: impl Fn(&Line, &mut String) -> fmt::Result) -> Option<String> {
        let mut text = String::new();
        for line in &self.0 {
            if !text.is_empty() {
                text.push_str(", ");
            }
            item(line, &mut text).ok()?;
        }
        Some(text).filter(|text| !text.is_empty())
    }
}

/// Too much: nothing was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exceeded {
    /// Where the caller stands.
    pub tally: Tally,
    /// The policies that do not allow it.
    pub violated: Vec<&'static str>,
    /// When to come back, in seconds.
    pub retry_after: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A strict reader of RFC 9651 lists of strings with integer parameters.
    fn parse(text: &str) -> Vec<(String, Vec<(String, i64)>)> {
        let item = |item: &str| {
            let mut parts = item.split(';');
            let name = parts.next().expect("an item");
            let name = name.strip_prefix('"').and_then(|it| it.strip_suffix('"')).expect("quoted");
            assert!(name.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'"' && b != b'\\'));
            let parameter = |part: &str| {
                let (key, value) = part.split_once('=').expect("key and value");
                assert!(key.len() == 1 && key.bytes().all(|b| b.is_ascii_lowercase()), "{part}");
                assert!(value.len() <= 15 && value.bytes().all(|b| b.is_ascii_digit()), "{part}");
                (key.to_owned(), value.parse().expect("an integer"))
            };
            (name.to_owned(), parts.map(parameter).collect())
        };
        text.split(", ").map(item).collect()
    }

    #[test]
    fn the_headers_are_structured_fields_with_one_item_a_policy() {
        let burst = Line { policy: BURST, quota: 100, window: 60, remaining: 42, reset: 18 };
        let month =
            Line { policy: MONTH, quota: 10_000, window: 2_592_000, remaining: 0, reset: 1_000 };
        let tally = Tally(vec![burst, month]);
        let policies = tally.policies().expect("two");
        assert_eq!(policies, r#""burst";q=100;w=60, "month";q=10000;w=2592000"#);
        let limits = tally.limits().expect("two");
        assert_eq!(limits, r#""burst";r=42;t=18, "month";r=0;t=1000"#);
        let names = |text: &str| parse(text).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(&policies), [BURST, MONTH]);
        assert_eq!(names(&limits), names(&policies));
        assert_eq!(parse(&limits)[1].1, [("r".to_owned(), 0), ("t".to_owned(), 1_000)]);
    }

    #[test]
    fn without_limits_there_is_no_header() {
        assert_eq!((Tally::default().policies(), Tally::default().limits()), (None, None));
    }
}
