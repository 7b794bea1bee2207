//! What identity providers keep beside people's names: plan and onboarding for everybody to see, the
//! payment customer for servers only, written anew when one of them changes.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;

use front::{
    Front,
    browser::Browser,
    cash,
    cash::PAYS,
    database::Engine,
    story, until,
    visitor::{self, Visitor, text},
};
use reqwest::header;
use serde_json::{Value, json};

/// With what Clerk's stand-in lets servers in.
const CLERK_KEY: &str = "sk_test_herald_sandbox";
/// The client of Cognito's stand-in that needs no secret.
const POOL_CLIENT: &str = "heraldsandboxcognitopublic";
/// The password of everybody in Cognito's stand-in.
const PASSWORD: &str = "Sandbox-1234";

/// The one customer that the sandbox's Stripe knows, once there is one.
async fn customer(front: &Front) -> Option<String> {
    let all = cash::stripe(front, "customers?limit=3").await["data"].take();
    let all = all.as_array().expect("a list");
    assert!(all.len() < 2, "one account, one customer: {all:?}");
    all.first().map(|it| text(&it["id"]))
}

/// Ada, who signed in on Clerk's page, and her id there.
async fn by_clerk(front: &Front) -> (Visitor, String) {
    let mut ada = Browser::new(front);
    ada.sign_in("clerk", "ada").await;
    let wanted = json!({ "user": "ada" });
    let address = format!("http://{}/_control/clerk/tokens", front.sandbox);
    let answer = visitor::http().post(address).json(&wanted).send().await.expect("an answer");
    let token: Value = answer.json().await.expect("JSON");
    (ada.visitor(), text(&token["user"]))
}

/// What Clerk keeps of somebody, once it is so.
async fn until_kept(front: &Front, user: &str, what: &str, so: impl Fn(&Value) -> bool) -> Value {
    until(what, async || {
        let address = format!("http://{}/clerk/v1/users/{user}", front.sandbox);
        let answer = visitor::http().get(address).bearer_auth(CLERK_KEY).send().await;
        let kept: Value = answer.expect("an answer").json().await.expect("JSON");
        so(&kept).then_some(kept)
    })
    .await
}

async fn clerk_keeps_notes(engine: Engine) {
    let settings = [("HERALD_BILLING", "on"), ("HERALD_CUSTOMER_AT_ONCE", "on")];
    let front = Front::start_with(engine, &settings).await;
    let (ada, user) = by_clerk(&front).await;
    let ada = story::open_account(&ada, "Corner Bakery").await;
    let at_once = until("a customer without a checkout", async || customer(&front).await).await;
    let kept = until_kept(&front, &user, "the customer is kept", |it| {
        it["private_metadata"]["stripe_customer_id"] == json!(at_once)
    })
    .await;
    let free = json!({ "plan": "free", "onboarding_completed": false });
    assert_eq!(kept["public_metadata"], free, "the customer is for servers only");

    cash::pay(&cash::checkout(&ada, "starter").await, PAYS).await;
    let plan = |plan: &'static str| move |it: &Value| it["public_metadata"]["plan"] == plan;
    let paid = until_kept(&front, &user, "the plan is kept", plan("starter")).await;
    assert_eq!(paid["public_metadata"]["onboarding_completed"], false);
    assert_eq!(customer(&front).await, Some(at_once.clone()), "the same customer pays");

    story::describe(&ada, "Corner Bakery").await;
    let connection = story::connect(&ada, "sandbox_bakery").await;
    story::plan(&ada, &connection).await;
    let done = |it: &Value| it["public_metadata"]["onboarding_completed"] == true;
    let done = until_kept(&front, &user, "the onboarding is kept", done).await;
    assert_eq!(done["public_metadata"]["plan"], "starter");

    ada.tell("cancelSubscription", json!({ "at": "NOW" }), "subscription { tier }").await;
    let ended = until_kept(&front, &user, "the plan is kept anew", plan("free")).await;
    let all = json!({ "plan": "free", "onboarding_completed": true });
    assert_eq!(ended["public_metadata"], all);
    assert_eq!(ended["private_metadata"]["stripe_customer_id"], json!(at_once));
}

#[tokio::test]
async fn clerk_keeps_plan_and_onboarding_in_public_and_the_customer_in_private_on_sqlite() {
    clerk_keeps_notes(Engine::Sqlite).await;
}

#[tokio::test]
async fn clerk_keeps_plan_and_onboarding_in_public_and_the_customer_in_private_on_postgresql() {
    clerk_keeps_notes(Engine::Postgres).await;
}

/// Asks Cognito's stand-in itself.
async fn cognito(front: &Front, operation: &str, body: Value) -> Value {
    let request = visitor::http().post(format!("http://{}/cognito/", front.sandbox));
    let request = request
        .header("x-amz-target", format!("AWSCognitoIdentityProviderService.{operation}"))
        .header(header::CONTENT_TYPE, "application/x-amz-json-1.1")
        .body(body.to_string());
    let answer = request.send().await.expect("an answer");
    serde_json::from_str(&answer.text().await.expect("text")).expect("JSON")
}

/// What Cognito keeps of whom the access token belongs to.
async fn attribute(front: &Front, access: &str, name: &str) -> Option<String> {
    let user = cognito(front, "GetUser", json!({ "AccessToken": access })).await;
    let mut all = user["UserAttributes"].as_array().expect("attributes").iter();
    all.find(|it| it["Name"] == name).map(|it| text(&it["Value"]))
}

async fn cognito_keeps_the_customer(engine: Engine) {
    let front = cash::front(engine).await;
    let login = json!({ "email": "ada@bakery.example", "password": PASSWORD });
    let nobody = front.nobody();
    let (status, tokens) = cash::rest(&nobody, reqwest::Method::POST, "/auth/login", &login).await;
    assert_eq!(status, 200, "{tokens}");
    let ada = Visitor { session: Some(text(&tokens["access_token"])), ..front.nobody() };
    let of_the_pool = json!({
        "ClientId": POOL_CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "ada@bakery.example", "PASSWORD": PASSWORD },
    });
    let granted = cognito(&front, "InitiateAuth", of_the_pool).await;
    let access = text(&granted["AuthenticationResult"]["AccessToken"]);
    let ada = story::open_account(&ada, "Corner Bakery").await;
    let name = "custom:stripe_customer_id";
    assert_eq!(attribute(&front, &access, name).await, None);
    assert_eq!(customer(&front).await, None, "unless it is set, a customer waits for a checkout");

    cash::pay(&cash::checkout(&ada, "starter").await, PAYS).await;
    cash::until_tier(&ada, "starter").await;
    let payer = customer(&front).await.expect("who paid");
    until("the customer is kept", async || {
        (attribute(&front, &access, name).await.as_ref() == Some(&payer)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn cognito_keeps_the_customer_of_whoever_began_to_pay_on_sqlite() {
    cognito_keeps_the_customer(Engine::Sqlite).await;
}

#[tokio::test]
async fn cognito_keeps_the_customer_of_whoever_began_to_pay_on_postgresql() {
    cognito_keeps_the_customer(Engine::Postgres).await;
}
