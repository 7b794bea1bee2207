//! Stripe's JSON, in the old and the new shape, as far as we read it. Nothing here is required that
//! one of the shapes lacks, and nothing foreign leaves the adapter.

mod invoice;
mod method;
mod page;
mod subscription;

pub(crate) use invoice::{Invoice, Preview};
pub(crate) use method::{Customer, Method};
pub(crate) use page::{Event, Intent, Money, RefundMade, Session};
pub(crate) use subscription::{Discount, Item, Price, Recurring, Schedule, Subscription};

use serde::{Deserialize, Deserializer};

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(crate) struct List<T> {
    #[serde(default = "Vec::new")]
    pub(crate) data: Vec<T>,
    #[serde(default)]
    pub(crate) has_more: bool,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { data: Vec::new(), has_more: false }
    }
}

/// Something that Stripe shows as its name, or whole where that was asked for.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Named<T> {
    /// Its name.
    Id(String),
    /// All of it.
    Whole(Box<T>),
}

/// Anything with a name.
#[derive(Debug, Deserialize)]
pub(crate) struct Thing {
    pub(crate) id: String,
}

impl<T> Named<T> {
    pub(crate) fn whole(&self) -> Option<&T> {
        match self {
            Self::Whole(whole) => Some(whole),
            Self::Id(_) => None,
        }
    }
}

impl Named<Thing> {
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Whole(thing) => &thing.id,
        }
    }
}

/// Stripe writes `null` where it means "none".
pub(crate) fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
