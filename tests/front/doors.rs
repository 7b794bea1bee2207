//! Bad requests at every door beside GraphQL's: REST as its own description lists it, webhooks that
//! are signed and make no sense, ways back from providers, tokens.

use super::{Front, cash, nonsense, visitor::Visitor};
use rand::{Rng as _, rngs::StdRng, seq::IndexedRandom as _};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// An operation of REST's.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    method: Method,
    path: String,
    fields: Vec<String>,
}

/// Every operation that the house describes.
pub(crate) async fn routes(owner: &Visitor) -> Vec<Route> {
    let (status, said) = owner.send(owner.request(Method::GET, "/openapi.json")).await;
    assert_eq!(status, 200);
    let whole: Value = serde_json::from_str(&said).expect("JSON");
    let mut routes = Vec::new();
    for (path, operations) in whole["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let Ok(method) = method.to_uppercase().parse() else { continue };
            let mut body = &operation["requestBody"]["content"]["application/json"]["schema"];
            if let Some(name) = body["$ref"].as_str() {
                body = whole.pointer(name.trim_start_matches('#')).expect("what is named is there");
            }
            let fields = body["properties"].as_object();
            let fields = fields.map(|it| it.keys().cloned().collect()).unwrap_or_default();
            routes.push(Route { method, path: path.clone(), fields });
        }
    }
    assert!(routes.len() > 15, "{routes:?}");
    routes
}

/// One of them, at any door.
pub(crate) fn odd(
    dice: &mut StdRng,
    front: &Front,
    owner: &Visitor,
    routes: &[Route],
) -> (String, RequestBuilder, bool) {
    match dice.random_range(0..10) {
        0..=4 => rest(dice, owner, routes),
        5..=7 => webhook(dice, front),
        _ => way_back(dice, front, owner),
    }
}

/// Something that may stand in an address.
fn word(dice: &mut StdRng) -> String {
    let long = dice.random_range(1..3_000);
    match dice.random_range(0..10) {
        0 => String::new(),
        1 => "%00".to_owned(),
        2 => "%ff%fe".to_owned(),
        3 => "x".repeat(long),
        4 => "post_00000000000000000000000000".to_owned(),
        5 => "key_ZZZZZZZZZZZZZZZZZZZZZZZZZZ".to_owned(),
        6 => "..%2f..%2fmetrics".to_owned(),
        7 => "-1".to_owned(),
        8 => "99999999999999999999999".to_owned(),
        _ => "%F0%9F%A5%90&limit=1&limit=2&after=%7B%7D&status=nothing".to_owned(),
    }
}

fn rest(dice: &mut StdRng, owner: &Visitor, routes: &[Route]) -> (String, RequestBuilder, bool) {
    let route = routes.choose(dice).expect("some");
    let mut path = route.path.clone();
    while let Some((before, (_, after))) =
        path.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        path = format!("{before}{}{after}", word(dice).replace(['&', '{', '}'], "_"));
    }
    if dice.random_bool(0.3) {
        path = format!("{path}?limit={}&after={}", word(dice), word(dice));
    }
    let mut body = json!({});
    for field in &route.fields {
        if dice.random_bool(0.8) {
            body[field] = nonsense::value(dice);
        }
    }
    let body = if dice.random_bool(0.7) { body.to_string() } else { nonsense::body(dice) };
    let shown: String = format!("{} {path} {body}", route.method).chars().take(500).collect();
    let mut request = owner.request(route.method.clone(), &path);
    if dice.random_bool(0.9) {
        request = request.header("content-type", "application/json");
    }
    if dice.random_bool(0.3) {
        request = request.header("idempotency-key", "k".repeat(dice.random_range(0..400)));
    }
    (shown, request.body(body), true)
}

/// A call that is Stripe's by its signature and nobody's by its sense.
fn webhook(dice: &mut StdRng, front: &Front) -> (String, RequestBuilder, bool) {
    const KINDS: [&str; 7] = [
        "customer.subscription.updated",
        "invoice.paid",
        "checkout.session.completed",
        "charge.refunded",
        "charge.dispute.created",
        "payment_method.attached",
        "nothing.that.is",
    ];
    const DOORS: [&str; 4] = ["stripe", "clerk", "resend", "nobody"];
    let mut object = json!({
        "id": "in_1", "object": "invoice", "customer": "cus_nobody", "amount_refunded": 5,
        "currency": "usd", "status": "won", "payment_intent": "pi_1", "metadata": {}
    });
    let fields: Vec<String> = object.as_object().expect("a map").keys().cloned().collect();
    for field in &fields {
        if dice.random_bool(0.3) {
            object[field] = nonsense::value(dice);
        }
    }
    let id = format!("evt_{}", dice.random::<u64>());
    let kind = KINDS.choose(dice).expect("some");
    let mut event = json!({
        "id": id, "type": kind, "created": cash::now(), "data": { "object": object }
    });
    if dice.random_bool(0.2) {
        event[*["id", "type", "created", "data"].choose(dice).expect("some")] =
            nonsense::value(dice);
    }
    let signature = cash::signature(&event, cash::now(), cash::SECRET);
    let door = DOORS.choose(dice).expect("some");
    let request = front.nobody().request(Method::POST, &format!("/webhooks/{door}"));
    let mut request = request.header("svix-id", word(dice)).header("svix-timestamp", word(dice));
    if dice.random_bool(0.9) {
        request = request.header("stripe-signature", signature);
    }
    let (shown, body) = (event.to_string(), event.to_string());
    (format!("{door}: {}", shown.chars().take(400).collect::<String>()), request.body(body), true)
}

/// Ways out and back, and tokens.
fn way_back(dice: &mut StdRng, front: &Front, owner: &Visitor) -> (String, RequestBuilder, bool) {
    const PATHS: [&str; 9] = [
        "/auth/google/start?return_to=",
        "/auth/nobody/start?return_to=",
        "/auth/google/callback?code=c&state=",
        "/auth/github/callback?state=s&code=",
        "/auth/clerk/callback?error=",
        "/auth/clerk/callback?iss=http://evil.example&code=c&state=",
        "/oauth/x/callback?code=c&state=",
        "/oauth/x/callback?error=access_denied&state=",
        "/auth/link/",
    ];
    let nobody = front.nobody();
    let who = if dice.random_bool(0.5) { owner } else { &nobody };
    if dice.random_bool(0.3) {
        let grants = ["refresh_token", "urn:herald:link", "password", ""];
        let grant = (*grants.choose(dice).expect("some")).to_owned();
        let mut form = vec![("grant_type", grant)];
        for name in ["refresh_token", "link", "grant_type", "scope"] {
            if dice.random_bool(0.4) {
                form.push((name, word(dice)));
            }
        }
        let request = nobody.request(Method::POST, "/auth/token").form(&form);
        return (format!("/auth/token {}", form.len()), request, true);
    }
    let path = format!("{}{}", PATHS.choose(dice).expect("some"), word(dice));
    let method = if dice.random_bool(0.8) { Method::GET } else { Method::POST };
    let cookie = format!("herald_signing_in={}", word(dice));
    let request = who.request(method, &path).header("cookie", cookie);
    let shown: String = path.chars().take(300).collect();
    (shown, request, true)
}
