//! Signing in through GitHub: what goes out, and who is let in.

use crate::fake::{Stage, Then, say};
use herald_application::ports::{
    SignInExchange, SignInFailure, SignInProvider as _, SignInRequest, SignedIn, TokenRefused,
};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use std::collections::HashMap;

const CALLBACK: &str = "https://herald.example/sign-in/github/callback";

fn exchange() -> SignInExchange {
    SignInExchange {
        code: "CANARY-CODE".into(),
        code_verifier: "CANARY-VERIFIER".into(),
        nonce: "nonce".to_owned(),
        redirect_uri: CALLBACK.parse().expect("a URL"),
        issuer: None,
    }
}

fn granted() -> Then {
    say(
        200,
        &json!({ "access_token": "CANARY-T", "scope": "user:email,repo", "token_type": "bearer" }),
    )
}

/// As GitHub's documentation shows a person, shortened.
fn octocat() -> Then {
    say(
        200,
        &json!({ "login": "octocat", "id": 1, "node_id": "MDQ6VXNlcjE=",
        "name": "monalisa octocat", "email": "public@example.org", "two_factor_authentication": true }),
    )
}

fn email(address: &str, primary: bool, verified: bool) -> Value {
    json!({ "email": address, "primary": primary, "verified": verified, "visibility": null })
}

fn emails(emails: &[Value]) -> Then {
    say(200, &json!(emails))
}

fn usual() -> Then {
    emails(&[email("second@example.org", false, true), email("octocat@github.com", true, true)])
}

async fn told(then: impl IntoIterator<Item = Then>) -> Result<SignedIn, SignInFailure> {
    Stage::new(then).await.it.exchange(&exchange()).await
}

#[tokio::test]
async fn the_person_is_asked_for_the_least_that_is_needed() {
    let request = SignInRequest {
        state: "state".to_owned(),
        code_challenge: "challenge".to_owned(),
        nonce: "nonce".to_owned(),
        redirect_uri: exchange().redirect_uri,
    };
    for (repositories, organisation, scope) in [
        (false, None, "user:email"),
        (false, Some("acme"), "user:email read:org"),
        (true, None, "user:email repo"),
    ] {
        let stage = Stage::with([], |settings| {
            settings.repositories = repositories;
            settings.organisation = organisation.map(str::to_owned);
        })
        .await;
        let url = stage.it.authorization_url(&request).await.expect("a URL");
        assert_eq!(url.path(), "/it/login/oauth/authorize");
        let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(query["scope"], scope);
        assert_eq!(query["code_challenge_method"], "S256");
        assert_eq!(query["redirect_uri"], CALLBACK);
        assert!(!url.as_str().contains("CANARY"));
    }
}

#[tokio::test]
async fn a_person_is_their_number_and_their_primary_address_comes_first() {
    let stage = Stage::new([granted(), octocat(), usual()]).await;
    let person = stage.it.exchange(&exchange()).await.expect("signed in");
    assert_eq!((person.issuer.as_str(), person.subject.as_str()), ("https://github.com", "1"));
    assert_eq!(person.name.as_deref(), Some("monalisa octocat"));
    assert_eq!(person.verified_email(), Some("octocat@github.com"));
    assert_eq!(person.grant, None, "a token that is not needed is not handed on");
    assert_eq!(stage.lines(), ["POST /login/oauth/access_token", "GET /user", "GET /user/emails"]);
    let asked = stage.asked();
    assert_eq!(asked[2].line_with_query(), "GET /user/emails?per_page=100&page=1");
    assert_eq!(asked[0].header("accept"), "application/json");
    let form = asked[0].form();
    for (name, value) in [
        ("client_id", "CLIENT"),
        ("client_secret", "CANARY-S"),
        ("code", "CANARY-CODE"),
        ("code_verifier", "CANARY-VERIFIER"),
        ("redirect_uri", CALLBACK),
    ] {
        assert_eq!(form[name], value);
    }
    for read in &asked[1..] {
        assert_eq!(read.header("authorization"), "Bearer CANARY-T");
        assert_eq!(read.header("x-github-api-version"), "2022-11-28");
        assert_eq!(read.header("accept"), "application/vnd.github+json");
        assert!(read.header("user-agent").starts_with("herald/"));
    }
}

