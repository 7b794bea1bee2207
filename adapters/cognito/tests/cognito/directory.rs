//! People in a pool, and what we write beside their names: signed calls.

use crate::{
    asked::operation,
    fake::{Stage, Then, say},
};
use herald_application::ports::{
    ClaimedEmail, DirectoryFailure, DirectoryNote, PasswordSignIn as _, UserDirectory as _,
};
use herald_cognito::Settings;
use serde_json::{Value, json};

fn attributes() -> Value {
    json!([{ "Name": "sub", "Value": "sub-1" }, { "Name": "email", "Value": "ada@example.org" },
        { "Name": "email_verified", "Value": "true" }, { "Name": "name", "Value": "Ada" },
        { "Name": "custom:stripe_customer_id", "Value": "cus_1" }])
}

fn listed(users: &Value, next: Option<&str>) -> Then {
    let mut body = json!({ "Users": users });
    if let Some(next) = next {
        body["PaginationToken"] = next.into();
    }
    say(200, &body)
}

fn user() -> Value {
    json!({ "Username": "ada", "Attributes": attributes(), "Enabled": true,
        "UserStatus": "CONFIRMED", "UserCreateDate": 1_716_883_200.25 })
}

fn error(kind: &str) -> Then {
    say(400, &json!({ "__type": kind, "message": "CANARY" }))
}

#[tokio::test]
async fn a_person_is_read_by_their_subject() {
    let person = json!({ "Username": "ada", "UserAttributes": attributes(), "Enabled": true,
        "UserCreateDate": 1_716_883_200.25, "UserStatus": "CONFIRMED" });
    let stage = Stage::new([say(200, &person)]).await;
    let person = stage.it.get("sub-1").await.expect("read").expect("somebody");
    assert_eq!((person.subject.as_str(), person.name.as_deref()), ("sub-1", Some("Ada")));
    let email = ClaimedEmail { address: "ada@example.org".to_owned(), verified: true };
    assert_eq!(person.email, Some(email));
    assert_eq!(person.note.stripe_customer.as_deref(), Some("cus_1"));
    assert_eq!(person.created_at.expect("known").to_string(), "2024-05-28T08:00:00.250000Z");
    let asked = &stage.asked()[0];
    assert_eq!(operation(asked), "AdminGetUser");
    assert_eq!(asked.json()["Username"], "sub-1");
    let signature = asked.header("authorization");
    let scope = "/20261118/eu-central-1/cognito-idp/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=";
    let begin = format!("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE{scope}");
    assert!(signature.starts_with(&begin), "{signature}");
    assert_eq!(asked.header("x-amz-date").len(), "20261118T000000Z".len());
    assert!(!signature.contains("CANARY"));
}

#[tokio::test]
async fn whose_name_it_is_is_told_by_the_directory_alone_and_only_with_credentials() {
    let person = json!({ "Username": "ada", "UserAttributes": attributes(), "Enabled": true });
    let stage = Stage::new([say(200, &person), error("UserNotFoundException")]).await;
    let (_, subject) = stage.it.whose("ada@example.org").await.expect("somebody");
    assert_eq!(subject, "sub-1");
    assert_eq!(stage.it.whose("eve@example.org").await, None);
    let asked = stage.asked();
    assert!(asked.iter().all(|asked| operation(asked) == "AdminGetUser"));
    assert_eq!(asked[0].json()["Username"], "ada@example.org");

    let stage = Stage::with([], |settings| settings.credentials = None).await;
    assert_eq!(stage.it.whose("ada@example.org").await, None);
    assert!(stage.asked().is_empty(), "nobody was asked");
}

#[tokio::test]
async fn who_came_through_another_provider_is_found_and_written_by_their_subject_too() {
    let missing = || error("UserNotFoundException");
    let stage = Stage::new([missing(), listed(&json!([user()]), None)]).await;
    let person = stage.it.get("sub-1").await.expect("read").expect("somebody");
    assert_eq!(person.subject, "sub-1");
    let asked = stage.asked();
    assert_eq!(operation(&asked[1]), "ListUsers");
    assert_eq!(asked[1].json()["Filter"], "sub = \"sub-1\"");

    let stage = Stage::new([missing(), listed(&json!([user()]), None), say(200, &json!({}))]).await;
    let note = DirectoryNote { stripe_customer: Some("cus_2".to_owned()), ..Default::default() };
    assert_eq!(stage.it.write("sub-1", &note).await, Ok(()));
    assert_eq!(stage.asked()[2].json()["Username"], "ada");

    let stage = Stage::new([missing(), listed(&json!([]), None)]).await;
    assert_eq!(stage.it.get("sub-9").await, Ok(None));
    let stage = Stage::new([missing()]).await;
    assert_eq!(
        stage.it.get("\" or sub ^= \"").await,
        Ok(None),
        "a filter takes no other filter in"
    );
}

