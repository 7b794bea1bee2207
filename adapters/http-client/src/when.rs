//! When a provider says to come back: seconds, dates, epochs and durations, made into instants.

use crate::Answer;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A provider that says "in a year" is not believed for longer than this.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// Larger numbers are seconds since 1970, smaller ones are seconds from now.
const EPOCH_FROM: f64 = 1e9;
/// Larger numbers are milliseconds since 1970.
const EPOCH_MILLIS_FROM: f64 = 1e12;

/// When `answer` asks us to come back.
pub(crate) fn retry_at(answer: &Answer, now: SystemTime) -> Option<SystemTime> {
    answer.header("retry-after").and_then(|value| retry_after(value, now)).or_else(|| {
        let exhausted = |name| answer.header(name).is_some_and(|left| left.trim() == "0");
        [
            ("x-rate-limit-remaining", "x-rate-limit-reset"),
            ("x-ratelimit-remaining", "x-ratelimit-reset"),
            ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
            ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
            ("ratelimit-remaining", "ratelimit-reset"),
        ]
        .into_iter()
        .filter(|(remaining, _)| exhausted(remaining))
        .find_map(|(_, at)| reset(answer.header(at)?, now))
    })
}

/// `Retry-After`: seconds or an HTTP date.
fn retry_after(value: &str, now: SystemTime) -> Option<SystemTime> {
    let value = value.trim();
    if let Some(span) = value.parse().ok().and_then(span) {
        return now.checked_add(span.min(LONGEST));
    }
    httpdate::parse_http_date(value).ok().map(|at| bounded(at, now))
}

/// A reset header: seconds from now, seconds or milliseconds since 1970, or `6m0s`.
pub(crate) fn reset(value: &str, now: SystemTime) -> Option<SystemTime> {
    let value = value.trim();
    let Ok(number) = value.parse::<f64>() else {
        return now.checked_add(go_duration(value)?.min(LONGEST));
    };
    if number < EPOCH_FROM {
        return now.checked_add(span(number)?.min(LONGEST));
    }
    let seconds = if number < EPOCH_MILLIS_FROM { number } else { number / 1_000.0 };
    UNIX_EPOCH.checked_add(span(seconds)?).map(|at| bounded(at, now))
}

fn span(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds.clamp(0.0, 1e11)).ok()
}

fn bounded(at: SystemTime, now: SystemTime) -> SystemTime {
    now.checked_add(LONGEST).map_or(at, |latest| at.min(latest))
}

/// `1h2m3.5s`, `20ms`.
fn go_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest.get(..digits)?.parse().ok()?;
        let tail = rest.get(digits..)?;
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        seconds += number
            * match tail.get(..letters)? {
                "h" => 3_600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 0.001,
                "us" | "µs" => 0.000_001,
                _ => return None,
            };
        rest = tail.get(letters..)?;
    }
    (!text.is_empty()).then(|| span(seconds)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }
    const NOW: u64 = 1_795_000_000;

    #[test]
    fn seconds_and_dates_are_understood_and_a_year_is_not_believed() {
        assert_eq!(retry_after("7", at(NOW)), Some(at(NOW + 7)));
        let date = httpdate::fmt_http_date(at(NOW + 90));
        assert_eq!(retry_after(&date, at(NOW)), Some(at(NOW + 90)));
        assert_eq!(retry_after("31536000", at(NOW)), Some(at(NOW) + LONGEST));
        assert_eq!(retry_after("1e300", at(NOW)), Some(at(NOW) + LONGEST));
        assert_eq!(retry_after("-5", at(NOW)), Some(at(NOW)));
        assert_eq!(retry_after("soon", at(NOW)), None);
    }

    #[test]
    fn a_reset_is_an_epoch_a_span_or_a_written_duration() {
        assert_eq!(reset(&(NOW + 60).to_string(), at(NOW)), Some(at(NOW + 60)));
        assert_eq!(reset(&((NOW + 60) * 1000).to_string(), at(NOW)), Some(at(NOW + 60)));
        assert_eq!(reset("30", at(NOW)), Some(at(NOW + 30)));
        assert_eq!(reset("1m30s", at(NOW)), Some(at(NOW + 90)));
        assert_eq!(reset("500ms", at(NOW)), Some(at(NOW) + Duration::from_millis(500)));
        assert_eq!(reset("x", at(NOW)), None);
    }

    proptest! {
        #[test]
        fn no_header_makes_us_wait_longer_than_a_day(text in "\\PC{0,30}") {
            for answer in [retry_after(&text, at(NOW)), reset(&text, at(NOW))].into_iter().flatten() {
                prop_assert!(answer <= at(NOW) + LONGEST);
            }
        }
    }
}
