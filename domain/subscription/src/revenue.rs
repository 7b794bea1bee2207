//! What the subscriptions earn: folds over their events, as of any instant.
//!
//! Monthly recurring revenue (MRR) is what paying accounts owe per month for what recurs: after
//! discounts that recur, without tax, single purchases, use by the meter and trials. An account
//! pays while its access is full or in grace. Its end counts when it ended and not when somebody
//! asked for it.
//!
//! **Invariant:** the movements between two instants sum up to the difference of the MRR.

mod history;
mod rate;
mod report;
#[cfg(test)]
mod tests;

pub use history::AccountHistory;
pub use rate::MonthlyRate;
pub use report::{Moves, Ratio, Report, Revenue};

/// The version of these definitions, to be published with every figure.
pub const REVENUE_VERSION: u32 = 1;
