//! The master key is changed: everything stays readable, everybody stays who they are, and the old
//! key can be put away.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use front::{
    Front,
    database::Engine,
    story,
    visitor::{self, Visitor, text},
};
use serde_json::json;
use std::process::Output;

const MASTER: &str = "HERALD_MASTER_KEY";
const FORMER: &str = "HERALD_FORMER_MASTER_KEYS";

/// Keys that another master key than the present ones may wrap.
const WRAPPED: &str = "SELECT count(*) FROM data_keys WHERE wrapped IS NOT NULL";
const DESTROYED: &str =
    "SELECT count(*) FROM data_keys WHERE destroyed_at IS NOT NULL AND wrapped IS NULL";

fn key(byte: u8) -> String {
    STANDARD.encode([byte; 32])
}

/// A command's end, and all that it said.
fn said(output: &Output) -> (Option<i32>, String) {
    let [out, err] = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
    (output.status.code(), format!("{out}{err}"))
}

/// Runs a command that is to end well, and answers what it said.
fn told(front: &Front, arguments: &[&str]) -> String {
    let (code, text) = said(&front.herald(arguments));
    assert_eq!(code, Some(0), "{arguments:?}: {text}");
    text
}

/// What `herald doctor` says; providers may have been asked too often to be well.
fn doctor(front: &Front) -> String {
    said(&front.herald(&["doctor"])).1
}

/// Signs in anew by the link that a command prints.
async fn signed_in(front: &Front, account: &str) -> Visitor {
    let printed = told(front, &["sign-in"]);
    let link = printed.lines().find(|line| line.contains("/sign-in/")).expect("a link");
    front.nobody().signed_in(link.trim()).await.acting_in(account)
}

/// An installation under the first key, with something of everything that is sealed or derived.
struct Stage {
    front: Front,
    account: String,
    connection: String,
    session: Visitor,
    till: Visitor,
}

const PROFILE: &str = "{ account { businessName profile { sells } } }";
const MEMBERSHIPS: &str = "{ viewer { memberships { accountId role } } }";

impl Stage {
    async fn set(engine: Engine) -> Self {
        let front = Front::start_with(engine, &[(MASTER, &key(1))]).await;
        let owner = story::open_account(&front.resident().await, "Corner Bakery").await;
        story::describe(&owner, "Corner Bakery").await;
        let connection = story::connect(&owner, "sandbox_bakery").await;
        let wish = json!({ "name": "the till", "scopes": ["READ"] });
        let issued = owner.tell("issueApiKey", wish, "secret").await;
        let till = Visitor { session: Some(text(&issued["secret"])), ..front.nobody() };
        let account = owner.account.clone().expect("an account");
        let stage = Self { front, account, connection, session: owner, till };
        stage.all_is_as_it_was().await;
        stage
    }

    /// Everything reads, works and is recognised, for the session and the key of before as for who
    /// signs in now.
    async fn all_is_as_it_was(&self) {
        let resident = signed_in(&self.front, &self.account).await;
        let seen = resident.gql(MEMBERSHIPS, json!({})).await;
        let own = json!([{ "accountId": self.account, "role": "OWNER" }]);
        assert_eq!(seen["viewer"]["memberships"], own, "the resident is the same person");
        for reader in [&resident, &self.session, &self.till] {
            let read = reader.gql(PROFILE, json!({})).await["account"].take();
            let profile = json!({ "sells": "sourdough bread" });
            assert_eq!(read, json!({ "businessName": "Corner Bakery", "profile": profile }));
        }
        // A network takes the same words once.
        let words = story::words(&format!("Rolls at seven, {}", visitor::key()));
        let post = story::write(&resident, &self.connection, words).await;
        // Tokens of the network come from the vault.
        story::publish(&resident, &text(&post["id"])).await;
        assert!(told(&self.front, &["audit", "verify"]).contains("events"));
    }

    /// Starts under other keys. What is not set again holds as before.
    async fn under(&mut self, settings: &[(&str, &str)]) {
        self.front.kill();
        for (name, value) in settings {
            self.front.set(name, value);
        }
        self.front.restart().await;
    }
}

