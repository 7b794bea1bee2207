//! The provider's own pages: where somebody pays, and where bills and cards are.

use super::{Closed, SubscriptionUse, load, weighing};
use crate::{
    billing::{
        return_to::{self, ReturnTo},
        sync_job,
        tax::{self, TaxPlace},
    },
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    jobs::put_job,
    ports::payments::CheckoutStatus,
};
use async_trait::async_trait;
use herald_account::Action;
use herald_kernel::{CommandId, Currency, Instant};
use herald_subscription::{
    Buys, CheckoutOutcome, CheckoutRef, Interval, PortalOutcome, Subscription,
    SubscriptionCommand as Command,
};
use herald_terms::Tier;
use serde::Serialize;
use uuid::Uuid;

/// Start paying for a tier.
#[derive(Debug, Serialize)]
pub struct StartCheckout {
    /// Which, by its name or an alias.
    pub tier: Tier,
    /// Paid how often.
    pub interval: Interval,
    /// In which currency.
    pub currency: Currency,
    /// Where the payer is.
    pub place: TaxPlace,
    /// Where the payer comes back.
    pub return_to: ReturnTo,
}

/// Buy a pack of credits.
#[derive(Debug, Serialize)]
pub struct BuyCredits {
    /// Which.
    pub pack: String,
    /// In which currency.
    pub currency: Currency,
    /// Where the payer is.
    pub place: TaxPlace,
    /// Where the payer comes back.
    pub return_to: ReturnTo,
}

/// How the page that stands open is done with, as the provider has it; `None` while it is not.
/// Without an answer it stands open still: the provider takes no second payment on one page.
async fn done_with(
    work: &Work<'_>,
    known: &Subscription,
) -> Result<Option<(CheckoutRef, Closed)>, Failure> {
    let Some(session) = known.checkout().and_then(|it| it.session.clone()) else {
        return Ok(None);
    };
    let Some(payments) = &work.desk.business.payments else { return Ok(None) };
    let how = match payments.checkouts.read(&session).await.map(|seen| seen.status) {
        Ok(CheckoutStatus::Complete) => Closed::Completed,
        Ok(CheckoutStatus::Expired) => Closed::Expired,
        Ok(CheckoutStatus::Open) => return Ok(None),
        Err(failure) => {
            tracing::warn!(%session, %failure, "how a page stands could not be asked");
            return Ok(None);
        }
    };
    // Its event may come late, or never: what was bought is looked up anyway.
    let look = sync_job(work.account(), work.now).because_of(work.caller);
    put_job(work.desk, look).await?;
    Ok(Some((session, how)))
}

/// Opens a page; answers which. While the same page is open already, that one is answered.
async fn open(
    work: &mut Work<'_>,
    buys: Buys,
    place: &TaxPlace,
    return_to: &ReturnTo,
) -> Result<CommandId, Failure> {
    let checkout = work.naming().command();
    let context = weighing::context(work, false).await?;
    return_to.check(&work.desk.settings)?;
    let tax_rates = tax::rates(&work.desk.settings, place)?;
    let mut subscription = load(work).await?;
    if let Some((session, how)) = done_with(work, &subscription.state).await? {
        work.decide(&mut subscription, how.command(session), &context).await?;
    }
    let command = Command::StartCheckout { checkout, buys, tax_rates };
    work.decide(&mut subscription, command, &context).await?;
    let open = subscription.state.checkout().map_or(checkout, |it| it.id);
    if open == checkout {
        // There before the event is: the job that follows from it finds the way back.
        return_to::keep(work.desk, work.account(), checkout, return_to).await?;
    }
    Ok(open)
}

#[async_trait]
impl UseCase for StartCheckout {
    const WHO: Who = Who::Members(Action::StartCheckout);
    type Answer = CommandId;

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<CommandId, Failure> {
        let (tier, interval, currency) = (self.tier.clone(), self.interval, self.currency);
        open(work, Buys::Tier { tier, interval, currency }, &self.place, &self.return_to).await
    }

