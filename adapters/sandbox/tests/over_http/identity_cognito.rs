//! Cognito: passwords, codes, second factors, tokens, and administration that is really signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use herald_sandbox::{
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET,
    COGNITO_PASSWORD, COGNITO_POOL_ID, COGNITO_PUBLIC_CLIENT_ID,
};
use ring::hmac;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::house::House;
use crate::identity::{proven, told};

const PUBLIC: &str = COGNITO_PUBLIC_CLIENT_ID;

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn secret_hash(username: &str) -> String {
    let text = format!("{username}{COGNITO_CLIENT_ID}");
    STANDARD.encode(keyed(COGNITO_CLIENT_SECRET.as_bytes(), &text))
}

async fn call(house: &House, name: &str, body: Value) -> (u16, Value) {
    let request = house.post("/cognito/").body(body.to_string());
    let target = format!("AWSCognitoIdentityProviderService.{name}");
    let request = request.header("x-amz-target", target);
    told(request.header("content-type", "application/x-amz-json-1.1").send().await.unwrap()).await
}

async fn right(house: &House, name: &str, body: Value) -> Value {
    let (status, answer) = call(house, name, body).await;
    assert_eq!(status, 200, "{name}: {answer}");
    answer
}

async fn refused(house: &House, name: &str, body: Value, kind: &str) {
    let (status, answer) = call(house, name, body).await;
    assert_eq!((status, answer["__type"].as_str()), (400, Some(kind)), "{name}: {answer}");
    assert!(answer["message"].is_string());
}

/// An administrator's call, signed by our own reading of Signature Version 4.
async fn admin(
    house: &House,
    name: &str,
    mut body: Value,
    (key, secret): (&str, &str),
) -> (u16, Value) {
    body["UserPoolId"] = json!(COGNITO_POOL_ID);
    let body = body.to_string();
    let target = format!("AWSCognitoIdentityProviderService.{name}");
    let now: chrono::DateTime<chrono::Utc> = std::time::SystemTime::now().into();
    let (date, day) = (now.format("%Y%m%dT%H%M%SZ").to_string(), now.format("%Y%m%d").to_string());
    let host = house.sandbox.addr();
    let names = "content-type;host;x-amz-date;x-amz-target";
    let canonical = format!(
        "POST\n/cognito/\n\ncontent-type:application/x-amz-json-1.1\nhost:{host}\n\
         x-amz-date:{date}\nx-amz-target:{target}\n\n{names}\n{}",
        hex(&Sha256::digest(body.as_bytes())),
    );
    let scope = format!("{day}/eu-central-1/cognito-idp/aws4_request");
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let mut signing = format!("AWS4{secret}").into_bytes();
    for part in scope.split('/') {
        signing = keyed(&signing, part);
    }
    let signature = hex(&keyed(&signing, &text));
    let header = format!(
        "AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}"
    );
    let request = house.post("/cognito/").body(body).header("x-amz-target", target);
    let request = request.header("content-type", "application/x-amz-json-1.1");
    told(request.header("x-amz-date", date).header("authorization", header).send().await.unwrap())
        .await
}

const KEYS: (&str, &str) = (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY);

async fn administer(house: &House, name: &str, body: Value) -> Value {
    let (status, answer) = admin(house, name, body, KEYS).await;
    assert_eq!(status, 200, "{name}: {answer}");
    answer
}

fn password(username: &str, password: &str) -> Value {
    json!({
        "ClientId": PUBLIC, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": username, "PASSWORD": password },
    })
}

async fn code(house: &House, user: &str) -> String {
    let codes = house.json(&format!("/_control/cognito/codes?user={user}")).await;
    codes["codes"][0]["code"].as_str().unwrap().to_owned()
}

async fn keys(house: &House) -> Value {
    house.json(&format!("/cognito/{COGNITO_POOL_ID}/.well-known/jwks.json")).await
}

