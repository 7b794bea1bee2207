//! What one can ask of a post, and what follows.

mod approval;
mod attempts;
mod editing;
mod events;
mod histories;
mod holding;
mod people;
mod reconciling;
mod rules;
mod scheduling;
mod status;
mod support;
mod verdicts;
