//! What must exist at the payment provider before anybody can pay, as the catalogue has it.

use crate::{
    ports::payments::{
        Setup, WantedMeter, WantedPortal, WantedPrice, WantedProduct, WantedWebhook,
    },
    settings::Settings,
};
use herald_subscription::{Catalogue, Counter};
use url::Url;

/// What is wanted for a catalogue: products, prices, meters, the portal and the webhook.
///
/// Prices that the catalogue ties to the provider's own ids are there already and left alone.
pub fn setup(catalogue: &Catalogue, settings: &Settings) -> Result<Setup, url::ParseError> {
    let own = |price| catalogue.id_of(price) == price;
    let mut products: Vec<WantedProduct> = Vec::new();
    for version in catalogue.tiers() {
        let prices = version.prices.iter().filter(|it| own(&it.price)).map(|it| WantedPrice {
            price: it.price.clone(),
            amount: it.amount,
            interval: Some(it.interval),
        });
        let (id, name) = (format!("herald_{}", version.key.tier), version.name.clone());
        add(&mut products, id, name, prices.collect());
    }
    for pack in catalogue.packs() {
        let prices = pack.prices.iter().filter(|it| own(&it.price)).map(|it| WantedPrice {
            price: it.price.clone(),
            amount: it.amount,
            interval: None,
        });
        let name = format!("{} {}", pack.credits, pack.kind.as_str().replace('_', " "));
        add(&mut products, format!("herald_{}", pack.name), name, prices.collect());
    }
    let meter = |counter| {
        let (event, name) = known_as(counter)?;
        Some(WantedMeter { event: event.into(), name: name.into() })
    };
    Ok(Setup {
        products,
        meters: Counter::ALL.into_iter().filter_map(meter).collect(),
        portal: Some(WantedPortal {
            return_to: settings.public_url.clone(),
            privacy_policy: None,
            terms: None,
        }),
        webhook: Some(WantedWebhook { url: webhook(&settings.public_url)?, events: Vec::new() }),
    })
}

/// The meter of a counter, as the provider calls it and as people do. Posts that people write are
/// on no meter; what was bought beside, in packs, was paid before and is not told of.
const fn known_as(counter: Counter) -> Option<(&'static str, &'static str)> {
    match counter {
        Counter::ApiCalls => Some(("herald_api_calls", "API calls")),
        Counter::AiCredits => Some(("herald_generated_posts", "Generated posts")),
        Counter::Posts => None,
    }
}

/// By which name the provider knows the meter of a counter, if it has one.
#[must_use]
pub(crate) fn meter_of(counter: Counter) -> Option<&'static str> {
    known_as(counter).map(|(event, _)| event)
}

fn webhook(public: &Url) -> Result<Url, url::ParseError> {
    public.join("/webhooks/stripe")
}

/// Versions of one tier are prices of one product.
fn add(products: &mut Vec<WantedProduct>, id: String, name: String, prices: Vec<WantedPrice>) {
    if prices.is_empty() {
        return;
    }
    match products.iter_mut().find(|it| it.id == id) {
        Some(known) => known.prices.extend(prices),
        None => products.push(WantedProduct { id, name, prices }),
    }
}
