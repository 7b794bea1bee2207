//! Amounts of money, in minor units, never in floating point.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::{fmt, str::FromStr};

/// An ISO 4217 currency code, upper case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(into = "String")]
pub struct Currency([u8; 3]);

/// Text that is not three ASCII letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three letters, such as USD")]
pub struct InvalidCurrency;

impl FromStr for Currency {
    type Err = InvalidCurrency;

    fn from_str(text: &str) -> Result<Self, InvalidCurrency> {
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| InvalidCurrency)?;
        if code.iter().all(u8::is_ascii_alphabetic) {
            Ok(Self(code.map(|letter| letter.to_ascii_uppercase())))
        } else {
            Err(InvalidCurrency)
        }
    }
}
impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|&letter| write!(f, "{}", char::from(letter)))
    }
}
impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.to_string()
    }
}
impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// An amount in a currency's minor unit: cents for USD, yen for JPY.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units; negative for what is owed back.
    pub minor: i64,
    /// The currency that the minor unit belongs to.
    pub currency: Currency,
}

/// The cost of a provider's call in billionths of a US dollar.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct NanoUsd(i64);

impl NanoUsd {
    /// Billionths of a US dollar.
    #[must_use]
    pub const fn new(nano: i64) -> Self {
        Self(nano)
    }

    /// Billionths of a US dollar.
    #[must_use]
    pub const fn nano(self) -> i64 {
        self.0
    }

    /// The sum, held at the largest amount rather than wrapped.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for NanoUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nano = self.0.unsigned_abs();
        write!(f, "{sign}${}.{:09}", nano / 1_000_000_000, nano % 1_000_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_currency_is_three_letters_written_in_any_case() {
        let euro: Currency = "eur".parse().expect("valid");
        assert_eq!((euro.to_string(), Ok(euro)), ("EUR".to_owned(), "EUR".parse()));
        for not_one in ["", "EU", "EURO", "E1R", "€"] {
            assert_eq!(not_one.parse::<Currency>(), Err(InvalidCurrency), "{not_one}");
        }
        assert!(serde_json::from_str::<Currency>("\"EURO\"").is_err());
    }

    #[test]
    fn a_cost_is_printed_to_its_last_billionth() {
        assert_eq!(NanoUsd::new(1_000_000_007).to_string(), "$1.000000007");
        assert_eq!(NanoUsd::new(-7).to_string(), "-$0.000000007");
    }

    proptest! {
        #[test]
        fn costs_add_up_and_never_wrap(a: i64, b: i64) {
            let sum = NanoUsd::new(a).plus(NanoUsd::new(b)).nano();
            let exact = i128::from(a) + i128::from(b);
            let held = exact.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
            prop_assert_eq!(i128::from(sum), held);
        }
    }
}
