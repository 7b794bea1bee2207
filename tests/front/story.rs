//! What people do with the product, step by step, as its walk-through tells it.

use super::{
    Front, until,
    visitor::{Visitor, text},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::header;
use serde_json::{Value, json};

/// Opens an account; the person acts in it from then on.
pub(crate) async fn open_account(person: &Visitor, business: &str) -> Visitor {
    let input = json!({ "businessName": business, "name": "Ada", "email": "ada@example.org" });
    let opened = person.tell("openAccount", input, "account { id }").await;
    person.acting_in(opened["account"]["id"].as_str().expect("an account"))
}

/// Says what the business is about.
pub(crate) async fn describe(owner: &Visitor, business: &str) {
    let profile = json!({
        "name": business, "sells": "sourdough bread", "audience": "people nearby",
        "tone": "warm", "goals": ["more breakfasts"], "website": "https://example.org/"
    });
    owner.tell("updateBusinessProfile", profile, "account { id }").await;
}

/// Invites somebody and lets them join. Answers them, acting in the account.
pub(crate) async fn join(front: &Front, owner: &Visitor, role: &str) -> Visitor {
    let email = format!("{}@example.org", role.to_lowercase());
    let wanted = "member { id } invitation";
    let invited = owner.tell("inviteMember", json!({ "email": email, "role": role }), wanted).await;
    let guest = front.newcomer().await;
    let accept = json!({ "invitation": invited["invitation"], "name": role });
    guest.tell("acceptInvite", accept, "member { id }").await;
    guest.acting_in(owner.account.as_deref().expect("an account"))
}

/// Connects X as the sandbox's `handle`, clicking through its consent page. Answers the connection.
pub(crate) async fn connect(owner: &Visitor, handle: &str) -> String {
    let wanted = "connection { id } authorizationUrl";
    let begun = owner.tell("beginConnection", json!({ "network": "X" }), wanted).await;
    let back = consent(&text(&begun["authorizationUrl"]), handle).await;
    assert!(owner.visit(&back).await < 400, "the way back");
    let connection = text(&begun["connection"]["id"]);
    until("the connection is active", || async {
        let query = "query($id: ID!) { node(id: $id) { ... on SocialAccount { status } } }";
        let found = owner.gql(query, json!({ "id": connection })).await;
        (found["node"]["status"] == "ACTIVE").then_some(())
    })
    .await;
    connection
}

/// Reads the consent page and clicks "allow". Answers where the browser is sent.
pub(crate) async fn consent(page: &str, handle: &str) -> String {
    let http = super::visitor::http();
    let shown = http.get(page).send().await.expect("the consent page");
    assert_eq!(shown.status(), 200);
    assert!(shown.text().await.expect("a page").contains(handle), "no {handle} to choose");
    let form = [("decision", "allow"), ("handle", handle)];
    let clicked = http.post(page).form(&form).send().await.expect("the click is answered");
    assert_eq!(clicked.status(), 302);
    clicked.headers()[header::LOCATION].to_str().expect("an address").to_owned()
}

/// Uploads a picture and answers its id.
pub(crate) async fn upload(editor: &Visitor) -> String {
    let input = json!({ "name": "bread.png", "alt": "a loaf", "base64": STANDARD.encode(PIXEL) });
    text(&editor.tell("uploadMedia", input, "media { id }").await["media"]["id"])
}

/// The smallest picture: one pixel.
pub(crate) const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\
    \x1f\x15\xc4\x89\0\0\0\0IEND\xaeB`\x82";

/// A post's content with nothing but a text.
pub(crate) fn words(words: &str) -> Value {
    json!({ "root": { "text": words } })
}

/// Writes a post and answers it.
pub(crate) async fn write(editor: &Visitor, connection: &str, content: Value) -> Value {
    let input = json!({ "content": content, "connections": [connection] });
    let wanted = "post { id version contentHash status targets { id } }";
    editor.tell("createPost", input, wanted).await["post"].take()
}

/// Publishes a post now, and waits until the log says that it is out.
pub(crate) async fn publish(publisher: &Visitor, post: &str) -> Value {
    publisher.tell("publishPost", json!({ "post": post }), "post { id }").await;
    until("the post is published", || async {
        let post = look(publisher, post).await;
        (post["status"] == "PUBLISHED").then_some(post)
    })
    .await
}

/// A post as it stands.
pub(crate) async fn look(reader: &Visitor, post: &str) -> Value {
    let query = "query($id: ID!) { post(id: $id) {
        id status version contentHash
        targets { id status url failure { code } steps { kind url } attempts { outcome } } } }";
    reader.gql(query, json!({ "id": post })).await["post"].take()
}

/// Starts a plan and waits until the models have written it.
pub(crate) async fn plan(editor: &Visitor, connection: &str) -> Value {
    let brief = json!({
        "goal": "more people come for breakfast", "topics": ["bread", "mornings"], "language": "en"
    });
    let input = json!({
        "brief": brief, "from": "2031-03-03", "to": "2031-03-09", "zone": "Europe/Berlin",
        "connections": [connection], "postsPerWeek": 2
    });
    let created = editor.tell("createContentPlan", input, "contentPlan { id }").await;
    let plan = text(&created["contentPlan"]["id"]);
    editor.tell("generateContentPlan", json!({ "plan": plan }), "contentPlan { id }").await;
    until("the plan is written", || async {
        let plan = look_at_plan(editor, &plan).await;
        assert_ne!(plan["status"], "GENERATION_FAILED", "{plan}");
        (plan["status"] == "PROPOSED").then_some(plan)
    })
    .await
}

/// A plan as it stands.
pub(crate) async fn look_at_plan(reader: &Visitor, plan: &str) -> Value {
    let query = "query($id: ID!) { contentPlan(id: $id) {
        id status version revision contentHash runs { status }
        items { id status text local post { id status } } } }";
    reader.gql(query, json!({ "id": plan })).await["contentPlan"].take()
}

/// What the world saw of an operation, by the sandbox's own ledger.
pub(crate) async fn ledger(front: &Front, operation: &str) -> Vec<Value> {
    let address = format!("http://{}/_ledger?operation={operation}", front.sandbox);
    let answer = super::visitor::http().get(address).send().await.expect("the sandbox answers");
    let answer: Value = answer.json().await.expect("JSON");
    answer["entries"].as_array().unwrap_or_else(|| panic!("a ledger: {answer}")).clone()
}

/// Lets something go wrong in the world.
pub(crate) async fn fault(front: &Front, rule: Value) {
    let address = format!("http://{}/_control/faults", front.sandbox);
    let answer = super::visitor::http().post(address).json(&rule).send().await.expect("an answer");
    assert!(answer.status().is_success(), "{rule}: {}", answer.text().await.expect("a text"));
}
