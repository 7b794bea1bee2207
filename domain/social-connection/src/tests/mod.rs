//! How a social connection behaves, told as histories.

mod consent;
mod control;
mod health;
mod properties;
mod readiness;
mod refresh;
mod stored;
mod support;
