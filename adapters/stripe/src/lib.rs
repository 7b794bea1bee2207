//! Stripe behind the payment ports: customers, checkouts, subscriptions, bills, meters, webhooks.
//!
//! Requests are the typed ones of `async-stripe`; they go out through our own client, with our own
//! idempotency keys. Answers are read by `wire.rs`, which knows the old shapes and the new.
//!
//! **Invariant:** every effect carries an `Idempotency-Key` that follows from a command, and every
//! try of it carries the same one.
//!
//! **Invariant:** a card's fingerprint leaves this crate only as an HMAC.

mod call;
mod checkouts;
mod customers;
mod events;
mod failure;
mod health;
mod hint;
mod invoices;
mod meters;
mod methods;
mod prices;
mod purchases;
mod settings;
mod setup;
mod signature;
mod snapshot;
mod subscriptions;
mod webhooks;
mod wire;

pub use hint::read_hint;
pub use settings::Settings;
pub use setup::EVENTS;
pub use signature::verify;
pub use webhooks::Webhooks;

use herald_application::ports::payments::PaymentFailure;
use herald_http_client::{Client, Environment, InvalidSettings, RealEnvironment};
use herald_kernel::{Currency, Instant, Money};
use herald_subscription::CustomerRef;
use settings::Lane;
use std::{
    collections::HashMap,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// The note that ties Stripe's objects to an account of ours.
pub(crate) const ACCOUNT: &str = "account_id";

/// Stripe, reached over HTTP.
#[derive(Debug, Clone)]
pub struct Stripe {
    settings: Arc<Settings>,
    /// For people who wait; it also keeps answers.
    people: Client,
    jobs: Client,
}

impl Stripe {
    /// Stripe in real time.
    pub fn try_new(settings: Settings) -> Result<Self, InvalidSettings> {
        Self::try_new_in(settings, Arc::new(RealEnvironment))
    }

    /// Stripe with time and chance from `environment`.
    pub fn try_new_in(
        settings: Settings,
        environment: Arc<dyn Environment>,
    ) -> Result<Self, InvalidSettings> {
        let people = Client::try_new_in(settings.http(Lane::Person), environment.clone())?;
        let jobs = Client::try_new_in(settings.http(Lane::Job), environment)?;
        Ok(Self { settings: Arc::new(settings), people, jobs })
    }

    /// The settings that it works by.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Drops what is kept of a customer's bills and ways to pay. For effects and webhooks.
    pub fn invalidate(&self, customer: &CustomerRef) {
        self.people.invalidate(customer.as_str(), "");
    }

    fn client(&self, lane: Lane) -> &Client {
        match lane {
            Lane::Person => &self.people,
            Lane::Job => &self.jobs,
        }
    }

    fn now(&self) -> Instant {
        instant(self.jobs.environment().wall())
    }
}

/// An instant of the domain; the beginning of 1970 for what lies before it.
pub(crate) fn instant(at: SystemTime) -> Instant {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
    Instant::from_micros(micros).unwrap_or_else(|| Instant::new(UNIX_EPOCH.into()))
}

/// An instant from Stripe's seconds.
pub(crate) fn from_seconds(seconds: i64) -> Result<Instant, PaymentFailure> {
    let micros = seconds.checked_mul(1_000_000).and_then(Instant::from_micros);
    micros.ok_or_else(|| failure::unreadable(&"a time is out of range"))
}

/// Stripe's seconds, downwards.
pub(crate) const fn seconds(at: Instant) -> i64 {
    at.micros().div_euclid(1_000_000)
}

/// An amount of Stripe's.
pub(crate) fn money(minor: wire::Money, currency: &str) -> Result<Money, PaymentFailure> {
    let currency: Currency = currency.parse().map_err(|error| failure::unreadable(&error))?;
    Ok(Money { minor, currency })
}

/// A currency as `async-stripe` writes it.
pub(crate) fn their_currency(currency: Currency) -> stripe_types::Currency {
    let code = currency.to_string().to_ascii_lowercase();
    match code.parse() {
        Ok(known) => known,
        Err(never) => match never {},
    }
}

/// Notes to leave in an object.
pub(crate) fn notes<const N: usize>(notes: [(&str, String); N]) -> HashMap<String, String> {
    notes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Reads a name that Stripe gave.
pub(crate) fn named<T: std::str::FromStr>(name: &str) -> Result<T, PaymentFailure>
where
    T::Err: std::fmt::Display,
{
    name.parse().map_err(|error: T::Err| failure::unreadable(&error))
}
