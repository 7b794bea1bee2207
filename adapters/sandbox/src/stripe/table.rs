//! Every endpoint, in one table: what is served, what faults can name, what is known of it.

use axum::http::Method;

use super::api::Endpoint;
use super::{
    account, catalogue, checkout, clocks, customers, discounts, disputes, events, intents,
    invoice_api, invoice_items, meters, methods, portal, subscriptions,
};

const TABLES: [&[Endpoint]; 15] = [
    customers::ENDPOINTS,
    catalogue::ENDPOINTS,
    checkout::ENDPOINTS,
    portal::ENDPOINTS,
    subscriptions::ENDPOINTS,
    invoice_api::ENDPOINTS,
    invoice_items::ENDPOINTS,
    methods::ENDPOINTS,
    intents::ENDPOINTS,
    disputes::ENDPOINTS,
    discounts::ENDPOINTS,
    meters::ENDPOINTS,
    events::ENDPOINTS,
    clocks::ENDPOINTS,
    account::ENDPOINTS,
];

/// The pages that a person clicks, as faults name them.
const PAGES: [(&str, &str); 3] = [
    ("/stripe/c/pay/", "checkout_page"),
    ("/stripe/p/session/", "portal_page"),
    ("/stripe/i/", "invoice_page"),
];

pub(super) fn find(method: &Method, path: &str) -> Option<Endpoint> {
    TABLES.iter().flat_map(|table| table.iter()).find(|one| one.fits(method, path)).copied()
}

/// The name of what a request asks for, if it is for Stripe.
pub(crate) fn operation(method: &Method, path: &str) -> Option<&'static str> {
    if let Some((_, name)) = PAGES.iter().find(|(prefix, _)| path.starts_with(prefix)) {
        return Some(name);
    }
    find(method, path.strip_prefix("/stripe")?).map(|endpoint| endpoint.name)
}

pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let endpoints = TABLES.iter().flat_map(|table| table.iter()).map(|endpoint| endpoint.name);
    endpoints.chain(PAGES.iter().map(|(_, name)| *name))
}

/// The segment of a path that stands where its pattern has a star.
pub(super) fn id_in<'p>(pattern: &str, path: &'p str) -> &'p str {
    let place = pattern.split('/').position(|segment| segment == "*");
    place.and_then(|place| path.split('/').nth(place)).unwrap_or_default()
}
