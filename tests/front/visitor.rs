//! Somebody at the front door: asks over HTTP as any client would, and remembers what was said.

use reqwest::{Client, RequestBuilder, Response, header};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use uuid::Uuid;

/// Every body that was answered.
pub(crate) type Heard = Arc<Mutex<Vec<String>>>;

/// Somebody, signed in or not, acting in an account or not.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) base: String,
    pub(crate) session: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) http: Client,
    pub(crate) heard: Heard,
}

/// Follows nothing, repeats nothing, and shares no connection between requests: a server may close
/// one after an answer that came early.
pub(crate) fn http() -> Client {
    #[expect(clippy::disallowed_methods, reason = "a test is a client of its own")]
    let builder = Client::builder();
    let builder = builder.no_proxy().redirect(reqwest::redirect::Policy::none());
    builder.retry(reqwest::retry::never()).pool_max_idle_per_host(0).build().expect("a client")
}

/// An input type is named after its mutation, unless several share one.
fn input_type(mutation: &str) -> String {
    match mutation {
        "submitPost" | "unschedulePost" | "publishPost" | "cancelPost" => "PostInput".to_owned(),
        "reschedulePost" => "SchedulePostInput".to_owned(),
        "retryTarget" | "reconcileTarget" => "TargetInput".to_owned(),
        "generateContentPlan" | "submitContentPlan" => "PlanInput".to_owned(),
        "acceptPlanItem" | "rejectPlanItem" => "PlanItemInput".to_owned(),
        "revokeApiKey" | "disableApiKey" | "enableApiKey" => "ApiKeyInput".to_owned(),
        "resumeSubscription" | "withdrawPlanChange" => "SubscriptionInput".to_owned(),
        own => {
            let mut letters = own.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            first.chain(letters).chain("Input".chars()).collect()
        }
    }
}

impl Visitor {
    pub(crate) fn new(base: String, heard: Heard) -> Self {
        Self { base, session: None, account: None, http: http(), heard }
    }

    /// The same person, acting in `account`.
    pub(crate) fn acting_in(&self, account: &str) -> Self {
        Self { account: Some(account.to_owned()), ..self.clone() }
    }

    /// Redeems a sign-in link as a program does.
    pub(crate) async fn signed_in(&self, link: &str) -> Self {
        let request = self.http.post(link).header(header::ACCEPT, "application/json");
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "a link that is good");
        // Not kept with what was heard: this is the one place that may say the secret.
        let answer: Value = answer.json().await.expect("JSON");
        Self { session: Some(text(&answer["token"])), ..self.clone() }
    }

    /// Goes to a page as a browser does, with the session cookie. Answers the status.
    pub(crate) async fn visit(&self, address: &str) -> u16 {
        let session = self.session.as_deref().unwrap_or_default();
        let request = self.http.get(address);
        let cookie = format!("herald_session={session}");
        self.send(request.header(header::COOKIE, cookie)).await.0
    }

    /// A request as this person.
    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(session) = &self.session {
            request = request.bearer_auth(session);
        }
        if let Some(account) = &self.account {
            request = request.header("herald-account", account);
        }
        request
    }

    /// Sends a request, and answers the status and the whole body.
    pub(crate) async fn send(&self, request: RequestBuilder) -> (u16, String) {
        self.try_send(request).await.expect("an answer")
    }

    /// The same where the process may die meanwhile.
    pub(crate) async fn try_send(&self, request: RequestBuilder) -> reqwest::Result<(u16, String)> {
        let answer: Response = request.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        self.heard.lock().expect("nobody panics").push(text.clone());
        Ok((status, text))
    }

    /// Asks GraphQL and answers everything that came back.
    pub(crate) async fn ask(&self, document: &str, variables: Value) -> Value {
        self.try_ask(document, variables).await.expect("an answer")
    }

    /// The same where the process may die meanwhile.
    pub(crate) async fn try_ask(&self, document: &str, variables: Value) -> reqwest::Result<Value> {
        let request = self.request(reqwest::Method::POST, "/graphql");
        let request = request.json(&json!({ "query": document, "variables": variables }));
        let (status, text) = self.try_send(request).await?;
        let answer = serde_json::from_str(&text);
        Ok(answer.unwrap_or_else(|error| panic!("{status} {error}: {text}")))
    }

    /// What comes first of a subscription; nothing for a while is nothing.
    pub(crate) async fn first_of(&self, document: &str, variables: &Value) -> Value {
        let body = json!({ "query": document, "variables": variables });
        let request = self.request(reqwest::Method::POST, "/graphql").json(&body);
        let request = request.header(header::ACCEPT, "text/event-stream");
        let mut stream = request.send().await.expect("a stream");
        let chunk = tokio::time::timeout(Duration::from_millis(300), stream.chunk()).await;
        let Ok(Ok(Some(chunk))) = chunk else { return json!({}) };
        let said = String::from_utf8_lossy(&chunk).into_owned();
        // A refusal is no stream but plain JSON.
        let data = said.lines().find_map(|line| line.strip_prefix("data:")).unwrap_or(&said);
        serde_json::from_str(data.trim()).unwrap_or_default()
    }

    /// Asks GraphQL for what must be answered, and answers the data.
    pub(crate) async fn gql(&self, document: &str, variables: Value) -> Value {
        let mut answer = self.ask(document, variables).await;
        assert!(answer.get("errors").is_none(), "{document}: {answer}");
        answer["data"].take()
    }

    /// What a mutation answers, whatever it is.
    pub(crate) async fn try_tell(
        &self,
        mutation: &str,
        mut input: Value,
        wanted: &str,
    ) -> reqwest::Result<Value> {
        if input.get("idempotencyKey").is_none() {
            input["idempotencyKey"] = json!(key());
        }
        let kind = input_type(mutation);
        let document = format!(
            "mutation Tell($input: {kind}!) {{ {mutation}(input: $input) {{
                {wanted} token userErrors {{ code message path retryable }} }} }}"
        );
        self.try_ask(&document, json!({ "input": input })).await
    }

    /// Commands what must be followed, and answers the payload.
    pub(crate) async fn tell(&self, mutation: &str, input: Value, wanted: &str) -> Value {
        let mut answer = self.try_tell(mutation, input, wanted).await.expect("an answer");
        let payload = answer["data"][mutation].take();
        let done = answer.get("errors").is_none() && payload["userErrors"] == json!([]);
        assert!(done, "{mutation}: {answer} {payload}");
        payload
    }

    /// Commands what must be refused, and answers the first refusal's code.
    pub(crate) async fn refused(&self, mutation: &str, input: Value) -> String {
        let answer = self.try_tell(mutation, input, "").await.expect("an answer");
        let inner = &answer["data"][mutation]["userErrors"][0]["code"];
        let outer = &answer["errors"][0]["extensions"]["code"];
        let code = inner.as_str().or_else(|| outer.as_str());
        code.unwrap_or_else(|| panic!("{mutation} was followed: {answer}")).to_owned()
    }
}

/// A key that nobody used before.
pub(crate) fn key() -> String {
    Uuid::from_u128(rand::random()).to_string()
}

/// The text at a place in an answer.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
