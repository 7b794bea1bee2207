//! The fields of an answer stand as they were asked for (GraphQL, "Serialized Map Ordering").
//!
//! The library writes down what is done first.

use async_graphql::{
    Name, Value,
    parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};
use std::collections::HashMap;

/// Which field comes when, and which do within it.
#[derive(Debug, Default)]
pub(crate) struct Order(HashMap<Name, (usize, Self)>);

impl Order {
    /// The order of an operation whose document was weighed: unfolded, it is small enough.
    pub(crate) fn of(document: &ExecutableDocument, operation: &OperationDefinition) -> Self {
        let mut order = Self::default();
        order.add(document, &operation.selection_set.node);
        order
    }

    /// A field that is asked for twice stands where it was asked for first.
    fn add(&mut self, document: &ExecutableDocument, selections: &SelectionSet) {
        for selection in &selections.items {
            match &selection.node {
                Selection::Field(field) => {
                    let (name, next) = (field.node.response_key().node.clone(), self.0.len());
                    let (_, within) = self.0.entry(name).or_insert((next, Self::default()));
                    within.add(document, &field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => {
                    self.add(document, &fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node)
                    {
                        self.add(document, &fragment.node.selection_set.node);
                    }
                }
            }
        }
    }

    /// Puts an answer in order.
    pub(crate) fn arrange(&self, answer: &mut Value) {
        match answer {
            Value::Object(fields) => {
                fields.sort_by_cached_key(|name, _| self.0.get(name).map(|(place, _)| *place));
                for (name, value) in fields {
                    if let Some((_, within)) = self.0.get(name).filter(|(_, w)| !w.0.is_empty()) {
                        within.arrange(value);
                    }
                }
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.arrange(item)),
            Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Boolean(_)
            | Value::Binary(_)
            | Value::Enum(_) => {}
        }
    }
}
