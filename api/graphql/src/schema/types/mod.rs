//! What can be seen: the objects of the API, one kind a file.

pub(crate) mod account;
pub(crate) mod api_key;
pub(crate) mod attention;
pub(crate) mod audit;
pub(crate) mod billing;
pub(crate) mod billing_offers;
pub(crate) mod calendar;
pub(crate) mod connection;
pub(crate) mod identity;
pub(crate) mod media;
pub(crate) mod names;
pub(crate) mod node;
pub(crate) mod operator;
pub(crate) mod plan;
pub(crate) mod post;
pub(crate) mod provider;
pub(crate) mod review;
pub(crate) mod target;

use super::fault::{Fault, Result};
use herald_application::{ports::ViewDocument, reading::read_document};
use serde::de::DeserializeOwned;

/// A row's document in its typed form.
pub(crate) fn document<T: DeserializeOwned>(row: &ViewDocument) -> Result<T> {
    read_document(row).map_err(Fault::from)
}
