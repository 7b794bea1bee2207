//! A sandbox on a free port, and a person who clicks through it.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use herald_sandbox::{CLIENT_ID, CLIENT_SECRET, Entry, Running, Sandbox, Settings};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

pub(crate) const BACK: &str = "http://127.0.0.1:8080/oauth/x/callback";
pub(crate) const SCOPES: &str = "tweet.read tweet.write users.read media.write offline.access";
pub(crate) const VERIFIER: &str = "a-verifier-that-is-at-least-forty-three-letters-long";
pub(crate) const BAKERY: &str = "1700000000000000001";

pub(crate) struct House {
    pub(crate) sandbox: Running,
    pub(crate) client: Client,
}

#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

pub(crate) fn settings() -> Settings {
    Settings { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..Settings::default() }
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::with(settings()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = client();
        Self { sandbox: Sandbox::start(settings).await.unwrap(), client }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.sandbox.addr())
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(self.url(path))
    }

    /// The effects of one operation.
    pub(crate) fn effects(&self, operation: &str) -> Vec<Entry> {
        let all = self.sandbox.state().ledger();
        all.into_iter().filter(|entry| entry.operation == operation).collect()
    }

    pub(crate) async fn fault(&self, rule: Value) {
        let answer = self.post("/_control/faults").json(&rule).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// Clicks "allow" or "cancel" and answers where the browser is sent.
    pub(crate) async fn click(&self, query: &str, decision: &str, handle: &str) -> Url {
        let form = [("decision", decision), ("handle", handle)];
        let path = format!("/x/i/oauth2/authorize?{query}");
        let answer = self.post(&path).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), 302, "{}", answer.text().await.unwrap());
        answer.headers()["location"].to_str().unwrap().parse().unwrap()
    }

    pub(crate) async fn code(&self) -> String {
        let back = self.click(&consent_query(&[]), "allow", "sandbox_bakery").await;
        parameter(&back, "code").unwrap()
    }

    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> Response {
        let request = self.post("/x/2/oauth2/token").basic_auth(CLIENT_ID, Some(CLIENT_SECRET));
        request.form(form).send().await.unwrap()
    }

    pub(crate) async fn exchange(&self, code: &str, verifier: &str) -> Response {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", BACK),
            ("code_verifier", verifier),
        ];
        self.token(&form).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Response {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// The bakery's permission.
    pub(crate) async fn connect(&self) -> Tokens {
        let answer = self.exchange(&self.code().await, VERIFIER).await;
        assert_eq!(answer.status(), 200);
        tokens(&answer.json().await.unwrap())
    }

    pub(crate) async fn publish(&self, tokens: &Tokens, body: &Value) -> Response {
        self.try_publish(tokens, body).await.unwrap()
    }

    pub(crate) async fn try_publish(
        &self,
        tokens: &Tokens,
        body: &Value,
    ) -> reqwest::Result<Response> {
        self.post("/x/2/tweets").bearer_auth(&tokens.access).json(body).send().await
    }

    /// Publishes a text and answers its id.
    pub(crate) async fn say(&self, tokens: &Tokens, text: &str) -> String {
        let answer = self.publish(tokens, &json!({ "text": text })).await;
        assert_eq!(answer.status(), 201);
        id(&answer.json().await.unwrap())
    }

    pub(crate) async fn read(&self, tokens: &Tokens, path: &str) -> Value {
        let answer = self.get(path).bearer_auth(&tokens.access).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    }
}

/// Follows nothing and repeats nothing.
pub(crate) fn client() -> Client {
    #[expect(clippy::disallowed_methods, reason = "this test is the provider's caller itself")]
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(0)
        .build()
        .unwrap()
}

pub(crate) fn tokens(answer: &Value) -> Tokens {
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    Tokens { access: text("access_token"), refresh: text("refresh_token") }
}

pub(crate) fn id(answer: &Value) -> String {
    answer["data"]["id"].as_str().unwrap().to_owned()
}

pub(crate) fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// The query of a right request for consent, with some members replaced or, when empty, left out.
pub(crate) fn consent_query(changes: &[(&str, &str)]) -> String {
    let challenge = challenge();
    let right = [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", BACK),
        ("scope", SCOPES),
        ("state", "opaque state"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in right {
        let value = changes.iter().find(|(changed, _)| *changed == name).map_or(value, |c| c.1);
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

pub(crate) fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The smallest picture: one pixel.
pub(crate) fn pixel() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0".to_vec();
    png.extend_from_slice(b"\x1f\x15\xc4\x89\0\0\0\0IEND\xaeB`\x82");
    png
}
