//! Which shapes an answer or an event takes: those of its API version.

use super::refusal::Refusal;

/// The version that is spoken unless another is asked for.
pub(super) const NEWEST: &str = "2026-10-28.endive";

/// Since this version periods stand on the items of a subscription, and an invoice has a parent.
const TURN: &str = "2025-03-31";

/// The oldest version whose shapes are known here.
const OLDEST: &str = "2022-11-15";

/// A version that a request or an endpoint named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version(String);

impl Version {
    pub(super) fn newest() -> Self {
        Self(NEWEST.to_owned())
    }

    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        let (date, name) = text.split_once('.').unwrap_or((text, ""));
        let digits = date.len() == 10
            && date.bytes().enumerate().all(|(place, byte)| match place {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let named = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_;=".contains(&byte));
        if digits && named && date >= OLDEST {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::invalid(format!("Invalid Stripe API version: {text}")))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it speaks the shapes before the turn.
    pub(super) fn is_old(&self) -> bool {
        self.0.as_str() < TURN
    }
}
