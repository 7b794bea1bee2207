//! Who signs in, by whom they are known, and how long: through the front door, against the sandbox's
//! Google, GitHub, Clerk and Cognito.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use front::{
    Front,
    browser::{Browser, location},
    database::Engine,
    story, until,
    visitor::{self, Visitor, text},
};
use reqwest::{Url, header};
use serde_json::{Value, json};

fn sandbox(front: &Front, path: &str) -> String {
    format!("http://{}{path}", front.sandbox)
}

async fn control(front: &Front, path: &str, body: Value) -> Value {
    let answer = visitor::http().post(sandbox(front, path)).json(&body).send().await;
    let answer = answer.expect("an answer");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.json().await.unwrap_or_default()
}

/// A session token of Clerk's, handed to a page of ours.
async fn clerk_token(front: &Front, person: &str, more: Value) -> String {
    let mut wanted = json!({ "user": person, "azp": front.url("") });
    wanted.as_object_mut().expect("a map").extend(more.as_object().expect("a map").clone());
    text(&control(front, "/_control/clerk/tokens", wanted).await["jwt"])
}

fn with(front: &Front, token: &str) -> Visitor {
    let mut visitor = front.nobody();
    visitor.session = Some(token.to_owned());
    visitor
}

async fn status_with(front: &Front, token: &str) -> u16 {
    let visitor = with(front, token);
    let request = visitor.request(reqwest::Method::POST, "/graphql");
    visitor.send(request.json(&json!({ "query": "{ viewer { id } }" }))).await.0
}

#[tokio::test]
async fn people_sign_in_through_google_github_and_clerk_and_stay_who_they_are() {
    let front = Front::start(Engine::Sqlite).await;
    let mut identities = Vec::new();
    for provider in ["google", "github", "clerk"] {
        for _ in 0..2 {
            let mut browser = Browser::new(&front);
            browser.sign_in(provider, "ada").await;
            let viewer = browser.visitor().gql("{ viewer { id } }", json!({})).await;
            identities.push(text(&viewer["viewer"]["id"]));
        }
    }
    assert!(identities.chunks(2).all(|twice| twice[0] == twice[1]), "{identities:?}");
    identities.dedup();
    assert_eq!(identities.len(), 3, "one address is three people until they say otherwise");
}

#[tokio::test]
async fn a_callback_is_good_once_in_the_browser_that_began_it_and_for_its_provider() {
    let front = Front::start(Engine::Sqlite).await;
    let mut ada = Browser::new(&front);
    let back = ada.agree("google", "ada").await;
    let mut eve = Browser::new(&front);
    eve.agree("google", "ben").await;
    assert_eq!(eve.go(&back).await.status(), 403, "another browser's state");
    assert_eq!(ada.go(&back).await.status(), 403, "it was used up by the attempt");

    let back = ada.agree("google", "ada").await;
    let elsewhere = back.replace("/auth/google/", "/auth/github/");
    assert_eq!(ada.go(&elsewhere).await.status(), 403, "another provider's answer");

    let back = ada.agree("google", "ada").await;
    assert_eq!(ada.go(&back).await.status(), 303);
    let again = ada.go(&back).await;
    assert_eq!(again.status(), 403, "a replayed code");
    assert!(again.headers().get(header::SET_COOKIE).is_none());

    for query in ["", "?code=c", "?state=s", "?state=s&state=t&code=c", "?state=s&code=c&code=d"] {
        let answer = ada.go(&front.url(&format!("/auth/google/callback{query}"))).await;
        assert_eq!(answer.status(), 400, "{query}");
    }
    let unknown = ada.go(&front.url("/auth/google/callback?state=nobody&code=c")).await;
    assert_eq!(unknown.status(), 403);
    assert_eq!(ada.go(&front.url("/auth/nobody/start")).await.status(), 404);
    assert!(!front.output().contains(&back), "codes and states are not printed");
}