    fn replayed(&self, naming: Naming) -> CommandId {
        naming.command()
    }
}

#[async_trait]
impl UseCase for BuyCredits {
    const WHO: Who = Who::Members(Action::BuyCredits);
    type Answer = CommandId;

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<CommandId, Failure> {
        let (name, currency) = (self.pack.clone(), self.currency);
        open(work, Buys::Pack { name, currency }, &self.place, &self.return_to).await
    }

    fn replayed(&self, naming: Naming) -> CommandId {
        naming.command()
    }
}

/// Open the provider's own pages for bills and cards.
#[derive(Debug, Serialize)]
pub struct OpenPortal {
    /// Where the way back leads.
    pub return_to: ReturnTo,
}

#[async_trait]
impl UseCase for OpenPortal {
    const WHO: Who = Who::Members(Action::OpenPortal);
    type Answer = CommandId;

    fn object(&self) -> Option<Uuid> {
        None
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<CommandId, Failure> {
        let portal = work.naming().command();
        let context = weighing::context(work, false).await?;
        self.return_to.check(&work.desk.settings)?;
        let mut subscription = load(work).await?;
        work.decide(&mut subscription, Command::OpenPortal { portal }, &context).await?;
        return_to::keep(work.desk, work.account(), portal, &self.return_to).await?;
        Ok(portal)
    }

    fn replayed(&self, naming: Naming) -> CommandId {
        naming.command()
    }
}

/// How the opening of a checkout ended.
#[derive(Debug, Serialize)]
pub struct RecordCheckout {
    /// Which.
    pub checkout: CommandId,
    /// How.
    pub outcome: PageOutcome,
}

/// A page that is there, or the provider's code for why not.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PageOutcome {
    /// A checkout is open.
    Checkout {
        /// Its name.
        session: CheckoutRef,
        /// Its address.
        url: String,
        /// From when on it is void.
        expires_at: Instant,
    },
    /// The provider's own pages are open.
    Portal {
        /// Their address.
        url: String,
    },
    /// Nothing is open.
    Failed {
        /// The code.
        code: String,
    },
}

fn address(url: &str) -> Result<herald_subscription::Url, Failure> {
    let unfit =
        |_| Failure::Internal("the provider's page has an address beyond all length".into());
    url.to_owned().try_into().map_err(unfit)
}

const MIXED_UP: &str = "the outcome of another page";

impl SubscriptionUse for RecordCheckout {
    const WHO: Who = Who::Jobs("recordCheckout");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        let outcome = match &self.outcome {
            PageOutcome::Checkout { session, url, expires_at } => CheckoutOutcome::Opened {
                session: session.clone(),
                url: address(url)?,
                expires_at: *expires_at,
            },
            PageOutcome::Failed { code } => CheckoutOutcome::Failed { code: code.clone() },
            PageOutcome::Portal { .. } => return Err(Failure::Internal(MIXED_UP.to_owned())),
        };
        Ok(Command::RecordCheckout { checkout: self.checkout, outcome })
    }
}

/// How the opening of the provider's own pages ended.
#[derive(Debug, Serialize)]
pub struct RecordPortal {
    /// Which.
    pub portal: CommandId,
    /// How.
    pub outcome: PageOutcome,
}

impl SubscriptionUse for RecordPortal {
    const WHO: Who = Who::Jobs("recordPortal");

    fn command(&self, _: CommandId) -> Result<Command, Failure> {
        let outcome = match &self.outcome {
            PageOutcome::Portal { url } => PortalOutcome::Opened { url: address(url)? },
            PageOutcome::Failed { code } => PortalOutcome::Failed { code: code.clone() },
            PageOutcome::Checkout { .. } => return Err(Failure::Internal(MIXED_UP.to_owned())),
        };
        Ok(Command::RecordPortal { portal: self.portal, outcome })
    }
}
