//! Scalars: what a number or a plain string would get wrong.
//!
//! An input scalar takes any string; what it means is read where it is used, so that a wrong one is
//! told as a `userError` with its path, like every other mistake in an input.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use herald_application::failure::Failure;
use herald_content_plan::Date as PlanDate;
use herald_kernel::{Instant, LocalTime as Local, Zone as TimeZone};

macro_rules! text_scalars {
    ($($(#[$doc:meta])* $name:ident($inner:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(crate) struct $name(String);

        $(#[$doc])*
        #[Scalar]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                match value {
                    Value::String(text) => Ok(Self(text)),
                    other => Err(InputValueError::expected_type(other)),
                }
            }

            fn is_valid(value: &Value) -> bool {
                matches!(value, Value::String(_))
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.clone())
            }
        }

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value.to_string())
            }
        }

    )*};
}

macro_rules! readable {
    ($($name:ident($inner:ty);)*) => {$(
        impl $name {
            /// What it means; `path` names the input field in a refusal.
            pub(crate) fn read(&self, path: &str) -> Result<$inner, Failure> {
                self.0.parse().map_err(|error| reading(path, &error))
            }
        }
    )*};
}

text_scalars! {
    /// A point on the world's time line as RFC 3339 writes it: `2026-11-21T09:00:00Z`.
    DateTime(Instant);
    /// What a wall clock shows, without a zone: `2026-11-21T09:00:00`.
    LocalTime(Local);
    /// An IANA time zone, such as `Europe/Berlin` or `UTC`.
    Zone(TimeZone);
    /// A day as a calendar shows it: `2026-11-21`.
    Date(PlanDate);
    /// A whole number of up to 64 bits, as a decimal string: `Int` ends at 2147483647.
    BigInt(i64);
}

readable! {
    DateTime(Instant);
    LocalTime(Local);
    Zone(TimeZone);
    Date(PlanDate);
    BigInt(i64);
}

impl From<u64> for BigInt {
    fn from(value: u64) -> Self {
        Self(value.to_string())
    }
}

fn reading(path: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::invalid(path, error.to_string())
}

/// `Int` for a number that never comes near its end.
pub(crate) fn int(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}
