//! What the account pays for, what it may use, and what it was billed.

use crate::schema::{
    fault::{Fault, Result},
    reads,
    scalars::int,
    types::{
        billing::{AccountSubscription, EntitlementTable},
        billing_offers::{
            Bills, CreditBalance, Offers, PlanChangePreview, TierOffer, UsageCount, WayToPay,
        },
        names::{BillingInterval, Word},
    },
    visitor::{caller, desk},
};
use async_graphql::{Context, ID, Object};
use herald_account::Action;
use herald_application::{
    billing,
    commands::subscription::catalogue,
    entitlements,
    failure::Failure,
    metering,
    reading::require,
    settings::Billing,
    views::subscriptions::{NAME, SubscriptionDoc},
};
use herald_subscription::{Counter, CreditKind, Credits, InvoiceRef, Usage, credits_id, usage_id};
use herald_terms::{Quota, Tier};

/// What the account pays for, as the view shows it; `None` where nobody pays.
pub(crate) async fn subscription(
    ctx: &Context<'_>,
    caller: &herald_application::caller::Caller,
) -> Result<Option<AccountSubscription>> {
    let desk = desk(ctx)?;
    let Billing::On { catalogue, .. } = &desk.settings.billing else { return Ok(None) };
    let id = caller.account.to_string();
    let found = desk.document(caller, Action::ReadSubscription, NAME, &id).await?;
    let now = desk.clock.now();
    let doc: SubscriptionDoc = match found {
        Some(doc) => doc,
        None => SubscriptionDoc::nothing(caller.account, now),
    };
    AccountSubscription::of(&doc, catalogue, now).map(Some)
}

#[derive(Debug, Default)]
pub(crate) struct BillingQueries;

#[Object]
impl BillingQueries {
    /// What the account pays for. `null` where nobody pays in this installation.
    async fn subscription(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token of a mutation that must be visible.")] after: Option<String>,
    ) -> Result<Option<AccountSubscription>> {
        let (caller, _) = reads::begin(ctx, after.as_deref()).await?;
        require(&caller, Action::ReadSubscription)?;
        subscription(ctx, &caller).await
    }

    /// What the account may use now, and by what.
    async fn entitlements(&self, ctx: &Context<'_>) -> Result<EntitlementTable> {
        let caller = caller(ctx).await?;
        require(&caller, Action::ReadUsage)?;
        EntitlementTable::of(&entitlements::of_account(desk(ctx)?, caller.account).await?)
    }

    /// How much of its monthly quotas the account has used. Empty where nobody pays.
    #[graphql(complexity = "10 + child_complexity")]
    async fn usage(&self, ctx: &Context<'_>) -> Result<Vec<UsageCount>> {
        let caller = caller(ctx).await?;
        require(&caller, Action::ReadUsage)?;
        let desk = desk(ctx)?;
        if desk.settings.billing == Billing::Off {
            return Ok(Vec::new());
        }
        let entitled = entitlements::of_account(desk, caller.account).await?;
        let has = &entitled.entitlements;
        let mut counts = Vec::new();
        for (counter, quota) in [
            (Counter::Posts, has.posts_per_month),
            (Counter::ApiCalls, has.api_calls_per_month),
            (Counter::AiCredits, has.ai_credits_per_month),
        ] {
            let id = usage_id(caller.account, counter, &entitled.period).uuid();
            let usage = desk.journal.load::<Usage>(id).await.map_err(Failure::from)?.state;
            counts.push(UsageCount {
                counter: counter.as_str().to_owned(),
                used: int(usage.used()),
                held: int(usage.held()),
                limit: Quota::limit(quota).map(int),
                used_of_packs: int(usage.drawn()),
                left_of_packs: int(metering::left_of_packs(desk, caller.account, counter).await?),
                period_start: entitled.period.start().into(),
                resets_at: entitled.period.end().into(),
            });
        }
        Ok(counts)
    }

    /// The credits that were bought beside. Needs an owner, admin or biller.
    #[graphql(complexity = "10 + child_complexity")]
    async fn credits(&self, ctx: &Context<'_>) -> Result<Vec<CreditBalance>> {
        let caller = caller(ctx).await?;
        require(&caller, Action::ReadCredits)?;
        let desk = desk(ctx)?;
        let now = desk.clock.now();
        let mut balances = Vec::new();
        for kind in [CreditKind::ApiCalls, CreditKind::AiCredits] {
            let id = credits_id(caller.account, kind).uuid();
            let credits = desk.journal.load::<Credits>(id).await.map_err(Failure::from)?.state;
            balances.push(CreditBalance {
                kind: kind.as_str().to_owned(),
                balance: int(credits.balance(now)),
                next_expiry: credits.next_expiry().map(Into::into),
                packs: credits.packs().iter().map(Into::into).collect(),
            });
        }
        Ok(balances)
    }

    /// The tiers and packs on offer. Empty where nobody pays.
    async fn tiers(&self, ctx: &Context<'_>) -> Result<Offers> {
        caller(ctx).await?;
        let Billing::On { catalogue, .. } = &desk(ctx)?.settings.billing else {
            return Ok(Offers { tiers: Vec::new(), packs: Vec::new() });
        };
        let newest = |it: &&herald_subscription::TierVersion| {
            catalogue.latest(&it.key.tier).is_some_and(|latest| latest.key == it.key)
        };
        let tiers = catalogue.tiers().iter().filter(newest).map(TierOffer::of);
        Ok(Offers {
            tiers: tiers.collect::<Result<_>>()?,
            packs: catalogue.packs().iter().map(Into::into).collect(),
        })
    }

    /// The account's bills, newest first, as the payment provider has them. Needs an owner, admin or
    /// biller.
    #[graphql(complexity = "20 + child_complexity")]
    async fn invoices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 50.", default = 10)] first: i32,
        #[graphql(desc = "The `id` of the last bill of the page before.")] after: Option<ID>,
    ) -> Result<Bills> {
        let caller = caller(ctx).await?;
        let first = u8::try_from(first).ok().filter(|first| (1..=50).contains(first));
        let first = first.ok_or_else(|| Fault::invalid("first", "give a number from 1 to 50"))?;
        let after: Option<InvoiceRef> = after
            .map(|id| id.parse())
            .transpose()
            .map_err(|_| Fault::invalid("after", "this is the id of no bill"))?;
        let page = billing::invoices(desk(ctx)?, &caller, after.as_ref(), first).await?;
        let nodes = page.invoices.iter().map(Into::into).collect();
        Ok(Bills { nodes, has_more: page.more })
    }

    /// The ways to pay that were left with the payment provider. Needs an owner, admin or biller.
    #[graphql(complexity = "20 + child_complexity")]
    async fn payment_methods(&self, ctx: &Context<'_>) -> Result<Vec<WayToPay>> {
        let caller = caller(ctx).await?;
        let methods = billing::payment_methods(desk(ctx)?, &caller).await?;
        Ok(methods.iter().map(Into::into).collect())
    }

    /// What another tier or interval would cost now. Needs an owner, admin or biller.
    #[graphql(complexity = "20 + child_complexity")]
    async fn preview_plan_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tier's name, as `tiers` has it.")] tier: String,
        #[graphql(desc = "How often it is paid.")] interval: BillingInterval,
    ) -> Result<PlanChangePreview> {
        let caller = caller(ctx).await?;
        let desk = desk(ctx)?;
        require(&caller, Action::ChangePlan)?;
        catalogue(desk)?;
        let interval = interval.stored().parse().map_err(Fault::internal)?;
        let preview = billing::preview_change(desk, &caller, &Tier::named(tier), interval).await?;
        Ok(preview.into())
    }
}
