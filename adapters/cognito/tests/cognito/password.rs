//! Signing in with a password: tokens, challenges, and refusals that give nothing away.

use crate::{
    asked::operation,
    fake::{Stage, Then, say},
};
use herald_application::ports::{ChallengeKind, PasswordFailure, PasswordSignIn as _, SignInStep};
use secrecy::ExposeSecret as _;
use serde_json::json;
use std::time::Duration;

fn tokens() -> Then {
    say(
        200,
        &json!({ "ChallengeParameters": {}, "AuthenticationResult": {
        "AccessToken": "CANARY-A", "IdToken": "CANARY-I", "RefreshToken": "CANARY-R",
        "ExpiresIn": 3600, "TokenType": "Bearer" } }),
    )
}

fn error(status: u16, kind: &str, message: &str) -> Then {
    say(status, &json!({ "__type": kind, "message": message }))
}

async fn started(then: Then) -> Result<SignInStep, PasswordFailure> {
    Stage::new([then]).await.it.start("ada", &"CANARY-P".into()).await
}

#[tokio::test]
async fn name_and_password_become_tokens() {
    let stage = Stage::new([tokens()]).await;
    let step = stage.it.start("ada", &"CANARY-P".into()).await.expect("tokens");
    let SignInStep::Done(tokens) = &step else { panic!("no challenge was given") };
    assert_eq!(tokens.id.expose_secret(), "CANARY-I");
    assert_eq!(tokens.expires_in, Duration::from_secs(3600));
    assert!(!format!("{step:?}").contains("CANARY"));
    let asked = &stage.asked()[0];
    assert_eq!(operation(asked), "InitiateAuth");
    assert_eq!(asked.header("authorization"), "", "this call is nobody's");
    // base64(HMAC-SHA256("CANARY-CS", "ada" + "CLIENT")), computed apart.
    let hash = "rP1S4RqLhGibjZhEdlZrAMRmolv2vnZuNbQFapv5DdI=";
    assert_eq!(
        asked.json(),
        json!({ "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "CLIENT", "AuthParameters":
            { "USERNAME": "ada", "PASSWORD": "CANARY-P", "SECRET_HASH": hash } })
    );
    let stage = Stage::with([self::tokens()], |settings| settings.client_secret = None).await;
    stage.it.start("ada", &"CANARY-P".into()).await.expect("tokens");
    assert!(stage.asked()[0].json()["AuthParameters"].get("SECRET_HASH").is_none());
}