#[tokio::test]
async fn somebody_signs_up_confirms_with_the_mailed_code_and_signs_in() {
    let house = House::open().await;
    let kim = "kim@x.example";
    let body = json!({ "ClientId": PUBLIC, "Username": kim, "Password": "Right-1234" });
    let born = right(&house, "SignUp", body).await;
    assert_eq!(born["UserConfirmed"], false);
    assert_eq!(born["CodeDeliveryDetails"]["Destination"], "k***@x***");
    refused(&house, "InitiateAuth", password(kim, "Right-1234"), "UserNotConfirmedException").await;

    let first = code(&house, kim).await;
    right(&house, "ResendConfirmationCode", json!({ "ClientId": PUBLIC, "Username": kim })).await;
    let second = code(&house, kim).await;
    let confirm =
        |code: &str| json!({ "ClientId": PUBLIC, "Username": kim, "ConfirmationCode": code });
    if first != second {
        refused(&house, "ConfirmSignUp", confirm(&first), "CodeMismatchException").await;
    }
    right(&house, "ConfirmSignUp", confirm(&second)).await;
    refused(&house, "ConfirmSignUp", confirm(&second), "NotAuthorizedException").await;

    let granted = right(&house, "InitiateAuth", password(kim, "Right-1234")).await;
    let result = &granted["AuthenticationResult"];
    let id = proven(result["IdToken"].as_str().unwrap(), &keys(&house).await).unwrap();
    assert_eq!((id["aud"].as_str(), id["token_use"].as_str()), (Some(PUBLIC), Some("id")));
    assert_eq!((id["email"].as_str(), id["email_verified"].as_bool()), (Some(kim), Some(true)));
    assert_eq!((&id["sub"], &id["cognito:username"]), (&born["UserSub"], &born["UserSub"]));
    let access = proven(result["AccessToken"].as_str().unwrap(), &keys(&house).await).unwrap();
    assert_eq!(
        (access["client_id"].as_str(), access["token_use"].as_str()),
        (Some(PUBLIC), Some("access"))
    );
    assert_eq!((access.get("aud"), access.get("email")), (None, None));
    assert_eq!(access["iss"], house.url(&format!("/cognito/{COGNITO_POOL_ID}")));

    let mailbox =
        house.get("/_control/cognito/mailbox").send().await.unwrap().text().await.unwrap();
    assert!(mailbox.contains(kim) && mailbox.contains(&second), "{mailbox}");
}

#[tokio::test]
async fn a_client_with_a_secret_must_send_its_hash() {
    let house = House::open().await;
    let body = |hash: Option<String>| {
        json!({
            "ClientId": COGNITO_CLIENT_ID, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {
                "USERNAME": "ada@bakery.example", "PASSWORD": COGNITO_PASSWORD, "SECRET_HASH": hash,
            },
        })
    };
    refused(&house, "InitiateAuth", body(None), "NotAuthorizedException").await;
    refused(&house, "InitiateAuth", body(Some("guess".into())), "NotAuthorizedException").await;
    let granted =
        right(&house, "InitiateAuth", body(Some(secret_hash("ada@bakery.example")))).await;
    let result = &granted["AuthenticationResult"];
    let id = proven(result["IdToken"].as_str().unwrap(), &keys(&house).await).unwrap();
    // A refresh is proven with the subject, not with the address.
    let refresh = |name: &str| {
        json!({
            "ClientId": COGNITO_CLIENT_ID, "AuthFlow": "REFRESH_TOKEN_AUTH",
            "AuthParameters": { "REFRESH_TOKEN": result["RefreshToken"], "SECRET_HASH": secret_hash(name) },
        })
    };
    refused(&house, "InitiateAuth", refresh("ada@bakery.example"), "NotAuthorizedException").await;
    let again = right(&house, "InitiateAuth", refresh(id["sub"].as_str().unwrap())).await;
    assert_eq!(again["AuthenticationResult"].get("RefreshToken"), None);
}

