//! What can be asked, one area a file. Every root finds out who asks before it looks at anything.

mod account;
mod audit;
mod calendar;
mod lists;
mod objects;
mod providers;

use async_graphql::MergedObject;

pub(crate) use providers::Checkup;

/// What can be asked.
#[derive(Debug, Default, MergedObject)]
pub struct Query(
    account::AccountQueries,
    objects::ObjectQueries,
    lists::ListQueries,
    calendar::CalendarQueries,
    audit::AuditQueries,
    providers::ProviderQueries,
);
