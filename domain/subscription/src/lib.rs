//! What an account pays for, what it may use by that, and what it has used.

mod catalogue;
mod entitlements;
mod feature;
mod mirror;
mod period;
mod policy;
mod quota;

pub use catalogue::{
    Catalogue, CatalogueFault, CatalogueFaults, CatalogueFile, CreditKind, CreditPack, Limits,
    Overage, PackPrice, Price, TierKey, TierVersion,
};
pub use entitlements::{Entitlements, MetricCadence, ModelClass, Tier};
pub use feature::{Feature, Features};
pub use mirror::{
    CardSeen, CheckoutRef, CustomerRef, Discount, DisputeRef, Interval, InvalidInterval,
    InvalidMirrorStatus, InvalidRef, InvoiceRef, InvoiceStatus, MirrorInvoice, MirrorItem,
    MirrorSchedule, MirrorStatus, MirrorSubscription, PaymentRef, PriceRef, ScheduleRef, Snapshot,
    SubscriptionRef,
};
pub use period::{InvalidPeriod, Period};
pub use policy::{ApprovalPolicy, Policy, PolicyOutOfRange};
pub use quota::Quota;
