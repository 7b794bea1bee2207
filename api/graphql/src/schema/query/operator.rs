//! What operators of the installation ask: what is earned, and which webhooks came.

use crate::schema::{
    fault::{Fault, Result},
    paging::{Wish, page_cost},
    scalars::DateTime,
    types::{
        names::{WebhookState, Word},
        operator::{RevenueFigures, RevenuePeriod, Webhook, monthly},
    },
    visitor::{desk, operator},
};
use async_graphql::{
    Context, Object,
    connection::{Connection, EmptyFields},
};
use herald_application::{
    failure::Failure,
    inbox,
    ports::{InboxFilter, InboxStateName},
    settings::Billing,
    views::revenue,
};
use herald_kernel::{AccountId, Instant};
use herald_subscription::{Catalogue, REVENUE_VERSION};
use uuid::Uuid;

fn instant(time: Option<&DateTime>, path: &str) -> Result<Option<Instant>> {
    Ok(time.map(|time| time.read(path)).transpose()?)
}

#[derive(Debug, Default)]
pub(crate) struct OperatorQueries;

#[Object]
impl OperatorQueries {
    /// What all accounts earn: per month at an instant, and what moved in a stretch of time. For
    /// operators of the installation.
    #[graphql(complexity = "100 + child_complexity")]
    async fn revenue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant of `monthly`; now when absent.")] as_of: Option<DateTime>,
        #[graphql(desc = "The beginning of `period`; without one there is none.")] from: Option<
            DateTime,
        >,
        #[graphql(desc = "Its end, which is not part of it; now when absent.")] to: Option<
            DateTime,
        >,
    ) -> Result<RevenueFigures> {
        operator(ctx, "revenue")?;
        let desk = desk(ctx)?;
        let now = desk.clock.now();
        let at = instant(as_of.as_ref(), "asOf")?.unwrap_or(now);
        let to = instant(to.as_ref(), "to")?.unwrap_or(now);
        let period = match instant(from.as_ref(), "from")? {
            Some(from) if from >= to => {
                return Err(Fault::invalid("to", "`to` must be later than `from`"));
            }
            Some(from) => {
                let none = Catalogue::default();
                let catalogue = match &desk.settings.billing {
                    Billing::On { catalogue, .. } => catalogue.as_ref(),
                    Billing::Off => &none,
                };
                let report = revenue::report(desk, from, to).await?;
                Some(RevenuePeriod::of(&report, (from, to), catalogue))
            }
            None => None,
        };
        let rates = revenue::as_of(desk, at).await?;
        Ok(RevenueFigures {
            definitions: crate::schema::scalars::int(REVENUE_VERSION),
            as_of: at.into(),
            monthly: rates.iter().map(|(name, rate)| monthly(*name, rate.minor())).collect(),
            period,
        })
    }

    /// The webhooks that came, the newest first; never their bodies. Read forwards only. For
    /// operators of the installation.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "each argument is one filter of the API")]
    async fn inbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only this provider's, such as `stripe`.")] source: Option<String>,
        #[graphql(desc = "Only where they stand so; all when absent or empty.")] state: Option<
            Vec<WebhookState>,
        >,
        #[graphql(desc = "Only this kind, such as `invoice.paid`.")] kind: Option<String>,
        #[graphql(desc = "Only what came at or after this instant.")] from: Option<DateTime>,
        #[graphql(desc = "Only what came before this instant.")] to: Option<DateTime>,
        #[graphql(desc = "How many, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "A cursor.")] after: Option<String>,
    ) -> Result<Connection<String, Webhook, EmptyFields>> {
        operator(ctx, "inbox")?;
        let desk = desk(ctx)?;
        // The list belongs to the installation, so its cursors are bound to no account.
        let wish = Wish { first, after, ..Wish::default() };
        let window = wish.check(desk, AccountId::new(Uuid::nil()), "inbox")?;
        let states = state.unwrap_or_default().into_iter().map(WebhookState::stored);
        let before = window.anchor.as_ref().map(|(_, number)| number.parse::<i64>()).transpose();
        let filter = InboxFilter {
            source,
            states: states.filter_map(InboxStateName::parse).collect(),
            kind,
            since: instant(from.as_ref(), "from")?,
            until: instant(to.as_ref(), "to")?,
            before: before
                .map_err(|_| Fault::invalid("after", "this is no cursor of the inbox"))?,
            limit: window.limit + 1,
        };
        let mut rows = inbox::list(desk, &filter).await.map_err(Failure::from)?;
        let limit = usize::try_from(window.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let shown = rows.into_iter().map(|row| {
            let (at, number) = (row.received_at, row.number.to_string());
            Ok((at, number, Webhook::of(row)?))
        });
        Ok(window.page(shown.collect::<Result<_>>()?, more, EmptyFields))
    }
}
