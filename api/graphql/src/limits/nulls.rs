//! Where a failed field leaves `null`, and how far up.
//!
//! By the specification a failed field is `null`; where its type forbids that, the object that
//! holds it is `null` in its place, and so on upwards. The library leaves such fields out instead,
//! which clients with typed answers do not survive.

use async_graphql::{QueryPathNode, QueryPathSegment, ServerError, ServerResult, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// What failed so far in one answer.
#[derive(Debug, Default)]
pub(super) struct Failures {
    any: AtomicBool,
    seen: Mutex<Seen>,
}

/// What failed in one answer.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Errors of fields that are `null` now.
    pub(crate) errors: Vec<ServerError>,
    /// The whole answer is `null`.
    pub(crate) everything: bool,
    /// Paths of values that may not stand, since something in them failed that may not be `null`.
    spoilt: BTreeSet<String>,
    /// Lists of which items are spoilt, with how many lists deep these stand.
    items: BTreeMap<String, usize>,
}

impl Failures {
    /// What becomes of a field, or of an item of a list, of this type at `path`.
    pub(super) fn settle(
        &self,
        path: &QueryPathNode<'_>,
        declared: &str,
        result: ServerResult<Option<Value>>,
    ) -> ServerResult<Option<Value>> {
        if result.is_ok() && !self.any.load(Ordering::Acquire) {
            return result;
        }
        self.any.store(true, Ordering::Release);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let spoilt = seen.spoilt.remove(&path.to_string());
        if let QueryPathSegment::Index(_) = path.segment {
            return seen.item(path, spoilt, result);
        }
        let items = seen.items.remove(&path.to_string()).unwrap_or_default();
        let nullable = !declared.ends_with('!');
        match result {
            Err(error) if nullable => {
                seen.errors.push(error);
                Ok(Some(Value::Null))
            }
            Err(error) => {
                seen.spoil_above(path);
                Err(error)
            }
            Ok(_) if spoilt || !items_may_be_null(declared, items) => {
                if !nullable {
                    seen.spoil_above(path);
                }
                Ok(Some(Value::Null))
            }
            Ok(value) => Ok(value),
        }
    }

    /// Takes what failed; the next event of a subscription begins anew.
    pub(super) fn take(&self) -> Seen {
        self.any.store(false, Ordering::Release);
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Seen {
    /// The library does not say whether an item may be `null`, only whether the whole field may. So
    /// a spoilt item is `null` until its field is settled, which knows the whole type.
    fn item(
        &mut self,
        path: &QueryPathNode<'_>,
        spoilt: bool,
        result: ServerResult<Option<Value>>,
    ) -> ServerResult<Option<Value>> {
        if !spoilt || result.is_err() {
            return result;
        }
        let (mut depth, mut above) = (0, Some(path));
        while let Some(QueryPathNode { parent, segment: QueryPathSegment::Index(_) }) = above {
            (depth, above) = (depth + 1, *parent);
        }
        let field = above.map(ToString::to_string).unwrap_or_default();
        let deepest = self.items.entry(field).or_default();
        *deepest = depth.max(*deepest);
        Ok(Some(Value::Null))
    }

    fn spoil_above(&mut self, path: &QueryPathNode<'_>) {
        match path.parent {
            Some(parent) => drop(self.spoilt.insert(parent.to_string())),
            None => self.everything = true,
        }
    }
}

/// May what stands `depth` lists deep in this type be `null`? `[Post]!` at 1: yes.
fn items_may_be_null(declared: &str, depth: usize) -> bool {
    let mut inner = declared;
    for _ in 0..depth {
        let list = inner.trim_end_matches('!');
        inner = list.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(inner);
    }
    depth == 0 || !inner.ends_with('!')
}
