//! The mailbox: every mail that was "sent", for a person to read and click.

use std::fmt::Write as _;

use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::response::{Html, IntoResponse, Response};

use super::world::Mail;
use crate::clock;
use crate::page::{self, escape};
use crate::state::State;

/// How many mails the page shows.
const SHOWN: usize = 200;

/// `GET /resend/`: newest first.
pub(crate) async fn all(Shared(state): Shared<State>) -> Response {
    let memory = state.memory();
    let mails: String = memory.world.resend.mails.iter().rev().take(SHOWN).map(one_of).collect();
    let body = if mails.is_empty() { "<p class=empty>No mail yet.</p>".to_owned() } else { mails };
    let body = format!("<section class=column><h1>Mail</h1>{body}</section>");
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    let headers = [(CONTENT_SECURITY_POLICY, policy), (REFERRER_POLICY, "no-referrer")];
    (headers, Html(page::frame("Mail", &body))).into_response()
}

fn one_of(mail: &Mail) -> String {
    let html = if mail.html.is_some() {
        format!(" · <a href=\"/resend/mailbox/{}\">as HTML</a>", mail.id)
    } else {
        String::new()
    };
    format!(
        "<article class=thread><p class=who><b>{subject}</b></p>\
         <p class=quiet>from {from} to {to}</p><p class=text>{text}</p>\
         <p class=quiet>{at} · {event}{html}</p></article>",
        subject = escape(&mail.subject),
        from = escape(&mail.from),
        to = escape(&mail.to.join(", ")),
        text = linked(mail.text.as_deref().unwrap_or("(no text part)")),
        at = clock::plain(mail.at),
        event = escape(&mail.last_event),
    )
}

/// Text with its addresses made clickable.
fn linked(text: &str) -> String {
    let mut html = String::new();
    for part in text.split_inclusive([' ', '\n', '\t']) {
        let word = part.trim_end();
        let space = part.strip_prefix(word).unwrap_or_default();
        if word.starts_with("http://") || word.starts_with("https://") {
            let word = escape(word);
            let _ = write!(html, "<a href=\"{word}\">{word}</a>{space}");
        } else {
            html.push_str(&escape(part));
        }
    }
    html
}

/// `GET /resend/mailbox/{id}`: the HTML part alone. It may load nothing and run nothing.
pub(crate) async fn one(Shared(state): Shared<State>, Path(id): Path<String>) -> Response {
    let memory = state.memory();
    let html = memory.world.resend.get(&id).and_then(|mail| mail.html.clone());
    let Some(html) = html else {
        let body = "<p>There is no such mail here, or it has no HTML part.</p>";
        return (StatusCode::NOT_FOUND, Html(page::frame("No such mail", body))).into_response();
    };
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
                  form-action 'none'; frame-ancestors 'none'; \
                  sandbox allow-top-navigation-by-user-activation allow-popups \
                  allow-popups-to-escape-sandbox";
    ([(CONTENT_SECURITY_POLICY, policy), (REFERRER_POLICY, "no-referrer")], Html(html))
        .into_response()
}
