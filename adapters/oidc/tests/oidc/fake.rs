//! A fake issuer: publishes keys, signs what it is told, remembers every request; and time that
//! passes without waiting.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Response, Uri},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use herald_application::ports::{TokenRefused, TokenVerifier as _, VerifiedToken};
use herald_oidc::{Issuer, Verifier};
pub(crate) use herald_scripted_provider::World;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// Pairs that exist for these tests alone.
pub(crate) const PUBLIC: &str = include_str!("keys/public.json");

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Asked {
    pub(crate) fn form(&self) -> HashMap<String, String> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

/// Status and body; nothing where no answer comes.
type Said = Option<(u16, String)>;

#[derive(Debug, Clone, Default)]
struct Desk {
    says: Arc<Mutex<HashMap<String, Said>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// The fake issuer.
pub(crate) struct Fake {
    pub(crate) base: String,
    pub(crate) world: World,
    desk: Desk,
}

impl Fake {
    /// An issuer that publishes its four keys and a discovery document.
    pub(crate) async fn new() -> Self {
        let desk = Desk::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}/i", listener.local_addr().expect("bound"));
        let app = Router::new().fallback(answer).with_state(desk.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let fake = Self { base, world: World::default(), desk };
        fake.publish(&["rsa-1", "rsa-2", "ec", "ed"]);
        fake.says("/.well-known/openid-configuration", 200, &fake.document());
        fake
    }

    pub(crate) fn document(&self) -> Value {
        let base = &self.base;
        json!({ "issuer": base, "jwks_uri": format!("{base}/keys"),
            "authorization_endpoint": format!("{base}/authorize"),
            "token_endpoint": format!("{base}/token"),
            "userinfo_endpoint": format!("{base}/userinfo") })
    }

    pub(crate) fn says(&self, path: &str, status: u16, body: &Value) {
        let said = Some((status, body.to_string()));
        self.desk.says.lock().expect("ok").insert(format!("/i{path}"), said);
    }

    /// From now on `path` never answers.
    pub(crate) fn hangs(&self, path: &str) {
        self.desk.says.lock().expect("ok").insert(format!("/i{path}"), None);
    }

    /// Publishes the keys of these names and no others, wherever keys are asked for.
    pub(crate) fn publish(&self, names: &[&str]) {
        let all: Value = serde_json::from_str(PUBLIC).expect("JSON");
        let wanted = |key: &&Value| names.iter().any(|name| key["kid"] == *name);
        let keys: Vec<&Value> =
            all["keys"].as_array().expect("a list").iter().filter(wanted).collect();
        for path in ["/keys", "/.well-known/jwks.json", "/oauth2/v3/certs"] {
            self.says(path, 200, &json!({ "keys": keys }));
        }
    }

    pub(crate) fn breaks(&self, path: &str) {
        self.says(path, 503, &json!({}));
    }

    pub(crate) fn asked(&self, path: &str) -> Vec<Asked> {
        let asked = self.desk.asked.lock().expect("ok");
        asked.iter().filter(|asked| asked.path == format!("/i{path}")).cloned().collect()
    }

    pub(crate) fn verifier(&self, issuers: Vec<Issuer>) -> Verifier {
        Verifier::try_new_in(issuers, Arc::new(self.world.clone())).expect("valid settings")
    }

    /// A verifier of this issuer's tokens for the audience `us`.
    pub(crate) fn oidc(&self) -> Verifier {
        self.verifier(vec![Issuer::oidc(&*self.base, vec!["us".to_owned()])])
    }

    /// The present, in whole seconds since 1970, as tokens tell time.
    pub(crate) fn seconds(&self) -> i64 {
        self.world.now().micros() / 1_000_000
    }

    /// Claims with nothing wrong about them.
    pub(crate) fn claims(&self) -> Value {
        let now = self.seconds();
        json!({ "iss": self.base, "aud": "us", "sub": "ada", "iat": now, "exp": now + 60,
            "email": "ada@example.org", "email_verified": true, "name": "Ada" })
    }

    /// The claims, some of them replaced; `null` leaves one out.
    pub(crate) fn with(&self, changes: &Value) -> Value {
        let mut claims = self.claims();
        let members = claims.as_object_mut().expect("an object");
        for (name, value) in changes.as_object().expect("an object") {
            members.insert(name.clone(), value.clone());
            members.retain(|_, value| !value.is_null());
        }
        claims
    }

    pub(crate) async fn told(
        &self,
        verifier: &Verifier,
        token: &str,
    ) -> Result<VerifiedToken, TokenRefused> {
        verifier.verify(&token.into(), self.world.now()).await
    }
}

async fn answer(
    State(desk): State<Desk>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let path = uri.path().to_owned();
    let said = desk.says.lock().expect("ok").get(&path).cloned();
    desk.asked.lock().expect("ok").push(Asked { path, headers, body });
    match said {
        Some(Some((status, body))) => {
            Response::builder().status(status).body(Body::from(body)).expect("an answer")
        }
        Some(None) => futures::future::pending().await,
        None => Response::builder().status(404).body(Body::empty()).expect("an answer"),
    }
}

/// Signs `claims` with the key of this name.
pub(crate) fn signed(kid: &str, claims: &Value) -> String {
    let algorithm = match kid {
        "ec" => "ES256",
        "ed" => "EdDSA",
        _ => "RS256",
    };
    signed_as(&json!({ "alg": algorithm, "typ": "JWT", "kid": kid }), kid, &claims.to_string())
}

/// Signs any text under any header with the key `pair`.
pub(crate) fn signed_as(header: &Value, pair: &str, claims: &str) -> String {
    let (algorithm, key) = match pair {
        "rsa-1" => (Algorithm::RS256, EncodingKey::from_rsa_der(include_bytes!("keys/rsa-1.der"))),
        "rsa-2" => (Algorithm::RS256, EncodingKey::from_rsa_der(include_bytes!("keys/rsa-2.der"))),
        "ec" => (Algorithm::ES256, EncodingKey::from_ec_der(include_bytes!("keys/ec.der"))),
        _ => (Algorithm::EdDSA, EncodingKey::from_ed_der(include_bytes!("keys/ed.der"))),
    };
    let text = unsigned(header, claims);
    let signature = crypto::sign(text.as_bytes(), &key, algorithm).expect("a key");
    format!("{text}.{signature}")
}

pub(crate) fn unsigned(header: &Value, claims: &str) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}", encode(&header.to_string()), encode(claims))
}
