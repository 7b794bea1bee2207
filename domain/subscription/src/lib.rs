//! What an account pays for, what it may use by that, and what it has used.

mod entitlements;
mod mirror;
mod period;
mod policy;
mod quota;

pub use entitlements::{Entitlements, ModelClass, Tier};
pub use mirror::{
    CardSeen, CheckoutRef, CustomerRef, Discount, DisputeRef, Interval, InvalidInterval,
    InvalidMirrorStatus, InvalidRef, InvoiceRef, InvoiceStatus, MirrorInvoice, MirrorItem,
    MirrorSchedule, MirrorStatus, MirrorSubscription, PaymentRef, PriceRef, ScheduleRef, Snapshot,
    SubscriptionRef,
};
pub use period::{InvalidPeriod, Period};
pub use policy::{ApprovalPolicy, Policy, PolicyOutOfRange};
pub use quota::Quota;
