//! How far a new account has come.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// One step of a new account's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnboardingStep {
    /// The account is open.
    Started,
    /// Herald knows what the business sells, to whom and how it speaks.
    BusinessDescribed,
    /// A social account is connected.
    FirstConnection,
    /// A content plan exists.
    FirstPlan,
    /// All of the above.
    Completed,
}

/// A word that names no step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a step of the onboarding")]
pub struct InvalidOnboardingStep;

impl OnboardingStep {
    /// Every step, in the order in which most accounts take them.
    pub const ALL: [Self; 5] = [
        Self::Started,
        Self::BusinessDescribed,
        Self::FirstConnection,
        Self::FirstPlan,
        Self::Completed,
    ];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::BusinessDescribed => "business_described",
            Self::FirstConnection => "first_connection",
            Self::FirstPlan => "first_plan",
            Self::Completed => "completed",
        }
    }
}

impl fmt::Display for OnboardingStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for OnboardingStep {
    type Err = InvalidOnboardingStep;

    fn from_str(name: &str) -> Result<Self, InvalidOnboardingStep> {
        Self::ALL.into_iter().find(|step| step.as_str() == name).ok_or(InvalidOnboardingStep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_reads_back_what_it_prints_and_stores() {
        for step in OnboardingStep::ALL {
            assert_eq!(step.to_string().parse(), Ok(step));
            assert_eq!(serde_json::to_value(step).expect("serialises"), step.as_str());
        }
        assert_eq!("lost".parse::<OnboardingStep>(), Err(InvalidOnboardingStep));
    }
}
