//! What the schema itself enforces: cost, and the mark that tells a bad request from a failed field.

use super::{
    nulls::{Failures, Seen},
    order::Order,
};
use async_graphql::{
    ErrorExtensionValues, ObjectType, SchemaBuilder, ServerError, ServerResult, SubscriptionType,
    ValidationResult, Value,
    extensions::{
        Extension, ExtensionContext, ExtensionFactory, NextResolve, NextValidation, ResolveInfo,
    },
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

/// One request's way through the schema, shared between the transport and the schema.
#[derive(Debug, Default)]
pub struct Run {
    budget: usize,
    cost: AtomicUsize,
    valid: AtomicBool,
    notes: Mutex<BTreeMap<String, Value>>,
    failures: Failures,
    order: Order,
}

impl Run {
    /// A request that may cost `budget` and wants its answer in this order.
    #[must_use]
    pub(crate) fn new(budget: usize, order: Order) -> Self {
        Self { budget, order, ..Self::default() }
    }

    /// Was it found valid and affordable, so that it was carried out?
    #[must_use]
    pub fn was_valid(&self) -> bool {
        self.valid.load(Ordering::Relaxed)
    }

    /// Adds a member to the `extensions` of the answer, for example `idempotentReplay`.
    pub fn note(&self, name: &str, value: impl Into<Value>) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.insert(name.to_owned(), value.into());
    }

    /// Takes what was noted.
    #[must_use]
    pub fn notes(&self) -> BTreeMap<String, Value> {
        std::mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The order of the fields that were asked for.
    pub(crate) const fn order(&self) -> &Order {
        &self.order
    }

    /// Takes the failures of one answer.
    pub(crate) fn failures(&self) -> Seen {
        self.failures.take()
    }

    /// Its static cost, once it is valid.
    #[must_use]
    pub fn cost(&self) -> usize {
        self.cost.load(Ordering::Relaxed)
    }
}

/// Puts the bounds of this crate around a schema. Every schema that is served goes through here.
#[must_use]
pub fn guarded<Q, M, S>(builder: SchemaBuilder<Q, M, S>) -> SchemaBuilder<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    builder.disable_suggestions().limit_recursive_depth(32).limit_directives(4).extension(Guard)
}

/// Makes the schema keep to each request's budget.
#[derive(Debug, Clone, Copy)]
pub struct Guard;

impl ExtensionFactory for Guard {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Guard {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let result = next.run(ctx).await?;
        if let Some(run) = ctx.data_opt::<Arc<Run>>() {
            run.cost.store(result.complexity, Ordering::Relaxed);
            if result.complexity > run.budget {
                let (cost, most) = (result.complexity, run.budget);
                let message = format!("the request costs {cost}, at most {most} is allowed");
                return Err(vec![coded(message, "COST_EXCEEDED")]);
            }
            run.valid.store(true, Ordering::Relaxed);
        }
        Ok(result)
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let (path, declared) = (info.path_node, info.return_type);
        let result = next.run(ctx, info).await;
        match ctx.data_opt::<Arc<Run>>() {
            Some(run) => run.failures.settle(path, declared, result),
            None => result,
        }
    }
}

/// An error with a stable code.
pub(crate) fn coded(message: impl Into<String>, code: &str) -> ServerError {
    let mut error = ServerError::new(message, None);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    error.extensions = Some(extensions);
    error
}
