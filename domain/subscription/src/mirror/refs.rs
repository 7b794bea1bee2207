//! The names that a payment provider gave to things: kept as they are, never taken apart.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::{fmt, str::FromStr};

/// The longest name that is taken. The providers' own are far shorter.
const AT_MOST: usize = 255;

/// Text that no provider uses as a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a provider's name for {what} is 1 to 255 visible ASCII characters")]
pub struct InvalidRef {
    /// What was to be named.
    pub what: &'static str,
}

fn checked(text: String, what: &'static str) -> Result<String, InvalidRef> {
    let fits = (1..=AT_MOST).contains(&text.len());
    if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text)
    } else {
        Err(InvalidRef { what })
    }
}

macro_rules! refs {
    ($($(#[$doc:meta])* $name:ident, $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the provider's name as it is, or refuses what cannot be one.
            pub fn try_new(text: impl Into<String>) -> Result<Self, InvalidRef> {
                checked(text.into(), $what).map(Self)
            }

            /// The name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = InvalidRef;

            fn from_str(text: &str) -> Result<Self, InvalidRef> {
                Self::try_new(text)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::try_new(String::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }
    )*};
}

refs! {
    /// A page on which somebody pays.
    CheckoutRef, "a checkout";
    /// Who pays.
    CustomerRef, "a customer";
    /// A payment that the payer's bank contests.
    DisputeRef, "a dispute";
    /// A bill.
    InvoiceRef, "an invoice";
    /// A way to pay.
    MethodRef, "a way to pay";
    /// One movement of money.
    PaymentRef, "a payment";
    /// What a tier, or a pack of credits, costs: in one currency and, for a tier, per interval.
    PriceRef, "a price";
    /// A change of a subscription that waits for its time.
    ScheduleRef, "a schedule";
    /// A standing order.
    SubscriptionRef, "a subscription";
    /// A tax, such as a country's at its usual rate.
    TaxRateRef, "a tax rate";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_providers_name_is_kept_as_it_is() {
        let price: PriceRef = "herald_starter_monthly_v1".parse().expect("valid");
        let json = serde_json::to_string(&price).expect("serialises");
        assert_eq!(json, "\"herald_starter_monthly_v1\"");
        assert_eq!(serde_json::from_str::<PriceRef>(&json).expect("reads back"), price);
    }

    #[test]
    fn what_no_provider_would_write_is_refused_even_from_the_log() {
        for text in ["", "two words", "line\nbreak", "é", &"x".repeat(256)] {
            let refused = InvalidRef { what: "a customer" };
            assert_eq!(text.parse::<CustomerRef>(), Err(refused));
            let json = serde_json::to_string(text).expect("serialises");
            assert!(serde_json::from_str::<CustomerRef>(&json).is_err());
        }
    }
}
