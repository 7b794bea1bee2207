//! Composition of billing: Stripe, or its stand-in with nothing to set up.

use super::NotConfigured;
use crate::config::{Config, SANDBOX_WEBHOOK_SECRET};
use herald_application::{
    billing::PaymentWebhooks,
    business::Payments,
    inbox::{Source, Sources},
    log::{Keyring, Lasting},
    ports::HealthCheck,
    settings::{Billing, Mode},
};
use herald_sandbox::{StripeEndpoint, StripeSettings};
use herald_stripe::{Settings, Stripe, Webhooks};
use herald_subscription::{Catalogue, PriceRef};
use secrecy::SecretString;
use std::{collections::BTreeSet, fmt::Write as _, net::Ipv4Addr, sync::Arc};

const NAME: &str = "stripe";

/// Stripe; nothing where it is not configured.
pub(super) fn stripe(
    config: &Config,
    keyring: &Keyring,
    health: &mut Vec<Arc<dyn HealthCheck>>,
) -> anyhow::Result<Option<Arc<Stripe>>> {
    let given = &config.providers.stripe;
    let Some(key) = given.secret_key.clone() else {
        health.push(Arc::new(NotConfigured(NAME, "set STRIPE_SECRET_KEY")));
        return Ok(None);
    };
    let card_key = given.card_key.clone().unwrap_or_else(|| card_key(keyring));
    let mut settings = Settings::new(given.api.clone(), key, card_key);
    settings.publishable_key.clone_from(&given.publishable_key);
    settings.webhook_secrets.clone_from(&given.webhook_secrets);
    settings.portal.clone_from(&given.portal);
    settings.https_only = given.api.scheme() == "https";
    if let Billing::On { catalogue, .. } = &config.settings.billing {
        settings.price_ids = price_ids(catalogue);
    }
    let stripe = Arc::new(Stripe::try_new(settings)?);
    health.push(stripe.clone());
    Ok(Some(stripe))
}

/// The ports of Stripe.
pub(super) fn payments(stripe: &Arc<Stripe>) -> Payments {
    Payments::of(Arc::clone(stripe), Stripe::invalidate)
}

/// Stripe's webhooks, where there is a secret to check them with.
pub(super) fn sources(sources: Sources, config: &Config, stripe: Option<&Arc<Stripe>>) -> Sources {
    let secrets = &config.providers.stripe.webhook_secrets;
    let (Some(stripe), Billing::On { .. }) = (stripe, &config.settings.billing) else {
        return sources;
    };
    if secrets.is_empty() {
        tracing::warn!("STRIPE_WEBHOOK_SECRET is not set: no payment is heard of by webhook");
        return sources;
    }
    let verifier = Arc::new(Webhooks::new(secrets.clone()));
    let source = Source::new(verifier, Arc::new(PaymentWebhooks(NAME)));
    sources.with(NAME, source.with_listing(Arc::<Stripe>::clone(stripe)))
}

/// The stand-in calls this installation from the start.
pub(super) fn sandbox(config: &Config) -> StripeSettings {
    let mut at = config.listen;
    if at.ip().is_unspecified() {
        at.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let endpoint = StripeEndpoint {
        url: format!("http://{at}/webhooks/{NAME}"),
        secret: SANDBOX_WEBHOOK_SECRET.to_owned(),
        api_version: None,
    };
    let wanted = config.mode() == Mode::Sandbox && config.settings.billing != Billing::Off;
    StripeSettings { endpoint: wanted.then_some(endpoint), ..StripeSettings::default() }
}

/// Bound to the oldest master key that is known, so that changing it forgets no card.
fn card_key(keyring: &Keyring) -> SecretString {
    let mac = keyring.oldest_key(Lasting::Cards).mac(&["fingerprint"]);
    let mut text = String::with_capacity(64);
    for byte in mac {
        let _infallible = write!(text, "{byte:02x}");
    }
    SecretString::from(text)
}

fn price_ids(catalogue: &Catalogue) -> BTreeSet<PriceRef> {
    let of_tiers = catalogue.tiers().iter().flat_map(|it| it.prices.iter().map(|it| &it.price));
    let of_packs = catalogue.packs().iter().flat_map(|it| it.prices.iter().map(|it| &it.price));
    let foreign = |price: &PriceRef| {
        let id = catalogue.id_of(price);
        (id != price).then(|| id.clone())
    };
    of_tiers.chain(of_packs).filter_map(foreign).collect()
}
