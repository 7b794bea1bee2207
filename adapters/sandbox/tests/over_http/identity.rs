//! What the tests of identity share: clicking, verifying tokens, and receiving webhooks.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::Response;
use ring::hmac;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::house::{House, challenge, parameter};

pub(crate) const BACK: &str = "http://127.0.0.1:8080/auth/callback";
pub(crate) const SECRET: &str = "whsec_c2FuZGJveC1zaWduaW5nLXNlY3JldC1vZi10ZXN0cw==";

/// The query of a right request for consent, with some members replaced or, when empty, left out.
pub(crate) fn query(client: &str, scope: &str, changes: &[(&str, &str)]) -> String {
    let challenge = challenge();
    let right = [
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", BACK),
        ("scope", scope),
        ("state", "opaque state"),
        ("nonce", "a nonce"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let mut query = Serializer::new(String::new());
    for (name, value) in right {
        let value = changes.iter().find(|(changed, _)| *changed == name).map_or(value, |c| c.1);
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    for (name, value) in changes {
        if !right.iter().any(|(known, _)| known == name) {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

impl House {
    /// Clicks on a person of one provider's page; answers where the browser is sent.
    pub(crate) async fn choose(&self, path: &str, person: &str) -> Url {
        let form = [("decision", "allow"), ("person", person)];
        let answer = self.post(path).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), 302, "{}", answer.text().await.unwrap());
        answer.headers()["location"].to_str().unwrap().parse().unwrap()
    }

    pub(crate) async fn code_for(&self, path: &str, person: &str) -> String {
        let back = self.choose(path, person).await;
        assert_eq!(parameter(&back, "state").as_deref(), Some("opaque state"));
        parameter(&back, "code").unwrap()
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        self.get(path).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn control(&self, path: &str, body: Value) -> Value {
        let answer = self.post(path).json(&body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }
}

/// A refusal's status and body.
pub(crate) async fn told(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap())
}

/// The claims of a token, once its signature is proven with a key of the set.
pub(crate) fn proven(token: &str, keys: &Value) -> Option<Value> {
    let mut parts = token.split('.');
    let (head, body, mark) = (parts.next()?, parts.next()?, parts.next()?);
    let read = |part: &str| -> Option<Value> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
    };
    let header = read(head)?;
    assert_eq!(header["alg"], "RS256");
    let key = keys["keys"].as_array()?.iter().find(|key| key["kid"] == header["kid"])?;
    let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let public = RsaPublicKeyComponents { n: number("n"), e: number("e") };
    let signed = format!("{head}.{body}");
    let mark = URL_SAFE_NO_PAD.decode(mark).ok()?;
    public.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &mark).ok()?;
    read(body)
}

/// One webhook as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) id: String,
    pub(crate) seconds: i64,
    signature: String,
    body: String,
}

impl Arrived {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether the signature is what the secret makes of id, time and body.
    pub(crate) fn genuine(&self) -> bool {
        let key = STANDARD.decode(SECRET.trim_start_matches("whsec_")).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let text = format!("{}.{}.{}", self.id, self.seconds, self.body);
        let mark = self.signature.strip_prefix("v1,").and_then(|mark| STANDARD.decode(mark).ok());
        mark.is_some_and(|mark| hmac::verify(&key, text.as_bytes(), &mark).is_ok())
    }
}

/// Somebody who receives webhooks, and refuses the first few.
#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    changed: Arc<tokio::sync::Notify>,
}

impl Receiver {
    pub(crate) async fn open(refusals: usize) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (arrived, changed) = (Arc::default(), Arc::default());
        let receiver = Self { url, arrived, changed };
        let told = receiver.clone();
        let take = move |headers: HeaderMap, body: Bytes| async move {
            let text = |name: &str| headers[name].to_str().unwrap().to_owned();
            let one = Arrived {
                id: text("svix-id"),
                seconds: text("svix-timestamp").parse().unwrap(),
                signature: text("svix-signature"),
                body: String::from_utf8(body.to_vec()).unwrap(),
            };
            let mut arrived = told.arrived.lock().unwrap();
            arrived.push(one);
            told.changed.notify_one();
            if arrived.len() <= refusals { StatusCode::BAD_GATEWAY } else { StatusCode::OK }
        };
        let router = Router::new().route("/hook", axum::routing::post(take));
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    /// Makes a provider of the sandbox send here.
    pub(crate) async fn listen(&self, house: &House, provider: &str) {
        let body = json!({ "url": self.url, "secret": SECRET });
        house.control(&format!("/_control/svix/{provider}"), body).await;
    }

    /// What arrived, once there are so many.
    pub(crate) async fn wait(&self, count: usize) -> Vec<Arrived> {
        loop {
            let arrived = self.arrived.lock().unwrap().clone();
            if arrived.len() >= count {
                return arrived;
            }
            self.changed.notified().await;
        }
    }
}

#[tokio::test]
async fn another_person_can_be_added_and_signs_in_like_everybody() {
    let house = House::open().await;
    let body = json!({ "key": "zoe", "given": "Zoe", "family": "Yates", "email": "zoe@x.example" });
    let zoe = house.control("/_control/people", body).await;
    assert_eq!(zoe["name"], "Zoe Yates");
    let page = house.get(&format!(
        "/google/o/oauth2/v2/auth?{}",
        query(herald_sandbox::GOOGLE_CLIENT_ID, "openid", &[])
    ));
    let page = page.send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Zoe Yates") && page.contains("Ada Baker"), "{page}");
    let people = house.json("/_control/people").await;
    assert_eq!(people["people"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn users_codes_and_messages_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let lasting = || herald_sandbox::Settings {
        data_dir: Some(folder.path().to_owned()),
        ..crate::house::settings()
    };
    let house = House::with(lasting()).await;
    house.control("/_control/people", json!({ "key": "zoe" })).await;
    let body = json!({ "email_address": ["kim@x.example"] });
    let kim = house.control("/_control/clerk/users", body).await;
    house.control("/_control/keys/clerk/rotate", json!({})).await;
    house.sandbox.shutdown().await;

    let house = House::with(lasting()).await;
    assert_eq!(house.json("/_control/people").await["people"].as_array().unwrap().len(), 5);
    let token = house.control("/_control/clerk/tokens", json!({ "user": kim["id"] })).await;
    let keys = house.json("/clerk/.well-known/jwks.json").await;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
    assert_eq!(proven(token["jwt"].as_str().unwrap(), &keys).unwrap()["sub"], kim["id"]);
    let messages = house.json("/_control/svix/clerk").await;
    assert_eq!(messages["messages"][0]["type"], "user.created");
}
