//! What a run is asked to write, as the content store keeps it, and the job that does it.

use super::Slot;
use herald_account::{AccountName, BusinessProfile};
use herald_content_plan::{Brief, Period, Profile};
use herald_kernel::{PlanId, RunId, Text, Zone};
use serde::{Deserialize, Serialize};

/// Everything that goes into a run's prompts, fixed when the run was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// What the business is called, when it says no more about itself.
    pub name: Option<AccountName>,
    /// What the business says about itself.
    pub business: Option<BusinessProfile>,
    /// What the posts are to achieve.
    pub brief: Brief,
    /// Which days.
    pub period: Period,
    /// In which zone's time.
    pub zone: Zone,
    /// The wanted posts, in order of time.
    pub slots: Vec<Slot>,
}

/// What the job of a run needs to know. Holds references, never a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The plan.
    pub plan: PlanId,
    /// The run.
    pub run: RunId,
    /// Where the [`Assignment`] is kept.
    pub prompt_ref: Text<200>,
    /// How the models are to be asked.
    pub profiles: Vec<Profile>,
}
