//! No secret leaves: each is known to the test, and looked for in everything that was written.
//!
//! Production mode, against a stand-in for the providers, over wires that are tapped: so the test
//! knows every token that was ever handed out, and can have the providers repeat secrets in errors.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use front::{
    Front,
    database::{Engine, PASSWORD},
    story, until,
    visitor::{Visitor, text},
    wire::Wire,
};
use herald_sandbox::{Client, Cut, Effect, Kind, Rule, Running, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const MASTER: [u8; 32] = *b"CANARY-of-the-master-key-9c41e7f";
const X_SECRET: &str = "CANARY-3b7f0d92e6a14c58-of-x";
const OPENROUTER: &str = "sk-or-v1-CANARY-5e8a2c7d91f04b36";
const OPENAI: &str = "sk-CANARY-c05d7e1b83a94f26";
const METRICS: &str = "CANARY-f2961d4ae7b0-of-the-metrics";

/// What a customer wrote: it is to be found, else the search is blind.
const WRITTEN: &str = "Fresh rolls at seven";

struct Stage {
    front: Front,
    sandbox: Running,
    wire: Wire,
    /// Sessions, links and invitations.
    handed_out: Vec<String>,
}

impl Stage {
    async fn set(engine: Engine) -> Self {
        let client = Client { id: "the-bakery".to_owned(), secret: Some(X_SECRET.to_owned()) };
        let settings = herald_sandbox::Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            clients: vec![client],
            ..herald_sandbox::Settings::default()
        };
        let sandbox = Sandbox::start(settings).await.expect("a stand-in");
        let wire = Wire::to(sandbox.addr()).await;
        let (tapped, web) = (format!("http://{}", wire.address), sandbox.base_url("x"));
        let settings = [
            ("HERALD_MODE", "production"),
            ("HERALD_MASTER_KEY", &STANDARD.encode(MASTER)),
            ("HERALD_METRICS_TOKEN", METRICS),
            ("X_CLIENT_ID", "the-bakery"),
            ("X_CLIENT_SECRET", X_SECRET),
            ("OPENROUTER_API_KEY", OPENROUTER),
            ("OPENAI_API_KEY", OPENAI),
            ("HERALD_X_BASE_URL", &format!("{tapped}/x/")),
            ("HERALD_X_WEB_URL", &web),
            ("HERALD_OPENROUTER_BASE_URL", &format!("{tapped}/openrouter/api/v1/")),
            // A model server of one's own, which knows the same models.
            ("HERALD_OPENAI_BASE_URL", &format!("{tapped}/openrouter/api/v1/")),
            // Whoever looks for a fault turns this up: even then nothing is told.
            ("RUST_LOG", "debug"),
        ];
        let front = Front::start_with(engine, &settings).await;
        Self { front, sandbox, wire, handed_out: Vec::new() }
    }

    async fn person(&mut self, arguments: &str) -> Visitor {
        let link = self.front.link_on_a_terminal(arguments);
        let person = self.front.nobody().signed_in(&link).await;
        self.handed_out.push(link.rsplit('/').next().expect("a secret").to_owned());
        self.handed_out.extend(person.session.clone());
        person
    }

    fn fault(&self, provider: &str, operation: &str, kind: Kind) {
        self.sandbox.state().add_fault(Rule::once(provider, operation, kind));
    }

    /// A provider that repeats in an error what only we should know.
    fn indiscretion(&self, provider: &str, operation: &str, code: u16, body: Value) {
        let (body, headers) = (Some(body), BTreeMap::new());
        self.fault(
            provider,
            operation,
            Kind::Status { code, body, headers, effect: Effect::Before },
        );
    }

    /// Connects X; the first exchange fails, and X says with which secret.
    async fn connect(&self, owner: &Visitor) -> String {
        let said = format!("client_secret {X_SECRET} is not the one of the-bakery");
        let body = json!({ "error": "invalid_client", "error_description": said });
        self.indiscretion("x", "token", 400, body);
        let wanted = "connection { id } authorizationUrl";
        let begun = owner.tell("beginConnection", json!({ "network": "X" }), wanted).await;
        let connection = text(&begun["connection"]["id"]);
        let page = text(&begun["authorizationUrl"]);
        owner.visit(&story::consent(&page, "sandbox_bakery").await).await;
        self.until_status(owner, &connection, "FAILED").await;
        let again = owner.tell("reconnect", json!({ "connection": connection }), wanted).await;
        let page = text(&again["authorizationUrl"]);
        owner.visit(&story::consent(&page, "sandbox_bakery").await).await;
        self.until_status(owner, &connection, "COMPLETED").await;
        connection
    }

    async fn until_status(&self, owner: &Visitor, connection: &str, phase: &str) {
        let query = "query($id: ID!) { node(id: $id) {
            ... on SocialAccount { status statusReason lastError consent { phase } } } }";
        until(&format!("the consent is {phase}"), || async {
            let found = owner.gql(query, json!({ "id": connection })).await;
            (found["node"]["consent"]["phase"] == phase).then_some(())
        })
        .await;
    }

    /// Publishes while X refuses with the token in its words, forgets us, and hangs up.
    async fn publish(&self, owner: &Visitor, connection: &str) {
        let token = self.wire.between("\"access_token\":\"", &['"']);
        let token = token.first().expect("a token was handed out");
        let body = json!({ "title": "Forbidden", "detail": format!("{token} may not do this") });
        self.indiscretion("x", "create_post", 403, body);
        let post = story::write(owner, connection, story::words("refused")).await;
        owner.tell("publishPost", json!({ "post": post["id"] }), "").await;
        self.until_end(owner, &text(&post["id"])).await;

        self.indiscretion("x", "create_post", 401, json!({ "title": "Unauthorized" }));
        self.fault("x", "create_post", Kind::Cut { when: Cut::AfterEffect, reset: true });
        let post = story::write(owner, connection, story::words(WRITTEN)).await;
        owner.tell("publishPost", json!({ "post": post["id"] }), "").await;
        self.until_end(owner, &text(&post["id"])).await;
    }

    async fn until_end(&self, owner: &Visitor, post: &str) {
        until("publishing comes to an end", || async {
            let seen = story::look(owner, post).await;
            let ends = ["PUBLISHED", "FAILED", "NEEDS_ATTENTION", "HELD"];
            ends.contains(&seen["status"].as_str().unwrap_or_default()).then_some(())
        })
        .await;
    }

    /// Has a plan written while the model's provider repeats the key, and then speaks nonsense.
    async fn plan(&self, owner: &Visitor, connection: &str) {
        let said = format!("the key {OPENROUTER} has no credit");
        let body = json!({ "error": { "code": 500, "message": said } });
        self.indiscretion("openrouter", "complete", 500, body);
        self.fault("openrouter", "complete", Kind::Garbage { body: None, effect: Effect::Before });
        story::plan(owner, connection).await;
    }

    /// Reads whatever can be read, so that it is among what was heard.
    async fn read_everything(&self, owner: &Visitor) {
        let everything = "{
            attention(first: 20) { nodes { __typename } }
            connections(first: 20) { nodes { statusReason lastError } }
            posts(first: 20) { nodes { targets { failure { code detail } attempts { code detail } } } }
            contentPlans(first: 20) { nodes { runs { status } } }
            auditLog(first: 100) { nodes { type why payload causation correlation } } }";
        owner.gql(everything, json!({})).await;
        let mut machine = self.front.nobody();
        machine.session = Some(METRICS.to_owned());
        for (who, path) in [
            (owner, "/"),
            (&machine, "/metrics"),
            (owner, "/health/ready"),
            (owner, "/health/providers"),
            (owner, "/schema.graphql"),
        ] {
            let (status, _) = who.send(who.request(Method::GET, path)).await;
            assert_eq!(status, 200, "{path}");
        }
        for command in
            [&["doctor"][..], &["audit", "log"], &["audit", "export"], &["projections", "list"]]
        {
            self.front.herald(command);
        }
    }

    /// Every secret that there is, in every form in which it could turn up.
    fn secrets(&self) -> Vec<(String, Vec<u8>)> {
        let mut secrets = vec![
            ("the master key in base64".to_owned(), STANDARD.encode(MASTER).into_bytes()),
            ("the master key".to_owned(), MASTER.to_vec()),
            ("X's secret".to_owned(), X_SECRET.into()),
            ("OpenRouter's key".to_owned(), OPENROUTER.into()),
            ("OpenAI's key".to_owned(), OPENAI.into()),
            ("the metrics' token".to_owned(), METRICS.into()),
            ("the database's password".to_owned(), PASSWORD.into()),
        ];
        let tapped = [
            ("\"access_token\":\"", '"'),
            ("\"refresh_token\":\"", '"'),
            ("code_verifier=", '&'),
            ("&code=", '&'),
            ("uthorization: Basic ", '\r'),
        ];
        for (start, end) in tapped {
            let found = self.wire.between(start, &[end, ' ', '\r']);
            assert!(!found.is_empty(), "no {start} went over the wire");
            secrets
                .extend(found.into_iter().map(|it| (format!("what followed {start}"), it.into())));
        }
        let own = self.handed_out.iter();
        secrets.extend(own.map(|it| ("a session, a link".to_owned(), it.clone().into())));
        let encoded: Vec<_> = secrets
            .iter()
            .flat_map(|(name, secret)| {
                let hex: String = herald_application::log::digest::hex(secret);
                let base64 = [STANDARD.encode(secret), URL_SAFE_NO_PAD.encode(secret)];
                base64
                    .into_iter()
                    .chain([hex])
                    .map(move |text| (format!("{name}, encoded"), text.into()))
            })
            .collect();
        secrets.extend(encoded);
        secrets
    }
}

