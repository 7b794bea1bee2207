//! Who the token belongs to: `GET /2/users/me`.

use axum::Json;
use axum::extract::{RawQuery, State as Shared};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::query::Query;
use super::wire::{self, Operation, Problem};
use crate::state::{Memory, State};
use crate::world::{PEOPLE, Person, Vocabulary};

const ME: Operation = Operation { name: "me", scopes: &["tweet.read", "users.read"], limit: 75 };

pub(crate) const USER_FIELDS: [&str; 24] = [
    "confirmed_email",
    "connection_status",
    "created_at",
    "description",
    "entities",
    "id",
    "is_identity_verified",
    "location",
    "name",
    "parody",
    "profile_banner_url",
    "profile_image_url",
    "protected",
    "public_metrics",
    "receives_your_dm",
    "subscribes_to_you",
    "subscription",
    "subscription_type",
    "url",
    "username",
    "verified",
    "verified_followers_count",
    "verified_type",
    "withheld",
];

/// `GET /2/users/me`.
pub(crate) async fn me(
    Shared(state): Shared<State>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let mut memory = state.memory();
    wire::serve(&mut memory, &headers, &ME, |memory, caller| {
        let query = Query::read(query.as_deref())?;
        let person = Person::by_id(&caller.user).ok_or_else(Problem::unauthorized)?;
        Ok(Json(json!({ "data": user(memory, person, &query.user_fields) })).into_response())
    })
}

/// A person as X prints one: three members always, the others on demand.
pub(crate) fn user(memory: &Memory, person: &Person, fields: &[String]) -> Value {
    let posts = memory.world.by_author.get(person.id).map_or(0, Vec::len);
    let count = match memory.vocabulary {
        Vocabulary::Post => "post_count",
        Vocabulary::Tweet => "tweet_count",
    };
    let others = PEOPLE.len().saturating_sub(1);
    let mut user = Map::new();
    user.insert("id".to_owned(), json!(person.id));
    user.insert("name".to_owned(), json!(person.name));
    user.insert("username".to_owned(), json!(person.handle));
    for field in fields {
        let value = match field.as_str() {
            "created_at" => json!("2023-09-08T00:00:00.000Z"),
            "description" => json!(person.about),
            "protected" | "verified" => json!(false),
            "verified_type" => json!("none"),
            "subscription_type" => json!("None"),
            "public_metrics" => json!({
                "followers_count": others,
                "following_count": others,
                count: posts,
                "listed_count": 0,
                "like_count": 0,
                "media_count": 0,
            }),
            _ => continue,
        };
        user.insert(field.clone(), value);
    }
    Value::Object(user)
}
