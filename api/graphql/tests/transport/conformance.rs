//! GraphQL over HTTP, its MUSTs and SHOULDs.

use crate::world::{GOOD, JSON, TAKES_GRAPHQL, TAKES_JSON, ask, ask_signed_in, post, send, world};
use axum::{body::Body, http::Request};
use serde_json::json;

const GRAPHQL_TYPE: &str = "application/graphql-response+json; charset=utf-8";
const JSON_TYPE: &str = "application/json; charset=utf-8";

#[tokio::test]
async fn an_anonymous_caller_is_answered() {
    let answer = ask("{ __typename }").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["data"], json!({ "__typename": "Query" }));
}

#[tokio::test]
async fn each_form_of_answer_is_named_with_its_encoding() {
    let table = [
        (Some("application/graphql-response+json"), GRAPHQL_TYPE),
        (Some("application/json"), JSON_TYPE),
        (Some("*/*"), JSON_TYPE),
        (Some("application/*"), JSON_TYPE),
        (Some("application/graphql-response+json, application/json;q=0.9"), GRAPHQL_TYPE),
        (Some("application/json, application/graphql-response+json"), GRAPHQL_TYPE),
        (None, JSON_TYPE),
    ];
    for (accept, expected) in table {
        let body = json!({ "query": "{ __typename }" }).to_string();
        let mut headers = vec![JSON];
        headers.extend(accept.map(|accept| ("accept", accept)));
        let answer = post(&headers, body).await;
        assert_eq!((answer.status.as_u16(), answer.content_type()), (200, expected), "{accept:?}");
    }
}

#[tokio::test]
async fn a_form_that_we_do_not_write_is_406() {
    for accept in ["text/html", "application/xml", "application/json;q=0", "image/*"] {
        let body = json!({ "query": "{ __typename }" }).to_string();
        let answer = post(&[JSON, ("accept", accept)], body).await;
        assert_eq!(answer.status, 406, "{accept}");
        assert_eq!(answer.code(), "NOT_ACCEPTABLE");
    }
}

#[tokio::test]
async fn only_post_is_answered_and_the_others_are_told_so() {
    for method in ["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"] {
        let request = Request::builder()
            .method(method)
            .uri("/graphql?query=%7B__typename%7D")
            .body(Body::empty())
            .unwrap();
        let answer = send(&world().router, request).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.headers["allow"], "POST", "{method}");
    }
}

#[tokio::test]
async fn only_json_in_utf8_is_read() {
    let body = r#"{"query":"{ __typename }"}"#;
    for kind in [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON;charset=\"UTF-8\"",
    ] {
        assert_eq!(post(&[("content-type", kind)], body).await.status, 200, "{kind}");
    }
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=utf-16",
        "application/jsonp",
        "",
    ] {
        let answer = post(&[("content-type", kind)], body).await;
        assert_eq!(answer.status, 415, "{kind}");
        assert_eq!(answer.code(), "UNSUPPORTED_MEDIA_TYPE");
    }
    assert_eq!(post(&[], body).await.status, 415, "no content type at all");
}

#[tokio::test]
async fn a_malformed_request_is_400_in_either_form() {
    let bodies = [
        "",
        "{",
        "nope",
        "null",
        "1",
        "\"{ __typename }\"",
        "{}",
        "{\"query\":null}",
        "{\"query\":1}",
        "{\"query\":{}}",
        "{\"query\":[\"{ __typename }\"]}",
        "{\"query\":\"{ __typename }\",\"variables\":\"\"}",
        "{\"query\":\"{ __typename }\",\"variables\":[]}",
        "{\"query\":\"{ __typename }\",\"variables\":0}",
        "{\"query\":\"{ __typename }\",\"extensions\":\"\"}",
        "{\"query\":\"{ __typename }\",\"extensions\":[]}",
        "{\"query\":\"{ __typename }\",\"operationName\":{}}",
        "{\"query\":\"{ __typename }\",\"operationName\":1}",
        "[]",
        "[{\"query\":\"{ __typename }\"}]",
        "{\"quer\":\"{ __typename }\"}",
    ];
    for body in bodies {
        for accept in [TAKES_JSON, TAKES_GRAPHQL] {
            let answer = post(&[JSON, accept], body).await;
            assert_eq!(answer.status, 400, "{body} {accept:?}");
            assert!(answer.json()["errors"][0]["message"].is_string(), "{body}");
            assert!(answer.json().get("data").is_none(), "{body}");
        }
    }
}

