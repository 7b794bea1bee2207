//! Whoever pays, and whoever pretends to be Stripe.

use super::{
    Front,
    database::Engine,
    story, until,
    visitor::{self, Visitor, text},
};
use hmac::{Hmac, Mac as _};
use reqwest::{Method, Response, header};
use serde_json::{Value, json};
use sha2::Sha256;
use std::{
    fmt::Write as _,
    time::{SystemTime, UNIX_EPOCH},
};

/// The card that is charged.
pub(crate) const PAYS: &str = "4242424242424242";
/// The card that is declined.
pub(crate) const DECLINED: &str = "4000000000000002";
/// With what the sandbox's Stripe signs.
pub(crate) const SECRET: &str = "whsec_herald_sandbox";

/// What is looked at of a subscription.
const SEEN: &str = "subscription { tier access status interval card { last4 } periodEnd endsAt
    change { tier effectiveAt } problem { what code } version }";

/// An installation in which accounts pay. Whoever waits for something asks more often than people do.
pub(crate) async fn front(engine: Engine) -> Front {
    let settings = [("HERALD_BILLING", "on"), ("HERALD_LIMIT_SESSION", "100000")];
    Front::start_with(engine, &settings).await
}

/// Asks for a page on which `tier` is paid by the month. Answers its address.
pub(crate) async fn checkout(payer: &Visitor, tier: &str) -> String {
    let input = json!({ "tier": tier, "interval": "MONTH" });
    let opened = payer.tell("startCheckout", input, "checkoutUrl problem { code }").await;
    text(&opened["checkoutUrl"])
}

/// Fills the page in.
pub(crate) async fn click(page: &str, card: &str) -> Response {
    let form = [("card", card)];
    visitor::http().post(page).form(&form).send().await.expect("the click is answered")
}

/// Pays, and answers where the browser is sent.
pub(crate) async fn pay(page: &str, card: &str) -> String {
    let answer = click(page, card).await;
    assert_eq!(answer.status(), 303);
    answer.headers()[header::LOCATION].to_str().expect("an address").to_owned()
}

/// What the account pays for.
pub(crate) async fn subscription(payer: &Visitor) -> Value {
    payer.gql(&format!("{{ {SEEN} }}"), json!({})).await["subscription"].take()
}

/// What the account pays for, once it is so.
pub(crate) async fn until_so(payer: &Visitor, what: &str, so: impl Fn(&Value) -> bool) -> Value {
    until(what, async || {
        let seen = subscription(payer).await;
        so(&seen).then_some(seen)
    })
    .await
}

/// What the account pays for, once it has the tier.
pub(crate) async fn until_tier(payer: &Visitor, tier: &str) -> Value {
    until_so(payer, &format!("the tier {tier}"), |it| it["tier"] == tier).await
}

/// A request of REST's: its status and its JSON. A body that is `null` is none.
pub(crate) async fn rest(who: &Visitor, method: Method, path: &str, body: &Value) -> (u16, Value) {
    let mut request = who.request(method, path);
    if !body.is_null() {
        request = request.json(body);
    }
    let (status, text) = who.send(request).await;
    (status, serde_json::from_str(&text).unwrap_or_default())
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// What Stripe writes into `Stripe-Signature`.
pub(crate) fn signature(event: &Value, at: u64, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length is a key");
    mac.update(format!("{at}.{event}").as_bytes());
    let mut text = format!("t={at},v1=");
    for byte in mac.finalize().into_bytes() {
        write!(text, "{byte:02x}").expect("text takes text");
    }
    text
}

/// Sends an event as Stripe would. Answers the status.
pub(crate) async fn deliver(front: &Front, event: &Value, signature: Option<String>) -> u16 {
    let request = visitor::http().post(front.url("/webhooks/stripe")).body(event.to_string());
    let mut request = request.header(header::CONTENT_TYPE, "application/json");
    if let Some(signature) = signature {
        request = request.header("stripe-signature", signature);
    }
    request.send().await.expect("an answer").status().as_u16()
}

/// Tells the sandbox's Stripe how to behave.
pub(crate) async fn control(front: &Front, what: &str, body: Value) {
    let address = format!("http://{}/_control/stripe/{what}", front.sandbox);
    let answer = visitor::http().post(address).json(&body).send().await.expect("an answer");
    assert!(answer.status().is_success(), "{what}: {}", answer.status());
}

/// A person with an account that pays for a tier.
pub(crate) async fn paying(front: &Front, tier: &str) -> Visitor {
    let payer = story::open_account(&front.newcomer().await, "Corner Bakery").await;
    pay(&checkout(&payer, tier).await, PAYS).await;
    until_tier(&payer, tier).await;
    payer
}

/// What the sandbox's Stripe answers.
pub(crate) async fn stripe(front: &Front, path: &str) -> Value {
    let request = visitor::http().get(format!("http://{}/stripe/v1/{path}", front.sandbox));
    let answer = request.bearer_auth(herald_sandbox::STRIPE_SECRET_KEY).send().await;
    answer.expect("an answer").json().await.expect("JSON")
}

/// Has the sandbox's Stripe do something that nobody asked Herald for.
pub(crate) async fn tell_stripe(front: &Front, path: &str, form: &[(&str, &str)]) -> Value {
    let request = visitor::http().post(format!("http://{}/stripe/v1/{path}", front.sandbox));
    let request = request.bearer_auth(herald_sandbox::STRIPE_SECRET_KEY).form(form);
    let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    assert!(answer.get("error").is_none(), "{path}: {answer}");
    answer
}
