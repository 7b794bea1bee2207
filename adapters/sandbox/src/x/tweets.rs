//! Publishing and taking back: `POST /2/tweets` and `DELETE /2/tweets/{id}`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::body::{CreatePost, PostId};
use super::text;
use super::wire::{self, Caller, Operation, PathId, Problem};
use crate::clock::Millis;
use crate::state::{Memory, State};
use crate::world::{Change, Media, Person, Post, Vocabulary};

const CREATE: Operation = Operation {
    name: "create_post",
    scopes: &["tweet.read", "tweet.write", "users.read"],
    limit: 100,
};
const DELETE: Operation = Operation {
    name: "delete_post",
    scopes: &["tweet.read", "tweet.write", "users.read"],
    limit: 50,
};

/// `POST /2/tweets`.
pub(crate) async fn create(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut memory = state.memory();
    wire::serve(&mut memory, &headers, &CREATE, |memory, caller| {
        let request = CreatePost::read(&body)?;
        let media = attachments(memory, caller, &request)?;
        let post = compose(memory, caller, &request, &media)?;
        let (id, shown) = (post.id.to_string(), post.shown.clone());
        let facts = facts(&post);
        memory.happen("x", CREATE.name, facts, vec![Change::Posted { post }])?;
        let history = match memory.vocabulary {
            Vocabulary::Post => "edit_history_post_ids",
            Vocabulary::Tweet => "edit_history_tweet_ids",
        };
        let data = json!({ "id": id, "text": shown, history: [id] });
        Ok((StatusCode::CREATED, Json(json!({ "data": data }))).into_response())
    })
}

/// `DELETE /2/tweets/{id}`.
pub(crate) async fn remove(
    Shared(state): Shared<State>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Response {
    let mut memory = state.memory();
    wire::serve(&mut memory, &headers, &DELETE, |memory, caller| {
        let id = wire::path_id(&id)?;
        let Some(post) = memory.world.posts.get(&id) else {
            return Err(Problem::not_found("Could not find the post."));
        };
        if post.author != caller.user {
            return Err(Problem::forbidden("You are not authorized to delete this Tweet."));
        }
        let facts = json!({ "author": handle(&caller.user), "id": id.to_string() });
        memory.happen("x", DELETE.name, facts, vec![Change::Deleted { id }])?;
        Ok(Json(json!({ "data": { "deleted": true } })).into_response())
    })
}

/// The uploads that the request names: known, its author's, ready, and of kinds that go together.
fn attachments(
    memory: &Memory,
    caller: &Caller,
    request: &CreatePost,
) -> Result<Vec<Media>, Problem> {
    let now = memory.now();
    let Some(attached) = &request.media else { return Ok(Vec::new()) };
    let mut found = Vec::with_capacity(attached.media_ids.len());
    for PostId(id) in &attached.media_ids {
        let usable = memory.world.media.get(id).filter(|media| {
            media.owner == caller.user && media.ready_at <= now && media.expires_at() > now
        });
        let Some(media) = usable else {
            let message = "Your media IDs are invalid.";
            return Err(Problem::parameter("media.media_ids", &id.to_string(), message));
        };
        if found.iter().any(|earlier: &Media| earlier.id == media.id) {
            let message = "media.media_ids must not repeat an id";
            return Err(Problem::parameter("media.media_ids", &id.to_string(), message));
        }
        found.push(media.clone());
    }
    if found.len() > 1 && found.iter().any(|media| media.category != "tweet_image") {
        let message = "A post holds up to four pictures, or one GIF, or one video.";
        return Err(Problem::parameter("media.media_ids", "", message));
    }
    Ok(found)
}

/// The post as it will stand, once every rule that needs memory has been applied.
fn compose(
    memory: &mut Memory,
    caller: &Caller,
    request: &CreatePost,
    media: &[Media],
) -> Result<Post, Problem> {
    let now = memory.now();
    let author = caller.user.clone();
    let parent = match request.reply.as_ref().map(|reply| reply.in_reply_to_tweet_id.0) {
        None => None,
        Some(id) => Some(memory.world.posts.get(&id).ok_or_else(|| {
            Problem::forbidden(
                "You attempted to reply to a Tweet that is deleted or not visible to you.",
            )
        })?),
    };
    let (reply_to, conversation) = (parent.map(|post| post.id), parent.map(|p| p.conversation));
    let quotes = request.quote_tweet_id.map(|id| id.0);
    if quotes.is_some_and(|id| !memory.world.posts.contains_key(&id)) {
        return Err(Problem::invalid("quote_tweet_id names no post that you can see."));
    }
    refuse_duplicate(memory, &author, &request.text, now)?;
    let id = memory.world.next_id(now);
    let (mut shown, mut links) = text::shown(&request.text, id);
    let keys: Vec<String> = media.iter().map(Media::key).collect();
    text::append_media(&mut shown, &mut links, id, handle(&author), &keys);
    Ok(Post {
        id,
        author,
        text: request.text.clone(),
        shown,
        links,
        reply_to,
        quotes,
        conversation: conversation.unwrap_or(id),
        media: media.iter().map(|media| media.id).collect(),
        made_with_ai: request.made_with_ai,
        at: now,
    })
}

/// X refuses the same words twice within a day, whatever they answer.
fn refuse_duplicate(memory: &Memory, author: &str, text: &str, now: Millis) -> Result<(), Problem> {
    if text.is_empty() || memory.world.said_before(author, text, now).is_none() {
        return Ok(());
    }
    Err(Problem::forbidden("You are not allowed to create a Tweet with duplicate content."))
}

fn facts(post: &Post) -> Value {
    json!({
        "author": handle(&post.author),
        "id": post.id.to_string(),
        "text": post.text,
        "reply_to": post.reply_to.map(|id| id.to_string()),
        "media_ids": post.media.iter().map(u64::to_string).collect::<Vec<_>>(),
    })
}

pub(crate) fn handle(user: &str) -> &'static str {
    Person::by_id(user).map_or("unknown", |person| person.handle)
}
