//! The page on which a person signs in with a click, and says yes or no to an application.

use std::fmt::Write as _;

use axum::http::header::{CONTENT_SECURITY_POLICY, LOCATION};
use axum::http::{HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;
use url::Url;

use super::form::Form;
use super::settings::IdentitySettings;
use super::world::{Change, Code};
use crate::page::{self, escape};
use crate::state::{Memory, State};
use crate::x::hash;
use crate::x::oauth::{self, Client};

/// How long a code can be exchanged, in milliseconds: ten minutes at every provider here.
const CODE_MILLIS: i64 = 600_000;

/// One provider's page.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) issuer: &'static str,
    pub(crate) name: &'static str,
    pub(crate) clients: fn(&IdentitySettings) -> &[Client],
    /// Each scope with what it means to a person.
    pub(crate) scopes: &'static [(&'static str, &'static str)],
    pub(crate) choices: fn(&Memory) -> Vec<Choice>,
    /// Whether a request must name scopes, and only known ones.
    pub(crate) strict: bool,
    /// Whether a refusal that is not about application or address goes back to the application.
    pub(crate) sends_back: bool,
}

/// Somebody whom one can be.
#[derive(Debug)]
pub(crate) struct Choice {
    /// What forms and the control API call them.
    pub(crate) key: String,
    /// What the provider calls them.
    pub(crate) user: String,
    pub(crate) name: String,
    pub(crate) email: String,
}

/// A request for consent, every rule applied.
#[derive(Debug)]
struct Asked {
    client: String,
    back: Url,
    /// As sent: the exchange must repeat it letter by letter.
    redirect_text: String,
    scopes: Vec<String>,
    state: Option<String>,
    challenge: Option<String>,
    nonce: Option<String>,
    offline: bool,
    hint: Option<String>,
}

/// Why nothing was granted.
#[derive(Debug)]
enum Refused {
    /// The application or its address cannot be trusted, so a page says why.
    Page(String),
    /// The application is told: address, state, error, reason.
    Back(Box<Asked>, &'static str, String),
}

impl Asked {
    fn read(desk: &Desk, state: &State, form: &Form) -> Result<Self, Refused> {
        let page = |reason: &str| Refused::Page(reason.to_owned());
        let client = form.get("client_id").ok_or_else(|| page("`client_id` is missing"))?;
        if !(desk.clients)(state.identity()).iter().any(|known| known.id == client) {
            return Err(page("`client_id` is not an application that is known here"));
        }
        let text = form.get("redirect_uri").ok_or_else(|| page("`redirect_uri` is missing"))?;
        let back = Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.fragment().is_none())
            .ok_or_else(|| page("`redirect_uri` is not an absolute http(s) address"))?;
        let owned = |name: &str| form.get(name).map(str::to_owned);
        let split = |text: &str| -> Vec<String> {
            text.split([' ', ',']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        let asked = Self {
            client: client.to_owned(),
            back,
            redirect_text: text.to_owned(),
            scopes: form.get("scope").map(split).unwrap_or_default(),
            state: owned("state"),
            challenge: owned("code_challenge"),
            nonce: owned("nonce"),
            offline: form.get("access_type") == Some("offline"),
            hint: owned("login_hint").or_else(|| owned("login")),
        };
        match asked.refusal(desk, state, form) {
            None => Ok(asked),
            Some((error, reason)) if desk.sends_back => {
                Err(Refused::Back(Box::new(asked), error, reason))
            }
            Some((_, reason)) => Err(Refused::Page(reason)),
        }
    }

    /// What is wrong beside application and address.
    fn refusal(&self, desk: &Desk, state: &State, form: &Form) -> Option<(&'static str, String)> {
        let invalid = |reason: &str| Some(("invalid_request", reason.to_owned()));
        // GitHub knows nothing but codes and does not ask for the word.
        if desk.issuer != "github" && form.get("response_type") != Some("code") {
            let reason = "`response_type` must be `code`".to_owned();
            return Some(("unsupported_response_type", reason));
        }
        if desk.strict {
            if self.scopes.is_empty() {
                return Some(("invalid_scope", "`scope` is missing".to_owned()));
            }
            let known = |scope: &String| desk.scopes.iter().any(|(known, _)| known == scope);
            if let Some(strange) = self.scopes.iter().find(|scope| !known(scope)) {
                let reason = format!("`scope` holds `{strange}`, which is not a scope");
                return Some(("invalid_scope", reason));
            }
        }
        let public = (desk.clients)(state.identity())
            .iter()
            .any(|client| client.id == self.client && client.secret.is_none());
        let Some(challenge) = &self.challenge else {
            let reason = "`code_challenge` is missing, and this application has no secret";
            return if public { invalid(reason) } else { None };
        };
        let letters =
            challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if form.get("code_challenge_method") != Some("S256") {
            return invalid("`code_challenge_method` must be `S256`");
        }
        if challenge.len() != 43 || !letters {
            return invalid("`code_challenge` is not 32 bytes in base64url without padding");
        }
        None
    }

    /// The way back to the application.
    fn back(&self, answer: &[(&str, &str)]) -> Response {
        let mut url = self.back.clone();
        url.query_pairs_mut().extend_pairs(answer);
        if let Some(state) = &self.state {
            url.query_pairs_mut().append_pair("state", state);
        }
        (StatusCode::FOUND, [(LOCATION, url.to_string())]).into_response()
    }
}

impl Desk {
    /// The page itself, for the query of an authorization link.
    pub(crate) fn page(&self, state: &State, query: Option<&str>) -> Response {
        let form = Form::read(query.unwrap_or_default().as_bytes());
        let asked = match Asked::read(self, state, &form) {
            Ok(asked) => asked,
            Err(refused) => return self.refuse(refused),
        };
        if form.get("prompt") == Some("none") {
            return asked.back(&[("error", "login_required")]);
        }
        let choices = (self.choices)(&state.memory());
        html(
            StatusCode::OK,
            &format!("Sign in – {}", self.name),
            &self.show(&asked, &form, &choices),
        )
    }

