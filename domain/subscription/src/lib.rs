//! What an account pays for, what it may use by that, and what it has used.

mod catalogue;
mod credits;
mod mirror;
mod period;
mod revenue;
mod subscription;
mod tax;
mod usage;

pub use catalogue::{
    Catalogue, CatalogueFault, CatalogueFaults, CatalogueFile, CreditKind, CreditPack, Limits,
    Overage, PackPrice, Price, TierKey, TierVersion,
};
pub use credits::{
    Credits, CreditsCommand, CreditsContext, CreditsEvent, CreditsRefusal, Pack, Part, credits_id,
};
pub use mirror::{
    CardSeen, CheckoutRef, CustomerRef, Discount, DisputeRef, Interval, InvalidInterval,
    InvalidMirrorStatus, InvalidRef, InvoiceRef, InvoiceStatus, MethodRef, MirrorInvoice,
    MirrorItem, MirrorSchedule, MirrorStatus, MirrorSubscription, PaymentRef, PriceRef,
    ScheduleRef, Snapshot, SubscriptionRef, TaxRateRef,
};
pub use period::{InvalidPeriod, Period};
pub use revenue::{AccountHistory, MonthlyRate, Moves, REVENUE_VERSION, Ratio, Report, Revenue};
pub use subscription::{
    Access, Basis, Buys, CancelAt, Checkout, CheckoutOutcome, DisputeStage, Entitlement, Errand,
    Grant, Impact, InUse, InvalidEntitlement, Keepers, Override, PlanChange, PortalOutcome,
    Question, Reason, Recorded, Restriction, Subscription, SubscriptionCommand,
    SubscriptionContext, SubscriptionEvent, SubscriptionRefusal, TRIAL_CARD_CLAIM,
    TrialRefusalReason, Url, subscription_id, trial_card_claim,
};
pub use tax::{Country, InvalidCountry, InvalidVatId, TaxTable};
pub use usage::{
    BREAKDOWN_AT_MOST, Breakdown, Counter, InvalidBreakdown, OpenReport, Usage, UsageCommand,
    UsageContext, UsageEvent, UsageRefusal, UsageTotals, usage_id,
};
