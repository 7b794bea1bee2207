//! Something that the payment provider is to do once, and that changes nothing here by itself.

use super::Reason;
use crate::{InvoiceRef, MethodRef, PaymentRef};
use herald_kernel::Money;
use serde::{Deserialize, Serialize};

/// Something that the payment provider is to do once. What comes of it the provider tells by
/// itself: money that went back, a bill that stands otherwise, a card that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Errand {
    /// Give money back.
    Refund {
        /// Of which payment.
        payment: PaymentRef,
        /// How much; all of it for `None`.
        amount: Option<Money>,
        /// Why.
        reason: Reason,
    },
    /// Make a draft due.
    FinalizeInvoice {
        /// Which.
        invoice: InvoiceRef,
    },
    /// Withdraw a bill that is due.
    VoidInvoice {
        /// Which.
        invoice: InvoiceRef,
    },
    /// Mail a bill to its customer.
    SendInvoice {
        /// Which.
        invoice: InvoiceRef,
    },
    /// Forget a way to pay.
    DetachMethod {
        /// Which.
        method: MethodRef,
    },
}

impl Errand {
    /// The stored name of its kind, as `problem` names it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Refund { .. } => "refund",
            Self::FinalizeInvoice { .. } => "finalize_invoice",
            Self::VoidInvoice { .. } => "void_invoice",
            Self::SendInvoice { .. } => "send_invoice",
            Self::DetachMethod { .. } => "detach_method",
        }
    }
}
