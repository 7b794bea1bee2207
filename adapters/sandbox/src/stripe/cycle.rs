//! Billing periods: months and years from an anchor, and parts of a period in money.

use chrono::{DateTime, Days, Months, Utc};

/// A span of time, in seconds since 1970; the end does not belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) start: i64,
    pub(super) end: i64,
}

/// The anchor moved by a number of intervals. The 31st becomes the last of a shorter month.
fn moved(anchor: i64, interval: &str, by: u32) -> Option<i64> {
    let at: DateTime<Utc> = DateTime::from_timestamp(anchor, 0)?;
    let moved = match interval {
        "day" => at.checked_add_days(Days::new(u64::from(by))),
        "week" => at.checked_add_days(Days::new(u64::from(by).saturating_mul(7))),
        "year" => at.checked_add_months(Months::new(by.saturating_mul(12))),
        _ => at.checked_add_months(Months::new(by)),
    };
    moved.map(|at| at.timestamp())
}

/// The period that begins at `from`: it ends at the first anchored moment after it.
pub(super) fn period(anchor: i64, interval: &str, count: i64, from: i64) -> Period {
    let count = u32::try_from(count).unwrap_or(1).max(1);
    let mut by = 0_u32;
    while let Some(end) = moved(anchor, interval, by) {
        if end > from {
            return Period { start: from, end };
        }
        by = by.saturating_add(count);
    }
    Period { start: from, end: i64::MAX }
}

/// The part of an amount that falls on the rest of a period, rounded half away from zero.
pub(super) fn share(amount: i64, period: Period, at: i64) -> i64 {
    let whole = i128::from(period.end.saturating_sub(period.start).max(1));
    let rest = i128::from(period.end.saturating_sub(at)).clamp(0, whole);
    let scaled = i128::from(amount).saturating_mul(rest);
    let half = if scaled < 0 { whole.saturating_neg() / 2 } else { whole / 2 };
    i64::try_from(scaled.saturating_add(half) / whole).unwrap_or_default()
}

/// A moment as invoices print it.
pub(super) fn day(at: i64) -> String {
    let at: DateTime<Utc> = DateTime::from_timestamp(at, 0).unwrap_or_default();
    at.format("%-d %b %Y").to_string()
}

/// An amount as a person reads it.
pub(super) fn money(amount: i64, currency: &str) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let (whole, cents) = (amount.unsigned_abs() / 100, amount.unsigned_abs() % 100);
    let symbol = match currency {
        "usd" => "$",
        "eur" => "€",
        "gbp" => "£",
        _ => "",
    };
    format!("{sign}{symbol}{whole}.{cents:02}")
}

#[cfg(test)]
mod tests {
    use super::{Period, period, share};

    #[test]
    fn the_last_of_january_becomes_the_last_of_february_and_comes_back() {
        let january = 1_769_860_800; // 31 Jan 2026, 12:00
        let first = period(january, "month", 1, january);
        assert_eq!(first.end, 1_772_280_000); // 28 Feb 2026, 12:00
        let second = period(january, "month", 1, first.end);
        assert_eq!(second, Period { start: 1_772_280_000, end: 1_774_958_400 }); // 31 Mar
    }

    #[test]
    fn the_rest_of_a_period_costs_its_part() {
        let month = Period { start: 0, end: 30 };
        assert_eq!(share(2_900, month, 15), 1_450);
        assert_eq!(share(-2_900, month, 15), -1_450);
        assert_eq!(share(2_900, month, 0), 2_900);
        assert_eq!(share(2_900, month, 40), 0);
    }
}
