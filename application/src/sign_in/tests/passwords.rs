//! Passwords that somebody else keeps, and what follows from them for sessions of ours.

use super::*;
use crate::{
    business::Business,
    ports::{
        Challenge, PasswordFailure, PasswordRegistration, PasswordSignIn, PasswordTokens,
        Registration, SignInKind, SignInStep, SignedUp, TokenRefused, TokenVerifier, VerifiedToken,
    },
    testing::start,
};
use async_trait::async_trait;
use herald_kernel::Instant;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

const ISSUER: &str = "https://pool.example";
const ADA: &str = "ada@example.org";

/// A pool in which Ada is known, and which tells nobody whose a name is: we have no credentials there.
#[derive(Debug)]
struct Pool {
    password: Mutex<String>,
    tried: AtomicU32,
}

#[async_trait]
impl PasswordSignIn for Pool {
    async fn start(
        &self,
        username: &str,
        password: &SecretString,
    ) -> Result<SignInStep, PasswordFailure> {
        self.tried.fetch_add(1, Ordering::Relaxed);
        let right = self.password.lock().expect("nobody panics").clone();
        if username != ADA || password.expose_secret() != right {
            return Err(PasswordFailure::NotAuthorized);
        }
        let token = || SecretString::from("ada");
        Ok(SignInStep::Done(PasswordTokens {
            id: token(),
            access: token(),
            refresh: None,
            expires_in: Duration::from_secs(3_600),
        }))
    }

    async fn respond(
        &self,
        _: &Challenge,
        _: &SecretString,
    ) -> Result<SignInStep, PasswordFailure> {
        Err(PasswordFailure::NotAuthorized)
    }

    async fn refresh(&self, _: &SecretString) -> Result<PasswordTokens, PasswordFailure> {
        Err(PasswordFailure::NotAuthorized)
    }

    async fn whose(&self, _: &str) -> Option<(String, String)> {
        None
    }

    async fn sign_out_everywhere(&self, _: &SecretString) -> Result<(), PasswordFailure> {
        Ok(())
    }
}

#[async_trait]
impl PasswordRegistration for Pool {
    async fn sign_up(&self, _: &Registration) -> Result<SignedUp, PasswordFailure> {
        Err(PasswordFailure::Taken)
    }

    async fn confirm(&self, _: &str, _: &SecretString) -> Result<(), PasswordFailure> {
        Err(PasswordFailure::CodeMismatch)
    }

    async fn resend(&self, _: &str) -> Result<(), PasswordFailure> {
        Ok(())
    }

    async fn forgot(&self, _: &str) -> Result<(), PasswordFailure> {
        Ok(())
    }

    async fn reset(
        &self,
        _: &str,
        code: &SecretString,
        password: &SecretString,
    ) -> Result<(), PasswordFailure> {
        if code.expose_secret() != "123456" {
            return Err(PasswordFailure::CodeMismatch);
        }
        *self.password.lock().expect("nobody panics") = password.expose_secret().to_owned();
        Ok(())
    }
}

#[async_trait]
impl TokenVerifier for Pool {
    async fn verify(
        &self,
        token: &SecretString,
        _: Instant,
    ) -> Result<VerifiedToken, TokenRefused> {
        Ok(VerifiedToken {
            issuer: ISSUER.to_owned(),
            subject: token.expose_secret().to_owned(),
            email: None,
            name: None,
            session: None,
            organisation: None,
            stripe_customer: None,
            expires_at: start(),
        })
    }
}

async fn world() -> (World, Arc<Pool>) {
    let pool = Arc::new(Pool { password: "First-1234".to_owned().into(), tried: 0.into() });
    let business = Business {
        tokens: Some(pool.clone()),
        passwords: Some(pool.clone()),
        registration: Some(pool.clone()),
        ..Business::default()
    };
    (World::with_business(|_| (), business).await, pool)
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

#[tokio::test]
async fn a_new_password_ends_sessions_also_where_the_provider_tells_nobody_whose_it_is() {
    let (world, _) = world().await;
    let passwords = Passwords::at(&world.desk).expect("somebody keeps passwords");
    let whence = Whence::default();
    let begun = passwords.login(ADA, &secret("First-1234"), &whence).await.expect("signed in");
    let PasswordStep::Done(old) = begun else { panic!("nothing more is asked") };
    let reset = async |code: &str| {
        passwords.reset(ADA, &secret(code), &secret("Another-5678"), &whence).await
    };
    reset("000000").await.expect_err("a wrong code");
    assert!(whoami(&world, &old.access).await.is_some(), "nothing was replaced");
    reset("123456").await.expect("the new one holds");
    assert_eq!(whoami(&world, &old.access).await, None);
    assert!(renew(&world.desk, &old.refresh, &whence).await.expect("an answer").is_none());
    let identity = Person::of(ISSUER, "ada").identity;
    let lately = signed_in_lately(&world.desk, &[identity], None, 10).await.expect("an answer");
    assert!(lately.iter().any(|fact| fact.kind == SignInKind::PasswordReplaced), "{lately:?}");
}
