//! Thousands of malformed requests: always an answer, never a defect.

use crate::world::{Answered, World, limits, send, world_with};
use axum::{body::Body, http::Request};
use herald_graphql::limits::Limits;
use proptest::prelude::*;
use std::time::Duration;

fn check(answer: &Answered, what: &str) -> Result<(), TestCaseError> {
    prop_assert!(!answer.status.is_server_error(), "{}: {what}", answer.status);
    prop_assert!(answer.json().is_object(), "no GraphQL answer to {what}: {}", answer.text);
    prop_assert!(!answer.text.contains("secret"), "{}", answer.text);
    Ok(())
}

fn request(method: &str, headers: &[(String, String)], body: Vec<u8>) -> Option<Request<Body>> {
    let mut request = Request::builder().method(method).uri("/graphql");
    for (name, value) in headers {
        request = request.header(name.as_str(), value.as_str());
    }
    request.body(Body::from(body)).ok()
}

/// Pieces that documents are made of, one a word.
const PIECES: &str = r#"{ } ( ) [ ] : ! $ ... @ | = " """ \ # , query mutation subscription fragment
    on null true hello double people name friend first number Query Int $n F ...F __typename
    __schema __type 1 -1 1e999 99999999999999999999 0.1 \u{202e} é 😀 "\u{110000}" "\ud800""#;

/// The same in any order, with what holds blanks.
fn fragments_of_documents() -> impl Strategy<Value = String> {
    let mut pieces: Vec<&str> = PIECES.split_whitespace().collect();
    pieces.extend(["\n", " ", "\u{0}", "\u{feff}", "@skip(if: true)", "@include(if: $n)"]);
    pieces.extend(["{ __typename }", "query($n: [[Int!]!]!) { hello }"]);
    prop::collection::vec(prop::sample::select(pieces), 0..60).prop_map(|pieces| pieces.concat())
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".{0,12}".prop_map(Into::into),
        fragments_of_documents().prop_map(Into::into),
    ];
    let name = prop::sample::select(vec![
        "query",
        "variables",
        "operationName",
        "extensions",
        "n",
        "persistedQuery",
        "",
        "__proto__",
    ]);
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::vec((name.clone(), inner), 0..4).prop_map(|members| {
                members
                    .into_iter()
                    .map(|(k, v)| (k.to_owned(), v))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            }),
        ]
    })
}

fn header() -> impl Strategy<Value = (String, String)> {
    let name = prop::sample::select(vec![
        "accept",
        "content-type",
        "authorization",
        "cookie",
        "origin",
        "host",
        "content-length",
        "upgrade",
        "connection",
        "sec-websocket-protocol",
        "sec-websocket-version",
        "herald-account",
        "x-forwarded-for",
        "accept-charset",
        "content-encoding",
    ]);
    let value = prop_oneof![
        "[ -~]{0,20}",
        prop::sample::select(vec![
            "application/json",
            "application/graphql-response+json",
            "text/event-stream",
            "*/*",
            "websocket",
            "upgrade",
            "graphql-transport-ws",
            "13",
            "Bearer good",
            "Bearer ",
            "herald_session=good",
            "null",
            "gzip",
            "-1",
            "99999999999999999999999",
        ])
        .prop_map(ToOwned::to_owned),
    ];
    (name.prop_map(ToOwned::to_owned), value)
}

fn try_one(
    world: &World,
    method: &str,
    headers: &[(String, String)],
    body: Vec<u8>,
) -> Option<Answered> {
    let request = request(method, headers, body)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    Some(runtime.block_on(send(&world.router, request)))
}

fn impatient() -> World {
    world_with(Limits { timeout: Duration::from_secs(20), ..limits() })
}

fn as_json(signed_in: bool) -> Vec<(String, String)> {
    let mut headers = vec![("content-type", "application/json")];
    headers.push(("accept", "application/graphql-response+json"));
    headers.extend(signed_in.then_some(("authorization", "Bearer good")));
    headers.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn any_document_is_answered(document in fragments_of_documents(), signed_in: bool) {
        let body = serde_json::json!({ "query": document }).to_string().into_bytes();
        let answer = try_one(&impatient(), "POST", &as_json(signed_in), body).unwrap();
        check(&answer, &document)?;
    }

    #[test]
    fn any_json_is_answered(body in any_json()) {
        let text = body.to_string();
        let answer = try_one(&impatient(), "POST", &as_json(true), text.clone().into_bytes()).unwrap();
        check(&answer, &text)?;
    }

    #[test]
    fn any_bytes_are_answered(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let answer = try_one(&impatient(), "POST", &as_json(false), body.clone()).unwrap();
        check(&answer, &format!("{body:?}"))?;
    }

    #[test]
    fn any_headers_are_answered(
        method in prop::sample::select(vec!["POST", "GET", "PUT", "OPTIONS", "HEAD", "TRACE"]),
        headers in prop::collection::vec(header(), 0..8),
    ) {
        let body = br#"{"query":"{ __typename }"}"#.to_vec();
        if let Some(answer) = try_one(&impatient(), method, &headers, body) {
            prop_assert!(!answer.status.is_server_error(), "{method} {headers:?}: {}", answer.text);
        }
    }
}
