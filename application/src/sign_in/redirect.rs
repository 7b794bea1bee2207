//! Signing in at somebody who knows the person: out with a state, back with a code.
//!
//! **Invariant:** a state works once, for ten minutes, for the provider that it was made for and in
//! the browser that it was given to. The verifier and the nonce follow from it and are stored
//! nowhere.

use super::{OneTimeSecret, Whence, draw, grants, hash, linking::Linking, log::note, sessions};
use crate::{
    caller::Person,
    commands::account::LinkIdentity,
    desk::Desk,
    execute::Request,
    failure::Failure,
    log::Via,
    ports::{
        Link, LinkPurpose, SignInExchange, SignInFailure, SignInKind, SignInProvider,
        SignInRequest, SignedIn,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use herald_account::Identity;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use url::Url;

/// The way out.
#[derive(Debug)]
pub struct Started {
    /// Where the browser goes.
    pub url: Url,
    /// What the browser keeps until it comes back.
    pub browser: SecretString,
}

/// What a browser says when it comes back.
#[derive(Debug)]
pub struct CameBack {
    /// Ties the answer to the way out.
    pub state: SecretString,
    /// The code, or the provider's word for a refusal.
    pub answer: Result<SecretString, String>,
    /// Who says that it answers (RFC 9207).
    pub issuer: Option<String>,
    /// What the browser kept.
    pub browser: Option<SecretString>,
    /// Who is signed in in this browser.
    pub person: Option<Person>,
    /// Where the browser is.
    pub whence: Whence,
}

/// How a sign-in ended.
#[derive(Debug)]
pub struct Finished {
    /// What came of it.
    pub outcome: Returned,
    /// Where the browser goes on, a path of our own.
    pub return_to: String,
}

/// What came of a sign-in.
#[derive(Debug)]
pub enum Returned {
    /// The secret of a new session.
    SignedIn(SecretString),
    /// The member can sign in as one more identity.
    Linked,
}

/// Why a sign-in stopped.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// Nobody of this name is configured.
    #[error("there is no such way to sign in here")]
    NoSuchProvider,
    /// The state is used up, too old, another provider's, another browser's, or was never given out.
    #[error("this sign-in was not begun in this browser, or it took too long")]
    NotOurs,
    /// Somebody else than the one who began to link is signed in here, or nobody is.
    #[error("sign in as the one who began this, in this browser")]
    SomebodyElse,
    /// The person said no.
    #[error("the sign-in was declined")]
    Declined,
    /// The provider stood against it.
    #[error(transparent)]
    Provider(#[from] SignInFailure),
    /// We did.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// What is remembered between the way out and the way back.
#[derive(Serialize, Deserialize)]
struct Underway {
    provider: String,
    browser: String,
    return_to: String,
    linking: Option<Linking>,
}

/// Begins a sign-in at `provider`. `browser` is what the browser kept of an earlier one, so that two
/// can be under way side by side; `ticket` begins linking instead.
pub async fn start(
    desk: &Desk,
    provider: &str,
    browser: Option<SecretString>,
    ticket: Option<(SecretString, Option<Person>)>,
    return_to: Option<&str>,
) -> Result<Started, Stopped> {
    let asked = provider_of(desk, provider)?;
    let linking = match ticket {
        Some((ticket, person)) => Some(linking(desk, &ticket, person).await?),
        None => None,
    };
    let browser = browser.filter(well_formed).unwrap_or_else(|| draw(desk).secret);
    let OneTimeSecret { secret: state, hash: state_hash } = draw(desk);
    let underway = Underway {
        provider: provider.to_owned(),
        browser: marked(&browser),
        return_to: return_to.filter(|path| is_ours(path)).unwrap_or("/").to_owned(),
        linking,
    };
    let request = SignInRequest {
        code_challenge: URL_SAFE_NO_PAD.encode(Sha256::digest(verifier(desk, &state))),
        nonce: nonce(desk, &state),
        redirect_uri: redirect_uri(desk, provider)?,
        state: state.expose_secret().to_owned(),
    };
    let url = asked.authorization_url(&request).await?;
    let subject = serde_json::to_string(&underway)
        .map_err(|error| Failure::Internal(format!("a sign-in has no JSON form: {error}")))?;
    let expires_at = desk.clock.now().plus(desk.settings.identity.redirect);
    let link = Link { hash: state_hash, purpose: LinkPurpose::Redirect, subject, expires_at };
    desk.stores.links.create(&link).await.map_err(Failure::from)?;
    Ok(Started { url, browser })
}

/// Who links, by the ticket that they were given, which is used up.
async fn linking(
    desk: &Desk,
    ticket: &SecretString,
    person: Option<Person>,
) -> Result<Linking, Stopped> {
    let linking: Linking = take(desk, ticket, LinkPurpose::Link).await?;
    if person.is_some_and(|person| linking.is_by(&person)) {
        Ok(linking)
    } else {
        Err(Stopped::SomebodyElse)
    }
}

/// Ends a sign-in: proves that it is ours, trades the code, and lets the person in.
pub async fn finish(desk: &Arc<Desk>, provider: &str, back: CameBack) -> Result<Finished, Stopped> {
    let asked = provider_of(desk, provider)?;
    let underway: Underway = take(desk, &back.state, LinkPurpose::Redirect).await?;
    let same_browser = back.browser.as_ref().is_some_and(|it| marked(it) == underway.browser);
    if underway.provider != provider || !same_browser {
        return Err(Stopped::NotOurs);
    }
    let exchange = SignInExchange {
        code: back.answer.map_err(|_| Stopped::Declined)?,
        code_verifier: SecretString::from(verifier(desk, &back.state)),
        nonce: nonce(desk, &back.state),
        redirect_uri: redirect_uri(desk, provider)?,
        issuer: back.issuer,
    };
    let signed_in = asked.exchange(&exchange).await?;
    let proven = Person::of(&signed_in.issuer, &signed_in.subject);
    let grant = signed_in.grant.as_ref();
    let outcome = match underway.linking {
        None => {
            let person = proven;
            grants::keep(desk, person.identity, grant).await;
            Returned::SignedIn(sessions::begin(desk, &person, &back.whence, None).await?)
        }
        Some(linking) => {
            let person = back.person.filter(|person| linking.is_by(person));
            let person = person.ok_or(Stopped::SomebodyElse)?;
            link(desk, &linking, &person, &signed_in, &back.state).await?;
            grants::keep(desk, proven.identity, grant).await;
            note(desk, person.identity, SignInKind::Linked, &back.whence).await;
            Returned::Linked
        }
    };
    Ok(Finished { outcome, return_to: underway.return_to })
}

/// Adds the proven identity to the member who began.
async fn link(
    desk: &Arc<Desk>,
    linking: &Linking,
    person: &Person,
    proven: &SignedIn,
    state: &SecretString,
) -> Result<(), Stopped> {
    let identity = Identity::try_new(&proven.issuer, &proven.subject)
        .map_err(|error| Failure::Internal(error.to_string()))?;
    let request = desk.ids.uuid();
    let caller = super::caller(desk, person, Some(linking.account), Via::Webhook, request).await;
    let caller = caller.map_err(|_| Stopped::SomebodyElse)?;
    if caller.member() != Some(linking.member) {
        return Err(Stopped::SomebodyElse);
    }
    // The state works once, so its hash is the natural key of what it leads to.
    let idempotency_key = URL_SAFE_NO_PAD.encode(hash(state));
    let request = Request { idempotency_key, expected_version: None };
    desk.carry_out(&caller, request, LinkIdentity { identity }).await?;
    Ok(())
}

/// What a secret that works once was given out for.
async fn take<T: serde::de::DeserializeOwned>(
    desk: &Desk,
    secret: &SecretString,
    purpose: LinkPurpose,
) -> Result<T, Stopped> {
    let (hash, now) = (hash(secret), desk.clock.now());
    let usable = |link: &Link| link.purpose == purpose && now < link.expires_at;
    let links = &desk.stores.links;
    // A link of another purpose must survive being tried here.
    let peeked = links.peek(&hash).await.map_err(Failure::from)?;
    if !peeked.as_ref().is_some_and(usable) {
        return Err(Stopped::NotOurs);
    }
    let taken = links.take(&hash).await.map_err(Failure::from)?.filter(usable);
    let link = taken.ok_or(Stopped::NotOurs)?;
    let read = serde_json::from_str(&link.subject);
    read.map_err(|error| Failure::Internal(format!("a link cannot be read: {error}")).into())
}

fn provider_of(desk: &Desk, name: &str) -> Result<Arc<dyn SignInProvider>, Stopped> {
    desk.business.sign_in.get(name).cloned().ok_or(Stopped::NoSuchProvider)
}

/// Each provider has an address of its own, so that one cannot answer in another's name.
fn redirect_uri(desk: &Desk, provider: &str) -> Result<Url, Failure> {
    let path = format!("auth/{provider}/callback");
    desk.settings.public_url.join(&path).map_err(|error| Failure::Internal(error.to_string()))
}

fn verifier(desk: &Desk, state: &SecretString) -> String {
    derived(desk, "verifier", state)
}

fn nonce(desk: &Desk, state: &SecretString) -> String {
    derived(desk, "nonce", state)
}

fn derived(desk: &Desk, purpose: &str, state: &SecretString) -> String {
    let key = desk.journal.keyring().install_key("sign-in");
    URL_SAFE_NO_PAD.encode(key.mac(&[purpose, state.expose_secret()]))
}

fn marked(browser: &SecretString) -> String {
    URL_SAFE_NO_PAD.encode(hash(browser))
}

fn well_formed(browser: &SecretString) -> bool {
    URL_SAFE_NO_PAD.decode(browser.expose_secret()).is_ok_and(|bytes| bytes.len() == 32)
}

/// Only paths of our own: `//host` and `/\host` are other sites to a browser.
fn is_ours(path: &str) -> bool {
    let plain = path.chars().all(|c| !c.is_control() && c != '\\');
    path.len() <= 500 && plain && path.starts_with('/') && !path.starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_sent_on_to_our_own_paths_alone() {
        for ours in ["/", "/graphiql", "/posts?tab=due#x"] {
            assert!(is_ours(ours), "{ours}");
        }
        for foreign in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb"] {
            assert!(!is_ours(foreign), "{foreign}");
        }
    }
}
