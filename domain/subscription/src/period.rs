//! The month in which a quota counts: a calendar month, or one that begins on a subscription's day.

use chrono::{DateTime, Datelike, Days, Months, NaiveTime, Utc};
use herald_kernel::Instant;
use serde::{Deserialize, Serialize};

/// A stretch of time that holds its beginning and not its end.
///
/// Periods follow upon each other without gap or overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Bounds", into = "Bounds")]
pub struct Period {
    start: Instant,
    end: Instant,
    /// Is it a month of the calendar? Decides how it is called.
    calendar: bool,
}

/// A period that ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a period must begin before it ends")]
pub struct InvalidPeriod;

#[derive(Serialize, Deserialize)]
struct Bounds {
    start: Instant,
    end: Instant,
}

impl From<Period> for Bounds {
    fn from(period: Period) -> Self {
        Self { start: period.start, end: period.end }
    }
}

impl TryFrom<Bounds> for Period {
    type Error = InvalidPeriod;

    fn try_from(bounds: Bounds) -> Result<Self, InvalidPeriod> {
        Self::try_new(bounds.start, bounds.end)
    }
}

impl Period {
    /// From `start` to just before `end`.
    pub fn try_new(start: Instant, end: Instant) -> Result<Self, InvalidPeriod> {
        if start >= end {
            return Err(InvalidPeriod);
        }
        let begins_month = |at: Instant| at.to_utc().day() == 1 && is_midnight(at.to_utc());
        let calendar = begins_month(start) && later_by(start, 1) == Some(end);
        Ok(Self { start, end, calendar })
    }

    /// The calendar month, in UTC, that holds `at`.
    #[must_use]
    pub fn calendar_month(at: Instant) -> Self {
        Self::anchored(month_start(at).unwrap_or(at), at)
    }

    /// The month that holds `at`, of those that begin on `anchor`'s day and hour.
    ///
    /// In a month that lacks the day it begins on the last one: anchored on 31 January, the months
    /// begin on 28 February, 31 March, 30 April.
    #[must_use]
    pub fn anchored(anchor: Instant, at: Instant) -> Self {
        let months = |it: Instant| {
            let it = it.to_utc();
            i64::from(it.year()) * 12 + i64::from(it.month0())
        };
        let same_month = months(at) - months(anchor);
        let begun = later_by(anchor, same_month).is_some_and(|start| start <= at);
        let first = if begun { same_month } else { same_month - 1 };
        // Only the last months of representable time have no end; nobody is billed there.
        let start = later_by(anchor, first).unwrap_or(at);
        let end = later_by(anchor, first + 1).unwrap_or_else(|| start.plus(MICROSECOND));
        Self::try_new(start, end).unwrap_or(Self { start, end, calendar: false })
    }

    /// Its first instant.
    #[must_use]
    pub const fn start(&self) -> Instant {
        self.start
    }

    /// The first instant after it: when a quota renews.
    #[must_use]
    pub const fn end(&self) -> Instant {
        self.end
    }

    /// Does it hold `at`?
    #[must_use]
    pub fn contains(&self, at: Instant) -> bool {
        self.start <= at && at < self.end
    }

    /// What it is called: `2026-11` for a month of the calendar, `2026-11-15` for one that begins
    /// on another day or hour.
    ///
    /// Two forms, so that a month that was begun for free and one that was paid for from its middle
    /// are counted apart.
    #[must_use]
    pub fn key(&self) -> String {
        let format = if self.calendar { "%Y-%m" } else { "%Y-%m-%d" };
        self.start.to_utc().format(format).to_string()
    }
}

const MICROSECOND: std::time::Duration = std::time::Duration::from_micros(1);

fn is_midnight(at: DateTime<Utc>) -> bool {
    at.time() == NaiveTime::MIN
}

