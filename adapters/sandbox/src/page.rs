//! What was "published", for a person to look at.

use std::fmt::Write as _;

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use crate::clock;
use crate::state::{Memory, State};
use crate::world::{Media, PEOPLE, Person, Post};
use crate::x;

/// How many threads a person's feed shows.
const SHOWN: usize = 100;

pub(crate) fn router() -> Router<State> {
    Router::new().route("/", get(feed))
}

/// The pages of single posts, under the addresses that X would give them.
pub(crate) fn posts() -> Router<State> {
    Router::new()
        .route("/{handle}/status/{id}", get(post))
        // X leads here from an id alone, for those who do not know the handle.
        .route("/i/web/status/{id}", get(post_by_id))
}

/// The feed: one column per handle, newest first, replies below what they answer.
async fn feed(Shared(state): Shared<State>) -> Response {
    let memory = state.memory();
    let columns = PEOPLE.iter().fold(String::new(), |mut html, person| {
        let _ = write!(
            html,
            "<section class=column><header class=person>{avatar}<div><h2>{name}</h2>\
             <p class=quiet>@{handle} · {count}</p></div></header>{posts}</section>",
            avatar = avatar(person),
            name = escape(person.name),
            handle = person.handle,
            count = counted(memory.world.by_author.get(person.id).map_or(0, Vec::len)),
            posts = threads(&memory, person),
        );
        html
    });
    html(StatusCode::OK, "What was published", &format!("<div class=columns>{columns}</div>"))
}

/// `GET /x/{handle}/status/{id}`.
async fn post(
    Shared(state): Shared<State>,
    Path((handle, id)): Path<(String, String)>,
) -> Response {
    show(&state, &id, |author| author == handle)
}

/// `GET /x/i/web/status/{id}`.
async fn post_by_id(Shared(state): Shared<State>, Path(id): Path<String>) -> Response {
    show(&state, &id, |_| true)
}

/// The thread of a post, if its author's handle is an expected one.
fn show(state: &State, id: &str, expected: impl Fn(&str) -> bool) -> Response {
    let memory = state.memory();
    let found = id.parse().ok().and_then(|id: u64| memory.world.posts.get(&id));
    match found.filter(|post| expected(x::handle(&post.author))) {
        Some(post) => {
            let root = memory.world.posts.get(&post.conversation).unwrap_or(post);
            let body = format!("<section class=column>{}</section>", thread(&memory, root));
            html(StatusCode::OK, &format!("@{}", x::handle(&post.author)), &body)
        }
        None => html(StatusCode::NOT_FOUND, "No such post", "<p>There is no such post here.</p>"),
    }
}

fn threads(memory: &Memory, person: &Person) -> String {
    let ids = memory.world.by_author.get(person.id).map(Vec::as_slice).unwrap_or_default();
    let html: String = ids
        .iter()
        .rev()
        .filter_map(|id| memory.world.posts.get(id))
        .filter(|post| post.reply_to.is_none_or(|parent| !memory.world.posts.contains_key(&parent)))
        .take(SHOWN)
        .map(|post| thread(memory, post))
        .collect();
    if html.is_empty() { "<p class=empty>Nothing published yet.</p>".to_owned() } else { html }
}

/// A post and everything below it. A queue, not recursion: threads may be long.
fn thread(memory: &Memory, root: &Post) -> String {
    let mut html = String::from("<article class=thread>");
    let mut open = vec![root.id];
    while let Some(id) = open.pop() {
        if let Some(post) = memory.world.posts.get(&id) {
            html.push_str(&one(memory, post, post.id != root.id));
        }
        open.extend(memory.world.replies.get(&id).into_iter().flatten().rev());
    }
    html.push_str("</article>");
    html
}

fn one(memory: &Memory, post: &Post, reply: bool) -> String {
    let person = Person::by_id(&post.author);
    let pictures: String =
        post.media.iter().filter_map(|id| memory.world.media.get(id)).map(picture).collect();
    let made = if post.made_with_ai { " · made with AI" } else { "" };
    let replies = memory.world.replies.get(&post.id).map_or(0, Vec::len);
    let answered = if replies > 0 { format!(" · {replies} below") } else { String::new() };
    format!(
        "<div class=\"post{class}\">{avatar}<div class=body><p class=who><b>{name}</b> \
         <span class=quiet>@{handle}</span></p><p class=text>{text}</p>{pictures}\
         <p class=quiet><a href=\"{address}\">{at}</a>{answered}{made}</p></div></div>",
        class = if reply { " reply" } else { "" },
        avatar = person.map(avatar).unwrap_or_default(),
        name = escape(person.map_or("?", |person| person.name)),
        handle = x::handle(&post.author),
        text = escape(&post.text),
        address = escape(&x::address(&memory.public_url, post)),
        at = clock::plain(post.at),
    )
}

fn picture(media: &Media) -> String {
    let alt = media.alt_text.as_deref().unwrap_or_default();
    let shown = if media.mime.starts_with("image/") {
        format!("<img src=\"/x/media/{}\" alt=\"{}\" loading=lazy>", media.id, escape(alt))
    } else {
        "<div class=film>▶ video</div>".to_owned()
    };
    let caption = if alt.is_empty() {
        "<figcaption class=warn>no alternative text</figcaption>".to_owned()
    } else {
        format!("<figcaption><b>ALT</b> {}</figcaption>", escape(alt))
    };
    format!("<figure>{shown}{caption}</figure>")
}

/// A letter on a colour of its own.
fn avatar(person: &Person) -> String {
    let place = PEOPLE.iter().position(|other| other.id == person.id).unwrap_or_default();
    let letter = person.name.split(' ').next_back().and_then(|word| word.chars().next());
    format!("<span class=\"avatar tone{place}\" aria-hidden=true>{}</span>", letter.unwrap_or('?'))
}

fn counted(count: usize) -> String {
    if count == 1 { "1 post".to_owned() } else { format!("{count} posts") }
}

/// The frame of every page: it says on top that nothing here is real.
pub(crate) fn frame(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width,initial-scale=1\">\
         <title>{title} · Herald sandbox</title><style>{css}</style>\
         <body><div class=banner role=note><b>Sandbox.</b> Nothing here is real: no post ever left \
         this machine.</div><nav><a class=brand href=\"/\">Herald sandbox</a>\
         <a href=\"/resend/\">Mail</a><a href=\"/_ledger\">Ledger</a><a href=\"/_control\">Control</a></nav>\
         <main>{body}</main></body></html>",
        title = escape(title),
        css = include_str!("page.css"),
    )
}

fn html(status: StatusCode, title: &str, body: &str) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; \
                  form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
    let headers = [(CONTENT_SECURITY_POLICY, policy), (REFERRER_POLICY, "no-referrer")];
    (status, headers, Html(frame(title, body))).into_response()
}

/// Text as it may stand between tags and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
