//! What an endpoint is: its path, its name for faults, its parameters, and what it does.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::json::Json;
use super::params::Params;
use super::refusal::Refusal;
use super::version::Version;
use super::work::Work;

/// What an endpoint does: read and change, then answer an object in its newest shape.
pub(super) type Act = fn(&mut Work<'_>, &Call<'_>) -> Result<Value, Refusal>;

/// One endpoint of the API.
#[derive(Debug, Clone, Copy)]
pub(super) struct Endpoint {
    pub(super) method: &'static str,
    /// With `*` for one segment.
    pub(super) path: &'static str,
    pub(super) name: &'static str,
    /// The parameters that are known, as [`Params::only`] takes them.
    pub(super) params: &'static [&'static str],
    pub(super) act: Act,
}

impl Endpoint {
    const fn new(
        method: &'static str,
        path: &'static str,
        name: &'static str,
        params: &'static [&'static str],
        act: Act,
    ) -> Self {
        Self { method, path, name, params, act }
    }

    pub(super) const fn post(
        path: &'static str,
        name: &'static str,
        params: &'static [&'static str],
        act: Act,
    ) -> Self {
        Self::new("POST", path, name, params, act)
    }

    pub(super) const fn get(path: &'static str, name: &'static str, act: Act) -> Self {
        Self::new("GET", path, name, &[], act)
    }

    /// A list: the paging parameters are known besides.
    pub(super) const fn list(
        path: &'static str,
        name: &'static str,
        params: &'static [&'static str],
        act: Act,
    ) -> Self {
        Self::new("GET", path, name, params, act)
    }

    pub(super) const fn delete(
        path: &'static str,
        name: &'static str,
        params: &'static [&'static str],
        act: Act,
    ) -> Self {
        Self::new("DELETE", path, name, params, act)
    }

    pub(super) fn fits(&self, method: &Method, path: &str) -> bool {
        let (mut wanted, mut given) = (self.path.split('/'), path.split('/'));
        self.method == method.as_str()
            && loop {
                match (wanted.next(), given.next()) {
                    (None, None) => break true,
                    (Some("*"), Some(segment)) if !segment.is_empty() => {}
                    (Some(wanted), Some(given)) if wanted == given => {}
                    _ => break false,
                }
            }
    }
}

/// A request, as far as an endpoint needs it.
#[derive(Debug)]
pub(super) struct Call<'c> {
    /// The id in the path, or nothing.
    pub(super) id: &'c str,
    pub(super) path: &'c str,
    pub(super) params: &'c Params,
    pub(super) version: &'c Version,
}

impl Call<'_> {
    /// Metadata after this request: names are added, an empty value removes one, an empty
    /// `metadata` removes all.
    pub(super) fn metadata(&self, before: &Value) -> Value {
        merged(self.params, "metadata", before)
    }

    /// Copies texts and what is nested below into an object; an empty text becomes null.
    pub(super) fn assign(&self, object: &mut Value, names: &[&str]) {
        for name in names {
            let given = self.params.value(name);
            if given.as_str() == Some("") {
                object.put(name, Value::Null);
            } else if !given.is_null() {
                object.put(name, given.clone());
            }
        }
    }
}

/// The metadata under a name, laid over what was there.
pub(super) fn merged(params: &Params, name: &str, before: &Value) -> Value {
    let mut members = before.as_object().cloned().unwrap_or_default();
    if params.value(name).as_str() == Some("") {
        return Value::Object(Map::new());
    }
    for (name, value) in params.members(name).into_iter().flatten() {
        if value.as_str() == Some("") {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    Value::Object(members)
}

/// A page of a kind, narrowed by parameters that equal members of the same name.
pub(super) fn list_of(
    work: &Work<'_>,
    call: &Call<'_>,
    kind: &str,
    filters: &[&str],
) -> Result<Value, Refusal> {
    let mut all = work.all(kind);
    for filter in filters {
        if let Some(wanted) = call.params.text(filter) {
            all.retain(|object| match object.at(filter).as_bool() {
                Some(flag) => flag.to_string() == wanted,
                None => object.text(filter) == wanted,
            });
        }
    }
    page(call, kind, all)
}

/// The parameters that every list knows.
pub(super) const PAGING: &[&str] =
    &["limit", "starting_after", "ending_before", "created", "created.*"];

/// A page of what is given, newest first.
pub(super) fn page(call: &Call<'_>, kind: &str, mut all: Vec<&Value>) -> Result<Value, Refusal> {
    narrow(call.params, &mut all)?;
    let limit = call.params.int("limit")?.unwrap_or(10);
    let limit = usize::try_from(limit).ok().filter(|limit| (1..=100).contains(limit));
    let Some(limit) = limit else {
        let message = "Invalid integer: `limit` must be between 1 and 100";
        return Err(Refusal::invalid(message).code("parameter_invalid_integer").param("limit"));
    };
    let place = |name: &str| -> Result<Option<usize>, Refusal> {
        let Some(id) = call.params.text(name) else { return Ok(None) };
        let noun = kind.rsplit('.').next().unwrap_or(kind).replace('_', " ");
        let found = all.iter().position(|object| object.text("id") == id);
        found.map(Some).ok_or_else(|| Refusal::no_such(&noun, id, name))
    };
    let (after, before) = (place("starting_after")?, place("ending_before")?);
    let (first, end) = match (after, before) {
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these parameters: starting_after, \
                           ending_before.";
            return Err(Refusal::invalid(message));
        }
        (Some(after), None) => (after.saturating_add(1), after.saturating_add(1 + limit)),
        (None, Some(before)) => (before.saturating_sub(limit), before),
        (None, None) => (0, limit),
    };
    let end = end.min(all.len());
    let data: Vec<Value> =
        all.get(first..end).unwrap_or_default().iter().map(|object| (*object).clone()).collect();
    let has_more = if before.is_some() { first > 0 } else { end < all.len() };
    Ok(json!({ "object": "list", "data": data, "has_more": has_more, "url": call.path }))
}

fn narrow(params: &Params, all: &mut Vec<&Value>) -> Result<(), Refusal> {
    type Fits = fn(i64, i64) -> bool;
    if params.value("created").is_string()
        && let Some(at) = params.int("created")?
    {
        all.retain(|object| object.int("created") == at);
    }
    let bounds: [(&str, Fits); 4] = [
        ("created.gt", |made, at| made > at),
        ("created.gte", |made, at| made >= at),
        ("created.lt", |made, at| made < at),
        ("created.lte", |made, at| made <= at),
    ];
    for (name, fits) in bounds {
        if let Some(at) = params.int(name)? {
            all.retain(|object| fits(object.int("created"), at));
        }
    }
    Ok(())
}
