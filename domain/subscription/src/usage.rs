//! What an account used of one counter within one period, counted exactly over all replicas.
//!
//! **Invariant:** no more is handed out than the quota allows, unless use beyond it is metered.
//! **Invariant:** what is told of use adds up to what was used, and no part is told under two names.
//! **Invariant:** a unit, a lease and a reservation count once, however often they are asked for.

mod command;
mod context;
mod counter;
mod decide;
mod event;
mod evolve;
mod refusal;
mod state;
#[cfg(test)]
mod tests;
mod totals;

pub use command::UsageCommand;
pub use context::UsageContext;
pub use counter::{BREAKDOWN_AT_MOST, Breakdown, Counter, InvalidBreakdown, usage_id};
pub use event::UsageEvent;
pub use refusal::UsageRefusal;
pub use state::{OpenReport, Usage};
pub use totals::UsageTotals;