async fn a_rotation(engine: Engine) {
    let mut stage = Stage::set(engine).await;
    let gone = story::open_account(&stage.front.newcomer().await, "Gone").await;
    let gone = gone.account.expect("an account");
    let destroy = format!(
        "UPDATE data_keys SET master = NULL, wrapped = NULL, destroyed_at = created_at
          WHERE account_id = '{gone}'"
    );
    stage.front.database.execute(&destroy).await;

    stage.under(&[(MASTER, &key(2)), (FORMER, &key(1))]).await;
    stage.all_is_as_it_was().await;
    let rewrap_is_asked_for = |front: &Front| doctor(front).contains("run `herald keys rewrap`");
    assert!(rewrap_is_asked_for(&stage.front));
    let wrapped = stage.front.database.count(WRAPPED).await;
    let dry = told(&stage.front, &["keys", "rewrap", "--dry-run"]);
    assert!(dry.contains("nothing was written"), "{dry}");
    assert!(rewrap_is_asked_for(&stage.front), "a dry run changes nothing");

    let done = told(&stage.front, &["keys", "rewrap"]);
    assert!(done.contains("HERALD_FORMER_MASTER_KEYS may go"), "{done}");
    let again = told(&stage.front, &["keys", "rewrap"]);
    assert!(again.starts_with("0 data keys wrapped anew"), "{again}");
    assert!(stage.front.database.count(WRAPPED).await >= wrapped);
    assert_eq!(stage.front.database.count(DESTROYED).await, 1, "what is destroyed stays so");
    assert!(doctor(&stage.front).contains("is not needed any more"));

    stage.under(&[(FORMER, "")]).await;
    stage.all_is_as_it_was().await;
    assert!(!doctor(&stage.front).contains("former master key"));

    // And once more: what followed from the first key outlives the second one, too.
    stage.under(&[(MASTER, &key(3)), (FORMER, &key(2))]).await;
    told(&stage.front, &["keys", "rewrap"]);
    stage.under(&[(FORMER, "")]).await;
    stage.all_is_as_it_was().await;
    for secret in [1, 2, 3].map(key) {
        assert!(!stage.front.output().contains(&secret), "a master key is printed");
    }
}

#[tokio::test]
async fn after_a_rotation_the_new_master_key_alone_opens_everything_on_sqlite() {
    a_rotation(Engine::Sqlite).await;
}

#[tokio::test]
async fn after_a_rotation_the_new_master_key_alone_opens_everything_on_postgresql() {
    a_rotation(Engine::Postgres).await;
}

async fn a_missing_key(engine: Engine) {
    let mut front = Front::start_with(engine, &[(MASTER, &key(1))]).await;
    story::open_account(&front.resident().await, "Corner Bakery").await;
    front.kill();
    let events = "SELECT count(*) FROM events";
    let before = front.database.count(events).await;
    front.set(MASTER, &key(2));
    for former in [String::new(), key(3)] {
        front.set(FORMER, &former);
        for command in [&["serve"][..], &["doctor"], &["keys", "rewrap"], &["sign-in"]] {
            let (code, text) = said(&front.herald(command));
            assert_eq!(code, Some(2), "{command:?}: {text}");
            assert!(text.contains("add it to HERALD_FORMER_MASTER_KEYS"), "{command:?}: {text}");
            assert!(!text.contains(&key(2)) && !text.contains(&key(3)), "{text}");
        }
    }
    // The log lies sealed and is proven as it lies.
    told(&front, &["audit", "verify"]);
    assert_eq!(front.database.count(events).await, before, "nothing happened");
    front.set(FORMER, &key(1));
    front.restart().await;
}

#[tokio::test]
async fn nothing_starts_without_the_former_master_key_and_it_is_named_on_sqlite() {
    a_missing_key(Engine::Sqlite).await;
}

#[tokio::test]
async fn nothing_starts_without_the_former_master_key_and_it_is_named_on_postgresql() {
    a_missing_key(Engine::Postgres).await;
}
