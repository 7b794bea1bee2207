//! From a well-formed body to a request that may be carried out.

use super::body::Asked;
use crate::{
    limits::{Limits, Order, Run, Weight, coded, measure, weigh},
    schema::Known,
};
use async_graphql::{
    Request, ServerError, Value, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
};
use std::sync::Arc;

/// A request within the bounds, parsed, its operation chosen.
#[derive(Debug)]
pub struct Prepared {
    /// For the schema.
    pub request: Request,
    /// Its way through the schema.
    pub run: Arc<Run>,
    /// Query, mutation or subscription.
    pub kind: OperationType,
    /// How many fields are selected.
    pub fields: usize,
    /// Our own names of what is asked, for metrics: valid only once the schema has said so.
    pub operation: String,
}

impl Prepared {
    /// The same; its resolvers know who asks.
    pub(crate) fn asked_by<V: Send + Sync + 'static>(mut self, visitor: V) -> Self {
        self.request.data.insert(Known::default());
        self.request.data.insert(visitor);
        self
    }
}

/// Parses, weighs and chooses. What fails here was the request's fault, and nothing was executed.
pub fn prepare(asked: Asked, limits: &Limits, signed_in: bool) -> Result<Prepared, ServerError> {
    measure(&asked.query, limits.tokens, limits.nesting)
        .map_err(|error| coded(error.to_string(), "LIMIT_EXCEEDED"))?;
    let variables: Variables =
        serde_json::from_value(serde_json::Value::Object(asked.variables))
            .map_err(|_| coded("the variables cannot be read", "GRAPHQL_VALIDATION_FAILED"))?;
    let mut request = Request::new(asked.query).variables(variables);
    request.operation_name = asked.operation_name;
    let (name, present) = (request.operation_name.clone(), request.variables.clone());
    let document = request.parsed_query().map_err(with_code)?;
    let weight = bounded(document, limits, signed_in)?;
    let operation = choose(document, name.as_deref())?;
    require_variables(operation, &present)?;
    let kind = operation.ty;
    let budget = if weight.only_introspects() { limits.introspection } else { limits.ordinary };
    let run = Arc::new(Run::new(budget.cost, Order::of(document, operation)));
    let fields = weight.fields;
    let mut names = weight.roots.into_iter();
    let operation = match (names.next(), names.next()) {
        (Some(name), None) => name,
        (Some(_), Some(_)) => "several".to_owned(),
        (None, _) => "nothing".to_owned(),
    };
    Ok(Prepared { request: request.data(Arc::clone(&run)), run, kind, fields, operation })
}

fn bounded(
    document: &ExecutableDocument,
    limits: &Limits,
    signed_in: bool,
) -> Result<Weight, ServerError> {
    let (operations, most) = (document.operations.iter().len(), limits.operations);
    if operations > most {
        let message =
            format!("the document has {operations} operations, at most {most} are allowed");
        return Err(coded(message, "LIMIT_EXCEEDED"));
    }
    let most = limits.introspection.fields.max(limits.ordinary.fields);
    let weight = weigh(document, most, limits.nesting)?;
    weight.check(limits, signed_in)?;
    Ok(weight)
}

fn choose<'d>(
    document: &'d ExecutableDocument,
    name: Option<&str>,
) -> Result<&'d OperationDefinition, ServerError> {
    let chosen = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(map), Some(name)) => map.get(name),
        (DocumentOperations::Multiple(map), None) if map.len() == 1 => map.values().next(),
        (DocumentOperations::Multiple(_), None) => {
            let message = "the document has several operations: say which in `operationName`";
            return Err(coded(message, "GRAPHQL_VALIDATION_FAILED"));
        }
    };
    let missing = || {
        let message = "the document has no operation of the name in `operationName`";
        coded(message, "GRAPHQL_VALIDATION_FAILED")
    };
    chosen.map(|operation| &operation.node).ok_or_else(missing)
}

/// The schema would notice a missing variable only while it executes, when half is already done.
fn require_variables(
    operation: &OperationDefinition,
    present: &Variables,
) -> Result<(), ServerError> {
    for definition in &operation.variable_definitions {
        let definition = &definition.node;
        let name = &definition.name.node;
        let required = !definition.var_type.node.nullable && definition.default_value.is_none();
        let given = present.get(name).is_some_and(|value| *value != Value::Null);
        if required && !given {
            let message = format!(
                "the variable `${name}` of type `{}` has no value",
                definition.var_type.node
            );
            return Err(coded(message, "GRAPHQL_VALIDATION_FAILED"));
        }
    }
    Ok(())
}

fn with_code(error: ServerError) -> ServerError {
    let mut coded = coded(error.message, "GRAPHQL_PARSE_FAILED");
    coded.locations = error.locations;
    coded
}
