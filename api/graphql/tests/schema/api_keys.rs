//! API keys from end to end: issued by a person, called with by a program, ended.

use crate::world::World;
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use herald_door::{Origins, Reception};
use herald_graphql::{
    http::{Endpoint, router},
    limits::Limits,
    websocket::Seats,
};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::watch;
use tower::ServiceExt as _;

fn front(world: &World) -> Router {
    router(Endpoint {
        executor: world.schema.clone(),
        door: Reception::new(Arc::clone(&world.desk)),
        limits: Limits::default(),
        origins: Origins::default(),
        cookie: "herald_session".to_owned(),
        seats: Seats::new(1, 1),
        closing: watch::channel(false).1,
    })
}

async fn call(front: &Router, bearer: &str, query: &str) -> (StatusCode, Value) {
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/graphql-response+json")
        .header(header::AUTHORIZATION, format!("Bearer {bearer}"))
        .body(Body::from(json!({ "query": query }).to_string()))
        .expect("a request");
    let answer = front.clone().oneshot(request).await.expect("an answer");
    let status = answer.status();
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    (status, serde_json::from_slice(&bytes).expect("JSON"))
}

#[tokio::test]
async fn a_key_calls_until_it_is_revoked_and_then_it_is_401_like_any_unknown_one() {
    let world = World::new().await;
    let ada = world.owner("Ada").await;
    let front = front(&world);
    let wish = json!({ "name": "the shop", "scopes": ["READ"] });
    let select = "secret apiKey { id name display status environment scopes version }";
    let issued = world.send(&ada, "issueApiKey", wish, select).await;
    assert_eq!(issued["userErrors"], json!([]), "{issued}");
    let secret = issued["secret"].as_str().expect("shown once").to_owned();
    assert_eq!(issued["apiKey"]["status"], "ACTIVE");
    assert_eq!(issued["apiKey"]["environment"], "DEV");

    let (status, answer) = call(&front, &secret, "{ account { id businessName } }").await;
    assert_eq!((status, &answer["errors"]), (StatusCode::OK, &json!(null)), "{answer}");
    assert_eq!(answer["data"]["account"]["businessName"], "Ada's bakery");

    // A key manages no keys and stands for no person.
    let (_, answer) = call(&front, &secret, "{ apiKeys(first: 1) { edges { cursor } } }").await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
    let (_, answer) = call(&front, &secret, "{ viewer { mode } }").await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");

    let key = issued["apiKey"]["id"].clone();
    let select = "apiKey { status }";
    let revoked = world.send(&ada, "revokeApiKey", json!({ "key": key }), select).await;
    assert_eq!(revoked["apiKey"]["status"], "REVOKED", "{revoked}");
    let (status, gone) = call(&front, &secret, "{ account { id } }").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{gone}");
    let (status, unknown) = call(&front, "herald_sk_dev_nothing", "{ account { id } }").await;
    assert_eq!((status, unknown), (StatusCode::UNAUTHORIZED, gone), "told apart");
}

#[tokio::test]
async fn a_key_is_listed_found_by_its_id_renamed_and_replaced() {
    let world = World::new().await;
    let ada = world.owner("Ada").await;
    let wish = json!({ "name": "the shop", "scopes": ["READ", "WRITE"], "ipAllow": ["nowhere"] });
    let refused = world.send(&ada, "issueApiKey", wish, "secret").await;
    assert_eq!(refused["userErrors"][0]["path"], json!(["ipAllow", "0"]), "{refused}");
    let wish = json!({ "name": "the shop", "scopes": ["READ", "WRITE"] });
    let issued = world.send(&ada, "issueApiKey", wish, "apiKey { id }").await;
    let key = issued["apiKey"]["id"].clone();
    let wish = json!({ "key": key, "name": "the new shop" });
    world.send(&ada, "renameApiKey", wish, "apiKey { id }").await;
    let wish = json!({ "key": key, "overlapHours": 1 });
    let select = "secret apiKey { id replaces } former { status successor overlapUntil }";
    let rotated = world.send(&ada, "rotateApiKey", wish, select).await;
    assert_eq!(rotated["former"]["status"], "ROTATING", "{rotated}");
    assert_eq!(rotated["former"]["successor"], rotated["apiKey"]["id"]);
    assert_eq!(rotated["apiKey"]["replaces"], key);
    let list =
        "{ apiKeys(first: 10) { totalCount edges { node { id name createdBy { name } } } } }";
    let listed = world.ask(&ada, list, json!({})).await;
    assert_eq!(listed["data"]["apiKeys"]["totalCount"], 2, "{listed}");
    let node = "query($id: ID!) { node(id: $id) { id ... on ApiKey { name } } }";
    let found = world.ask(&ada, node, json!({ "id": key })).await;
    assert_eq!(found["data"]["node"]["name"], "the new shop", "{found}");
    let eve = world.owner("Eve").await;
    let found = world.ask(&eve, node, json!({ "id": key })).await;
    assert_eq!(found["data"]["node"], json!(null), "another account's key is not there");
}
