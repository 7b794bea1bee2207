//! A person comes back from a network's consent page.

use crate::page;
use axum::{
    extract::{Path, RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use herald_application::{
    commands::connection::{CompleteConnection, ConsentAnswer, account_of_state},
    desk::Desk,
    execute::Request,
    failure::Failure,
    log::Via,
    sign_in,
};
use herald_door::{Door as _, Knock, Origins, Reception};
use herald_kernel::Network;
use secrecy::SecretString;
use std::sync::Arc;

/// What callbacks work with.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Callbacks {
    /// Where use cases are carried out.
    pub desk: Arc<Desk>,
    /// Who knows the people.
    pub door: Reception,
    /// Whose pages may use the session cookie.
    pub origins: Origins,
    /// The session cookie's name.
    pub cookie: String,
}

/// What a network says in its redirect: exactly one of each.
#[derive(Debug)]
struct Said {
    state: String,
    answer: ConsentAnswer,
}

pub(crate) async fn come_back(
    State(callbacks): State<Callbacks>,
    Path(network): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if network.parse::<Network>().is_err() {
        return page::malformed("There is no such network here.");
    }
    let Some(said) = read(query.as_deref().unwrap_or_default()) else {
        return page::malformed("The network's answer is not of its documented form.");
    };
    match complete(&callbacks, &headers, &network, said).await {
        Ok(true) => page::connected(),
        Ok(false) => page::refused(),
        Err(Stopped::SignedOut) => page::signed_out(),
        Err(Stopped::Failed(failure)) => page::failed(&failure),
    }
}

enum Stopped {
    SignedOut,
    Failed(Failure),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Answers whether the person agreed.
async fn complete(
    callbacks: &Callbacks,
    headers: &HeaderMap,
    network: &str,
    said: Said,
) -> Result<bool, Stopped> {
    let desk = &callbacks.desk;
    let knock = Knock::read(headers, &callbacks.cookie, &callbacks.origins, desk.ids.uuid());
    let knock = knock.map_err(|_| Stopped::SignedOut)?;
    let visitor = callbacks.door.admit(knock).await.map_err(|_| Stopped::SignedOut)?;
    let person = visitor.person.ok_or(Stopped::SignedOut)?;
    // The state names the connection and so the account; whether it is this person's is checked.
    let account = account_of_state(desk, network, &said.state).await?;
    let caller = sign_in::caller(desk, &person, Some(account), Via::Webhook, visitor.request).await;
    let caller = caller.map_err(|_| Failure::NotFound)?;
    let agreed = matches!(said.answer, ConsentAnswer::Code(_));
    // The state is single-use, so it is the natural key of its answer.
    let idempotency_key = said.state.clone();
    let request = Request { idempotency_key, expected_version: None };
    let complete = CompleteConnection { state: said.state, answer: said.answer };
    desk.carry_out(&caller, request, complete).await?;
    Ok(agreed)
}

/// `state` and either `code` or `error`, each once (RFC 6749, 4.1.2). A parameter that comes twice
/// makes the answer ambiguous, and so void.
fn read(query: &str) -> Option<Said> {
    let once = |name: &str| once(query, name);
    let state = once("state")?.filter(|state| (1..=500).contains(&state.len()))?;
    let answer = match (once("code")?, once("error")?) {
        (Some(code), None) if (1..=4096).contains(&code.len()) => {
            ConsentAnswer::Code(SecretString::from(code))
        }
        (None, Some(error)) => ConsentAnswer::Refused(error.chars().take(100).collect()),
        _ => return None,
    };
    Some(Said { state, answer })
}

/// A parameter that is there once or not at all. One that comes twice is ambiguous: the outer `None`.
#[expect(clippy::option_option, reason = "ambiguous and absent are two answers")]
pub(crate) fn once(query: &str, name: &str) -> Option<Option<String>> {
    let mut found = url::form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
    match (found.next(), found.next()) {
        (first, None) => Some(first.map(|(_, value)| value.into_owned())),
        (_, Some(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_a_state_and_either_a_code_or_an_error() {
        assert!(matches!(
            read("state=s&code=c"),
            Some(Said { answer: ConsentAnswer::Code(_), .. })
        ));
        let refused = read("error=access_denied&state=s").expect("a refusal");
        assert!(matches!(refused.answer, ConsentAnswer::Refused(why) if why == "access_denied"));
    }

    #[test]
    fn an_ambiguous_or_incomplete_answer_is_void() {
        for query in [
            "",
            "state=s",
            "code=c",
            "state=&code=c",
            "state=s&code=",
            "state=s&state=t&code=c",
            "state=s&code=c&code=d",
            "state=s&code=c&error=e",
        ] {
            assert!(read(query).is_none(), "{query}");
        }
        assert!(read(&format!("state={}&code=c", "s".repeat(501))).is_none());
    }

    #[test]
    fn a_code_is_never_printed() {
        let said = read("state=s&code=CANARY").expect("an answer");
        assert!(!format!("{said:?}").contains("CANARY"));
    }
}
