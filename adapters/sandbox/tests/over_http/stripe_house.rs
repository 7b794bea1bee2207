//! An application of Stripe's: it calls with its key, clicks through pages and hears events.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use herald_sandbox::{STRIPE_SECRET_KEY, Settings, StripeEndpoint, StripeSettings};
use hmac::{Hmac, Mac as _};
use reqwest::{Response, Url};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::house::{House, settings};

pub(crate) const SECRET: &str = "whsec_of_the_test";
pub(crate) const PAYS: &str = "4242 4242 4242 4242";
pub(crate) const DECLINED: &str = "4000 0000 0000 0002";
pub(crate) const ASKS: &str = "4000 0027 6000 3184";
pub(crate) const STARTER: &str = "price_herald_starter_monthly_v1";
pub(crate) const PROFESSIONAL: &str = "price_herald_professional_monthly_v1";
pub(crate) const DAY: i64 = 86_400;

/// What an endpoint heard: signature header and raw body.
pub(crate) type Heard = Arc<Mutex<Vec<(String, Bytes)>>>;

pub(crate) struct Shop {
    pub(crate) house: House,
    pub(crate) heard: Heard,
    /// The statuses that the endpoint answers before it answers 200.
    pub(crate) moods: Arc<Mutex<Vec<u16>>>,
}

#[derive(Clone)]
struct Ear {
    heard: Heard,
    moods: Arc<Mutex<Vec<u16>>>,
}