#[tokio::test]
async fn an_operator_reads_in_the_log_which_provider_proved_too_little_and_in_what() {
    let front = Front::start(Engine::Sqlite).await;
    let mut ada = Browser::new(&front);
    let out = location(&ada.go(&front.url("/auth/clerk/start")).await);
    // A provider that leaves out what it was asked to repeat.
    let mut page = Url::parse(&out).expect("an address");
    let asked: Vec<_> = page.query_pairs().into_owned().collect();
    page.query_pairs_mut().clear().extend_pairs(asked.iter().filter(|(name, _)| name != "nonce"));

    let back = ada.agree_on(page.as_str(), "ada").await;
    let answer = ada.go(&back).await;

    assert_eq!(answer.status(), 403);
    let shown = answer.text().await.expect("a page");
    assert!(shown.contains("SIGN_IN_NOT_TRUSTED") && !shown.contains("TOKEN_NONCE"), "{shown}");
    until("the log says it", async || {
        let said = front.output();
        let line = said.lines().find(|line| line.contains("SIGN_IN_NOT_TRUSTED"))?;
        let told = line.contains(r#"provider="clerk""#) && line.contains(r#"reason="TOKEN_NONCE""#);
        assert!(told, "{line}");
        Some(())
    })
    .await;
}

#[tokio::test]
async fn a_networks_answer_without_a_state_or_with_anothers_connects_nothing() {
    let front = Front::start(Engine::Sqlite).await;
    let ada = story::open_account(&front.newcomer().await, "Corner Bakery").await;
    let eve = story::open_account(&front.newcomer().await, "Cake & Co").await;
    let wish = json!({ "network": "X" });
    let begun = ada.tell("beginConnection", wish, "authorizationUrl").await;
    let back = story::consent(&text(&begun["authorizationUrl"]), "sandbox_bakery").await;
    for query in ["", "?code=c", "?state=s", "?state=&code=c", "?state=s&state=t&code=c"] {
        let status = ada.visit(&front.url(&format!("/oauth/x/callback{query}"))).await;
        assert_eq!(status, 400, "{query}");
    }
    let mut made_up = Url::parse(&back).expect("an address");
    made_up.set_query(Some("state=made-up&code=c"));
    for (who, address) in [(&eve, back.as_str()), (&ada, made_up.as_str())] {
        let status = who.visit(address).await;
        assert!((400..500).contains(&status), "{address}: {status}");
    }
    let connections = "{ connections(first: 1) { nodes { status } } }";
    let seen = ada.gql(connections, json!({})).await;
    assert_ne!(seen["connections"]["nodes"][0]["status"], "ACTIVE", "{seen}");
    assert!(ada.visit(&back).await < 400, "its own answer is still good");
}

#[tokio::test]
async fn nobody_is_sent_on_to_another_site() {
    let front = Front::start(Engine::Sqlite).await;
    for (asked, goes) in [("/graphiql", "/graphiql"), ("//evil.example", "/")] {
        let mut browser = Browser::new(&front);
        let start = front.url(&format!("/auth/google/start?return_to={asked}"));
        let back = browser.agree_from(&start, "ada").await;
        assert_eq!(location(&browser.go(&back).await), goes);
    }
}

#[tokio::test]
async fn a_clerk_session_token_opens_the_api_and_a_hostile_one_is_one_401() {
    let front = Front::start(Engine::Sqlite).await;
    let good = clerk_token(&front, "ada", json!({})).await;
    let ada = with(&front, &good);
    let home = story::open_account(&ada, "Aurora Bakery").await;
    let account = home.gql("{ account { businessName } }", json!({})).await;
    assert_eq!(account["account"]["businessName"], "Aurora Bakery");

    let parts: Vec<_> = good.split('.').collect();
    let coded = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let none = format!("{}.{}.", coded(json!({ "alg": "none", "typ": "JWT" })), parts[1]);
    let shared = format!("{}.{}.AAAA", coded(json!({ "alg": "HS256", "typ": "JWT" })), parts[1]);
    let stolen = format!("{}.{}.{}", parts[0], coded(json!({ "sub": "user_eve" })), parts[2]);
    let mut hostile = vec![none, shared, stolen, "a.b.c".to_owned(), "..".to_owned()];
    for claims in [
        json!({ "claims": { "iss": "https://evil.example" } }),
        json!({ "azp": "https://evil.example" }),
        json!({ "claims": { "azp": null } }),
        json!({ "expires_in": -60 }),
        json!({ "status": "pending" }),
    ] {
        hostile.push(clerk_token(&front, "ada", claims).await);
    }
    let mut answers = Vec::new();
    for token in &hostile {
        let visitor = with(&front, token);
        let request = visitor.request(reqwest::Method::POST, "/graphql");
        let query = json!({ "query": "{ viewer { id } }" });
        answers.push(visitor.send(request.json(&query)).await);
    }
    assert!(answers.iter().all(|(status, _)| *status == 401), "{answers:?}");
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let output = front.output();
    assert!(hostile.iter().all(|token| token.len() < 9 || !output.contains(token.as_str())));
}

#[tokio::test]
async fn a_session_of_a_provider_never_becomes_a_cookie() {
    let front = Front::start(Engine::Sqlite).await;
    let token = clerk_token(&front, "ada", json!({})).await;
    assert_eq!(with(&front, &token).visit(&front.url("/graphiql")).await, 401);
}

#[tokio::test]
async fn a_second_identity_is_linked_by_whoever_began_it_and_leads_to_the_same_member() {
    let front = Front::start(Engine::Sqlite).await;
    let mut browser = Browser::new(&front);
    browser.sign_in("google", "ada").await;
    let home = story::open_account(&browser.visitor(), "Bakery").await;
    let last = home.gql("{ identities { id } }", json!({})).await;
    let last = json!({ "identity": last["identities"][0]["id"] });
    assert_eq!(home.refused("unlinkIdentity", last.clone()).await, "INVALID_STATE");

    let begun = home.tell("linkIdentity", json!({ "provider": "github" }), "url").await;
    let mut eve = Browser::new(&front);
    eve.sign_in("google", "ben").await;
    assert_eq!(eve.go(&text(&begun["url"])).await.status(), 403, "another person's ticket");

    let begun = home.tell("linkIdentity", json!({ "provider": "github" }), "url").await;
    let back = browser.agree_from(&text(&begun["url"]), "ada").await;
    assert_eq!(browser.go(&back).await.status(), 303);
    let mut other = Browser::new(&front);
    other.sign_in("github", "ada").await;
    let other = other.visitor().acting_in(home.account.as_deref().expect("an account"));
    let seen = until("the linked identity sees the account", async || {
        let answer = other.ask("{ identities { id } account { id } }", json!({})).await;
        answer.get("errors").is_none().then_some(answer)
    });
    assert_eq!(seen.await["data"]["identities"].as_array().map(Vec::len), Some(2));

    home.tell("unlinkIdentity", last, "token").await;
    until("the unlinked identity's session ends", async || {
        let request = home.request(reqwest::Method::POST, "/graphql");
        let query = json!({ "query": "{ viewer { id } }" });
        (home.send(request.json(&query)).await.0 == 401).then_some(())
    })
    .await;
    until("the log of the identity that is left says so", async || {
        let log = other.gql("{ signInLog { kind member } }", json!({})).await;
        let facts = log["signInLog"].as_array().expect("facts").clone();
        let of_her = |fact: &Value| fact["kind"] == "unlinked" && fact["member"].is_string();
        facts.iter().any(of_her).then_some(())
    })
    .await;
    let log = other.gql("{ auditLog(last: 100) { nodes { type } } }", json!({})).await;
    let log = log.to_string();
    assert!(log.contains("account.identity_linked") && log.contains("account.identity_unlinked"));
}

#[tokio::test]
async fn sessions_are_listed_and_end_everywhere_and_owners_read_the_log() {
    let front = Front::start(Engine::Sqlite).await;
    let (mut here, mut there) = (Browser::new(&front), Browser::new(&front));
    here.sign_in("google", "ada").await;
    there.sign_in("google", "ada").await;
    let home = story::open_account(&here.visitor(), "Bakery").await;
    let listed = home.gql("{ sessions { id device lastUsedAt } }", json!({})).await;
    assert_eq!(listed["sessions"].as_array().map(Vec::len), Some(2));
    assert_eq!(listed["sessions"][0]["device"], "Firefox on Linux");
    let log = home.gql("{ signInLog { kind device address member } }", json!({})).await;
    assert_eq!(log["signInLog"][0]["kind"], "signed_in");
    assert_eq!(log["signInLog"][0]["address"], "127.0.0.1");
    let ended = home.tell("endSessions", json!({ "everywhere": true }), "ended").await;
    assert_eq!(ended["ended"], 2);
    for browser in [&here, &there] {
        let session = browser.cookies.get("herald_session").expect("a session");
        assert_eq!(status_with(&front, session).await, 401);
    }
}

async fn trade(front: &Front, form: &[(&str, &str)]) -> (u16, Value) {
    let request = visitor::http().post(front.url("/auth/token")).form(form);
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_second_use_ends_the_chain() {
    let front = Front::start(Engine::Sqlite).await;
    let printed = front.herald(&["sign-in", "--new"]);
    let printed = String::from_utf8(printed.stdout).expect("text");
    let link = printed.lines().find(|line| line.contains("/sign-in/")).expect("a link");
    let link = link.trim().rsplit('/').next().expect("a secret");
    let grant = [("grant_type", "urn:herald:link"), ("link", link)];
    let (status, first) = trade(&front, &grant).await;
    assert_eq!((status, &first["token_type"]), (200, &json!("Bearer")));
    let refresh = text(&first["refresh_token"]);
    let (status, second) =
        trade(&front, &[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await;
    assert_eq!(status, 200);
    let access = text(&second["access_token"]);
    assert_eq!(status_with(&front, &access).await, 200);
    let (status, again) =
        trade(&front, &[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await;
    assert_eq!((status, &again["error"]), (400, &json!("invalid_grant")));
    assert_eq!(status_with(&front, &access).await, 401, "the whole chain ended");
    let successor = text(&second["refresh_token"]);
    let (status, _) =
        trade(&front, &[("grant_type", "refresh_token"), ("refresh_token", &successor)]).await;
    assert_eq!(status, 400);
    let (status, wrong) = trade(&front, &[("grant_type", "password")]).await;
    assert_eq!((status, &wrong["error"]), (400, &json!("unsupported_grant_type")));
}

#[tokio::test]
async fn whoever_clerk_creates_gets_one_account_and_whoever_it_deletes_loses_it() {
    let settings = [("HERALD_OPEN_ACCOUNTS", "yes")];
    let front = Front::start_with(Engine::Sqlite, &settings).await;
    control(&front, "/_control/svix/clerk", json!({ "copies": 3 })).await;
    let backend = |method, path: &str| {
        let request = visitor::http().request(method, sandbox(&front, path));
        request.bearer_auth("sk_test_herald_sandbox")
    };
    let new = json!({
        "email_address": ["eva@bakery.example"], "first_name": "Eva", "last_name": "Example",
        "password": "Sandbox-1234"
    });
    let made = backend(reqwest::Method::POST, "/clerk/v1/users").json(&new).send().await;
    let made: Value = made.expect("an answer").json().await.expect("JSON");
    let user = text(&made["id"]);
    let query = "{ viewer { memberships { account } } }";
    let eva = async || with(&front, &clerk_token(&front, &user, json!({})).await);
    let memberships = async || {
        let answer = eva().await.ask("{ account { id members { name } } }", json!({})).await;
        answer["data"]["account"]["id"].as_str().map(|_| answer.clone())
    };
    let account = until("Clerk's webhook opens an account", memberships).await;
    assert_eq!(account["data"]["account"]["members"].as_array().map(Vec::len), Some(1), "{query}");

    let path = format!("/clerk/v1/users/{user}");
    let token = clerk_token(&front, &user, json!({ "expires_in": 600 })).await;
    backend(reqwest::Method::DELETE, &path).send().await.expect("an answer");
    until("Clerk's webhook takes the identity away", async || {
        let answer = with(&front, &token).ask("{ account { id } }", json!({})).await;
        answer["data"]["account"]["id"].is_null().then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_forged_webhook_is_not_taken() {
    let front = Front::start(Engine::Sqlite).await;
    let request = visitor::http().post(front.url("/webhooks/clerk"));
    let request = request
        .header("svix-id", "msg_1")
        .header("svix-timestamp", "1700000000")
        .header("svix-signature", "v1,AAAA")
        .body(r#"{"type":"user.deleted","data":{"id":"user_ada"},"timestamp":1}"#);
    assert!(request.send().await.expect("an answer").status().is_client_error());
    let _ = Url::parse(&front.url("/")).expect("an address");
}
