//! Pages of lists, as Relay has them: signed cursors, a mandatory and bounded size.

use super::{
    fault::{Fault, Result},
    scalars::int,
    visitor::{caller, desk},
};
use async_graphql::{Context, Object, connection, connection::Edge};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use herald_account::Action;
use herald_application::{
    desk::Desk,
    log::InstallKey,
    ports::{Direction, Page, ViewDocument, ViewPage, ViewQuery},
    token::Token,
};
use herald_kernel::{AccountId, Instant};
use uuid::Uuid;

/// The most of a list that is counted.
pub(crate) const COUNTED: u32 = 1_000;

/// The largest page.
const LARGEST: i32 = 100;

/// A page of a list whose size is told on request.
pub(crate) type List<N> = connection::Connection<String, N, Total>;

/// Where a page of one list begins and ends, in the list's own order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wish {
    pub(crate) first: Option<i32>,
    pub(crate) after: Option<String>,
    pub(crate) last: Option<i32>,
    pub(crate) before: Option<String>,
}

/// A checked wish.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub(crate) limit: u32,
    /// From the end of the list.
    pub(crate) backwards: bool,
    /// What the page comes after, or before when it is read backwards.
    pub(crate) anchor: Option<(Instant, String)>,
    seal: Seal,
}

/// Signs the cursors of one list in one account, so that nobody can make one up or carry one over.
#[derive(Debug, Clone)]
struct Seal {
    key: InstallKey,
    list: &'static str,
    account: AccountId,
}

impl Wish {
    /// The token, where `after` is one instead of a cursor: then the page is the first one.
    pub(crate) fn take_token(&mut self) -> Option<Token> {
        let token = self.after.as_deref()?.parse().ok()?;
        self.after = None;
        Some(token)
    }

    /// Checks the wish for the list of this name.
    pub(crate) fn check(
        self,
        desk: &Desk,
        account: AccountId,
        name: &'static str,
    ) -> Result<Window> {
        let (size, backwards, cursor, argument) = match self {
            Self { first: Some(first), last: None, before: None, after } => {
                (first, false, after, "after")
            }
            Self { last: Some(last), first: None, after: None, before } => {
                (last, true, before, "before")
            }
            Self { first: None, last: None, .. } => {
                return Err(Fault::invalid("first", "say how many: `first` or `last`, 1 to 100"));
            }
            Self { first: Some(_), last: Some(_), .. } => {
                return Err(Fault::invalid("last", "give `first` or `last`, not both"));
            }
            Self { .. } => {
                let message = "`first` goes with `after`, and `last` with `before`";
                return Err(Fault::invalid("first", message));
            }
        };
        let limit = u32::try_from(size).ok().filter(|_| (1..=LARGEST).contains(&size));
        let limit = limit.ok_or_else(|| {
            let size = if backwards { "last" } else { "first" };
            Fault::invalid(size, format!("`{size}` must be between 1 and {LARGEST}"))
        })?;
        let key = desk.journal.keyring().install_key("cursor");
        let seal = Seal { key, list: name, account };
        let anchor = cursor.map(|cursor| {
            let message = "this is not a cursor of this list, nor the token of a mutation";
            seal.open(&cursor).ok_or_else(|| Fault::invalid(argument, message))
        });
        Ok(Window { limit, backwards, anchor: anchor.transpose()?, seal })
    }
}

impl Window {
    /// What to ask a view for. The account and the version are filled in when it is read.
    pub(crate) fn query(&self, view: &str, natural: Direction) -> ViewQuery {
        let direction = match (natural, self.backwards) {
            (Direction::Ascending, false) | (Direction::Descending, true) => Direction::Ascending,
            (Direction::Descending, false) | (Direction::Ascending, true) => Direction::Descending,
        };
        ViewQuery {
            view: view.to_owned(),
            version: 0,
            account: AccountId::new(Uuid::nil()),
            statuses: Vec::new(),
            from: None,
            to: None,
            search: None,
            page: Page { after: self.anchor.clone(), direction, limit: self.limit },
        }
    }

    /// The page as it is answered.
    pub(crate) fn list<N: async_graphql::OutputType>(
        &self,
        page: &ViewPage,
        total: Total,
        node: impl Fn(&ViewDocument) -> Result<N>,
    ) -> Result<List<N>> {
        let rows = page.documents.iter().map(|row| Ok((row.at, row.id.clone(), node(row)?)));
        Ok(self.page(rows.collect::<Result<Vec<_>>>()?, page.more, total))
    }

    /// The same of rows that come from elsewhere, in the direction of travel.
    pub(crate) fn page<N: async_graphql::OutputType, F: async_graphql::ObjectType>(
        &self,
        mut rows: Vec<(Instant, String, N)>,
        more: bool,
        fields: F,
    ) -> connection::Connection<String, N, F> {
        let moved = self.anchor.is_some();
        let (before, beyond) = if self.backwards { (more, moved) } else { (moved, more) };
        if self.backwards {
            rows.reverse();
        }
        let mut list = connection::Connection::with_additional_fields(before, beyond, fields);
        let edges =
            rows.into_iter().map(|(at, id, node)| Edge::new(self.seal.close(at, &id), node));
        list.edges.extend(edges);
        list
    }
}

impl Seal {
    fn mac(&self, at: &str, id: &str) -> String {
        let account = self.account.to_string();
        let mac = self.key.mac(&[self.list, &account, at, id]);
        URL_SAFE_NO_PAD.encode(mac.get(..16).unwrap_or(&mac))
    }

    fn close(&self, at: Instant, id: &str) -> String {
        let at = at.micros().to_string();
        URL_SAFE_NO_PAD.encode(format!("{at}|{}|{id}", self.mac(&at, id)))
    }

    fn open(&self, cursor: &str) -> Option<(Instant, String)> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let mut parts = text.splitn(3, '|');
        let (at, mac, id) = (parts.next()?, parts.next()?, parts.next()?);
        let ours = self.mac(at, id);
        let differ = ours.bytes().zip(mac.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b));
        if differ != 0 || ours.len() != mac.len() {
            return None;
        }
        Some((Instant::from_micros(at.parse().ok()?)?, id.to_owned()))
    }
}

/// How long a list is.
#[derive(Debug, Clone)]
pub(crate) enum Total {
    /// It is known.
    Known(usize),
    /// It is counted when somebody wants to know, and added to what is known `beside` it.
    Counted { action: Action, queries: Vec<ViewQuery>, beside: usize },
}

#[Object]
impl Total {
    /// How many there are in the whole list, counted no further than 1,000.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let total = match self {
            Self::Known(length) => u32::try_from(*length).unwrap_or(COUNTED),
            Self::Counted { action, queries, beside } => {
                let (caller, desk) = (caller(ctx).await?, desk(ctx)?);
                let mut total = u32::try_from(*beside).unwrap_or(COUNTED);
                for query in queries {
                    total += desk.count(&caller, *action, query.clone(), COUNTED).await?;
                }
                total
            }
        };
        Ok(int(total.min(COUNTED)))
    }
}

/// What a page costs. Its rows come from documents that are read anyway, so a field of one more
/// row costs a quarter of the field.
pub(crate) fn page_cost(first: Option<i32>, last: Option<i32>, child: usize) -> usize {
    let rows = first.or(last).and_then(|rows| usize::try_from(rows).ok()).unwrap_or(1);
    (child + rows.saturating_mul(child) / 4).max(1)
}