async fn hear(State(ear): State<Ear>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers["stripe-signature"].to_str().unwrap().to_owned();
    let mood = ear.moods.lock().unwrap().pop();
    ear.heard.lock().unwrap().push((signature, body));
    StatusCode::from_u16(mood.unwrap_or(200)).unwrap()
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::with(|settings| settings).await
    }

    pub(crate) async fn with(change: impl FnOnce(Settings) -> Settings) -> Self {
        let ear = Ear { heard: Arc::default(), moods: Arc::default() };
        let (heard, moods) = (Arc::clone(&ear.heard), Arc::clone(&ear.moods));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks/stripe", listener.local_addr().unwrap());
        let router = Router::new().route("/webhooks/stripe", post(hear)).with_state(ear);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let endpoint = StripeEndpoint { url, secret: SECRET.to_owned(), api_version: None };
        let stripe = StripeSettings {
            endpoint: Some(endpoint),
            retry_after_ms: vec![1, 1, 1],
            ..StripeSettings::default()
        };
        let house = House::with(change(Settings { stripe, ..settings() })).await;
        Self { house, heard, moods }
    }

    pub(crate) async fn send(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = self.house.post(&format!("/stripe{path}")).bearer_auth(STRIPE_SECRET_KEY);
        request.form(form).send().await.unwrap()
    }

    /// A call that succeeds.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let answer = self.send(path, form).await;
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// A call that is refused: status and error.
    pub(crate) async fn refused(&self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let answer = self.send(path, form).await;
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        assert!(status >= 400, "{path}: {body}");
        (status, body["error"].clone())
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let request = self.house.get(&format!("/stripe{path}")).bearer_auth(STRIPE_SECRET_KEY);
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub(crate) async fn control(&self, path: &str, body: Value) -> Value {
        let path = format!("/_control/stripe/{path}");
        let answer = self.house.post(&path).json(&body).send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(status, 200, "{body}");
        body
    }

    pub(crate) async fn customer(&self) -> String {
        let customer = self.post("/v1/customers", &[("email", "jo@example.com")]).await;
        text(&customer, "id")
    }

    /// A checkout session for a price, with more parameters.
    pub(crate) async fn session(&self, kind: &str, price: &str, more: &[(&str, &str)]) -> Value {
        let mut form = vec![
            ("mode", kind),
            ("line_items[0][price]", price),
            ("line_items[0][quantity]", "1"),
            ("success_url", "http://shop.test/done?session={CHECKOUT_SESSION_ID}"),
            ("cancel_url", "http://shop.test/back"),
        ];
        form.extend(more);
        self.post("/v1/checkout/sessions", &form).await
    }

    /// Fills in the page behind a link.
    pub(crate) async fn click(&self, link: &str, form: &[(&str, &str)]) -> Response {
        self.house.client.post(link).form(form).send().await.unwrap()
    }

    /// Buys a subscription on the page; answers its id.
    pub(crate) async fn subscribe(&self, customer: &str, card: &str) -> String {
        let more = [("customer", customer)];
        let session = self.session("subscription", STARTER, &more).await;
        let answer = self.click(session["url"].as_str().unwrap(), &[("card", card)]).await;
        assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
        let session = self.get(&format!("/v1/checkout/sessions/{}", text(&session, "id"))).await;
        text(&session, "subscription")
    }

    /// The types of all events so far, oldest first.
    pub(crate) async fn event_types(&self) -> Vec<String> {
        let page = self.get("/v1/events?limit=100").await;
        let mut types: Vec<String> =
            page["data"].as_array().unwrap().iter().map(|event| text(event, "type")).collect();
        types.reverse();
        types
    }

    /// Waits until the endpoint has heard so many events, and answers them.
    pub(crate) async fn hears(&self, count: usize) -> Vec<Value> {
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
        loop {
            let heard = self.heard.lock().unwrap().clone();
            if heard.len() >= count {
                let bodies = heard.iter().map(|(_, body)| serde_json::from_slice(body).unwrap());
                return bodies.collect();
            }
            assert!(tokio::time::Instant::now() < deadline, "heard only {}", heard.len());
            tokio::task::yield_now().await;
        }
    }

    /// Waits until nothing is left to deliver.
    pub(crate) async fn quiet(&self) {
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
        loop {
            let answer = self.house.get("/_control/stripe").send().await.unwrap();
            let told: Value = answer.json().await.unwrap();
            if told["waiting"] == 0 {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "{told}");
        }
    }

    /// A customer on a test clock that stands at the first of January 2027, with a card.
    pub(crate) async fn clocked(&self, card: &str) -> (String, String) {
        let start = JANUARY.to_string();
        let clock = self.post("/v1/test_helpers/test_clocks", &[("frozen_time", &start)]).await;
        let clock = text(&clock, "id");
        let form = [("test_clock", clock.as_str()), ("email", "jo@example.com")];
        let customer = text(&self.post("/v1/customers", &form).await, "id");
        let path = format!("/v1/payment_methods/{card}/attach");
        let method = text(&self.post(&path, &[("customer", &customer)]).await, "id");
        let form = [("invoice_settings[default_payment_method]", method.as_str())];
        self.post(&format!("/v1/customers/{customer}"), &form).await;
        (clock, customer)
    }

    pub(crate) async fn advance(&self, clock: &str, to: i64) {
        let path = format!("/v1/test_helpers/test_clocks/{clock}");
        let (advance, to) = (format!("{path}/advance"), to.to_string());
        let answer = self.post(&advance, &[("frozen_time", &to)]).await;
        assert_eq!(answer["status"], "advancing");
        assert_eq!(self.get(&path).await["status"], "ready");
    }
}

/// 1 January 2027, noon.
pub(crate) const JANUARY: i64 = 1_798_804_800;

pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}")).to_owned()
}

/// Whether one of the `v1` of a header signs the body with a secret.
pub(crate) fn signed(header: &str, body: &[u8], secret: &str) -> bool {
    let parts: Vec<(&str, &str)> =
        header.split(',').filter_map(|part| part.split_once('=')).collect();
    let at = parts.iter().find(|(name, _)| *name == "t").unwrap().1;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.").as_bytes());
    mac.update(body);
    let wanted: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat();
    parts.iter().any(|(name, value)| *name == "v1" && *value == wanted)
}

pub(crate) fn query(link: &str, name: &str) -> Option<String> {
    let url: Url = link.parse().unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

pub(crate) fn nothing() -> Value {
    json!({})
}
