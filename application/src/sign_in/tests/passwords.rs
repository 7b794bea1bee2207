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
        if username == ADA && right == "locked" {
            return Err(PasswordFailure::TooManyAttempts);
        }
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
    let (asks, whence) = (Asks::default(), Whence::default());
    let begun = passwords.login(ADA, &secret("First-1234"), &asks).await.expect("signed in");
    let PasswordStep::Done(old, _) = begun else { panic!("nothing more is asked") };
    let reset = async |code: &str| {
        passwords.reset(ADA, &secret(code), &secret("Another-5678"), &asks).await
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

/// From the address of this number.
fn from(number: u32, kept: Option<&SecretString>) -> Asks {
    let address = Some(std::net::Ipv4Addr::from(0xC633_6400 + number).into());
    Asks { whence: Whence { device: String::new(), address }, kept: kept.cloned() }
}

async fn knocks(world: &World, password: &str, asks: &Asks) -> Result<PasswordStep, NotTried> {
    let passwords = Passwords::at(&world.desk).expect("somebody keeps passwords");
    passwords.login(ADA, &secret(password), asks).await
}

fn is_stopped(answer: &Result<PasswordStep, NotTried>) -> bool {
    matches!(answer, Err(NotTried::TooMany { .. }))
}

#[tokio::test]
async fn guessing_from_many_addresses_is_bounded_by_the_name() {
    let (world, pool) = world().await;
    for number in 0..1_000 {
        knocks(&world, "Wrong-1234", &from(number, None)).await.expect_err("it is wrong");
    }
    assert_eq!(pool.tried.load(Ordering::Relaxed), 20, "all strangers together");
    assert!(is_stopped(&knocks(&world, "First-1234", &from(2_000, None)).await));
    world.pass(Duration::from_secs(15));
    knocks(&world, "First-1234", &from(2_000, None)).await.expect("it only slows down");
}

#[tokio::test]
async fn a_stranger_at_one_address_keeps_nobody_else_out() {
    let (world, _) = world().await;
    let mut answers = Vec::new();
    for _ in 0..50 {
        answers.push(knocks(&world, "Wrong-1234", &from(1, None)).await);
    }
    assert_eq!(answers.iter().filter(|answer| !is_stopped(answer)).count(), 5);
    knocks(&world, "First-1234", &from(2, None)).await.expect("from another address");
}

#[tokio::test]
async fn a_thousand_strangers_do_not_keep_a_device_out_that_signed_in_before() {
    let (world, _) = world().await;
    let done = knocks(&world, "First-1234", &from(1, None)).await.expect("signed in");
    let PasswordStep::Done(_, kept) = done else { panic!("nothing more is asked") };
    for number in 0..1_000 {
        let _ = knocks(&world, "Wrong-1234", &from(number, None)).await;
    }
    assert!(is_stopped(&knocks(&world, "First-1234", &from(1, None)).await));
    knocks(&world, "First-1234", &from(1, Some(&kept))).await.expect("the device is known");
    // Known or not, a device guesses no more than any other place.
    let mut guesses = 0;
    while !is_stopped(&knocks(&world, "Wrong-1234", &from(1, Some(&kept))).await) {
        guesses += 1;
    }
    assert_eq!(guesses, 4);

    // It is known by its own name, whole, and for ninety days.
    let bens = familiar::remember(&world.desk, &["ben@example.org"]);
    let mut forged = kept.expose_secret().to_owned();
    forged.replace_range(..1, "9");
    for other in [&bens, &secret(&forged), &secret(""), &secret("9.9.9")] {
        assert!(is_stopped(&knocks(&world, "First-1234", &from(9, Some(other))).await));
    }
    let name = familiar::mailbox(&world.desk, "ADA@example.org");
    assert!(familiar::recognise(&world.desk, &kept, name).is_some());
    world.pass(FAMILIAR_FOR);
    assert_eq!(familiar::recognise(&world.desk, &kept, name), None);
}

#[tokio::test]
async fn whoever_answers_a_challenge_is_known_by_their_address_the_next_time() {
    let (world, _) = world().await;
    let kept = familiar::remember(&world.desk, &["0aa1-the-pools-own-name", ADA]);
    for name in ["0aa1-the-pools-own-name", ADA] {
        let name = familiar::mailbox(&world.desk, name);
        assert!(familiar::recognise(&world.desk, &kept, name).is_some());
    }
}

#[tokio::test]
async fn a_lock_of_the_providers_is_told_to_a_known_device_and_to_no_stranger() {
    let (world, pool) = world().await;
    let done = knocks(&world, "First-1234", &from(1, None)).await.expect("signed in");
    let PasswordStep::Done(_, kept) = done else { panic!("nothing more is asked") };
    "locked".clone_into(&mut pool.password.lock().expect("nobody panics"));
    let code = async |kept: Option<&SecretString>| {
        let failure = knocks(&world, "First-1234", &from(2, kept)).await.expect_err("locked");
        let NotTried::Failed(failure) = failure else { panic!("{failure}") };
        failure.code()
    };
    assert_eq!(code(None).await, "PASSWORD_NOT_AUTHORIZED");
    assert_eq!(code(Some(&kept)).await, "PASSWORD_TOO_MANY_ATTEMPTS");
}
