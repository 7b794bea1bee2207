//! Posts by their ids: `GET /2/tweets/{id}` and `GET /2/tweets?ids=…`.

use axum::Json;
use axum::extract::{Extension, RawQuery, State as Shared};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::query::Query;
use super::show::{self, Lag};
use super::wire::{self, Operation, PathId, Problem};
use crate::state::{Memory, State};
use crate::world::Post;

const ONE: Operation =
    Operation { name: "get_post", scopes: &["tweet.read", "users.read"], limit: 900 };
const MANY: Operation =
    Operation { name: "get_posts", scopes: &["tweet.read", "users.read"], limit: 5000 };

/// `GET /2/tweets/{id}`: an id that is not there is a 200 with `errors`, as at X.
pub(crate) async fn one(
    Shared(state): Shared<State>,
    PathId(id): PathId,
    RawQuery(query): RawQuery,
    lag: Option<Extension<Lag>>,
    headers: HeaderMap,
) -> Response {
    let lag = lag.map(|Extension(lag)| lag).unwrap_or_default();
    let mut memory = state.memory();
    wire::serve(&mut memory, &headers, &ONE, |memory, _| {
        let (id, query) = (wire::path_id(&id)?, Query::read(query.as_deref())?);
        let Some(post) = visible(memory, id, lag) else {
            return Ok(Json(json!({ "errors": [missing(&id.to_string(), "id")] })).into_response());
        };
        let mut answer = Map::new();
        answer.insert("data".to_owned(), show::post(memory, post, &query));
        if let Some(includes) = show::includes(memory, &[post], &query) {
            answer.insert("includes".to_owned(), includes);
        }
        Ok(Json(Value::Object(answer)).into_response())
    })
}

/// `GET /2/tweets?ids=…`: up to a hundred at once.
pub(crate) async fn many(
    Shared(state): Shared<State>,
    RawQuery(query): RawQuery,
    lag: Option<Extension<Lag>>,
    headers: HeaderMap,
) -> Response {
    let lag = lag.map(|Extension(lag)| lag).unwrap_or_default();
    let mut memory = state.memory();
    wire::serve(&mut memory, &headers, &MANY, |memory, _| {
        let query = Query::read(query.as_deref())?;
        let asked = query.get("ids").unwrap_or_default();
        let ids: Vec<u64> = asked.split(',').filter_map(wire::id).collect();
        if ids.is_empty() || ids.len() > 100 || ids.len() != asked.split(',').count() {
            let message = "The `ids` query parameter must hold 1 to 100 ids.";
            return Err(Problem::parameter("ids", asked, message));
        }
        let (mut found, mut errors) = (Vec::new(), Vec::new());
        for id in ids {
            match visible(memory, id, lag) {
                Some(post) => found.push(post),
                None => errors.push(missing(&id.to_string(), "ids")),
            }
        }
        Ok(Json(listing(memory, &found, errors, &query)).into_response())
    })
}

fn visible(memory: &Memory, id: u64, lag: Lag) -> Option<&Post> {
    let now = memory.now();
    memory.world.posts.get(&id).filter(|post| !lag.hides(post, now))
}

fn listing(memory: &Memory, posts: &[&Post], errors: Vec<Value>, query: &Query) -> Value {
    let mut answer = Map::new();
    if !posts.is_empty() {
        let data = posts.iter().map(|post| show::post(memory, post, query)).collect();
        answer.insert("data".to_owned(), Value::Array(data));
    }
    if let Some(includes) = show::includes(memory, posts, query) {
        answer.insert("includes".to_owned(), includes);
    }
    if !errors.is_empty() {
        answer.insert("errors".to_owned(), Value::Array(errors));
    }
    Value::Object(answer)
}

fn missing(id: &str, parameter: &str) -> Value {
    json!({
        "value": id,
        "detail": format!("Could not find tweet with {parameter}: [{id}]."),
        "title": "Not Found Error",
        "resource_type": "tweet",
        "parameter": parameter,
        "resource_id": id,
        "type": "https://api.x.com/2/problems/resource-not-found",
    })
}
