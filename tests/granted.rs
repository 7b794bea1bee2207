//! What people are asked for at their provider, what is kept of it, and where they are sent back to.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    Front,
    browser::{Browser, location},
    database::Engine,
    story, until,
    visitor::text,
};
use reqwest::Url;
use serde_json::json;

/// Tokens that outlive a sign-in.
const KEPT: &str = "SELECT count(*) FROM secrets WHERE purpose = 'grant'";

/// One of the words with which somebody is sent to a provider.
async fn asked(front: &Front, provider: &str, name: &str) -> String {
    let start = front.url(&format!("/auth/{provider}/start"));
    let out = Url::parse(&location(&Browser::new(front).go(&start).await)).expect("an address");
    let found = out.query_pairs().find(|(key, _)| key == name);
    found.expect("it is there").1.into_owned()
}

#[tokio::test]
async fn nobodys_repositories_are_asked_for_and_no_token_is_kept_unless_that_is_switched_on() {
    let front = Front::start(Engine::Sqlite).await;
    assert_eq!(asked(&front, "github", "scope").await, "user:email");
    let mut ada = Browser::new(&front);
    ada.sign_in("github", "ada").await;
    story::open_account(&ada.visitor(), "Bakery").await;
    assert_eq!(front.database.count(KEPT).await, 0);
}

async fn a_token_is_kept_as_long_as_the_identity(engine: Engine) {
    let front = Front::start_with(engine, &[("HERALD_GITHUB_REPOSITORIES", "on")]).await;
    assert_eq!(asked(&front, "github", "scope").await, "user:email repo");
    assert_eq!(asked(&front, "google", "scope").await, "openid email profile");
    let mut browser = Browser::new(&front);
    browser.sign_in("google", "ada").await;
    let home = story::open_account(&browser.visitor(), "Bakery").await;
    assert_eq!(front.database.count(KEPT).await, 0, "Google is asked for no more than who she is");
    let begun = home.tell("linkIdentity", json!({ "provider": "github" }), "url").await;
    let back = browser.agree_from(&text(&begun["url"]), "ada").await;
    assert_eq!(browser.go(&back).await.status(), 303);
    assert_eq!(front.database.count(KEPT).await, 1);
    Browser::new(&front).sign_in("github", "ada").await;
    assert_eq!(front.database.count(KEPT).await, 1, "signing in again replaces it");
    assert!(!front.output().contains("gho_"), "it is not printed");

    let own = home.gql("{ identities { id issuer } }", json!({})).await;
    let github = own["identities"].as_array().expect("identities").iter();
    let github = github.clone().find(|one| one["issuer"] == "https://github.com");
    let last = json!({ "identity": github.expect("it is linked")["id"] });
    home.tell("unlinkIdentity", last, "token").await;
    until("the token is gone", async || (front.database.count(KEPT).await == 0).then_some(()))
        .await;
    let unlinked = until("the log says so", async || {
        let log = home.gql("{ signInLog { kind member } }", json!({})).await;
        let facts = log["signInLog"].as_array().expect("facts").clone();
        let kinds = ["linked", "unlinked"];
        let found: Vec<_> =
            facts.into_iter().filter(|it| kinds.contains(&text(&it["kind"]).as_str())).collect();
        (found.len() == 2).then_some(found)
    });
    assert!(unlinked.await.iter().all(|fact| fact["member"].is_string()));
    let log = home.gql("{ auditLog(last: 100) { nodes { type } } }", json!({})).await;
    let nodes = log["auditLog"]["nodes"].as_array().expect("entries").clone();
    for kind in ["account.identity_linked", "account.identity_unlinked"] {
        assert_eq!(nodes.iter().filter(|it| it["type"] == kind).count(), 1, "{kind}: {nodes:?}");
    }
}

#[tokio::test]
async fn a_token_for_repositories_is_kept_until_its_identity_is_unlinked_on_sqlite() {
    a_token_is_kept_as_long_as_the_identity(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_token_for_repositories_is_kept_until_its_identity_is_unlinked_on_postgresql() {
    a_token_is_kept_as_long_as_the_identity(Engine::Postgres).await;
}

#[tokio::test]
async fn every_provider_sends_people_back_to_the_address_that_its_document_names() {
    let front = Front::start(Engine::Sqlite).await;
    for (provider, document) in [
        ("google", include_str!("../docs/providers/google.md")),
        ("github", include_str!("../docs/providers/github.md")),
        ("clerk", include_str!("../docs/providers/clerk.md")),
    ] {
        let path = format!("/auth/{provider}/callback");
        assert_eq!(asked(&front, provider, "redirect_uri").await, front.url(&path));
        assert!(document.contains(&format!("`HERALD_PUBLIC_URL` followed by `{path}`")), "{path}");
        let status = Browser::new(&front).go(&front.url(&path)).await.status();
        assert_eq!(status, 400, "{path} is served, and takes no empty answer");
    }
}