/// Bytes as a text of one character each, which is quick to search.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Everything that was written anywhere, by its name.
async fn everything(stage: &Stage) -> Vec<(String, String)> {
    let mut written = vec![
        ("the output".to_owned(), stage.front.output().into_bytes()),
        ("the database".to_owned(), stage.front.database.dump().await),
        ("the answers".to_owned(), stage.front.heard().join("\n").into_bytes()),
    ];
    let mut folders = vec![stage.front.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap_or_default();
                written.push((path.display().to_string(), bytes));
            }
        }
    }
    written.into_iter().map(|(place, bytes)| (place, latin(&bytes))).collect()
}

async fn nothing_is_told(engine: Engine) {
    let mut stage = Stage::set(engine).await;
    assert!(!stage.front.output().contains("/sign-in/"), "production shows no link to a pipe");
    let ada = story::open_account(&stage.person("").await, "Corner Bakery").await;
    story::describe(&ada, "Corner Bakery").await;
    let connection = stage.connect(&ada).await;
    stage.plan(&ada, &connection).await;
    stage.publish(&ada, &connection).await;
    let invite = json!({ "email": "eve@example.org", "role": "EDITOR" });
    let invited = ada.tell("inviteMember", invite, "invitation").await;
    let eve = stage.person("--new").await;
    let accept = json!({ "invitation": invited["invitation"], "name": "Eve" });
    eve.tell("acceptInvite", accept, "member { id }").await;
    stage.read_everything(&ada).await;

    let written = everything(&stage).await;
    let [(_, output), (_, database), (_, answers), ..] = &written[..] else {
        panic!("three places")
    };
    assert!(answers.contains(WRITTEN) && database.contains(WRITTEN), "the search is blind");
    assert!(output.len() > 10_000, "the log was turned up");
    assert!(
        answers.contains("[hidden]"),
        "a provider's indiscretion was shown, without the secret"
    );
    for (name, secret) in stage.secrets() {
        let secret = latin(&secret);
        for (place, text) in &written {
            assert!(!text.contains(&secret), "{name} is in {place}: {}", around(text, &secret));
        }
    }
    let invitation = text(&invited["invitation"]);
    let said = stage.front.heard().iter().filter(|said| said.contains(&invitation)).count();
    assert_eq!(said, 1, "an invitation is told once");
    assert!(!output.contains(&invitation) && !database.contains(&invitation), "and nowhere else");
}

