//! What one can ask of a post, and what follows.

#[cfg(test)]
mod approval;
#[cfg(test)]
mod attempts;
#[cfg(test)]
mod editing;
#[cfg(test)]
mod events;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod holding;
#[cfg(test)]
mod names;
#[cfg(test)]
mod people;
#[cfg(test)]
mod reconciling;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod scheduling;
#[cfg(test)]
mod status;
#[cfg(test)]
mod support;
#[cfg(test)]
mod verdicts;
