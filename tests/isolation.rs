//! No account sees or touches another's: every operation of the schema, tried by everybody.
//!
//! The [matrix] is complete by force: an operation of the schema that it does not name fails
//! the test, and so does a line that the schema does not know.

#![cfg(test)]
#![allow(clippy::allow_attributes, missing_docs, dead_code, reason = "sentences; parts of a front")]

mod front;
#[path = "isolation/matrix.rs"]
mod matrix;

use front::{
    Front,
    database::Engine,
    schema::{Operation, Schema},
    story,
    visitor::{Visitor, key, text},
};
use matrix::{
    MATRIX,
    Others::{Nonsense, Nothing, Own},
    ROLES,
    Whose::{Operators, Persons},
    line,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A word that is in every text of the first account, and nowhere else.
const CANARY: &str = "Aurora";

/// The first account, with something of every kind in it.
struct Home {
    front: Front,
    owner: Visitor,
    schema: Schema,
    operations: Vec<Operation>,
    /// What a field of an input says when it names something of this account.
    named: BTreeMap<&'static str, Value>,
    /// Every id that belongs to it.
    ids: BTreeSet<String>,
    picture: String,
}

impl Home {
    async fn furnish(engine: Engine) -> Self {
        let front = Front::start(engine).await;
        let owner = story::open_account(&front.resident().await, CANARY).await;
        story::describe(&owner, CANARY).await;
        let connection = story::connect(&owner, "sandbox_bakery").await;
        let picture = story::upload(&owner).await;
        let content = json!({ "root": { "text": CANARY, "media": [{ "media": picture }] } });
        let post = story::write(&owner, &connection, content).await;
        let plan = story::plan(&owner, &connection).await;
        let account = text(&json!(owner.account));
        let member = owner.gql("{ account { members { id } } }", json!({})).await;
        let begun =
            owner.tell("beginConnection", json!({ "network": "X" }), "authorizationUrl").await;
        let issued = owner.tell(
            "issueApiKey",
            json!({ "name": CANARY, "scopes": ["READ"] }),
            "apiKey { id }",
        );
        let issued = issued.await;
        let page = url::Url::parse(&text(&begun["authorizationUrl"])).expect("an address");
        let (_, state) = page.query_pairs().find(|(name, _)| name == "state").expect("a state");
        let named = BTreeMap::from([
            ("id", post["id"].clone()),
            ("object", post["id"].clone()),
            ("post", post["id"].clone()),
            ("target", post["targets"][0]["id"].clone()),
            ("connection", json!(connection)),
            ("connections", json!(connection)),
            ("plan", plan["id"].clone()),
            ("item", plan["items"][0]["id"].clone()),
            ("member", member["account"]["members"][0]["id"].clone()),
            ("contentHash", post["contentHash"].clone()),
            ("planHash", plan["contentHash"].clone()),
            ("state", json!(state)),
            ("account", json!(account)),
            ("key", issued["apiKey"]["id"].clone()),
        ]);
        let mut ids: BTreeSet<String> = named.values().map(text).collect();
        ids.extend([account, picture.clone()]);
        let schema = Schema::read(&owner).await;
        let operations = schema.operations();
        Self { front, owner, schema, operations, named, ids, picture }
    }

    /// Asks for an operation as somebody, with our ids in every field that names something.
    async fn tried(&self, somebody: &Visitor, operation: &Operation) -> Tried {
        self.tried_with(somebody, operation, &|ours| json!(ours)).await
    }

    /// The same with what turneds of each of our ids.
    async fn tried_with(
        &self,
        somebody: &Visitor,
        operation: &Operation,
        turned: &dyn Fn(&str) -> Value,
    ) -> Tried {
        let ours = |value: &Value| Some(turned(value.as_str().unwrap_or_default()));
        let choose = |field: &str| match field {
            "idempotencyKey" => Some(json!(key())),
            "first" => Some(json!(3)),
            "to" if ["calendar", "revenue", "inbox"].contains(&operation.name.as_str()) => {
                Some(json!("2031-09-01T00:00:00Z"))
            }
            "to" if operation.name == "replayWebhooks" => None,
            "entitlement" => Some(json!("seats")),
            "value" => Some(json!("5")),
            "payment" => Some(json!("pi_1")),
            "state" if operation.name == "inbox" => None,
            "at" if operation.name == "cancelSubscription" => None,
            "since" | "at" => Some(json!("2031-02-01T00:00:00Z")),
            "to" => Some(json!("2031-03-09")),
            "email" => Some(json!("guest@example.org")),
            "base64" => Some(json!("iVBORw0KGgo=")),
            "code" => Some(json!("made-up")),
            "url" => Some(json!("https://x.com/somebody/status/1")),
            "contentHash" if operation.name == "approveContentPlan" => {
                ours(&self.named["planHash"])
            }
            "media" if operation.name == "editPost" => ours(&json!(self.picture)),
            "id" if operation.name == "contentPlan" => ours(&self.named["plan"]),
            named => self.named.get(named).and_then(ours),
        };
        let variables = self.schema.variables(operation, &choose);
        // A calendar weighs each level twenty times.
        let depth = if operation.name == "calendar" { 1 } else { 2 };
        let document = self.schema.document(operation, depth);
        let asked = variables.to_string();
        let answer = match operation.kind {
            "subscription" => somebody.first_of(&document, &variables).await,
            _ => somebody.ask(&document, variables).await,
        };
        Tried { asked, answer, name: operation.name.clone() }
    }

    /// How much ever happened in the account.
    async fn events(&self) -> Value {
        let log = self.owner.gql("{ auditLog(first: 1) { totalCount } }", json!({})).await;
        log["auditLog"]["totalCount"].clone()
    }

    /// Nothing of ours is in an answer that was not in the question.
    fn assert_no_leak(&self, tried: &Tried) {
        let said = tried.answer.to_string();
        assert!(!said.contains(CANARY), "{} leaks a text: {said}", tried.name);
        for id in self.ids.iter().filter(|id| !tried.asked.contains(*id)) {
            assert!(!said.contains(id), "{} leaks {id}: {said}", tried.name);
        }
    }
}

/// What somebody asked for, and got.
struct Tried {
    name: String,
    asked: String,
    answer: Value,
}

impl Tried {
    /// The code of the refusal, at the top or in the payload.
    fn code(&self) -> Option<&str> {
        let inner = &self.answer["data"][&self.name]["userErrors"][0]["code"];
        let outer = &self.answer["errors"][0]["extensions"]["code"];
        inner.as_str().or_else(|| outer.as_str())
    }
}

fn the_matrix_names_exactly_what_there_is(home: &Home) {
    let there: BTreeSet<_> = home.operations.iter().map(|it| it.name.as_str()).collect();
    let named: BTreeSet<_> = MATRIX.iter().map(|(name, ..)| *name).collect();
    assert_eq!(there, named);
}

async fn nobody_gets_anything(home: &Home) {
    let nobody = home.front.nobody();
    for operation in &home.operations {
        let tried = home.tried(&nobody, operation).await;
        assert_eq!(tried.code(), Some("UNAUTHENTICATED"), "{}: {}", tried.name, tried.answer);
        home.assert_no_leak(&tried);
    }
}

/// Somebody with an account of their own names our ids, and then our account itself.
async fn others_get_nothing_of_ours(home: &Home, eve: &Visitor) {
    let there = eve.acting_in(home.owner.account.as_deref().expect("an account"));
    for operation in &home.operations {
        let (whose, others) = line(operation);
        let tried = home.tried(eve, operation).await;
        home.assert_no_leak(&tried);
        if whose == Operators {
            // Whatever account they name: it is no role in any.
            for tried in [tried, home.tried(&there, operation).await] {
                assert_eq!(tried.code(), Some("FORBIDDEN"), "{}: {}", tried.name, tried.answer);
                home.assert_no_leak(&tried);
            }
            continue;
        }
        let found = &tried.answer["data"][&tried.name];
        let right = match (others, operation.kind) {
            (Own, _) => tried.code() != Some("NOT_FOUND"),
            (Nothing, "query") => found.is_null() && tried.answer.get("errors").is_none(),
            (Nothing, _) if tried.name == "acceptInvite" => tried.code() == Some("LINK_NOT_VALID"),
            (Nothing, _) => tried.code() == Some("NOT_FOUND"),
            (Nonsense, _) => tried.code() == Some("VALIDATION"),
        };
        assert!(right, "{}: {}", tried.name, tried.answer);
        if others != Own {
            // What is ours looks to others as if it never was.
            let never = home.tried_with(eve, operation, &|ours| json!(made_up(ours))).await;
            assert_eq!(never.answer, tried.answer, "{}", tried.name);
        }
        if whose != Persons {
            let tried = home.tried(&there, operation).await;
            assert_eq!(tried.code(), Some("NOT_FOUND"), "{}: {}", tried.name, tried.answer);
            home.assert_no_leak(&tried);
        }
    }
}

/// An id of the same form that nobody ever gave.
fn made_up(ours: &str) -> String {
    let kept = ours.chars().count().saturating_sub(9);
    ours.chars().take(kept).chain(std::iter::repeat_n('0', 9)).collect()
}

/// Every kind of id at the one door that takes any of them.
async fn no_id_opens_a_node_to_others(home: &Home, eve: &Visitor) {
    let node = home.operations.iter().find(|it| it.name == "node").expect("node");
    for id in home.ids.iter().filter(|id| id.contains('_')) {
        let tried = home.tried_with(eve, node, &|_| json!(id)).await;
        assert!(tried.answer["data"]["node"].is_null(), "{id}: {}", tried.answer);
        home.assert_no_leak(&tried);
    }
    for id in ["id", "target", "connection", "plan"] {
        let id = text(&home.named[id]);
        let tried = home.tried_with(&home.owner, node, &|_| json!(id)).await;
        assert_eq!(tried.answer["data"]["node"]["id"], json!(id), "it is there for its own");
    }
}

/// References inside of an otherwise right input, cursors, tokens, and what is beside GraphQL.
async fn no_side_door_opens(home: &Home, eve: &Visitor, own: &str) {
    let content = json!({ "root": { "text": "mine", "media": [{ "media": home.picture }] } });
    let post = json!({ "content": content, "connections": [own] });
    assert_eq!(eve.refused("createPost", post).await, "VALIDATION");

    let page = "query($after: String) { posts(first: 5, after: $after) {
        nodes { id } pageInfo { endCursor } } }";
    let ours = home.owner.gql(page, json!({})).await;
    let cursor = &ours["posts"]["pageInfo"]["endCursor"];
    let answer = eve.ask(page, json!({ "after": cursor })).await;
    assert!(answer["errors"][0]["extensions"]["code"].is_string(), "{answer}");

    let path = format!("/media/{}", home.picture);
    let get = |who: &Visitor, path: &str| who.request(Method::GET, path);
    assert_eq!(eve.send(get(eve, &path)).await.0, 404);
    let nobody = home.front.nobody();
    assert_eq!(nobody.send(get(&nobody, &path)).await.0, 401);
    let upload = nobody.request(Method::POST, "/media?name=x.png").body(story::PIXEL.to_vec());
    assert_eq!(nobody.send(upload).await.0, 401);
    assert_eq!(home.owner.send(get(&home.owner, &path)).await.0, 200);

    let state = text(&home.named["state"]);
    let back = home.front.url(&format!("/oauth/x/callback?state={state}&code=made-up"));
    let status = eve.visit(&back).await;
    assert!((400..500).contains(&status), "Eve completes what Ada began: {status}");
}