#[tokio::test]
async fn every_wrong_request_is_refused_by_type() {
    let house = House::open().await;
    let ada = "ada@bakery.example";
    let up = |name: &str, password: &str| json!({ "ClientId": PUBLIC, "Username": name, "Password": password });
    let custom = json!({
        "ClientId": PUBLIC, "Username": "k@x.example", "Password": "Right-1234",
        "UserAttributes": [{ "Name": "custom:stripe_customer_id", "Value": "cus_1" }],
    });
    let strange = json!({
        "ClientId": PUBLIC, "Username": "k@x.example", "Password": "Right-1234",
        "UserAttributes": [{ "Name": "custom:shoe", "Value": "44" }],
    });
    let mut srp = password(ada, "x");
    srp["AuthFlow"] = json!("USER_SRP_AUTH");
    let confirm =
        json!({ "ClientId": PUBLIC, "Username": "nobody@x.example", "ConfirmationCode": "1" });
    let table = [
        ("SignUp", up(ada, "Right-1234"), "UsernameExistsException"),
        ("SignUp", up("k@x.example", "short"), "InvalidPasswordException"),
        ("SignUp", up("no-address", "Right-1234"), "InvalidParameterException"),
        ("SignUp", custom, "NotAuthorizedException"),
        ("SignUp", strange, "InvalidParameterException"),
        ("SignUp", json!({ "ClientId": "nobody" }), "ResourceNotFoundException"),
        ("SignUp", json!({ "ClientId": PUBLIC }), "InvalidParameterException"),
        ("SignUp", json!([]), "SerializationException"),
        ("ConfirmSignUp", confirm, "ExpiredCodeException"),
        ("InitiateAuth", password(ada, "wrong"), "NotAuthorizedException"),
        ("InitiateAuth", password("nobody@x.example", "wrong"), "NotAuthorizedException"),
        ("InitiateAuth", srp, "InvalidParameterException"),
        ("GetUser", json!({ "AccessToken": "guess" }), "NotAuthorizedException"),
        ("AdminGetUser", json!({ "Username": ada }), "MissingAuthenticationTokenException"),
        ("ListUsers", json!({}), "MissingAuthenticationTokenException"),
        ("NoSuchThing", json!({}), "UnknownOperationException"),
    ];
    for (name, body, kind) in table {
        refused(&house, name, body, kind).await;
    }
    let request =
        house.post("/cognito/").header("x-amz-target", "AWSCognitoIdentityProviderService.GetUser");
    let answer = request.body("{}").send().await.unwrap();
    assert_eq!(answer.headers()["x-amzn-errortype"], "InvalidParameterException");
}

