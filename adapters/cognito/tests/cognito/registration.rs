//! Having a password: registering, proving an address, choosing a new one.

use crate::{
    asked::operation,
    fake::{Stage, Then, say},
};
use herald_application::ports::{
    CodeDelivery, PasswordFailure, PasswordRegistration as _, Registration, SignedUp,
};
use serde_json::json;

fn ada() -> Registration {
    Registration {
        username: "ada".to_owned(),
        email: "ada@example.org".to_owned(),
        name: Some("Ada".to_owned()),
        password: "CANARY-P".into(),
    }
}

fn error(kind: &str) -> Then {
    say(400, &json!({ "__type": kind, "message": "Password not long enough" }))
}

fn sent() -> Then {
    say(
        200,
        &json!({ "CodeDeliveryDetails": { "AttributeName": "email", "DeliveryMedium": "EMAIL",
        "Destination": "a***@e***" } }),
    )
}

#[tokio::test]
async fn a_person_registers_and_is_told_where_the_code_went() {
    let stage = Stage::new([say(
        200,
        &json!({ "UserConfirmed": false, "UserSub": "sub-1",
        "CodeDeliveryDetails": { "DeliveryMedium": "EMAIL", "Destination": "a***@e***" } }),
    )])
    .await;
    let signed_up = stage.it.sign_up(&ada()).await.expect("registered");
    let delivery = CodeDelivery {
        destination: Some("a***@e***".to_owned()),
        medium: Some("EMAIL".to_owned()),
    };
    let expected =
        SignedUp { subject: "sub-1".to_owned(), confirmed: false, delivery: Some(delivery) };
    assert_eq!(signed_up, expected);
    let asked = &stage.asked()[0];
    assert_eq!(operation(asked), "SignUp");
    let body = asked.json();
    assert_eq!(body["Username"], "ada");
    assert_eq!(body["Password"], "CANARY-P");
    assert!(body["SecretHash"].is_string());
    let attributes = json!([{ "Name": "email", "Value": "ada@example.org" },
        { "Name": "name", "Value": "Ada" }]);
    assert_eq!(body["UserAttributes"], attributes);
}

#[tokio::test]
async fn a_refused_registration_says_why() {
    let told = async |then| Stage::new([then]).await.it.sign_up(&ada()).await.err();
    let weak = PasswordFailure::WeakPassword { message: "Password not long enough".to_owned() };
    assert_eq!(told(error("InvalidPasswordException")).await, Some(weak));
    assert_eq!(told(error("UsernameExistsException")).await, Some(PasswordFailure::Taken));
    let failure = told(Then::Hang).await;
    assert!(matches!(failure, Some(PasswordFailure::Unknown { .. })));
}

#[tokio::test]
async fn an_address_is_proven_by_its_code() {
    let stage = Stage::new([say(200, &json!({}))]).await;
    assert_eq!(stage.it.confirm("ada", &"123456".into()).await, Ok(()));
    let asked = &stage.asked()[0];
    assert_eq!(operation(asked), "ConfirmSignUp");
    assert_eq!(asked.json()["ConfirmationCode"], "123456");
    for (kind, failure) in [
        ("CodeMismatchException", PasswordFailure::CodeMismatch),
        ("UserNotFoundException", PasswordFailure::CodeMismatch),
        ("ExpiredCodeException", PasswordFailure::CodeExpired),
        ("TooManyFailedAttemptsException", PasswordFailure::TooManyAttempts),
    ] {
        let stage = Stage::new([error(kind)]).await;
        assert_eq!(stage.it.confirm("ada", &"1".into()).await, Err(failure), "{kind}");
    }
}

#[tokio::test]
async fn a_code_for_nobody_looks_as_if_it_had_been_sent() {
    for then in [sent(), error("UserNotFoundException"), error("InvalidParameterException")] {
        let stage = Stage::new([then.clone()]).await;
        assert_eq!(stage.it.forgot("ada").await, Ok(()), "{then:?}");
        assert_eq!(operation(&stage.asked()[0]), "ForgotPassword");
        let stage = Stage::new([then.clone()]).await;
        assert_eq!(stage.it.resend("ada").await, Ok(()), "{then:?}");
        assert_eq!(operation(&stage.asked()[0]), "ResendConfirmationCode");
    }
    let stage = Stage::new([error("LimitExceededException")]).await;
    assert_eq!(stage.it.forgot("ada").await, Err(PasswordFailure::TooManyAttempts));
}

#[tokio::test]
async fn a_new_password_is_chosen_by_a_code() {
    let stage = Stage::new([Then::Say(200, vec![], String::new())]).await;
    assert_eq!(stage.it.reset("ada", &"123456".into(), &"CANARY-N".into()).await, Ok(()));
    let asked = &stage.asked()[0];
    assert_eq!(operation(asked), "ConfirmForgotPassword");
    assert_eq!(asked.json()["Password"], "CANARY-N");
    let stage = Stage::new([error("InvalidPasswordException")]).await;
    let told = stage.it.reset("ada", &"1".into(), &"n".into()).await;
    assert!(matches!(told, Err(PasswordFailure::WeakPassword { .. })));
}