async fn members_do_what_their_role_may(home: &Home) {
    for role in ROLES {
        let member = story::join(&home.front, &home.owner, role).await;
        for operation in &home.operations {
            let whose = line(operation).0;
            if whose.may(role) {
                continue;
            }
            let tried = home.tried(&member, operation).await;
            assert_eq!(tried.code(), Some("FORBIDDEN"), "{role} {}: {}", tried.name, tried.answer);
            home.assert_no_leak(&tried);
        }
    }
}

/// The control: with the very same requests, those who may find what is there.
async fn the_owner_finds_everything(home: &Home) {
    let mut operations: Vec<_> = home.operations.iter().collect();
    // A new run of the models replaces the items that the others name; a connection that has ended
    // takes no posts and no plans. The end of all sessions comes last of all.
    operations.sort_by_key(|operation| match operation.name.as_str() {
        "endSessions" => 3,
        "disconnect" => 2,
        "generateContentPlan" => 1,
        _ => 0,
    });
    for operation in operations {
        let tried = home.tried(&home.owner, operation).await;
        // They name an identity and sessions, which belong to a person and to no account.
        if ["linkIdentity", "unlinkIdentity", "endSessions"].contains(&operation.name.as_str()) {
            continue;
        }
        let refused = ["NOT_FOUND", "FORBIDDEN", "UNAUTHENTICATED", "VALIDATION", "INTERNAL"];
        let code = tried.code().unwrap_or_default();
        assert!(!refused.contains(&code), "{}: {}", tried.name, tried.answer);
        // This installation bills nobody, and says so.
        let failed = tried.answer.get("errors").is_some() && code != "BILLING_OFF";
        assert!(operation.kind == "mutation" || !failed, "{}: {}", tried.name, tried.answer);
    }
}

async fn nothing_crosses(engine: Engine) {
    let home = Home::furnish(engine).await;
    the_matrix_names_exactly_what_there_is(&home);
    let eve = story::open_account(&home.front.newcomer().await, "Elsewhere").await;
    let own = story::connect(&eve, "sandbox_studio").await;
    let before = home.events().await;
    nobody_gets_anything(&home).await;
    others_get_nothing_of_ours(&home, &eve).await;
    no_id_opens_a_node_to_others(&home, &eve).await;
    no_side_door_opens(&home, &eve, &own).await;
    assert_eq!(home.events().await, before, "nothing happened in the first account");
    members_do_what_their_role_may(&home).await;
    the_owner_finds_everything(&home).await;
}

#[tokio::test]
async fn no_operation_crosses_from_one_account_into_another_on_sqlite() {
    nothing_crosses(Engine::Sqlite).await;
}

#[tokio::test]
async fn no_operation_crosses_from_one_account_into_another_on_postgresql() {
    nothing_crosses(Engine::Postgres).await;
}
