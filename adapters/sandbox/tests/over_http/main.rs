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
mod identity;
#[cfg(test)]
mod identity_clerk;
#[cfg(test)]
mod identity_cognito;
#[cfg(test)]
mod identity_github;
#[cfg(test)]
mod identity_google;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod posts;
#[cfg(test)]
mod resend;
#[cfg(test)]
mod stripe_checkout;
#[cfg(test)]
mod stripe_events;
#[cfg(test)]
mod stripe_house;
#[cfg(test)]
mod stripe_time;
#[cfg(test)]
mod stripe_wire;
