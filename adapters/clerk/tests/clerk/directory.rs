//! People in Clerk, and what we write beside their names.

use crate::fake::{Asked, Stage, Then, say};
use herald_application::ports::{
    ClaimedEmail, DirectoryFailure, DirectoryNote, UserDirectory as _,
};
use serde_json::{Value, json};

/// A person as Clerk's documents show one, shortened.
fn user(changes: &Value) -> Value {
    let mut user = json!({
        "object": "user", "id": "user_1", "first_name": "John", "last_name": "Doe",
        "username": null, "primary_email_address_id": "idn_2",
        "email_addresses": [
            { "id": "idn_1", "object": "email_address", "email_address": "old@example.org",
              "verification": { "status": "verified", "strategy": "email_code" } },
            { "id": "idn_2", "object": "email_address", "email_address": "john@example.org",
              "verification": { "status": "verified", "strategy": "email_code" } }
        ],
        "image_url": "https://img.clerk.com/x", "banned": false, "locked": false,
        "public_metadata": { "plan": "pro", "onboarding_completed": true, "theme": "dark" },
        "private_metadata": { "stripe_customer_id": "cus_1", "internal_notes": "Beta user" },
        "created_at": 1_716_883_200_000_i64, "updated_at": 1_716_883_200_000_i64
    });
    for (name, value) in changes.as_object().expect("an object") {
        user[name] = value.clone();
    }
    user
}

#[tokio::test]
async fn a_person_is_read_with_the_address_that_is_primary_by_id() {
    let stage = Stage::new([say(200, &user(&json!({})))]).await;
    let person = stage.it.get("user_1").await.expect("read").expect("somebody");
    assert_eq!(person.name.as_deref(), Some("John Doe"));
    let email = ClaimedEmail { address: "john@example.org".to_owned(), verified: true };
    assert_eq!(person.email, Some(email));
    assert_eq!(person.note.plan.as_deref(), Some("pro"));
    assert_eq!(person.note.onboarding_completed, Some(true));
    assert_eq!(person.note.stripe_customer.as_deref(), Some("cus_1"));
    assert_eq!(person.created_at.expect("known").to_string(), "2024-05-28T08:00:00.000000Z");
    assert!(person.enabled);
    let asked = &stage.asked()[0];
    assert_eq!(asked.line(), "GET /users/user_1");
    assert_eq!(asked.header("authorization"), "Bearer CANARY-SK");
    assert_eq!(asked.header("clerk-api-version"), "2026-05-12");
}

#[tokio::test]
async fn people_without_addresses_names_or_notes_are_people_too() {
    for changes in [
        json!({ "email_addresses": [] }),
        json!({ "email_addresses": null, "private_metadata": null, "public_metadata": null }),
        json!({ "primary_email_address_id": null }),
        json!({ "primary_email_address_id": "idn_9" }),
    ] {
        let stage = Stage::new([say(200, &user(&changes))]).await;
        let person = stage.it.get("user_1").await.expect("read").expect("somebody");
        assert_eq!(person.email, None, "{changes}");
    }
    let changes = json!({ "first_name": null, "last_name": " ", "username": "johnny", "banned": true,
        "public_metadata": { "plan": 7, "onboarding_completed": "yes" } });
    let stage = Stage::new([say(200, &user(&changes))]).await;
    let person = stage.it.get("user_1").await.expect("read").expect("somebody");
    assert_eq!((person.name.as_deref(), person.enabled), (Some("johnny"), false));
    assert_eq!((person.note.plan, person.note.onboarding_completed), (None, None));
    let unproven = json!({ "email_addresses": [{ "id": "idn_2", "email_address": "j@e.org",
        "verification": null }] });
    let stage = Stage::new([say(200, &user(&unproven))]).await;
    let person = stage.it.get("user_1").await.expect("read").expect("somebody");
    assert!(!person.email.expect("one").verified);
}

