//! Payers and their ways to pay.

use super::{Named, Thing, nullable};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
pub(crate) struct Method {
    pub(crate) id: String,
    #[serde(default, rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) customer: Option<Named<Thing>>,
    #[serde(default)]
    pub(crate) card: Option<Card>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Card {
    #[serde(default)]
    pub(crate) fingerprint: Option<String>,
    #[serde(default)]
    pub(crate) brand: Option<String>,
    #[serde(default)]
    pub(crate) last4: Option<String>,
    #[serde(default)]
    pub(crate) exp_month: u8,
    #[serde(default)]
    pub(crate) exp_year: u16,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Customer {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) deleted: bool,
    #[serde(default, deserialize_with = "nullable")]
    pub(crate) metadata: BTreeMap<String, String>,
    #[serde(default)]
    invoice_settings: Option<InvoiceSettings>,
}

#[derive(Debug, Deserialize)]
struct InvoiceSettings {
    #[serde(default)]
    default_payment_method: Option<Named<Method>>,
}

impl Customer {
    /// What is charged unless a subscription says otherwise.
    pub(crate) fn default_method(&self) -> Option<&Named<Method>> {
        self.invoice_settings.as_ref()?.default_payment_method.as_ref()
    }
}

impl Named<Method> {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Whole(method) => &method.id,
        }
    }
}
