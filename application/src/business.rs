//! What an installation has beside publishing: who vouches for people, who takes payments, who
//! carries messages. Each part is absent until it is configured.

use crate::ports::{
    Messages, PasswordRegistration, PasswordSignIn, SignInProvider, TokenVerifier, UserDirectory,
    payments::{
        Checkouts, Customers, Invoices, Meters, PaymentCatalogue, PaymentMethods, Purchases,
        Subscriptions,
    },
};
use herald_subscription::CustomerRef;
use std::{collections::BTreeMap, sync::Arc};

/// The ports of one payment provider.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Payments {
    /// Who pays.
    pub customers: Arc<dyn Customers>,
    /// The provider's own pages.
    pub checkouts: Arc<dyn Checkouts>,
    /// Standing orders.
    pub subscriptions: Arc<dyn Subscriptions>,
    /// Bills.
    pub invoices: Arc<dyn Invoices>,
    /// Cards and other ways to pay.
    pub methods: Arc<dyn PaymentMethods>,
    /// Money that moves once.
    pub purchases: Arc<dyn Purchases>,
    /// What was used.
    pub meters: Arc<dyn Meters>,
    /// What must exist before anybody can pay.
    pub catalogue: Arc<dyn PaymentCatalogue>,
    /// Forgets what is kept of a customer's bills and ways to pay.
    pub forget: Arc<dyn Fn(&CustomerRef) + Send + Sync>,
}

impl Payments {
    /// All ports of one adapter.
    pub fn of<P>(
        provider: Arc<P>,
        forget: impl Fn(&P, &CustomerRef) + Send + Sync + 'static,
    ) -> Self
    where
        P: Customers
            + Checkouts
            + Subscriptions
            + Invoices
            + PaymentMethods
            + Purchases
            + Meters
            + PaymentCatalogue
            + 'static,
    {
        let kept = Arc::clone(&provider);
        Self {
            customers: provider.clone(),
            checkouts: provider.clone(),
            subscriptions: provider.clone(),
            invoices: provider.clone(),
            methods: provider.clone(),
            purchases: provider.clone(),
            meters: provider.clone(),
            catalogue: provider,
            forget: Arc::new(move |customer| forget(&kept, customer)),
        }
    }
}

/// The ports of the business side, as composition found them configured.
#[derive(Clone, Default)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Business {
    /// Proves session tokens of configured issuers.
    pub tokens: Option<Arc<dyn TokenVerifier>>,
    /// Who signs people in by a redirect, by name: `google`, `github`, `oidc`.
    pub sign_in: BTreeMap<String, Arc<dyn SignInProvider>>,
    /// Lists of people that others keep, by name: `clerk`, `cognito`.
    pub directories: BTreeMap<String, Arc<dyn UserDirectory>>,
    /// Who takes payments.
    pub payments: Option<Payments>,
    /// Who holds passwords: signing in.
    pub passwords: Option<Arc<dyn PasswordSignIn>>,
    /// Who holds passwords: signing up.
    pub registration: Option<Arc<dyn PasswordRegistration>>,
    /// Who carries mail.
    pub messages: Option<Arc<dyn Messages>>,
}
