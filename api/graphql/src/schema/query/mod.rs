//! What can be asked, one area a file. Every root finds out who asks before it looks at anything.

mod account;
mod api_key;
mod attention;
mod audit;
pub(crate) mod billing;
mod calendar;
mod identity;
mod lists;
mod objects;
mod operator;
mod providers;

use async_graphql::MergedObject;

pub use providers::Checkup;

/// What can be asked.
#[derive(Debug, Default, MergedObject)]
pub struct Query(
    account::AccountQueries,
    identity::IdentityQueries,
    api_key::ApiKeyQueries,
    billing::BillingQueries,
    objects::ObjectQueries,
    lists::ListQueries,
    attention::AttentionQueries,
    calendar::CalendarQueries,
    audit::AuditQueries,
    providers::ProviderQueries,
    operator::OperatorQueries,
);
