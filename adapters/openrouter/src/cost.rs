//! Money as providers write it, a decimal number of dollars, in billionths and without rounding
//! errors of floating point.

use serde_json::Number;

/// Digits after the point in a nano-dollar amount.
const PLACES: i32 = 9;

/// Billionths of a dollar; `None` for what is no amount, or negative, or beyond reason.
pub(crate) fn nano_usd(dollars: &Number) -> Option<i64> {
    let text = dollars.to_string();
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let point = i32::try_from(fraction.len()).ok()?;
    let shift = exponent.checked_add(PLACES)?.checked_sub(point)?;
    if shift >= 0 {
        let factor = 10_i64.checked_pow(u32::try_from(shift).ok()?)?;
        return digits.parse::<i64>().ok()?.checked_mul(factor);
    }
    // Below a billionth: rounded up, so that many small calls do not become free.
    let dropped = usize::try_from(shift.unsigned_abs()).ok()?;
    let kept = digits.len().saturating_sub(dropped);
    let (kept, rest) = digits.split_at_checked(kept)?;
    let kept: i64 = if kept.is_empty() { 0 } else { kept.parse().ok()? };
    let more = i64::from(rest.bytes().any(|digit| digit != b'0'));
    kept.checked_add(more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> Option<i64> {
        nano_usd(&serde_json::from_str(text).expect("a number"))
    }

    #[test]
    fn amounts_are_read_exactly() {
        assert_eq!(of("0.0012"), Some(1_200_000));
        assert_eq!(of("1.5e-5"), Some(15_000));
        assert_eq!(of("0"), Some(0));
        assert_eq!(of("3"), Some(3_000_000_000));
        assert_eq!(of("1e-12"), Some(1));
        assert_eq!(of("0.0000000001"), Some(1));
        assert_eq!(of("-1"), None);
        assert_eq!(of("1e300"), None);
    }

    proptest! {
        #[test]
        fn no_number_breaks_it_and_none_becomes_negative(dollars in any::<f64>()) {
            if let Some(number) = Number::from_f64(dollars) {
                prop_assert!(nano_usd(&number).is_none_or(|nano| nano >= 0));
            }
        }

        #[test]
        fn whole_billionths_survive(nano in 0_i64..10_000_000_000) {
            let text = format!("{}.{:09}", nano / 1_000_000_000, nano % 1_000_000_000);
            let number = serde_json::from_str(&text).expect("a number");
            prop_assert_eq!(nano_usd(&number), Some(nano));
        }
    }
}
