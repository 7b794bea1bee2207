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

/// A sum that does not exist: two currencies, or too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyOverflow {
    /// The amounts are of different currencies.
    #[error("amounts in different currencies do not add up")]
    CurrencyMismatch,
    /// The sum leaves 64 bits.
    #[error("the amount is too large")]
    TooLarge,
}

impl Money {
    /// The sum of two amounts of one currency.
    pub fn try_add(self, other: Self) -> Result<Self, MoneyOverflow> {
        if self.currency != other.currency {
            return Err(MoneyOverflow::CurrencyMismatch);
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyOverflow::TooLarge)?;
        Ok(Self { minor, currency: self.currency })
    }
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
    fn amounts_of_two_currencies_do_not_add_up() {
        let euro = Money { minor: 1, currency: "eur".parse().expect("valid") };
        let dollar = Money { minor: 1, currency: "USD".parse().expect("valid") };
        assert_eq!(euro.try_add(dollar), Err(MoneyOverflow::CurrencyMismatch));
        assert_eq!(euro.currency.to_string(), "EUR");
    }

    proptest! {
        #[test]
        fn adding_never_wraps(a: i64, b: i64) {
            let currency: Currency = "USD".parse().expect("valid");
            let sum = Money { minor: a, currency }.try_add(Money { minor: b, currency });
            let expected = a
                .checked_add(b)
                .map(|minor| Money { minor, currency })
                .ok_or(MoneyOverflow::TooLarge);
            prop_assert_eq!(sum, expected);
        }
    }
}
