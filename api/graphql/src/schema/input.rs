//! Reading inputs: each value becomes what the domain takes, or a refusal that names its path.

use async_graphql::ID;
use herald_application::failure::Failure;
use herald_kernel::{Id, Kind};
use std::fmt::Display;

/// An id of the expected kind.
pub(crate) fn id<K: Kind>(text: &ID, path: &str) -> Result<Id<K>, Failure> {
    text.parse()
        .map_err(|error: herald_kernel::InvalidId| Failure::invalid(path, error.to_string()))
}

/// A value that is born valid, or not at all.
pub(crate) fn valid<T, V>(value: V, path: &str) -> Result<T, Failure>
where
    T: TryFrom<V>,
    T::Error: Display,
{
    T::try_from(value).map_err(|error| Failure::invalid(path, error.to_string()))
}

/// The same for a value that may be absent.
pub(crate) fn optional<T, V>(value: Option<V>, path: &str) -> Result<Option<T>, Failure>
where
    T: TryFrom<V>,
    T::Error: Display,
{
    value.map(|value| valid(value, path)).transpose()
}

/// The same for each of a list; the path of a refusal ends with the place in it.
pub(crate) fn each<T, V>(values: Vec<V>, path: &str) -> Result<Vec<T>, Failure>
where
    T: TryFrom<V>,
    T::Error: Display,
{
    let read = |(index, value)| valid(value, &format!("{path}.{index}"));
    values.into_iter().enumerate().map(read).collect()
}

/// The ids of a list.
pub(crate) fn ids<K: Kind>(list: &[ID], path: &str) -> Result<Vec<Id<K>>, Failure> {
    let read = |(index, one): (usize, &ID)| id(one, &format!("{path}.{index}"));
    list.iter().enumerate().map(read).collect()
}
