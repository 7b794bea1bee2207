//! What an account pays for, as people see it; and, derived, whose a customer is.

use super::{Document, FoldError, write};
use crate::{
    bridge::StreamKind,
    occurred::{AnyEvent, Occurred},
    ports::ViewDocument,
};
use herald_kernel::{AccountId, CommandId, Decider as _, Instant};
use herald_subscription::{Subscription, SubscriptionEvent as Event};
use serde::{Deserialize, Serialize};

/// Subscriptions, one per account, under the account's id.
pub const NAME: &str = "subscriptions";
/// Accounts by their customer at the payment provider, which is the row's status.
pub const CUSTOMERS: &str = "subscription_customers";

/// What an account pays for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubscriptionDoc {
    /// Whose.
    pub account: AccountId,
    /// Its state, folded by the domain itself, so that the view cannot disagree with it.
    pub subscription: Subscription,
    /// The version that a client compares.
    pub version: i64,
    /// When anything last happened to it.
    pub updated_at: Instant,
    /// The last checkout that the provider did not open.
    pub checkout_failed: Option<PageDoc>,
    /// The last visit to the provider's own pages.
    pub portal: Option<PageDoc>,
    /// What the provider last refused, and when.
    pub refused: Option<RefusedDoc>,
}

/// A page at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageDoc {
    /// The command that asked for it.
    pub id: CommandId,
    /// Its address, once it is open.
    pub url: Option<String>,
    /// The provider's code, if it opened none.
    pub failed: Option<String>,
}

/// A refusal of the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedDoc {
    /// What was asked: `checkout`, `portal`, `plan_change`, `cancellation`, `resumption`, or the
    /// kind of an errand.
    pub what: String,
    /// The recorded code.
    pub code: String,
    /// When.
    pub at: Instant,
}

impl Document for SubscriptionDoc {
    type Fact = Event;

    const NAME: &'static str = NAME;
    const VERSION: i32 = 2;
    const READS: &'static [StreamKind] = &[StreamKind::Subscription];
    const DERIVES: &'static [&'static str] = &[CUSTOMERS];

    fn told(event: &Occurred) -> Option<&Event> {
        let AnyEvent::Subscription(fact) = &event.event else { return None };
        Some(fact)
    }

    fn key(event: &Occurred) -> Option<String> {
        event.account.map(|account| account.to_string())
    }

    fn before(_: &Event, event: &Occurred) -> Option<Self> {
        Some(Self::nothing(event.account?, event.at))
    }

    fn believe(&mut self, fact: &Event, event: &Occurred) {
        // Before the state forgets what was asked.
        self.note(fact, event.at);
        self.subscription.evolve(fact);
        self.version = event.sequence;
        self.updated_at = event.at;
    }

    fn row(&self) -> Result<ViewDocument, FoldError> {
        Ok(ViewDocument {
            id: self.account.to_string(),
            account: Some(self.account),
            status: self.subscription.access_at(self.updated_at).as_str().to_owned(),
            at: self.updated_at,
            text: String::new(),
            doc: write(self)?,
        })
    }

    fn derived(&self) -> Vec<(&'static str, ViewDocument)> {
        self.customer_row().map(|row| (CUSTOMERS, row)).into_iter().collect()
    }
}

impl SubscriptionDoc {
    /// An account to which nothing has happened yet.
    #[must_use]
    pub fn nothing(account: AccountId, at: Instant) -> Self {
        Self {
            account,
            subscription: Subscription::default(),
            version: 0,
            updated_at: at,
            checkout_failed: None,
            portal: None,
            refused: None,
        }
    }

    fn customer_row(&self) -> Option<ViewDocument> {
        let customer = self.subscription.customer()?;
        Some(ViewDocument {
            id: self.account.to_string(),
            account: Some(self.account),
            status: customer.to_string(),
            // Whoever looks for a customer cares for no order: the row changes with the customer.
            at: Instant::from_micros(0)?,
            text: String::new(),
            doc: serde_json::json!({ "account": self.account }),
        })
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the state holds all that is not told here")]
    fn note(&mut self, fact: &Event, at: Instant) {
        let page = |id: &CommandId, url, failed| Some(PageDoc { id: *id, url, failed });
        let refused = |what: &str, code: &String| {
            Some(RefusedDoc { what: what.to_owned(), code: code.clone(), at })
        };
        match fact {
            Event::CheckoutFailed { checkout, code } => {
                self.checkout_failed = page(checkout, None, Some(code.clone()));
                self.refused = refused("checkout", code);
            }
            Event::PortalIntended { portal } => self.portal = page(portal, None, None),
            Event::PortalOpened { portal, url } => {
                self.portal = page(portal, url.known().map(ToString::to_string), None);
            }
            Event::PortalFailed { portal, code } => {
                self.portal = page(portal, None, Some(code.clone()));
                self.refused = refused("portal", code);
            }
            Event::PlanChangeRejected { code, .. } => self.refused = refused("plan_change", code),
            Event::CancellationRejected { code } => self.refused = refused("cancellation", code),
            Event::ResumptionRejected { code } => self.refused = refused("resumption", code),
            Event::ErrandRejected { errand, code } => {
                let what = self.subscription.errand(*errand).map_or("errand", |it| it.kind());
                self.refused = refused(what, code);
            }
            Event::CheckoutOpened { .. }
            | Event::ErrandDone { .. }
            | Event::PlanChangeAccepted { .. }
            | Event::CancellationAccepted
            | Event::ResumptionAccepted => self.refused = None,
            _ => {}
        }
    }
}
