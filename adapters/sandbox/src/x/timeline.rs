//! What somebody published, newest first: `GET /2/users/{id}/tweets`.

use axum::Json;
use axum::extract::{Extension, RawQuery, State as Shared};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::query::Query;
use super::show::{self, Lag};
use super::wire::{self, Operation, PathId, Problem};
use crate::clock::{self, Millis};
use crate::state::{Memory, State};
use crate::world::{Person, Post};

const OF_USER: Operation =
    Operation { name: "user_posts", scopes: &["tweet.read", "users.read"], limit: 900 };

/// One page of a timeline, as it was asked for.
#[derive(Debug)]
struct Page {
    size: usize,
    before: Option<u64>,
    from: Option<Millis>,
    to: Option<Millis>,
    since: Option<u64>,
    until: Option<u64>,
    replies: bool,
}

impl Page {
    fn read(query: &Query) -> Result<Self, Problem> {
        let size = query.parsed("max_results", |text| {
            text.parse().ok().filter(|size| (5..=100).contains(size))
        })?;
        let exclude = query.parsed("exclude", |text| {
            text.split(',')
                .all(|kind| ["replies", "retweets"].contains(&kind))
                .then(|| text.split(',').map(str::to_owned).collect::<Vec<_>>())
        })?;
        Ok(Self {
            size: size.unwrap_or(10),
            before: query.parsed("pagination_token", read_token)?,
            from: query.parsed("start_time", clock::read)?,
            to: query.parsed("end_time", clock::read)?,
            since: query.parsed("since_id", wire::id)?,
            until: query.parsed("until_id", wire::id)?,
            replies: !exclude.is_some_and(|kinds| kinds.iter().any(|kind| kind == "replies")),
        })
    }

    fn holds(&self, post: &Post) -> bool {
        self.before.is_none_or(|before| post.id < before)
            && self.from.is_none_or(|from| post.at >= from)
            && self.to.is_none_or(|to| post.at < to)
            && self.since.is_none_or(|since| post.id > since)
            && self.until.is_none_or(|until| post.id < until)
            && (self.replies || post.reply_to.is_none())
    }
}

/// `GET /2/users/{id}/tweets`.
pub(crate) async fn of_user(
    Shared(state): Shared<State>,
    PathId(id): PathId,
    RawQuery(query): RawQuery,
    lag: Option<Extension<Lag>>,
    headers: HeaderMap,
) -> Response {
    let lag = lag.map(|Extension(lag)| lag).unwrap_or_default();
    let mut memory = state.memory();
    wire::serve(&mut memory, &headers, &OF_USER, |memory, _| {
        wire::path_id(&id)?;
        let query = Query::read(query.as_deref())?;
        let page = Page::read(&query)?;
        if Person::by_id(&id).is_none() {
            return Ok(Json(json!({ "errors": [no_such_user(&id)] })).into_response());
        }
        Ok(Json(listing(memory, &id, &page, lag, &query)).into_response())
    })
}

fn listing(memory: &Memory, user: &str, page: &Page, lag: Lag, query: &Query) -> Value {
    let now = memory.now();
    let ids = memory.world.by_author.get(user).map(Vec::as_slice).unwrap_or_default();
    let mut matching = ids
        .iter()
        .rev()
        .filter_map(|id| memory.world.posts.get(id))
        .filter(|post| page.holds(post) && !lag.hides(post, now));
    let posts: Vec<&Post> = matching.by_ref().take(page.size).collect();
    let more = matching.next().is_some();

    let mut answer = Map::new();
    let mut meta = Map::from_iter([("result_count".to_owned(), json!(posts.len()))]);
    if let (Some(newest), Some(oldest)) = (posts.first(), posts.last()) {
        let data = posts.iter().map(|post| show::post(memory, post, query)).collect();
        answer.insert("data".to_owned(), Value::Array(data));
        meta.insert("newest_id".to_owned(), json!(newest.id.to_string()));
        meta.insert("oldest_id".to_owned(), json!(oldest.id.to_string()));
        if more {
            meta.insert("next_token".to_owned(), json!(token(oldest.id)));
        }
    }
    if let Some(includes) = show::includes(memory, &posts, query) {
        answer.insert("includes".to_owned(), includes);
    }
    answer.insert("meta".to_owned(), Value::Object(meta));
    Value::Object(answer)
}

/// Hexadecimal digits are also base32hex digits, which is what X promises of its tokens.
fn token(before: u64) -> String {
    format!("7140dibdnow9c7btw{before:016x}")
}

fn read_token(text: &str) -> Option<u64> {
    u64::from_str_radix(text.strip_prefix("7140dibdnow9c7btw")?, 16).ok()
}

fn no_such_user(id: &str) -> Value {
    json!({
        "value": id,
        "detail": format!("Could not find user with id: [{id}]."),
        "title": "Not Found Error",
        "resource_type": "user",
        "parameter": "id",
        "resource_id": id,
        "type": "https://api.x.com/2/problems/resource-not-found",
    })
}
