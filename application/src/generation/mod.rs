//! Having a plan written: which posts are wanted, how a model is asked, and what is left of its
//! answer once it was checked.
//!
//! **Invariant:** what a customer wrote reaches a model as data and never as an instruction; what a
//! model wrote is read as data, bounded and checked, before anything is made of it.

mod archive;
mod assignment;
mod item;
mod prompts;
mod reading;
mod schema;
mod slots;
mod tally;
#[cfg(test)]
mod tests;

pub use archive::Archive;
pub use assignment::{Assignment, Task};
pub use item::{as_post, problems};
pub use prompts::{posts as posts_prompt, repair as repair_prompt, strategy as strategy_prompt};
pub use reading::{MAX_ANSWER, WrittenPost, posts as read_posts, strategy as read_strategy};
pub use schema::{posts as posts_schema, strategy as strategy_schema};
pub use slots::{Calendar, Place, Slot, spread};
pub use tally::{KeptDraft, Tally};

use herald_kernel::Text;

/// How often an answer that cannot be used is sent back before the run fails.
pub const MAX_REPAIRS: u8 = 2;

/// How many posts one call is to write: what fits into its tokens.
pub const BATCH: usize = 7;

/// As much of a provider's words as fits, without what a database or a terminal stumbles over.
#[must_use]
pub(crate) fn clip<const MAX: usize>(words: &str) -> Text<MAX> {
    let clean = words.chars().map(|c| if c.is_control() { ' ' } else { c });
    let clean: String = clean.collect::<String>().trim_start().chars().take(MAX).collect();
    #[expect(clippy::expect_used, reason = "one letter is a text of any bound but zero")]
    Text::try_from(clean).unwrap_or_else(|_| Text::try_from("-").expect("a letter is a text"))
}
