//! A person's consent, and tokens that are traded exactly once.

use crate::{
    asked::asks_for_known_fields,
    fake::{Stage, Then, say},
};
use herald_application::ports::{
    AuthorizationRequest, ExchangeFailure, ExchangeRequest, RefreshFailure,
    SocialAuthorization as _, TokenSet,
};
use secrecy::ExposeSecret as _;
use serde_json::json;
use std::{collections::HashMap, time::Duration};

fn exchange() -> ExchangeRequest {
    ExchangeRequest {
        code: "CANARY-CODE".into(),
        code_verifier: "CANARY-VERIFIER".into(),
        redirect_uri: "https://herald.example/oauth/x/callback".parse().expect("a URL"),
    }
}

fn granted() -> Then {
    say(
        200,
        &json!({ "token_type": "bearer", "expires_in": 7200, "access_token": "CANARY-A",
            "refresh_token": "CANARY-R", "scope": "tweet.read tweet.write" }),
    )
}

fn refused(status: u16, error: &str) -> Then {
    say(status, &json!({ "error": error, "error_description": "Value passed was invalid." }))
}

#[tokio::test]
async fn the_person_is_sent_to_x_with_a_challenge_and_the_least_that_is_needed() {
    let stage = Stage::new([]).await;
    let url = stage.x.authorization_url(&AuthorizationRequest {
        state: "state".to_owned(),
        code_challenge: "challenge".to_owned(),
        redirect_uri: exchange().redirect_uri,
    });
    assert_eq!(url.path(), "/x/i/oauth2/authorize");
    let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["redirect_uri"], "https://herald.example/oauth/x/callback");
    assert_eq!(query["scope"], "tweet.read tweet.write users.read offline.access media.write");
    assert!(!url.as_str().contains("CANARY"));
}

#[tokio::test]
async fn a_code_is_traded_by_a_confidential_client() {
    let stage = Stage::new([granted()]).await;
    let tokens = stage.x.exchange(&exchange()).await.expect("tokens");

    assert_eq!(tokens.access.expose_secret(), "CANARY-A");
    assert_eq!(tokens.refresh.as_ref().expect("one").expose_secret(), "CANARY-R");
    assert_eq!(tokens.access_expires_at, stage.world.now().plus(Duration::from_secs(7200)));
    assert_eq!(tokens.scopes, ["tweet.read", "tweet.write"]);
    let asked = &stage.asked()[0];
    assert_eq!(asked.line(), "POST /2/oauth2/token");
    assert_eq!(asked.header("authorization"), "Basic Q0xJRU5UOkNBTkFSWS1T");
    let form = asked.form();
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!(form["code"], "CANARY-CODE");
    assert_eq!(form["code_verifier"], "CANARY-VERIFIER");
    assert_eq!(form["redirect_uri"], "https://herald.example/oauth/x/callback");
    assert!(!form.contains_key("client_id"));
    assert!(!format!("{tokens:?}").contains("CANARY"));
}

#[tokio::test]
async fn a_public_client_names_itself_in_the_form() {
    let stage = Stage::with([granted()], |settings| settings.client_secret = None).await;
    let _tokens: TokenSet = stage.x.exchange(&exchange()).await.expect("tokens");
    let asked = &stage.asked()[0];
    assert_eq!(asked.header("authorization"), "");
    assert!(asked.form()["client_id"] == "CLIENT");
}

#[tokio::test]
async fn an_exchange_whose_end_was_not_seen_is_unknown_and_not_repeated() {
    for then in [
        Then::Hang,
        Then::Say(200, vec![], "garbage".to_owned()),
        Then::Say(400, vec![], "<html>".to_owned()),
        Then::Say(500, vec![], String::new()),
        refused(503, "temporarily_unavailable"),
    ] {
        let stage = Stage::new([then.clone()]).await;
        let failure = stage.x.exchange(&exchange()).await.expect_err("no tokens");
        assert!(matches!(failure, ExchangeFailure::Unknown { .. }), "{then:?}: {failure:?}");
        assert_eq!(stage.lines(), ["POST /2/oauth2/token"], "{then:?}");
    }
    let stage = Stage::new([refused(400, "invalid_request")]).await;
    let failure = stage.x.exchange(&exchange()).await.expect_err("no tokens");
    assert_eq!(failure, ExchangeFailure::Refused { code: "invalid_request".to_owned() });
    let nowhere = "http://127.0.0.1:1/".parse().expect("a URL");
    let stage = Stage::with([], |settings| settings.api = nowhere).await;
    let failure = stage.x.exchange(&exchange()).await.expect_err("no tokens");
    assert!(matches!(failure, ExchangeFailure::NotSent { .. }));
}

#[tokio::test]
async fn only_a_refused_token_asks_the_person_to_connect_again() {
    let told = async |then: Then| {
        let stage = Stage::new([then]).await;
        stage.x.refresh(&"CANARY-R".into()).await.expect_err("no tokens")
    };
    for code in ["invalid_request", "invalid_grant"] {
        let rejected = RefreshFailure::Rejected { code: code.to_owned() };
        assert_eq!(told(refused(400, code)).await, rejected);
    }
    // Wrong credentials of ours, or too many calls, are not the person's business.
    // Nor is X's own trouble, whatever it looks like.
    for then in [
        refused(401, "unauthorized_client"),
        Then::Say(429, vec![], String::new()),
        Then::Say(400, vec![], "<html>".to_owned()),
        Then::Say(500, vec![], String::new()),
        refused(503, "temporarily_unavailable"),
        Then::Say(504, vec![], "gateway".to_owned()),
    ] {
        let failure = told(then.clone()).await;
        assert!(matches!(failure, RefreshFailure::Transient { .. }), "{then:?}: {failure:?}");
    }
    // Tokens may have been handed out that nobody has seen.
    for then in [Then::Hang, Then::Say(200, vec![], "garbage".to_owned())] {
        let failure = told(then.clone()).await;
        assert!(matches!(failure, RefreshFailure::Unknown { .. }), "{then:?}: {failure:?}");
    }

    let stage = Stage::new([granted()]).await;
    assert!(stage.x.refresh(&"CANARY-R".into()).await.is_ok());
    let form = stage.asked()[0].form();
    assert!(form["grant_type"] == "refresh_token");
}

#[tokio::test]
async fn the_account_behind_a_token_is_read_with_what_it_may_write() {
    for (subscription, limit) in [("None", 280), ("Premium", 25_000), ("PremiumPlus", 25_000)] {
        let me = json!({ "data": { "id": "42", "name": "Ada", "username": "ada",
            "subscription_type": subscription } });
        let stage = Stage::new([say(200, &me)]).await;
        let account = stage.x.identify(&"CANARY-A".into()).await.expect("an account");
        assert_eq!((account.id.as_str(), account.handle.as_str()), ("42", "ada"));
        assert_eq!(account.text_limit, limit);
        asks_for_known_fields(&stage.asked()[0]);
    }
    let stage = Stage::new([Then::Say(401, vec![], "{}".to_owned())]).await;
    let failure = stage.x.identify(&"CANARY-A".into()).await.expect_err("refused");
    assert_eq!(failure, ExchangeFailure::Refused { code: "unauthorized".to_owned() });
}

#[tokio::test]
async fn a_token_is_given_back() {
    let stage = Stage::new([say(200, &json!({ "revoked": true }))]).await;
    assert_eq!(stage.x.revoke(&"CANARY-R".into()).await, Ok(()));
    let asked = &stage.asked()[0];
    assert_eq!(asked.line(), "POST /2/oauth2/revoke");
    assert!(asked.form()["token"] == "CANARY-R");
}
