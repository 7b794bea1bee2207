//! The consent page that a person clicks: who asks, for what, and as whom to say yes.

use std::fmt::Write as _;

use axum::body::Bytes;
use axum::extract::{RawQuery, State as Shared};
use axum::http::header::{CONTENT_SECURITY_POLICY, LOCATION};
use axum::http::{HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;
use url::{Url, form_urlencoded};

use super::oauth;
use super::wire::hash;
use crate::page::{self, escape};
use crate::state::State;
use crate::world::{Change, Code, PEOPLE, Person};

/// A code lives half a minute, as X's does.
const CODE_MILLIS: i64 = 30_000;

const SCOPES: [(&str, &str); 9] = [
    ("tweet.read", "See posts"),
    ("tweet.write", "Publish and delete posts for you"),
    ("users.read", "See your profile"),
    ("media.write", "Upload pictures and videos for you"),
    ("offline.access", "Stay connected until you say otherwise"),
    ("follows.read", "See whom you follow"),
    ("like.read", "See what you liked"),
    ("list.read", "See your lists"),
    ("space.read", "See Spaces"),
];

/// A request for consent, every rule of X's applied.
#[derive(Debug)]
struct Asked {
    client: String,
    redirect_uri: Url,
    /// As sent: the exchange must repeat it letter by letter.
    redirect_text: String,
    scopes: Vec<String>,
    state: String,
    challenge: String,
    plain: bool,
}

impl Asked {
    fn read(state: &State, pairs: &[(String, String)]) -> Result<Self, String> {
        let get = |name: &str| {
            let value = pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
            value.filter(|value| !value.is_empty()).ok_or(format!("`{name}` is missing"))
        };
        let client = get("client_id")?;
        if state.client(&client).is_none() {
            return Err("`client_id` is not an application that is known here".to_owned());
        }
        let redirect_text = get("redirect_uri")?;
        let redirect_uri = Url::parse(&redirect_text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.fragment().is_none())
            .ok_or("`redirect_uri` is not an absolute http(s) address without a fragment")?;
        if get("response_type")? != "code" {
            return Err("`response_type` must be `code`".to_owned());
        }
        let scopes: Vec<String> = get("scope")?.split_whitespace().map(str::to_owned).collect();
        if let Some(strange) =
            scopes.iter().find(|scope| !SCOPES.iter().any(|(known, _)| known == scope))
        {
            return Err(format!("`scope` holds `{strange}`, which is not a scope"));
        }
        let own_state = get("state")?;
        if own_state.len() > 500 {
            return Err("`state` is longer than 500 characters".to_owned());
        }
        let challenge = get("code_challenge")?;
        let plain = match get("code_challenge_method").unwrap_or_default().as_str() {
            "S256" | "s256" => false,
            "plain" | "" => true,
            _ => return Err("`code_challenge_method` must be `S256` or `plain`".to_owned()),
        };
        let letters =
            challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        if !letters || challenge.len() > 128 || (!plain && challenge.len() != 43) {
            return Err("`code_challenge` is not base64url without padding".to_owned());
        }
        Ok(Self { client, redirect_uri, redirect_text, scopes, state: own_state, challenge, plain })
    }

    /// The way back to the application.
    fn back(&self, answer: (&str, &str)) -> Response {
        let mut url = self.redirect_uri.clone();
        url.query_pairs_mut().append_pair("state", &self.state).append_pair(answer.0, answer.1);
        (StatusCode::FOUND, [(LOCATION, url.to_string())]).into_response()
    }
}

/// `GET /i/oauth2/authorize`.
pub(crate) async fn page(Shared(state): Shared<State>, RawQuery(query): RawQuery) -> Response {
    let pairs = read_pairs(query.unwrap_or_default().as_bytes());
    match Asked::read(&state, &pairs) {
        Ok(asked) => html(StatusCode::OK, "Authorize app", &consent(&asked, &pairs)),
        Err(reason) => refusal(&reason),
    }
}

/// The form of that page: `decision` is `allow` or `cancel`, `handle` says as whom.
pub(crate) async fn decide(
    Shared(state): Shared<State>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let mut pairs = read_pairs(&body);
    pairs.extend(read_pairs(query.unwrap_or_default().as_bytes()));
    let asked = match Asked::read(&state, &pairs) {
        Ok(asked) => asked,
        Err(reason) => return refusal(&reason),
    };
    let value = |name: &str| {
        pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim_start_matches('@'))
    };
    match (value("decision"), Person::by_handle(value("handle").unwrap_or(PEOPLE[0].handle))) {
        (Some("allow"), Some(person)) => allow(&state, &asked, person),
        (Some("cancel"), _) => asked.back(("error", "access_denied")),
        (_, None) => refusal("there is no such handle in the sandbox"),
        (_, Some(_)) => refusal("`decision` must be `allow` or `cancel`"),
    }
}