#[tokio::test]
async fn pages_follow_each_other() {
    let users = json!([user(), user()]);
    let stage = Stage::new([listed(&users, Some("more")), listed(&json!([]), None)]).await;
    let first = stage.it.list(None).await.expect("a page");
    assert_eq!((first.users.len(), first.next.as_deref()), (2, Some("more")));
    let second = stage.it.list(first.next.as_deref()).await.expect("a page");
    assert_eq!(second.next, None);
    let asked = stage.asked();
    assert!(asked.iter().all(|asked| operation(asked) == "ListUsers"));
    assert_eq!(asked[0].json()["Limit"], 60);
    assert_eq!(asked[1].json()["PaginationToken"], "more");
}

#[tokio::test]
async fn a_note_goes_where_the_pool_has_a_place_for_it() {
    let note = DirectoryNote {
        plan: Some("pro".to_owned()),
        onboarding_completed: Some(true),
        stripe_customer: Some("cus_1".to_owned()),
    };
    let customer = json!({ "Name": "custom:stripe_customer_id", "Value": "cus_1" });
    let stage = Stage::new([say(200, &json!({}))]).await;
    assert_eq!(stage.it.write("sub-1", &note).await, Ok(()));
    assert_eq!(operation(&stage.asked()[0]), "AdminUpdateUserAttributes");
    assert_eq!(stage.asked()[0].json()["UserAttributes"], json!([customer]));

    let places = |settings: &mut Settings| {
        settings.attributes.plan = Some("custom:plan".to_owned());
        settings.attributes.onboarding_completed = Some("custom:onboarded".to_owned());
    };
    let stage = Stage::with([Then::Say(200, vec![], String::new())], places).await;
    assert_eq!(stage.it.write("sub-1", &note).await, Ok(()));
    let plan = json!({ "Name": "custom:plan", "Value": "pro" });
    let onboarded = json!({ "Name": "custom:onboarded", "Value": "true" });
    assert_eq!(stage.asked()[0].json()["UserAttributes"], json!([customer, plan, onboarded]));

    let stage = Stage::new([]).await;
    let only_plan = DirectoryNote { plan: Some("pro".to_owned()), ..Default::default() };
    assert_eq!(stage.it.write("sub-1", &only_plan).await, Ok(()));
    assert!(stage.asked().is_empty(), "nothing to say is not said");
}

#[tokio::test]
async fn each_failure_says_what_to_do_about_it() {
    let list = async |then: Vec<Then>| Stage::new(then).await.it.list(None).await;
    for kind in ["NotAuthorizedException", "com.amazon.coral#UnrecognizedClientException"] {
        assert_eq!(list(vec![error(kind)]).await, Err(DirectoryFailure::Credentials), "{kind}");
    }
    let refused = DirectoryFailure::Refused { code: "InvalidParameterException".to_owned() };
    assert_eq!(list(vec![error("InvalidParameterException")]).await, Err(refused));
    let told = list(vec![error("TooManyRequestsException")]).await;
    assert!(matches!(told, Err(DirectoryFailure::Transient { .. })));
    assert_eq!(list(vec![say(200, &json!([]))]).await, Err(DirectoryFailure::Unreadable));
    let stage = Stage::with([], |settings| settings.credentials = None).await;
    assert_eq!(stage.it.list(None).await, Err(DirectoryFailure::Credentials));
    assert!(stage.asked().is_empty());
}

#[tokio::test]
async fn a_roles_session_is_named_and_signed() {
    let stage = Stage::with([listed(&json!([]), None)], |settings| {
        if let Some(credentials) = &mut settings.credentials {
            credentials.session_token = Some("SESSION".into());
        }
    })
    .await;
    stage.it.list(None).await.expect("a page");
    let asked = &stage.asked()[0];
    assert_eq!(asked.header("x-amz-security-token"), "SESSION");
    assert!(asked.header("authorization").contains(";x-amz-security-token;x-amz-target,"));
}
