//! What a payment provider says about an account, as values. No provider is named here.

mod item;
mod refs;
mod snapshot;
mod status;

pub use item::{Discount, Interval, InvalidInterval, MirrorItem};
pub use refs::{
    CheckoutRef, CustomerRef, DisputeRef, InvalidRef, InvoiceRef, MethodRef, PaymentRef, PriceRef,
    ScheduleRef, SubscriptionRef, TaxRateRef,
};
pub use snapshot::{
    CardSeen, InvoiceStatus, MirrorInvoice, MirrorSchedule, MirrorSubscription, Snapshot,
};
pub use status::{InvalidMirrorStatus, MirrorStatus};
