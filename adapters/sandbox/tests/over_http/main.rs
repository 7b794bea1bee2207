//! The sandbox through its front door: real HTTP, nothing else.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod chat;
#[cfg(test)]
mod consent;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod house;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod posts;
