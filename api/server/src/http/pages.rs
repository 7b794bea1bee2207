//! The few pages that people see: plain, without anything from elsewhere.

use super::App;
use crate::config::Config;
use axum::{
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use herald_application::settings::Mode;

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1c1a17; --paper: #fbfaf7; --line: #ded8cc; --mark: #a4461f }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ece7dd; --paper: #171512; --line: #3a352c; --mark: #e08a5b } }
body { font: 17px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 40rem; margin: 12vh auto; padding: 0 1.5rem }
h1 { font-size: 1.7rem; margin: 0 0 .5rem } a { color: var(--mark) }
.note { border: 1px solid var(--line); border-left: 4px solid var(--mark); padding: .6rem 1rem }
code { font-size: .9em; background: color-mix(in srgb, var(--ink) 8%, transparent); padding: .1em .3em }
button { font: inherit; padding: .6rem 1.4rem; border: 0; border-radius: .4rem; cursor: pointer;
  background: var(--mark); color: var(--paper) }
li { margin: .3rem 0 }";

fn page(config: &Config, title: &str, body: &str) -> Html<String> {
    let note = match config.mode() {
        Mode::Production => String::new(),
        Mode::Sandbox => format!(
            "<p class=note><strong>Sandbox.</strong> Every network is a stand-in; nothing real is \
             published. <a href=\"http://{0}/\">See what was “published”</a>.</p>",
            config.sandbox_listen
        ),
    };
    Html(format!(
        "<!doctype html><html lang=en><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width, initial-scale=1\">\
         <link rel=icon href=\"data:,\"><title>{title}</title><style>{STYLE}</style><h1>{title}</h1>{note}{body}</html>"
    ))
}

pub(super) async fn home(State(app): State<App>) -> Html<String> {
    let ways: String = app.house.desk.business.sign_in.keys().map(|name| way(name)).collect();
    let ways = if ways.is_empty() { ways } else { format!("<p>Sign in with {ways}</p>") };
    let body = "
        <p>Plans, writes, approves, publishes and measures social content, and can prove everything
        that ever happened.</p>
        <ul>
        <li>Sign in: open the link that <code>herald</code> printed at its start, or print a new one
        with <code>herald sign-in</code>.</li>
        <li>The API: <code>POST /graphql</code>; its schema is at
        <a href=/schema.graphql>/schema.graphql</a>. The same by REST: <a href=/docs>/docs</a>.</li>
        <li>Try it: <a href=/graphiql>/graphiql</a>, once you are signed in.</li>
        <li>Is it well? <a href=/health/ready>/health/ready</a></li>
        </ul>";
    page(&app.house.config, "Herald", &format!("{body}{ways}"))
}

/// A link to a way to sign in. Its name is a setting of ours and plain.
fn way(name: &str) -> String {
    let shown = match name {
        "google" => "Google",
        "github" => "GitHub",
        "clerk" => "Clerk",
        "cognito" => "Cognito",
        own => own,
    };
    format!(" <a href=/auth/{name}/start>{shown}</a>")
}

pub(super) fn sign_in(config: &Config) -> Html<String> {
    let body = "<p>This link signs you in once.</p>
        <form method=post><button>Sign in</button></form>";
    page(config, "Sign in to Herald", body)
}

pub(super) fn signed_in(config: &Config) -> Html<String> {
    let body = "<p>You are signed in on this browser. The API at <code>/graphql</code> knows you by
        your session, and <a href=/graphiql>/graphiql</a> is open to you; a program gets a token of its own from a link of its own
        (<code>herald sign-in</code>, then <code>POST</code> it with
        <code>Accept: application/json</code>).</p><p><a href=/>Continue</a></p>";
    page(config, "Welcome", body)
}

pub(super) fn link_not_valid(config: &Config) -> Html<String> {
    let body = "<p>It was used, has expired or never existed. <code>herald sign-in</code> prints a
        new one.</p>";
    page(config, "This link is not good any more", body)
}

pub(super) fn sign_in_first(config: &Config) -> Html<String> {
    let body = "<p>This is for whoever is signed in. Open the link that <code>herald</code> printed
        at its start, or print a new one with <code>herald sign-in</code>; then come back.</p>";
    page(config, "Sign in first", body)
}

pub(super) async fn nothing_here() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing here. The API is at /graphql.\n").into_response()
}