#[tokio::test]
async fn optional_members_may_be_null_and_unknown_ones_are_passed_over() {
    let body = json!({
        "query": "{ __typename }", "variables": null, "operationName": null, "extensions": null,
        "somethingElse": [1],
    });
    assert_eq!(post(&[JSON, TAKES_GRAPHQL], body.to_string()).await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_carried_out_is_400_without_data_or_200_in_the_old_form() {
    let table = [
        ("{", json!({}), "GRAPHQL_PARSE_FAILED"),
        ("", json!({}), "GRAPHQL_PARSE_FAILED"),
        ("{ unknown }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ hello { x } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("query Q($n: Int!) { double(number: $n) }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        (
            "query Q($n: Int!) { double(number: $n) }",
            json!({ "n": null }),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "query Q($n: Int!) { double(number: $n) }",
            json!({ "n": "x" }),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("{ double(number: \"x\") }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { x }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { count(to: 1) }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
    ];
    for (query, variables, code) in table {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let modern = post(&[JSON, TAKES_GRAPHQL], body.clone()).await;
        assert_eq!(modern.status, 400, "{query}: {}", modern.text);
        assert!(modern.json().get("data").is_none(), "{query}: {}", modern.text);
        assert_eq!(modern.code(), code, "{query}: {}", modern.text);
        let old = post(&[JSON, TAKES_JSON], body).await;
        assert_eq!(old.status, 200, "{query}");
        assert!(old.json().get("data").is_none(), "{query}");
    }
}

#[tokio::test]
async fn a_field_that_fails_leaves_the_rest_and_the_status_alone() {
    let answer = ask("{ hello broken }").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["data"], json!({ "hello": "Hello, world!", "broken": null }));
    let whole = ask("{ hello brokenForGood }").await;
    assert_eq!(whole.status, 200);
    assert!(whole.json()["data"].is_null() && whole.json().get("data").is_some());
}

#[tokio::test]
async fn a_failed_field_that_may_not_be_null_takes_its_object_with_it_and_no_more() {
    let table = [
        (
            "{ hello maybe { name } }",
            json!({ "hello": "Hello, world!", "maybe": { "name": "Ada" } }),
        ),
        ("{ maybe { name secret } hello }", json!({ "maybe": null, "hello": "Hello, world!" })),
        ("{ maybe { name friend { secret } } }", json!({ "maybe": null })),
        (
            "{ maybe { name nobody { secret } } }",
            json!({ "maybe": { "name": "Ada", "nobody": null } }),
        ),
        ("{ some { name secret } }", json!({ "some": [null, null] })),
        ("{ people(first: 2) { name secret } }", json!(null)),
        ("{ a: maybe { secret } b: maybe { name } }", json!({ "a": null, "b": { "name": "Ada" } })),
    ];
    for (query, data) in table {
        let answer = ask(query).await;
        assert_eq!(answer.json()["data"], data, "{query}: {}", answer.text);
        let failed = answer.json()["errors"].as_array().map_or(0, Vec::len);
        assert_eq!(failed > 0, query.contains("secret"), "{query}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_defect_keeps_its_text_to_itself() {
    for query in ["{ broken }", "{ brokenForGood }"] {
        let answer = ask(query).await;
        assert_eq!(answer.code(), "INTERNAL");
        assert!(!answer.text.contains("secret"), "{}", answer.text);
    }
}

#[tokio::test]
async fn variables_and_operation_names_are_taken() {
    let query = "query A($n: Int! = 4) { double(number: $n) } query B { hello }";
    let cases = [
        (json!({ "query": query, "operationName": "A" }), json!({ "double": 8 })),
        (
            json!({ "query": query, "operationName": "A", "variables": { "n": 2 } }),
            json!({ "double": 4 }),
        ),
        (json!({ "query": query, "operationName": "B" }), json!({ "hello": "Hello, world!" })),
    ];
    for (body, data) in cases {
        let answer = post(&[JSON, TAKES_GRAPHQL], body.to_string()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["data"]), (200, &data));
    }
    let unknown = json!({ "query": query, "operationName": "C" }).to_string();
    assert_eq!(post(&[JSON, TAKES_GRAPHQL], unknown).await.status, 400);
}

#[tokio::test]
async fn a_bad_credential_is_401_and_a_good_one_is_known() {
    let body = json!({ "query": "{ visitor }" }).to_string();
    let bad = [
        ("authorization", "Bearer bad"),
        ("authorization", "Bearer "),
        ("authorization", "Basic Z29vZDpnb29k"),
        ("cookie", "herald_session=bad"),
    ];
    for credential in bad {
        let answer = post(&[JSON, credential], body.clone()).await;
        assert_eq!(answer.status, 401, "{credential:?}");
        assert_eq!(answer.code(), "UNAUTHENTICATED");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    for (credential, known) in
        [(GOOD, json!("bearer")), (("cookie", "a=b; herald_session=good"), json!("cookie"))]
    {
        let answer = post(&[JSON, credential], body.clone()).await;
        assert_eq!(answer.json()["data"]["visitor"], known);
    }
    assert!(ask("{ visitor }").await.json()["data"]["visitor"].is_null());
}

#[tokio::test]
async fn who_comes_too_often_is_told_when_to_come_back() {
    let body = json!({ "query": "{ visitor }" }).to_string();
    let answer = post(&[JSON, ("authorization", "Bearer hasty")], body).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (429, "RATE_LIMITED"));
    assert_eq!(answer.headers["retry-after"], "7");
}

#[tokio::test]
async fn a_page_of_another_site_cannot_ride_on_the_cookie() {
    let body = json!({ "query": "{ visitor }" }).to_string();
    let cookie = ("cookie", "herald_session=good");
    let with = |origin| [JSON, cookie, ("host", "herald.example"), ("origin", origin)];
    for origin in ["https://evil.example", "null", "https://herald.example.evil.example"] {
        let answer = post(&with(origin), body.clone()).await;
        assert_eq!(answer.status, 403, "{origin}");
    }
    for origin in ["https://app.example", "https://herald.example"] {
        assert_eq!(post(&with(origin), body.clone()).await.status, 200, "{origin}");
    }
}

#[tokio::test]
async fn the_schema_is_described_to_signed_in_callers_only() {
    for query in
        ["{ __schema { types { name } } }", "{ __type(name: \"Query\") { fields { name } } }"]
    {
        let stranger = ask(query).await;
        assert_eq!((stranger.status.as_u16(), stranger.code().as_str()), (400, "UNAUTHENTICATED"));
        assert_eq!(ask_signed_in(query).await.status, 200);
    }
    let hidden = "{ ...F } fragment F on Query { ... on Query { s: __schema { types { name } } } }";
    assert_eq!(ask(hidden).await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn misspelled_names_are_not_completed() {
    let answer = ask("{ helo }").await;
    assert!(!answer.text.to_lowercase().contains("did you mean"), "{}", answer.text);
}

#[tokio::test]
async fn resolvers_may_add_to_the_answer() {
    let answer = ask("{ noted }").await;
    assert_eq!(answer.json()["extensions"]["idempotentReplay"], json!(true));
    assert_eq!(answer.json()["extensions"]["cost"]["requested"], json!(1));
}

#[tokio::test]
async fn answers_are_not_kept_by_caches() {
    assert_eq!(ask("{ hello }").await.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn fields_stand_in_the_order_in_which_they_were_asked_for() {
    let asked = "query { some { ...two friend { last: late name } } double(number: 2) }
                 fragment two on Person { late name ... on Person { friend { late } } }";
    let answer = ask(asked).await;
    let person =
        r#"{"late":"late","name":"Ada","friend":{"late":"late","last":"late","name":"Ada"}}"#;
    let expected = format!(r#"{{"data":{{"some":[{person},{person}],"double":4}}"#);
    assert!(answer.text.starts_with(&expected), "{}", answer.text);
}