#[tokio::test]
async fn guessing_passwords_and_codes_ends() {
    let house = House::open().await;
    let ada = "ada@bakery.example";
    for _ in 0..5 {
        call(&house, "InitiateAuth", password(ada, "wrong")).await;
    }
    let (_, body) = call(&house, "InitiateAuth", password(ada, COGNITO_PASSWORD)).await;
    assert_eq!(body["message"], "Password attempts exceeded");
    house.sandbox.state().advance_clock(2).unwrap();
    right(&house, "InitiateAuth", password(ada, COGNITO_PASSWORD)).await;

    right(&house, "ForgotPassword", json!({ "ClientId": PUBLIC, "Username": ada })).await;
    let reset = |code: &str| {
        json!({
            "ClientId": PUBLIC, "Username": ada, "ConfirmationCode": code, "Password": "Other-1234",
        })
    };
    for _ in 0..5 {
        refused(&house, "ConfirmForgotPassword", reset("wrong"), "CodeMismatchException").await;
    }
    let sent = code(&house, ada).await;
    refused(&house, "ConfirmForgotPassword", reset(&sent), "LimitExceededException").await;
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_with_a_mailed_code() {
    let house = House::open().await;
    let ada = "ada@bakery.example";
    let forgot = |name: &str| json!({ "ClientId": PUBLIC, "Username": name });
    let details = right(&house, "ForgotPassword", forgot("nobody@x.example")).await;
    assert_eq!(details["CodeDeliveryDetails"]["DeliveryMedium"], "EMAIL");
    refused(&house, "ForgotPassword", forgot("cleo@bakery.example"), "InvalidParameterException")
        .await;
    right(&house, "ForgotPassword", forgot(ada)).await;
    let reset = |code: &str| {
        json!({
            "ClientId": PUBLIC, "Username": ada, "ConfirmationCode": code, "Password": "Other-1234",
        })
    };
    let old = code(&house, ada).await;
    house.sandbox.state().advance_clock(3_601).unwrap();
    refused(&house, "ConfirmForgotPassword", reset(&old), "ExpiredCodeException").await;
    right(&house, "ForgotPassword", forgot(ada)).await;
    let new = code(&house, ada).await;
    right(&house, "ConfirmForgotPassword", reset(&new)).await;
    right(&house, "InitiateAuth", password(ada, "Other-1234")).await;
    refused(&house, "InitiateAuth", password(ada, COGNITO_PASSWORD), "NotAuthorizedException")
        .await;
}

#[tokio::test]
async fn a_second_factor_stands_between_password_and_tokens() {
    let house = House::open().await;
    let ben = "ben@bakery.example";
    for (kind, name, member) in [
        ("sms", "SMS_MFA", "SMS_MFA_CODE"),
        ("totp", "SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA_CODE"),
    ] {
        house.control("/_control/cognito/factor", json!({ "user": ben, "kind": kind })).await;
        let asked = right(&house, "InitiateAuth", password(ben, COGNITO_PASSWORD)).await;
        assert_eq!(
            (asked["ChallengeName"].as_str(), asked.get("AuthenticationResult")),
            (Some(name), None)
        );
        let answer = |session: &Value, code: &str| {
            json!({
                "ClientId": PUBLIC, "ChallengeName": name, "Session": session,
                "ChallengeResponses": { "USERNAME": ben, member: code },
            })
        };
        let session = &asked["Session"];
        refused(
            &house,
            "RespondToAuthChallenge",
            answer(session, "wrong"),
            "CodeMismatchException",
        )
        .await;
        refused(
            &house,
            "RespondToAuthChallenge",
            answer(&json!("guess"), "1"),
            "NotAuthorizedException",
        )
        .await;
        let codes = house.json(&format!("/_control/cognito/codes?user={ben}")).await;
        let code = if kind == "sms" { &codes["codes"][0]["code"] } else { &codes["totp"] };
        let granted =
            right(&house, "RespondToAuthChallenge", answer(session, code.as_str().unwrap())).await;
        assert!(granted["AuthenticationResult"]["IdToken"].is_string());
        refused(&house, "RespondToAuthChallenge", answer(session, "1"), "NotAuthorizedException")
            .await;
    }
}

#[tokio::test]
async fn administration_is_signed_and_every_forgery_refused() {
    let house = House::open().await;
    let ada = json!({ "Username": "ada@bakery.example" });
    let user = administer(&house, "AdminGetUser", ada.clone()).await;
    assert_eq!(
        (user["UserStatus"].as_str(), user["Enabled"].as_bool()),
        (Some("CONFIRMED"), Some(true))
    );
    assert!(user["UserCreateDate"].is_number());

    let (status, body) =
        admin(&house, "AdminGetUser", ada.clone(), (AWS_ACCESS_KEY_ID, "guess")).await;
    assert_eq!((status, body["__type"].as_str()), (400, Some("InvalidSignatureException")));
    let (_, body) = admin(&house, "AdminGetUser", ada, ("AKIANOBODY", "guess")).await;
    assert_eq!(body["__type"], "UnrecognizedClientException");
    let (_, body) = admin(&house, "AdminGetUser", json!({ "Username": "x" }), KEYS).await;
    assert_eq!(body["__type"], "UserNotFoundException");

    let attributes = json!([{ "Name": "custom:stripe_customer_id", "Value": "cus_1" }]);
    let change = json!({ "Username": "ada@bakery.example", "UserAttributes": attributes });
    administer(&house, "AdminUpdateUserAttributes", change).await;
    let granted =
        right(&house, "InitiateAuth", password("ada@bakery.example", COGNITO_PASSWORD)).await;
    let result = &granted["AuthenticationResult"];
    let id = proven(result["IdToken"].as_str().unwrap(), &keys(&house).await).unwrap();
    assert_eq!(id["custom:stripe_customer_id"], "cus_1");
    let access = proven(result["AccessToken"].as_str().unwrap(), &keys(&house).await).unwrap();
    assert_eq!(access.get("custom:stripe_customer_id"), None);
}

#[tokio::test]
async fn somebody_created_by_an_administrator_chooses_a_password_first() {
    let house = House::open().await;
    let eve = "eve@x.example";
    let made = administer(&house, "AdminCreateUser", json!({ "Username": eve })).await;
    assert_eq!(made["User"]["UserStatus"], "FORCE_CHANGE_PASSWORD");
    let temporary = code(&house, eve).await;
    let asked = right(&house, "InitiateAuth", password(eve, &temporary)).await;
    assert_eq!(asked["ChallengeName"], "NEW_PASSWORD_REQUIRED");
    let answer = json!({
        "ClientId": PUBLIC, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": asked["Session"],
        "ChallengeResponses": { "USERNAME": eve, "NEW_PASSWORD": "Fresh-1234" },
    });
    right(&house, "RespondToAuthChallenge", answer).await;
    right(&house, "InitiateAuth", password(eve, "Fresh-1234")).await;

    let found =
        administer(&house, "ListUsers", json!({ "Filter": format!("email = \"{eve}\"") })).await;
    assert_eq!(found["Users"].as_array().unwrap().len(), 1);
    let page = administer(&house, "ListUsers", json!({ "Limit": 3 })).await;
    let rest = json!({ "Limit": 3, "PaginationToken": page["PaginationToken"] });
    let rest = administer(&house, "ListUsers", rest).await;
    assert_eq!(
        (page["Users"].as_array().unwrap().len(), rest["Users"].as_array().unwrap().len()),
        (3, 2)
    );
    let (_, body) = admin(&house, "AdminCreateUser", json!({ "Username": eve }), KEYS).await;
    assert_eq!(body["__type"], "UsernameExistsException");
}

#[tokio::test]
async fn refresh_tokens_rotate_and_reuse_ends_the_sign_in() {
    let house = House::open().await;
    let granted =
        right(&house, "InitiateAuth", password("ada@bakery.example", COGNITO_PASSWORD)).await;
    let refresh = |token: &Value| json!({ "ClientId": PUBLIC, "RefreshToken": token });
    let first = &granted["AuthenticationResult"]["RefreshToken"];
    let renewed = right(&house, "GetTokensFromRefreshToken", refresh(first)).await;
    let second = &renewed["AuthenticationResult"]["RefreshToken"];
    assert_ne!(first, second);
    refused(&house, "GetTokensFromRefreshToken", refresh(first), "RefreshTokenReuseException")
        .await;
    refused(&house, "GetTokensFromRefreshToken", refresh(second), "NotAuthorizedException").await;
    let old = json!({
        "ClientId": PUBLIC, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": { "REFRESH_TOKEN": first },
    });
    refused(&house, "InitiateAuth", old, "UnsupportedOperationException").await;
}

#[tokio::test]
async fn signing_out_everywhere_and_revoking_end_the_tokens() {
    let house = House::open().await;
    let ada = || password("ada@bakery.example", COGNITO_PASSWORD);
    let first = right(&house, "InitiateAuth", ada()).await;
    let second = right(&house, "InitiateAuth", ada()).await;
    let access =
        |granted: &Value| json!({ "AccessToken": granted["AuthenticationResult"]["AccessToken"] });
    let user = right(&house, "GetUser", access(&first)).await;
    assert!(user["UserAttributes"].as_array().unwrap().iter().any(|one| one["Name"] == "email"));
    let token = &first["AuthenticationResult"]["RefreshToken"];
    right(&house, "RevokeToken", json!({ "ClientId": PUBLIC, "Token": token })).await;
    refused(&house, "GetUser", access(&first), "NotAuthorizedException").await;
    right(&house, "GlobalSignOut", access(&second)).await;
    refused(&house, "GetUser", access(&second), "NotAuthorizedException").await;
    let third = right(&house, "InitiateAuth", ada()).await;
    house.sandbox.state().advance_clock(3_601).unwrap();
    let (_, body) = call(&house, "GetUser", access(&third)).await;
    assert_eq!(body["message"], "Access Token has expired");
}

#[tokio::test]
async fn a_fault_names_an_operation_and_answers_in_cognitos_shape() {
    let house = House::open().await;
    house
        .fault(json!({ "provider": "cognito", "operation": "GetUser", "kind": "rate_limited" }))
        .await;
    right(&house, "InitiateAuth", password("ada@bakery.example", COGNITO_PASSWORD)).await;
    let (status, body) = call(&house, "GetUser", json!({ "AccessToken": "x" })).await;
    assert_eq!((status, body["__type"].as_str()), (429, Some("TooManyRequestsException")));
}
