//! What a smaller tier does to what is there already: it rests, nothing of it is deleted.

mod places;
#[cfg(test)]
mod tests;

pub use places::{Candidate, keep};