    /// The form of that page: `decision` is `allow` or `cancel`, `person` says as whom.
    pub(crate) fn decide(&self, state: &State, query: Option<&str>, body: &[u8]) -> Response {
        let mut form = Form::read(body);
        form.0.extend(Form::read(query.unwrap_or_default().as_bytes()).0);
        let asked = match Asked::read(self, state, &form) {
            Ok(asked) => asked,
            Err(refused) => return self.refuse(refused),
        };
        let mut memory = state.memory();
        let choices = (self.choices)(&memory);
        let named = |name: &str| {
            choices.iter().find(|one| [&one.key, &one.user, &one.email].contains(&&name.to_owned()))
        };
        let person = form.get("person").map_or_else(|| choices.first(), named);
        match (form.get("decision"), person) {
            (Some("cancel"), _) => {
                let said = "The user has denied your application access.";
                asked.back(&[("error", "access_denied"), ("error_description", said)])
            }
            (Some("allow"), Some(person)) => self.allow(&mut memory, &asked, person),
            (Some("allow"), None) => {
                self.refuse(Refused::Page("there is no such person in the sandbox".to_owned()))
            }
            _ => self.refuse(Refused::Page("`decision` must be `allow` or `cancel`".to_owned())),
        }
    }

    fn allow(&self, memory: &mut Memory, asked: &Asked, person: &Choice) -> Response {
        let code = oauth::secret();
        let issued = Code {
            issuer: self.issuer.to_owned(),
            client: asked.client.clone(),
            user: person.user.clone(),
            redirect_uri: Some(asked.redirect_text.clone()),
            scopes: asked.scopes.clone(),
            challenge: asked.challenge.clone(),
            nonce: asked.nonce.clone(),
            offline: asked.offline,
            expires_at: memory.now().saturating_add(CODE_MILLIS),
        };
        let facts = json!({ "person": person.key, "client": asked.client });
        let change = Change::CodeIssued { key: hash(&code), code: issued };
        match memory.happen(self.issuer, "consent", facts, vec![change.into()]) {
            Ok(()) => asked.back(&[("code", &code)]),
            Err(error) => {
                tracing::error!(%error, "the sandbox could not write consent down");
                html(StatusCode::SERVICE_UNAVAILABLE, "Not now", "<p>Please try again.</p>")
            }
        }
    }

