//! Why a command to a subscription was not followed.

use herald_kernel::{Instant, Refusal};
use herald_terms::Tier;

/// Why a command to a subscription was not followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubscriptionRefusal {
    /// The catalogue offers no such thing, or not in this interval and currency.
    #[error("`{what}` is not on offer in this interval and currency")]
    NotOnOffer {
        /// What was asked for.
        what: String,
    },
    /// The free tier is reached by canceling.
    #[error("`{tier}` costs nothing; cancel the subscription to go back to it")]
    CancelInstead {
        /// Which.
        tier: Tier,
    },
    /// There is a live subscription; a second one would be paid twice.
    #[error("this account already has a subscription; change it instead")]
    AlreadySubscribed,
    /// A page was gone through just now; a second one would be paid twice.
    #[error("somebody went through the page just now; what it bought is being looked up")]
    PaymentArriving,
    /// There is no live subscription.
    #[error("this account has no subscription")]
    NotSubscribed,
    /// The provider does not know the account.
    #[error("this account has paid for nothing yet")]
    NoCustomer,
    /// The provider knows the account under another name.
    #[error("this account is known to the payment provider under another name")]
    CustomerMismatch,
    /// What is due must be paid first.
    #[error("a payment has failed; pay it first")]
    PaymentDue,
    /// An end was asked for.
    #[error("this subscription is about to end; resume it first")]
    EndsSoon,
    /// Another change waits.
    #[error("another change waits for its time; withdraw it first")]
    ChangePending,
    /// The change was handed to the provider.
    #[error("the change was already handed to the payment provider")]
    ChangeUnderWay,
    /// The provider is asked for the same at this moment.
    #[error("the payment provider is asked for exactly this already; see what comes of it")]
    ErrandUnderWay,
    /// To give nothing back is no refund.
    #[error("a refund is more than nothing")]
    NothingToRefund,
    /// No such checkout, change or page.
    #[error("there is no such request")]
    RequestUnknown,
    /// Nothing will lose its place.
    #[error("no lower tier waits, so everything keeps its place")]
    NothingToKeepFor,
    /// More is to be kept than the lower tier has places for.
    #[error("the lower tier has {limit} places for {what}")]
    TooManyKeepers {
        /// The input field.
        what: &'static str,
        /// How many places there are.
        limit: u32,
    },
    /// A time that should lie ahead does not.
    #[error("this must lie in the future")]
    NotInTheFuture,
    /// The grace is longer than anybody tries again.
    #[error("a grace ends within 60 days")]
    GraceTooLong,
    /// No payment failed.
    #[error("no payment has failed")]
    NothingDue,
    /// The grace is not over.
    #[error("the grace lasts until {until}")]
    GraceNotOver {
        /// Until when.
        until: Instant,
    },
    /// The change's time has not come.
    #[error("this change waits until {at}")]
    ChangeNotDue {
        /// Until when.
        at: Instant,
    },
    /// The trial lasts longer than three days.
    #[error("the trial lasts until {until}")]
    TrialNotEnding {
        /// Until when.
        until: Instant,
    },
}

impl Refusal for SubscriptionRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotOnOffer { .. }
            | Self::CancelInstead { .. }
            | Self::NotInTheFuture
            | Self::GraceTooLong
            | Self::NothingToRefund
            | Self::TooManyKeepers { .. } => "VALIDATION",
            Self::NotSubscribed | Self::NoCustomer => "SUBSCRIPTION_REQUIRED",
            Self::RequestUnknown => "NOT_FOUND",
            Self::AlreadySubscribed
            | Self::PaymentArriving
            | Self::ErrandUnderWay
            | Self::CustomerMismatch
            | Self::PaymentDue
            | Self::EndsSoon
            | Self::ChangePending
            | Self::ChangeUnderWay
            | Self::NothingToKeepFor
            | Self::NothingDue
            | Self::GraceNotOver { .. }
            | Self::ChangeNotDue { .. }
            | Self::TrialNotEnding { .. } => "INVALID_STATE",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotOnOffer { .. } | Self::CancelInstead { .. } => Some("tier"),
            Self::NotInTheFuture | Self::GraceTooLong => Some("until"),
            Self::TooManyKeepers { what, .. } => Some(what),
            Self::NothingToRefund => Some("amount"),
            Self::AlreadySubscribed
            | Self::PaymentArriving
            | Self::ErrandUnderWay
            | Self::NotSubscribed
            | Self::NoCustomer
            | Self::CustomerMismatch
            | Self::PaymentDue
            | Self::EndsSoon
            | Self::ChangePending
            | Self::ChangeUnderWay
            | Self::RequestUnknown
            | Self::NothingToKeepFor
            | Self::NothingDue
            | Self::GraceNotOver { .. }
            | Self::ChangeNotDue { .. }
            | Self::TrialNotEnding { .. } => None,
        }
    }

    /// These pass by themselves, or once somebody has paid.
    fn retryable(&self) -> bool {
        matches!(
            self,
            Self::PaymentDue
                | Self::PaymentArriving
                | Self::ErrandUnderWay
                | Self::GraceNotOver { .. }
                | Self::ChangeNotDue { .. }
                | Self::TrialNotEnding { .. }
        )
    }
}