/// Where it stands, for whoever has to find out how it came there.
fn around(text: &str, secret: &str) -> String {
    let before = text.split(secret).next().unwrap_or_default();
    let last: Vec<char> = before.chars().rev().take(300).collect();
    last.into_iter().rev().collect()
}

#[tokio::test]
async fn no_secret_is_told_whatever_goes_wrong_on_sqlite() {
    nothing_is_told(Engine::Sqlite).await;
}

#[tokio::test]
async fn no_secret_is_told_whatever_goes_wrong_on_postgresql() {
    nothing_is_told(Engine::Postgres).await;
}

#[tokio::test]
async fn a_wrong_setting_is_named_and_never_repeated_where_it_is_secret() {
    let front = Front::start(Engine::Sqlite).await;
    let canary = "CANARY-0f6b";
    let url = format!("mysql://ada:{canary}@localhost/herald");
    let unreachable = format!("postgres://ada:{canary}@127.0.0.1:1/herald");
    for (name, value) in [
        ("HERALD_MASTER_KEY", canary),
        ("HERALD_FORMER_MASTER_KEYS", canary),
        ("HERALD_DATABASE_URL", &url),
        ("HERALD_DATABASE_URL", &unreachable),
    ] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_herald"));
        command.env_clear().env("HERALD_DATA_DIR", front.folder.path()).env(name, value);
        let said = command.args(["audit", "verify"]).output().expect("it runs");
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&said.stdout),
            String::from_utf8_lossy(&said.stderr)
        );
        assert!(!said.status.success(), "{name}: {text}");
        assert!(!text.contains(canary), "{name} is repeated: {text}");
        assert!(value == unreachable || text.contains(name), "{name} is not named: {text}");
    }
}