fn allow(state: &State, asked: &Asked, person: &Person) -> Response {
    let mut memory = state.memory();
    let code = oauth::secret();
    let issued = Code {
        client: asked.client.clone(),
        user: person.id.to_owned(),
        redirect_uri: asked.redirect_text.clone(),
        scopes: asked.scopes.clone(),
        challenge: asked.challenge.clone(),
        plain: asked.plain,
        expires_at: memory.now().saturating_add(CODE_MILLIS),
    };
    let facts = json!({ "author": person.handle, "client": asked.client });
    let change = Change::CodeIssued { key: hash(&code), code: issued };
    match memory.happen("x", "consent", facts, vec![change]) {
        Ok(()) => asked.back(("code", &code)),
        Err(error) => {
            tracing::error!(%error, "the sandbox could not write consent down");
            html(StatusCode::SERVICE_UNAVAILABLE, "Over capacity", "<p>Please try again.</p>")
        }
    }
}

fn read_pairs(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes).into_owned().collect()
}

fn refusal(reason: &str) -> Response {
    let body = format!(
        "<section class=card><h1>Something went wrong</h1>\
         <p>You weren’t able to give access to the app. Go back and try logging in again.</p>\
         <p class=quiet>Why, since this is a sandbox: {}.</p></section>",
        escape(reason)
    );
    html(StatusCode::BAD_REQUEST, "Something went wrong", &body)
}

fn consent(asked: &Asked, pairs: &[(String, String)]) -> String {
    let mut hidden = String::new();
    for (name, value) in pairs.iter().filter(|(name, _)| name != "decision" && name != "handle") {
        let (name, value) = (escape(name), escape(value));
        let _ = write!(hidden, "<input type=hidden name=\"{name}\" value=\"{value}\">");
    }
    let mut people = String::new();
    for (place, Person { handle, name, .. }) in PEOPLE.iter().enumerate() {
        let checked = if place == 0 { " checked" } else { "" };
        let _ = write!(
            people,
            "<label class=pick><input type=radio name=handle value=\"{handle}\"{checked}>\
             <span><b>{name}</b> <span class=quiet>@{handle}</span></span></label>"
        );
    }
    let mut wishes = String::new();
    for (scope, meaning) in SCOPES {
        if asked.scopes.iter().any(|given| given == scope) {
            let _ = write!(wishes, "<li>{meaning} <code>{scope}</code></li>");
        }
    }
    format!(
        "<section class=card><h1>{app} wants to access your account</h1>\
         <form method=post>{hidden}<p>As whom?</p>{people}\
         <p>It will be able to:</p><ul>{wishes}</ul>\
         <div class=row><button name=decision value=allow>Authorize app</button>\
         <button class=plain name=decision value=cancel>Cancel</button></div></form>\
         <p class=quiet>You will return to {host}.</p></section>",
        app = escape(&asked.client),
        host = escape(asked.redirect_uri.host_str().unwrap_or_default()),
    )
}

/// A page that loads nothing from anywhere. It sets no `form-action`, because browsers apply
/// that to the redirect back to the application as well.
fn html(status: StatusCode, title: &str, body: &str) -> Response {
    const FRAMES: HeaderName = HeaderName::from_static("x-frame-options");
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    let headers = [(CONTENT_SECURITY_POLICY, policy), (FRAMES, "DENY")];
    (status, headers, Html(page::frame(title, body))).into_response()
}
