//! Stripe as it is reached from outside: its API, its hosted pages, its events.

use axum::Router;
use axum::routing::{any, get};

use crate::state::State;

mod account;
mod api;
mod builtin;
mod cards;
mod catalogue;
mod change;
mod checkout;
mod clocks;
mod control;
mod customers;
mod cycle;
mod deliver;
mod discounts;
mod disputes;
mod engine;
mod events;
mod intents;
mod invoice_api;
mod invoice_items;
mod invoice_page;
mod invoices;
mod json;
mod lifecycle;
mod lines;
mod meters;
mod methods;
mod old;
mod pages;
mod params;
mod pay_page;
mod payments;
mod portal;
mod portal_page;
mod purchase;
mod refusal;
mod search;
mod serve;
mod settings;
mod settle;
mod show;
mod store;
mod subscriptions;
mod table;
mod tax;
mod version;
mod work;

pub(crate) use control::control;
pub(crate) use deliver::run as deliver;
pub(crate) use serve::refuse;
pub use settings::{STRIPE_SECRET_KEY, StripeEndpoint, StripeKey, StripeSettings};
pub(crate) use store::{Change, Store};
pub(crate) use table::{names, operation};

/// Everything of Stripe's, to be mounted under `/stripe`.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/v1/{*path}", any(serve::api))
        .route("/c/pay/{session}", get(pay_page::show).post(pay_page::pay))
        .route("/p/session/{session}", get(portal_page::show).post(portal_page::act))
        .route("/i/{invoice}", get(invoice_page::show).post(invoice_page::pay))
        .route("/i/{invoice}/pdf", get(invoice_page::show))
        .route("/authenticate/{intent}", get(invoice_page::ask).post(invoice_page::answer))
}
