//! What can have happened to a subscription.

use super::{
    Access, Buys, CancelAt, Entitlement, Errand, Impact, Keepers, Override, Question, Reason,
    TrialRefusalReason, Url,
};
use crate::{
    CheckoutRef, CustomerRef, DisputeRef, InvoiceRef, MirrorStatus, Overage, PaymentRef, PriceRef,
    Snapshot, SubscriptionRef, TaxRateRef, TierKey,
};
use herald_kernel::{CommandId, Instant, Money, Personal};
use herald_terms::Entitlements;
use serde::{Deserialize, Serialize};

/// What happened to a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SubscriptionEvent {
    /// The payment provider is to know the account.
    CustomerIntended {
        /// When; not told by events of long ago.
        #[serde(default)]
        at: Option<Instant>,
    },
    /// The payment provider knows the account.
    CustomerLinked {
        /// Under which name.
        customer: CustomerRef,
    },
    /// A page on which something is paid is to be opened.
    CheckoutIntended {
        /// The command that asked for it.
        checkout: CommandId,
        /// What is bought.
        buys: Buys,
        /// At which price.
        price: PriceRef,
        /// For how many days it is free.
        trial_days: u16,
        /// An open page for something else, which is to be closed first.
        replaces: Option<CheckoutRef>,
        /// What is put on the bill as tax, where the provider does not work it out.
        #[serde(default)]
        tax_rates: Vec<TaxRateRef>,
        /// When; not told by events of long ago.
        #[serde(default)]
        at: Option<Instant>,
    },
    /// The page is there.
    CheckoutOpened {
        /// Which.
        checkout: CommandId,
        /// Its name.
        session: CheckoutRef,
        /// Its address, which lets in whoever knows it.
        url: Personal<Url>,
        /// From when on it is void.
        expires_at: Instant,
    },
    /// The provider opened no page.
    CheckoutFailed {
        /// Which.
        checkout: CommandId,
        /// The provider's code.
        code: String,
    },
    /// Somebody went through with it. What was paid is seen in the next snapshot.
    CheckoutCompleted {
        /// Which.
        session: CheckoutRef,
    },
    /// Nobody went through with it in time.
    CheckoutExpired {
        /// Which.
        session: CheckoutRef,
    },
    /// The provider says something new.
    SnapshotObserved {
        /// What.
        snapshot: Box<Snapshot>,
        /// When it was asked.
        fetched_at: Instant,
    },
    /// The account may do more or less.
    AccessChanged {
        /// What it might before.
        from: Access,
        /// What it may now.
        to: Access,
        /// The status that this follows from.
        status: Option<MirrorStatus>,
        /// From when on.
        effective_at: Instant,
    },
    /// The account is pinned to another tier version.
    EntitlementsChanged {
        /// To which it was.
        from: Option<TierKey>,
        /// What it includes, whole, so that no later catalogue changes it.
        to: Entitlements,
        /// What happens beyond a quota.
        overage: Overage,
        /// How long everything works after a failed payment.
        grace_days: u16,
        /// When.
        at: Instant,
    },
    /// More than one subscription is alive: a question for an operator.
    DuplicateDetected {
        /// The ones beside that which counts.
        subscriptions: Vec<SubscriptionRef>,
    },
    /// Something only an operator can answer.
    OperatorAsked {
        /// What.
        question: Question,
        /// When.
        at: Instant,
    },
    /// The account tries a tier.
    TrialStarted {
        /// By which subscription.
        subscription: SubscriptionRef,
        /// The fingerprint of the card, if there is one.
        card: Option<String>,
        /// Until when.
        until: Option<Instant>,
        /// When it was seen.
        at: Instant,
    },
    /// The provider shows a trial that the account may not have; it is to be ended there.
    TrialRefused {
        /// By which subscription.
        subscription: SubscriptionRef,
        /// Why.
        reason: TrialRefusalReason,
    },
    /// The trial ends within three days.
    TrialEnding {
        /// Which.
        subscription: SubscriptionRef,
        /// When.
        until: Instant,
    },
    /// Somebody paid after the trial.
    TrialConverted {
        /// By which subscription.
        subscription: SubscriptionRef,
        /// When it was seen.
        at: Instant,
    },
    /// A payment failed; it is tried again.
    PaymentFailed {
        /// For which bill.
        invoice: Option<InvoiceRef>,
        /// When it failed first.
        since: Instant,
        /// How long everything still works.
        grace_until: Instant,
        /// Must the payer do something?
        needs_action: bool,
    },
    /// What had failed is paid.
    PaymentRecovered {
        /// When it was seen.
        at: Instant,
    },
    /// Another tier or interval is to begin at once.
    PlanChangeIntended {
        /// The command that asked for it.
        change: CommandId,
        /// From what.
        from: Option<TierKey>,
        /// To what. It holds only once a snapshot shows it paid.
        to: Entitlements,
        /// At which price.
        price: PriceRef,
    },
    /// A lower tier or a shorter interval is to begin with the next period.
    PlanChangeScheduled {
        /// The command that asked for it.
        change: CommandId,
        /// From what.
        from: Option<TierKey>,
        /// To what.
        to: Entitlements,
        /// At which price.
        price: PriceRef,
        /// When.
        effective_at: Instant,
        /// What would lose its place, as things are.
        impact: Impact,
    },
    /// The provider will make the change.
    PlanChangeAccepted {
        /// Which.
        change: CommandId,
    },
    /// The provider refused the change.
    PlanChangeRejected {
        /// Which.
        change: CommandId,
        /// The provider's code.
        code: String,
    },
    /// A snapshot shows the change.
    PlanChangeCompleted {
        /// Which.
        change: CommandId,
    },
    /// The account stays as it is.
    PlanChangeWithdrawn {
        /// Which change was withdrawn.
        change: CommandId,
    },
    /// It is said what keeps its place.
    KeepersChosen {
        /// What.
        keepers: Keepers,
    },
    /// The subscription is to end.
    CancellationIntended {
        /// Which.
        subscription: SubscriptionRef,
        /// How.
        when: CancelAt,
        /// When.
        ends_at: Instant,
        /// What would lose its place, as things are.
        impact: Impact,
    },
    /// The provider will end it.
    CancellationAccepted,
    /// The provider did not.
    CancellationRejected {
        /// The provider's code.
        code: String,
    },
    /// The subscription is to go on.
    ResumptionIntended {
        /// Which.
        subscription: SubscriptionRef,
    },
    /// The provider lets it go on.
    ResumptionAccepted,
    /// The provider did not.
    ResumptionRejected {
        /// The provider's code.
        code: String,
    },
    /// The provider's own pages are to be opened.
    PortalIntended {
        /// The command that asked for it.
        portal: CommandId,
    },
    /// They are open.
    PortalOpened {
        /// Which.
        portal: CommandId,
        /// Their address, which lets in whoever knows it.
        url: Personal<Url>,
    },
    /// The provider did not open them.
    PortalFailed {
        /// Which.
        portal: CommandId,
        /// The provider's code.
        code: String,
    },
    /// Money came in.
    PaymentRecorded {
        /// For which bill.
        invoice: InvoiceRef,
        /// How much.
        amount: Money,
        /// When it was recorded.
        at: Instant,
    },
    /// Money went back.
    RefundRecorded {
        /// Which movement of money.
        refund: PaymentRef,
        /// For which bill, if for one.
        invoice: Option<InvoiceRef>,
        /// How much.
        amount: Money,
        /// When it was recorded.
        at: Instant,
    },
    /// A payment is contested.
    DisputeOpened {
        /// Which.
        dispute: DisputeRef,
        /// How much.
        amount: Money,
        /// When the bank asked; not told by events of long ago.
        #[serde(default)]
        opened_at: Option<Instant>,
    },
    /// The contested money stays.
    DisputeWon {
        /// Which.
        dispute: DisputeRef,
    },
    /// The contested money is gone.
    DisputeLost {
        /// Which.
        dispute: DisputeRef,
        /// How much.
        amount: Money,
        /// When the bank asked; not told by events of long ago.
        #[serde(default)]
        opened_at: Option<Instant>,
    },
    /// The provider is to do something once.
    ErrandIntended {
        /// The command that asked for it.
        errand: CommandId,
        /// What.
        what: Errand,
    },
    /// The provider took it. What came of it, it tells by itself.
    ErrandDone {
        /// Which.
        errand: CommandId,
    },
    /// The provider did not do it.
    ErrandRejected {
        /// Which.
        errand: CommandId,
        /// The provider's code.
        code: String,
    },
    /// An operator lets everything work for longer.
    GraceExtended {
        /// Until when.
        until: Instant,
        /// Why.
        reason: Reason,
    },
    /// An operator set one entitlement otherwise than the tier does.
    EntitlementOverridden {
        /// Which, to what, until when and why.
        set: Override,
    },
    /// The tier decides again.
    OverrideLifted {
        /// About what.
        entitlement: Entitlement,
    },
    /// An operator gave the account a tier version for nothing.
    Grandfathered {
        /// What it includes, whole.
        to: Entitlements,
        /// What happens beyond a quota.
        overage: Overage,
        /// Until when.
        until: Option<Instant>,
        /// Why.
        reason: Reason,
    },
}