fn month_start(at: Instant) -> Option<Instant> {
    let at = at.to_utc();
    let day = at.checked_sub_days(Days::new(at.day0().into()))?;
    Some(Instant::new(day.date_naive().and_time(NaiveTime::MIN).and_utc()))
}

/// The same day and hour that many months later, or earlier; the last day where there is none.
fn later_by(anchor: Instant, months: i64) -> Option<Instant> {
    let span = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    let anchor = anchor.to_utc();
    let moved = if months < 0 {
        anchor.checked_sub_months(span)?
    } else {
        anchor.checked_add_months(span)?
    };
    Some(Instant::new(moved))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn t(text: &str) -> Instant {
        text.parse().expect("valid")
    }

    #[test]
    fn a_free_account_counts_by_the_calendar() {
        let month = Period::calendar_month(t("2026-11-21T09:00:00Z"));
        assert_eq!(month.start(), t("2026-11-01T00:00:00Z"));
        assert_eq!(month.end(), t("2026-12-01T00:00:00Z"));
        assert_eq!(month.key(), "2026-11");
        assert!(month.contains(month.start()) && !month.contains(month.end()));
    }

    #[test]
    fn a_month_without_the_anchors_day_begins_on_its_last() {
        let anchor = t("2026-01-31T10:00:00Z");
        let starts: Vec<String> =
            ["2026-02-28T11:00:00Z", "2026-03-31T10:00:00Z", "2026-05-01T00:00:00Z"]
                .map(|at| Period::anchored(anchor, t(at)).start().to_string())
                .to_vec();
        assert_eq!(
            starts,
            [
                "2026-02-28T10:00:00.000000Z",
                "2026-03-31T10:00:00.000000Z",
                "2026-04-30T10:00:00.000000Z"
            ]
        );
        let leap = Period::anchored(anchor, t("2028-02-29T10:00:00Z"));
        assert_eq!(leap.start(), t("2028-02-29T10:00:00Z"));
        assert_eq!(leap.key(), "2028-02-29");
    }

    #[test]
    fn a_month_bought_in_the_middle_of_a_free_one_is_counted_apart() {
        let at = t("2026-11-21T09:00:00Z");
        let bought = Period::anchored(t("2026-11-15T08:00:00Z"), at);
        assert_ne!(bought.key(), Period::calendar_month(at).key());
        assert_eq!(bought.key(), "2026-11-15");
    }

    #[test]
    fn a_period_must_begin_before_it_ends() {
        let at = t("2026-11-21T09:00:00Z");
        assert_eq!(Period::try_new(at, at), Err(InvalidPeriod));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn months_follow_upon_each_other_for_years(
            anchor in 1_500_000_000_i64..2_000_000_000, after in -40_000_000_i64..400_000_000,
        ) {
            let anchor = Instant::from_micros(anchor * 1_000_000).expect("valid");
            let at = Instant::from_micros(anchor.micros() + after * 1_000_000).expect("valid");
            let month = Period::anchored(anchor, at);
            prop_assert!(month.contains(at));
            prop_assert_eq!(Period::anchored(anchor, month.start()), month);
            let next = Period::anchored(anchor, month.end());
            prop_assert_eq!(next.start(), month.end());
            prop_assert!(next.key() > month.key());
            let days = month.end().since(month.start()).as_secs() / 86_400;
            prop_assert!((28..=31).contains(&days), "{days} days");
            prop_assert!(month.start().to_utc().day() <= anchor.to_utc().day());
            let json = serde_json::to_string(&month).expect("serialises");
            prop_assert_eq!(serde_json::from_str::<Period>(&json).expect("reads back"), month);
        }

        #[test]
        fn every_instant_lies_in_its_calendar_month(at in 0_i64..4_000_000_000) {
            let at = Instant::from_micros(at * 1_000_000).expect("valid");
            let month = Period::calendar_month(at);
            prop_assert!(month.contains(at));
            prop_assert_eq!(month.key(), at.to_utc().format("%Y-%m").to_string());
        }
    }
}