#[tokio::test]
async fn pages_follow_each_other_from_the_oldest_person_on() {
    let page = |ids: &[&str]| {
        let users: Vec<Value> = ids.iter().map(|id| user(&json!({ "id": id }))).collect();
        say(200, &json!(users))
    };
    let stage = Stage::with([page(&["user_1", "user_2"]), page(&["user_3"])], |s| s.page = 2).await;
    let first = stage.it.list(None).await.expect("a page");
    assert_eq!((first.users.len(), first.next.as_deref()), (2, Some("user_2")));
    let second = stage.it.list(first.next.as_deref()).await.expect("a page");
    assert_eq!((second.users.len(), second.next), (1, None));
    assert_eq!(
        stage.asked().iter().map(Asked::line_with_query).collect::<Vec<_>>(),
        [
            "GET /users?limit=2&order_by=%2Bcreated_at",
            "GET /users?limit=2&order_by=%2Bcreated_at&starting_after=user_2"
        ]
    );
}

#[tokio::test]
async fn a_note_changes_only_what_it_names_and_hides_the_customer() {
    let note = DirectoryNote {
        plan: Some("pro".to_owned()),
        onboarding_completed: Some(true),
        stripe_customer: Some("cus_1".to_owned()),
    };
    let customer =
        DirectoryNote { stripe_customer: Some("cus_1".to_owned()), ..Default::default() };
    for (note, body) in [
        (
            note,
            json!({ "public_metadata": { "plan": "pro", "onboarding_completed": true },
            "private_metadata": { "stripe_customer_id": "cus_1" } }),
        ),
        (customer, json!({ "private_metadata": { "stripe_customer_id": "cus_1" } })),
    ] {
        let stage = Stage::new([say(200, &user(&json!({})))]).await;
        assert_eq!(stage.it.write("user_1", &note).await, Ok(()));
        let asked = &stage.asked()[0];
        assert_eq!(asked.line(), "PATCH /users/user_1/metadata");
        assert_eq!(asked.json(), body);
        let schema: Value =
            serde_json::from_str(include_str!("update_metadata.schema.json")).expect("JSON");
        assert!(jsonschema::is_valid(&schema, &asked.json()));
    }
    let stage = Stage::new([]).await;
    assert_eq!(stage.it.write("user_1", &DirectoryNote::default()).await, Ok(()));
    assert!(stage.asked().is_empty(), "nothing to say is not said");
}

#[tokio::test]
async fn each_failure_says_what_to_do_about_it() {
    let error = json!({ "errors": [{ "code": "form_param_unknown", "message": "CANARY",
        "long_message": "CANARY" }], "clerk_trace_id": "t" });
    let read = async |then: Vec<Then>| Stage::new(then).await.it.get("user_1").await;
    assert_eq!(read(vec![say(404, &json!({}))]).await, Ok(None));
    assert_eq!(read(vec![say(401, &json!({}))]).await, Err(DirectoryFailure::Credentials));
    let refused = DirectoryFailure::Refused { code: "form_param_unknown".to_owned() };
    assert_eq!(read(vec![say(422, &error)]).await, Err(refused));
    assert_eq!(read(vec![say(200, &json!([]))]).await, Err(DirectoryFailure::Unreadable));
    let down = || say(503, &json!({}));
    let told = read(vec![down(), down(), down()]).await;
    assert!(matches!(told, Err(DirectoryFailure::Transient { .. })));
    let later = || Then::Say(429, vec![("retry-after", "3600")], String::new());
    let Err(DirectoryFailure::Transient { retry_at, .. }) = read(vec![later()]).await else {
        panic!("a limit is a matter of time");
    };
    assert!(retry_at.is_some());
}

#[tokio::test]
async fn a_subject_cannot_climb_out_of_its_place() {
    let stage = Stage::new([say(404, &json!({}))]).await;
    assert_eq!(stage.it.get("../organizations?x=").await, Ok(None));
    assert_eq!(stage.lines(), ["GET /users/..%2Forganizations%3Fx="]);
}
