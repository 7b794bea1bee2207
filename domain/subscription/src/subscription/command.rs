//! What one can ask of a subscription.

use super::{
    Buys, CancelAt, CheckoutOutcome, DisputeStage, Entitlement, Errand, Keepers, PortalOutcome,
    Reason, Recorded,
};
use crate::{
    CheckoutRef, CustomerRef, DisputeRef, Interval, InvoiceRef, PaymentRef, Snapshot, TaxRateRef,
    TierKey,
};
use herald_kernel::{CommandId, Instant, Money};
use herald_terms::Tier;

/// What one can ask of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubscriptionCommand {
    /// Have the account known to the payment provider.
    IntendCustomer,
    /// Note under which name it knows the account.
    LinkCustomer {
        /// The name.
        customer: CustomerRef,
    },
    /// Open a page on which something is paid.
    StartCheckout {
        /// This command.
        checkout: CommandId,
        /// What is bought.
        buys: Buys,
        /// What is put on the bill as tax, where the provider does not work it out.
        tax_rates: Vec<TaxRateRef>,
    },
    /// Note how that ended.
    RecordCheckout {
        /// Which.
        checkout: CommandId,
        /// How.
        outcome: CheckoutOutcome,
    },
    /// Note that somebody went through with it.
    CompleteCheckout {
        /// Which.
        session: CheckoutRef,
    },
    /// Note that nobody did in time.
    ExpireCheckout {
        /// Which.
        session: CheckoutRef,
    },
    /// Take in what the provider says.
    ObserveSnapshot {
        /// What it says.
        snapshot: Box<Snapshot>,
        /// When it was asked. An earlier answer never replaces a later one.
        fetched_at: Instant,
        /// Does another account hold the claim of the card that is shown?
        card_tried: bool,
    },
    /// Change to another tier or interval: up at once, down with the end of what is paid for.
    RequestPlanChange {
        /// This command.
        change: CommandId,
        /// To which tier.
        tier: Tier,
        /// Paid how often.
        interval: Interval,
    },
    /// Stay, although a change was asked for.
    WithdrawPlanChange,
    /// Hand a change to the provider whose time has come.
    ApplyPlanChange {
        /// Which.
        change: CommandId,
    },
    /// Note how the provider answered.
    RecordPlanChange {
        /// Which.
        change: CommandId,
        /// How.
        outcome: Recorded,
    },
    /// Say what keeps its place in the lower tier.
    ChooseKeepers {
        /// What.
        keepers: Keepers,
    },
    /// End the subscription.
    Cancel {
        /// When.
        at: CancelAt,
    },
    /// Note how the provider answered.
    RecordCancellation {
        /// How.
        outcome: Recorded,
    },
    /// Go on, although an end was asked for.
    Resume,
    /// Note how the provider answered.
    RecordResumption {
        /// How.
        outcome: Recorded,
    },
    /// Open the provider's own pages for bills and cards.
    OpenPortal {
        /// This command.
        portal: CommandId,
    },
    /// Note how that ended.
    RecordPortal {
        /// Which.
        portal: CommandId,
        /// How.
        outcome: PortalOutcome,
    },
    /// Note that money came in.
    RecordPayment {
        /// For which bill.
        invoice: InvoiceRef,
        /// How much.
        amount: Money,
    },
    /// Note that money went back.
    RecordRefund {
        /// Which movement of money.
        refund: PaymentRef,
        /// For which bill, if for one.
        invoice: Option<InvoiceRef>,
        /// How much.
        amount: Money,
    },
    /// Note how far a contested payment is.
    RecordDispute {
        /// Which.
        dispute: DisputeRef,
        /// How far.
        stage: DisputeStage,
        /// How much is contested.
        amount: Money,
        /// When the bank asked. A subscription that began later is not concerned.
        opened_at: Instant,
    },
    /// Have the provider do something once.
    RunErrand {
        /// This command.
        errand: CommandId,
        /// What.
        what: Errand,
    },
    /// Note how the provider answered.
    RecordErrand {
        /// Which.
        errand: CommandId,
        /// How.
        outcome: Recorded,
    },
    /// Let everything work for longer although a payment failed.
    ExtendGrace {
        /// Until when.
        until: Instant,
        /// Why.
        reason: Reason,
    },
    /// Set one entitlement otherwise than the tier does.
    OverrideEntitlement {
        /// Which, and what it is.
        entitlement: Entitlement,
        /// Until when.
        until: Option<Instant>,
        /// Why.
        reason: Reason,
    },
    /// Let the tier decide again.
    LiftOverride {
        /// About what; the value does not matter.
        entitlement: Entitlement,
    },
    /// Give the account a tier version for nothing.
    Grandfather {
        /// Which.
        to: TierKey,
        /// Until when.
        until: Option<Instant>,
        /// Why.
        reason: Reason,
    },
    /// Restrict the account now that its grace is over.
    ElapseGrace,
    /// Say that the trial ends within three days.
    NoteTrialEnding,
}
