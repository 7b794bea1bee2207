//! How a content plan behaves, told as histories.

mod create;
mod generate;
mod items;
mod properties;
mod review;
mod stored;
mod support;
mod values;
