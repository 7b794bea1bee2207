//! A person goes to a provider who knows them, and comes back.

use crate::{Callbacks, consent::once, page};
use axum::{
    Extension,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use herald_application::{
    caller::Person,
    sign_in::{self, CameBack, Finished, Returned, Started, Stopped, Whence},
};
use herald_door::{Door as _, Knock, Source, cookie};
use secrecy::{ExposeSecret as _, SecretString};

/// What the browser keeps while a sign-in is under way.
const KEPT: &str = "herald_signing_in";

/// `GET /auth/{provider}/start`
pub(crate) async fn start(
    State(callbacks): State<Callbacks>,
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let (Some(ticket), Some(return_to)) = (once(&query, "ticket"), once(&query, "return_to"))
    else {
        return page::malformed("This way in is named twice.");
    };
    let ticket = match ticket {
        Some(ticket) => Some((SecretString::from(ticket), person(&callbacks, &headers).await)),
        None => None,
    };
    let kept = cookie(&headers, &callbacks.named(KEPT));
    let desk = &callbacks.desk;
    let started = sign_in::start(desk, &provider, kept, ticket, return_to.as_deref()).await;
    match started {
        Ok(Started { url, browser }) => {
            let seconds = desk.settings.identity.redirect.as_secs();
            let kept = callbacks.cookie(&callbacks.named(KEPT), &browser, seconds);
            sent_on(url.as_str(), Some(kept))
        }
        Err(stopped) => stopped_page(&provider, &stopped),
    }
}

/// `GET /auth/{provider}/callback`
pub(crate) async fn come_back(
    State(callbacks): State<Callbacks>,
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
    source: Option<Extension<Source>>,
    headers: HeaderMap,
) -> Response {
    let Some(said) = read(query.as_deref().unwrap_or_default()) else {
        return page::malformed("The provider's answer is not of its documented form.");
    };
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let back = CameBack {
        state: said.state,
        answer: said.answer,
        issuer: said.issuer,
        browser: cookie(&headers, &callbacks.named(KEPT)),
        person: person(&callbacks, &headers).await,
        whence: Whence::of(agent, source.map(|Extension(source)| source.0)),
    };
    match sign_in::finish(&callbacks.desk, &provider, back).await {
        Ok(Finished { outcome: Returned::SignedIn(session), return_to }) => {
            let seconds = callbacks.desk.settings.waits.session_life.as_secs();
            let session = callbacks.cookie(&callbacks.cookie, &session, seconds);
            sent_on(&return_to, Some(session))
        }
        Ok(Finished { outcome: Returned::Linked, return_to }) => sent_on(&return_to, None),
        Err(stopped) => stopped_page(&provider, &stopped),
    }
}

/// What a provider says in its redirect.
struct Said {
    state: SecretString,
    answer: Result<SecretString, String>,
    issuer: Option<String>,
}

/// `state` and either `code` or `error`, each once (RFC 6749, 4.1.2), and perhaps `iss` (RFC 9207).
fn read(query: &str) -> Option<Said> {
    let state = once(query, "state")??;
    let state = Some(state).filter(|state| (1..=500).contains(&state.len()))?;
    let answer = match (once(query, "code")?, once(query, "error")?) {
        (Some(code), None) if (1..=4096).contains(&code.len()) => Ok(SecretString::from(code)),
        (None, Some(error)) => Err(error.chars().take(100).collect()),
        _ => return None,
    };
    Some(Said { state: SecretString::from(state), answer, issuer: once(query, "iss")? })
}

/// Who is signed in in this browser, if anybody is.
async fn person(callbacks: &Callbacks, headers: &HeaderMap) -> Option<Person> {
    let request = callbacks.desk.ids.uuid();
    let knock = Knock::read(headers, &callbacks.cookie, &callbacks.origins, request).ok()?;
    callbacks.door.admit(knock).await.ok()?.person
}

impl Callbacks {
    /// A cookie's name; the prefix makes browsers bind it to this host and to TLS.
    fn named(&self, name: &str) -> String {
        if self.is_secure() { format!("__Host-{name}") } else { name.to_owned() }
    }

    fn is_secure(&self) -> bool {
        self.cookie.starts_with("__Host-")
    }

    fn cookie(&self, name: &str, value: &SecretString, seconds: u64) -> String {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        let value = value.expose_secret();
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
    }
}

fn sent_on(to: &str, cookie: Option<String>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let Ok(location) = HeaderValue::from_str(to) else {
        return page::malformed("The way on cannot be written down.");
    };
    response.headers_mut().insert(header::LOCATION, location);
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn stopped_page(provider: &str, stopped: &Stopped) -> Response {
    match stopped {
        Stopped::NoSuchProvider => page::of(
            StatusCode::NOT_FOUND,
            "There is no such way to sign in here",
            "Go to the start page: it shows the ways that there are.",
        ),
        Stopped::NotOurs => page::of(
            StatusCode::FORBIDDEN,
            "This sign-in is not good any more",
            "It was not begun in this browser, was used, or took longer than ten minutes. Begin \
             again on the start page.",
        ),
        Stopped::SomebodyElse => page::of(
            StatusCode::FORBIDDEN,
            "Somebody else is signed in here",
            "Only the person who began to link an identity can complete it, in the browser in which \
             they are signed in. Begin again.",
        ),
        Stopped::Declined => page::of(
            StatusCode::FORBIDDEN,
            "You said no",
            "Nothing was changed. Begin again whenever you like.",
        ),
        Stopped::Provider(failure) => {
            let (code, reason) = (failure.code(), failure.reason());
            tracing::warn!(provider, code, reason, "a sign-in at a provider failed");
            let text = format!("{} ({}). Begin again.", sentence(failure), failure.code());
            page::of(StatusCode::FORBIDDEN, "You are not signed in", &text)
        }
        Stopped::Failed(failure) => page::failed_to_link(failure),
    }
}

/// In our own words: what a provider wrote is not shown on a page of ours.
const fn sentence(failure: &herald_application::ports::SignInFailure) -> &'static str {
    use herald_application::ports::SignInFailure as F;
    match failure {
        F::Refused { .. } => "The provider refused the sign-in",
        F::NotTrusted(_) => "The provider's answer does not prove who you are",
        F::EmailNotVerified => "The provider has not verified your e-mail address; do that first",
        F::NotAMember => "You are not a member of the organisation that may sign in here",
        F::NotSent { .. } | F::Unknown { .. } => "The provider did not answer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ambiguous_or_incomplete_answer_is_void() {
        for query in ["", "state=s", "code=c", "state=s&code=c&code=d", "state=s&state=t&code=c"] {
            assert!(read(query).is_none(), "{query}");
        }
        assert!(read("state=s&code=c&iss=a&iss=b").is_none(), "two issuers");
        assert!(read("state=s&code=c&iss=a").is_some_and(|said| said.answer.is_ok()));
        assert!(read("state=s&error=access_denied").is_some_and(|said| said.answer.is_err()));
    }
}