    fn refuse(&self, refused: Refused) -> Response {
        match refused {
            Refused::Back(asked, error, reason) => {
                asked.back(&[("error", error), ("error_description", &reason)])
            }
            Refused::Page(reason) => {
                let body = format!(
                    "<section class=card><h1>Access blocked: this request is not valid</h1>\
                     <p>{name} did not sign you in.</p>\
                     <p class=quiet>Why, since this is a sandbox: {reason}.</p></section>",
                    name = self.name,
                    reason = escape(&reason),
                );
                html(StatusCode::BAD_REQUEST, "Access blocked", &body)
            }
        }
    }

    fn show(&self, asked: &Asked, form: &Form, choices: &[Choice]) -> String {
        let hint = |one: &Choice| asked.hint.as_deref() == Some(one.email.as_str());
        let chosen = choices.iter().position(hint).unwrap_or_default();
        let mut wishes = String::new();
        for (scope, meaning) in self.scopes {
            if asked.scopes.iter().any(|given| given == scope) {
                let _ = write!(wishes, "<li>{meaning} <code>{scope}</code></li>");
            }
        }
        format!(
            "<section class=card><h1>Sign in with {name}</h1>\
             <p>to continue to <b>{app}</b></p><form method=post>{hidden}{people}\
             <p>It will be able to:</p><ul>{wishes}</ul>\
             <div class=row><button name=decision value=allow>Continue</button>\
             <button class=plain name=decision value=cancel>Cancel</button></div></form>\
             <p class=quiet>You will return to {host}.</p></section>",
            name = self.name,
            app = escape(&asked.client),
            hidden = hidden(form),
            people = people(choices, chosen),
            host = escape(asked.back.host_str().unwrap_or_default()),
        )
    }
}

/// Everything that was asked, carried along by the form.
pub(crate) fn hidden(form: &Form) -> String {
    let asked = form.0.iter().filter(|(name, _)| name != "decision" && name != "person");
    asked.fold(String::new(), |mut html, (name, value)| {
        let (name, value) = (escape(name), escape(value));
        let _ = write!(html, "<input type=hidden name=\"{name}\" value=\"{value}\">");
        html
    })
}

/// One button for each person.
pub(crate) fn people(choices: &[Choice], chosen: usize) -> String {
    choices.iter().enumerate().fold(String::new(), |mut html, (place, one)| {
        let checked = if place == chosen { " checked" } else { "" };
        let _ = write!(
            html,
            "<label class=pick><input type=radio name=person value=\"{key}\"{checked}>\
             <span><b>{name}</b> <span class=quiet>{email}</span></span></label>",
            key = escape(&one.key),
            name = escape(&one.name),
            email = escape(&one.email),
        );
        html
    })
}

/// The people of Google and GitHub, by the name that one provider gives them.
pub(crate) fn everybody(
    memory: &Memory,
    user: impl Fn(&super::people::Person) -> String,
) -> Vec<Choice> {
    let choice = |person: &super::people::Person| Choice {
        key: person.key.clone(),
        user: user(person),
        name: person.name(),
        email: person.email.clone(),
    };
    memory.world.identity.people.values().map(choice).collect()
}

/// A page that loads nothing from anywhere. It sets no `form-action`, because browsers apply
/// that to the redirect back to the application as well.
pub(crate) fn html(status: StatusCode, title: &str, body: &str) -> Response {
    const FRAMES: HeaderName = HeaderName::from_static("x-frame-options");
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    let headers = [(CONTENT_SECURITY_POLICY, policy), (FRAMES, "DENY")];
    (status, headers, Html(page::frame(title, body))).into_response()
}