#[tokio::test]
async fn a_no_with_status_200_is_a_no() {
    for code in ["bad_verification_code", "incorrect_client_credentials", "redirect_uri_mismatch"] {
        let told = told([say(200, &json!({ "error": code, "error_description": "…" }))]).await;
        assert_eq!(told, Err(SignInFailure::Refused { code: code.to_owned() }));
    }
    // Even beside a token, a no is no yes.
    let both = json!({ "error": "bad_verification_code", "access_token": "CANARY-T" });
    assert!(matches!(told([say(200, &both)]).await, Err(SignInFailure::Refused { .. })));
}

#[tokio::test]
async fn a_code_whose_end_was_not_seen_is_unknown_and_not_traded_again() {
    for then in [
        Then::Hang,
        Then::Say(200, vec![], "access_token=x".to_owned()),
        say(200, &json!({})),
        say(200, &json!({ "error": "brand_new" })),
        say(500, &json!({ "access_token": "CANARY-T" })),
    ] {
        let stage = Stage::new([then.clone()]).await;
        let told = stage.it.exchange(&exchange()).await;
        assert!(matches!(told, Err(SignInFailure::Unknown { .. })), "{then:?}: {told:?}");
        assert_eq!(stage.asked().len(), 1, "{then:?}");
    }
    let limited = told([Then::Say(429, vec![], String::new())]).await;
    assert!(matches!(limited, Err(SignInFailure::NotSent { .. })));
    let revoked = told([granted(), say(401, &json!({ "message": "Bad credentials" }))]).await;
    assert_eq!(revoked, Err(SignInFailure::Refused { code: "http-401".to_owned() }));
}

#[tokio::test]
async fn only_a_verified_primary_address_lets_somebody_in() {
    for list in [
        vec![],
        vec![email("a@example.org", true, false), email("b@example.org", false, true)],
        vec![email("b@example.org", false, true)],
    ] {
        let told = told([granted(), octocat(), emails(&list)]).await;
        assert_eq!(told, Err(SignInFailure::EmailNotVerified), "{list:?}");
    }
    let next = ("link", r#"<https://api.github.com/user/emails?page=2>; rel="next""#);
    let first = Then::Say(200, vec![next], json!([email("b@e.org", false, true)]).to_string());
    let second = emails(&[email("a@e.org", true, true)]);
    let person = told([granted(), octocat(), first, second]).await.expect("signed in");
    assert_eq!(person.verified_email(), Some("a@e.org"), "the primary one may be on a later page");
}

#[tokio::test]
async fn where_an_organisation_is_required_only_active_members_come_in() {
    let with = async |membership: Then| {
        let then = [granted(), membership, octocat(), usual()];
        let stage =
            Stage::with(then, |settings| settings.organisation = Some("ac/me".to_owned())).await;
        let told = stage.it.exchange(&exchange()).await;
        assert_eq!(stage.lines()[1], "GET /user/memberships/orgs/ac%2Fme");
        told
    };
    let state = |state: &str| say(200, &json!({ "state": state, "role": "member" }));
    assert!(with(state("active")).await.is_ok());
    for refused in [state("pending"), say(404, &json!({})), say(403, &json!({}))] {
        assert_eq!(with(refused).await, Err(SignInFailure::NotAMember));
    }
    assert!(matches!(with(say(200, &json!([]))).await, Err(SignInFailure::Unknown { .. })));
}

#[tokio::test]
async fn a_token_is_handed_on_only_where_repositories_are_asked_for() {
    let stage =
        Stage::with([granted(), octocat(), usual()], |settings| settings.repositories = true).await;
    let grant = stage.it.exchange(&exchange()).await.expect("signed in").grant.expect("a grant");
    assert_eq!(grant.access.expose_secret(), "CANARY-T");
    assert_eq!(grant.scopes, ["user:email", "repo"]);
    assert!(!format!("{grant:?}").contains("CANARY"));
}

#[tokio::test]
async fn an_answer_in_another_issuers_name_is_not_traded() {
    let stage = Stage::new([]).await;
    let mixed_up = SignInExchange { issuer: Some("https://evil.example".to_owned()), ..exchange() };
    let told = stage.it.exchange(&mixed_up).await;
    assert_eq!(told, Err(SignInFailure::NotTrusted(TokenRefused::Issuer)));
    assert!(stage.asked().is_empty());
}