#[tokio::test]
async fn every_challenge_that_can_be_met_is_met_under_the_name_that_it_gave() {
    for (kind, field) in [
        (ChallengeKind::NewPassword, "NEW_PASSWORD"),
        (ChallengeKind::SmsCode, "SMS_MFA_CODE"),
        (ChallengeKind::EmailCode, "EMAIL_OTP_CODE"),
        (ChallengeKind::AppCode, "SOFTWARE_TOKEN_MFA_CODE"),
    ] {
        let asks = say(
            200,
            &json!({ "ChallengeName": kind.as_str(), "Session": "CANARY-SESSION",
            "ChallengeParameters": { "USER_ID_FOR_SRP": "uuid-1",
                "CODE_DELIVERY_DESTINATION": "+*******1234" } }),
        );
        let stage = Stage::new([asks, tokens()]).await;
        let step = stage.it.start("ada@example.org", &"CANARY-P".into()).await.expect("a step");
        let SignInStep::Challenged(challenge) = step else { panic!("a challenge was given") };
        assert_eq!((challenge.kind, challenge.username.as_str()), (kind, "uuid-1"));
        assert_eq!(challenge.destination.as_deref(), Some("+*******1234"));
        assert!(!format!("{challenge:?}").contains("CANARY"));

        let step = stage.it.respond(&challenge, &"CANARY-X".into()).await.expect("a step");
        assert!(matches!(step, SignInStep::Done(_)));
        let asked = &stage.asked()[1];
        assert_eq!(operation(asked), "RespondToAuthChallenge");
        let body = asked.json();
        assert_eq!(
            (&body["ChallengeName"], &body["Session"]),
            (&json!(kind.as_str()), &json!("CANARY-SESSION"))
        );
        assert_eq!(body["ChallengeResponses"]["USERNAME"], "uuid-1");
        assert_eq!(body["ChallengeResponses"][field], "CANARY-X");
    }
    let setup = say(200, &json!({ "ChallengeName": "MFA_SETUP", "Session": "s" }));
    let name = "MFA_SETUP".to_owned();
    assert_eq!(started(setup).await.err(), Some(PasswordFailure::UnsupportedChallenge { name }));
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_are_one_refusal() {
    let wrong = [
        error(400, "NotAuthorizedException", "Incorrect username or password."),
        error(400, "UserNotFoundException", "User does not exist."),
        error(400, "com.amazonaws.cognito#NotAuthorizedException", ""),
    ];
    for then in wrong {
        assert_eq!(started(then).await.err(), Some(PasswordFailure::NotAuthorized));
    }
}

#[tokio::test]
async fn each_refusal_has_its_meaning() {
    let misconfigured = |code: &str| PasswordFailure::Misconfigured { code: code.to_owned() };
    for (kind, message, failure) in [
        ("NotAuthorizedException", "Password attempts exceeded", PasswordFailure::TooManyAttempts),
        ("TooManyRequestsException", "", PasswordFailure::TooManyAttempts),
        ("UserNotConfirmedException", "", PasswordFailure::NotConfirmed),
        ("PasswordResetRequiredException", "", PasswordFailure::ResetRequired),
        (
            "NotAuthorizedException",
            "Unable to verify secret hash for client CLIENT",
            misconfigured("NotAuthorizedException"),
        ),
        (
            "InvalidParameterException",
            "USER_PASSWORD_AUTH flow not enabled for this client",
            misconfigured("InvalidParameterException"),
        ),
        ("ResourceNotFoundException", "", misconfigured("ResourceNotFoundException")),
    ] {
        assert_eq!(
            started(error(400, kind, message)).await.err(),
            Some(failure),
            "{kind} {message}"
        );
    }
}

#[tokio::test]
async fn a_call_whose_end_was_not_seen_is_unknown_and_not_repeated() {
    for then in [
        Then::Hang,
        Then::Say(200, vec![], "garbage".to_owned()),
        say(200, &json!({})),
        say(400, &json!({})),
        error(500, "InternalErrorException", ""),
        error(500, "NotAuthorizedException", ""),
    ] {
        let stage = Stage::new([then.clone()]).await;
        let told = stage.it.start("ada", &"CANARY-P".into()).await;
        assert!(matches!(told, Err(PasswordFailure::Unknown { .. })), "{then:?}: {told:?}");
        assert_eq!(stage.asked().len(), 1, "{then:?}");
    }
    let nowhere = "http://127.0.0.1:1/".parse().expect("a URL");
    let stage = Stage::with([], |settings| settings.endpoint = nowhere).await;
    let told = stage.it.start("ada", &"CANARY-P".into()).await;
    assert!(matches!(told, Err(PasswordFailure::NotSent { .. })));
}

#[tokio::test]
async fn a_refresh_token_is_traded_whether_or_not_the_pool_rotates() {
    let rotated = tokens();
    let kept = say(
        200,
        &json!({ "AuthenticationResult": { "AccessToken": "a", "IdToken": "i",
        "ExpiresIn": 300 } }),
    );
    for (then, rotates) in [(rotated, true), (kept, false)] {
        let stage = Stage::new([then]).await;
        let tokens = stage.it.refresh(&"CANARY-R0".into()).await.expect("tokens");
        assert_eq!(tokens.refresh.is_some(), rotates);
        let asked = &stage.asked()[0];
        assert_eq!(operation(asked), "GetTokensFromRefreshToken");
        assert_eq!(
            asked.json(),
            json!({ "ClientId": "CLIENT", "ClientSecret": "CANARY-CS", "RefreshToken": "CANARY-R0" })
        );
    }
    let stage = Stage::new([error(400, "RefreshTokenReuseException", "")]).await;
    let told = stage.it.refresh(&"CANARY-R0".into()).await.err();
    assert_eq!(told, Some(PasswordFailure::NotAuthorized));
}

#[tokio::test]
async fn signing_out_everywhere_is_tried_again() {
    let stage = Stage::new([say(503, &json!({})), say(200, &json!({}))]).await;
    assert_eq!(stage.it.sign_out_everywhere(&"CANARY-A".into()).await, Ok(()));
    assert!(stage.asked().iter().all(|asked| operation(asked) == "GlobalSignOut"));
    let stage = Stage::new([error(400, "NotAuthorizedException", "")]).await;
    let told = stage.it.sign_out_everywhere(&"CANARY-A".into()).await;
    assert_eq!(told, Err(PasswordFailure::NotAuthorized));
}

#[test]
fn a_challenge_is_spelled_as_aws_spells_it() {
    let challenge = |name| ChallengeKind::parse(name).map(ChallengeKind::as_str);
    for name in ["NEW_PASSWORD_REQUIRED", "SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"] {
        assert_eq!(challenge(name), Some(name));
    }
    assert_eq!(challenge("MFA_SETUP"), None);
}
