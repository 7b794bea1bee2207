//! Lists: a page of a view, and where the next one begins.

use crate::{
    Rest,
    asking::Asking,
    problem::{Answer, Problem},
};
use herald_account::Action;
use herald_application::{
    ports::{Direction, Page, ViewDocument, ViewQuery},
    reading::read_document,
};
use herald_kernel::Instant;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Which page of a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// How many, 1 to 100; 20 when absent.
    limit: Option<u32>,
    /// Where an earlier page said that the next one begins.
    after: Option<String>,
    /// Only those of this status.
    status: Option<String>,
}

/// A page of a list, newest first.
#[derive(Debug, Serialize)]
pub(crate) struct Listed<T> {
    items: Vec<T>,
    /// Where the next page begins; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// One page of `view`, each document as `show` shows it.
pub(crate) async fn list<D: DeserializeOwned, T>(
    (rest, asking): (&Rest, &Asking),
    (action, view): (Action, &str),
    wanted: Wanted,
    show: impl Fn(&D) -> T,
) -> Answer<Listed<T>> {
    let limit = wanted.limit.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(Problem::invalid("limit", "ask for 1 to 100"));
    }
    let after = wanted.after.as_deref().map(position).transpose()?;
    let query = ViewQuery {
        view: view.to_owned(),
        version: 0,
        account: asking.caller.account,
        statuses: wanted.status.into_iter().collect(),
        from: None,
        to: None,
        search: None,
        page: Page { after, direction: Direction::Descending, limit },
    };
    let page = rest.desk.documents(&asking.caller, action, query).await?;
    let next = page.documents.last().filter(|_| page.more).map(mark);
    let items = page.documents.iter().map(|row| Ok(show(&read_document(row)?)));
    Ok(Listed { items: items.collect::<Answer<_>>()?, next })
}

fn mark(row: &ViewDocument) -> String {
    format!("{}~{}", row.at.micros(), row.id)
}

fn position(mark: &str) -> Answer<(Instant, String)> {
    let read = mark
        .split_once('~')
        .and_then(|(at, id)| Some((Instant::from_micros(at.parse().ok()?)?, id.to_owned())));
    read.ok_or_else(|| Problem::invalid("after", "this is not where a page of ours begins"))
}
