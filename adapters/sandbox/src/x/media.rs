//! Pictures once uploaded: their state, their alternative text, and their bytes for the page.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State as Shared};
use axum::http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::body::PostId;
use super::query::Query;
use super::tweets::handle;
use super::wire::{self, Caller, Operation, PathId, Problem};
use crate::clock::Millis;
use crate::state::{Memory, State};
use crate::world::{Change, Media};

const STATUS: Operation = Operation { name: "media_status", scopes: &["media.write"], limit: 1000 };
const DESCRIBE: Operation =
    Operation { name: "describe_media", scopes: &["media.write"], limit: 500 };

/// Films and moving pictures are processed this long.
const PROCESSING: Millis = 2_000;

/// The most that one upload of a category may weigh. (X takes longer films; the sandbox does not.)
pub(crate) fn most_bytes(category: &str) -> u64 {
    const MIB: u64 = 1024 * 1024;
    match category {
        "tweet_image" | "dm_image" => 5 * MIB,
        "tweet_gif" | "dm_gif" => 15 * MIB,
        "subtitles" => MIB,
        _ => 64 * MIB,
    }
}

/// Checks the bytes against what they claim to be, keeps them, and answers their ids.
pub(crate) fn store(
    memory: &mut Memory,
    caller: &Caller,
    operation: &str,
    category: &str,
    known: Option<(u64, &str)>,
    bytes: Bytes,
) -> Result<Response, Problem> {
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > most_bytes(category) {
        return Err(Problem::parameter("media", "", "File size exceeds the limit."));
    }
    let mime = recognise(&bytes, category)
        .filter(|mime| known.is_none_or(|(_, claimed)| claimed == *mime))
        .ok_or_else(|| Problem::parameter("media", "", "media type unrecognized."))?;
    let now = memory.now();
    let id = known.map_or_else(|| memory.world.next_id(now), |(id, _)| id);
    let processed = !mime.starts_with("image/") || category.ends_with("_gif");
    let (width, height) = dimensions(&bytes).unzip();
    let media = Media {
        id,
        owner: caller.user.clone(),
        category: category.to_owned(),
        mime: mime.to_owned(),
        size,
        width,
        height,
        alt_text: None,
        stored_at: now,
        ready_at: if processed { now.saturating_add(PROCESSING) } else { now },
    };
    let answer = shown(&media, now);
    let facts = json!({
        "author": handle(&caller.user), "id": id.to_string(), "mime": mime, "size": size
    });
    memory.keep_picture(id, bytes)?;
    memory.happen("x", operation, facts, vec![Change::MediaStored { media }])?;
    Ok(Json(json!({ "data": answer })).into_response())
}

/// `GET /2/media/upload?media_id=…&command=STATUS`.
pub(crate) async fn status(
    Shared(state): Shared<State>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let mut memory = state.memory();
    wire::serve(&mut memory, &headers, &STATUS, |memory, caller| {
        let query = Query::read(query.as_deref())?;
        query.parsed("command", |command| (command == "STATUS").then_some(()))?;
        let id = query.parsed("media_id", wire::id)?.unwrap_or_default();
        let media = own(memory, caller, id)?;
        Ok(Json(json!({ "data": shown(media, memory.now()) })).into_response())
    })
}

#[derive(Debug, Deserialize)]
struct Described {
    id: PostId,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Debug, Default, Deserialize)]
struct Metadata {
    alt_text: Option<AltText>,
}

#[derive(Debug, Deserialize)]
struct AltText {
    text: String,
}

/// `POST /2/media/metadata`: the alternative text of a picture.
pub(crate) async fn describe(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut memory = state.memory();
    wire::serve(&mut memory, &headers, &DESCRIBE, |memory, caller| {
        let request: Described = serde_json::from_slice(&body)
            .map_err(|error| Problem::parameter("$", "", format!("$: {error}")))?;
        let mut media = own(memory, caller, request.id.0)?.clone();
        let text = request.metadata.alt_text.map(|alt| alt.text);
        if text.as_ref().is_some_and(|text| text.chars().count() > 1000) {
            let message = "The alternative text is longer than 1,000 characters.";
            return Err(Problem::parameter("metadata.alt_text.text", "", message));
        }
        let id = media.id.to_string();
        let facts = json!({ "author": handle(&caller.user), "media_id": id, "alt_text": text });
        let associated = json!({ "alt_text": { "text": text } });
        media.alt_text = text;
        memory.happen("x", DESCRIBE.name, facts, vec![Change::MediaStored { media }])?;
        let data = json!({ "id": id, "associated_metadata": associated });
        Ok(Json(json!({ "data": data })).into_response())
    })
}

/// The bytes of a picture, for the page and for `media.fields=url`.
pub(crate) async fn picture(Shared(state): Shared<State>, PathId(id): PathId) -> Response {
    let memory = state.memory();
    let media = wire::id(&id).and_then(|id| memory.world.media.get(&id));
    match media.and_then(|media| Some((media.mime.clone(), memory.picture(media.id)?))) {
        Some((mime, bytes)) => {
            let headers = [(CONTENT_TYPE, mime), (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned())];
            (headers, bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn own<'m>(memory: &'m Memory, caller: &Caller, id: u64) -> Result<&'m Media, Problem> {
    memory.world.media.get(&id).filter(|media| media.owner == caller.user).ok_or_else(|| {
        Problem::parameter("media_id", &id.to_string(), "The media id is not known.")
    })
}

fn shown(media: &Media, now: Millis) -> Value {
    let left = media.expires_at().saturating_sub(now).div_euclid(1000).max(0);
    let mut shown = Map::new();
    shown.insert("id".to_owned(), json!(media.id.to_string()));
    shown.insert("media_key".to_owned(), json!(media.key()));
    shown.insert("size".to_owned(), json!(media.size));
    shown.insert("expires_after_secs".to_owned(), json!(left));
    if let (Some(width), Some(height)) = (media.width, media.height) {
        let image = json!({ "image_type": media.mime, "w": width, "h": height });
        shown.insert("image".to_owned(), image);
    }
    if media.ready_at > media.stored_at {
        let progress = if media.ready_at > now {
            json!({ "state": "in_progress", "check_after_secs": 1, "progress_percent": 50 })
        } else {
            json!({ "state": "succeeded", "progress_percent": 100 })
        };
        shown.insert("processing_info".to_owned(), progress);
    }
    Value::Object(shown)
}

/// What the bytes are, if the category takes it.
fn recognise(bytes: &[u8], category: &str) -> Option<&'static str> {
    let mime = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        "image/png"
    } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        "image/jpeg"
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        "image/gif"
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        "image/webp"
    } else if bytes.get(4..8) == Some(b"ftyp") {
        "video/mp4"
    } else {
        return None;
    };
    let taken = match category {
        "tweet_image" | "dm_image" => mime.starts_with("image/"),
        "tweet_gif" | "dm_gif" => mime == "image/gif" || mime == "video/mp4",
        _ => mime == "video/mp4",
    };
    taken.then_some(mime)
}

/// Width and height of a PNG or GIF, which say so at a fixed place.
fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    if bytes.starts_with(b"GIF") {
        let side = |at: usize| {
            let pair = bytes.get(at..at.checked_add(2)?)?;
            Some(u32::from(u16::from_le_bytes(pair.try_into().ok()?)))
        };
        return Some((side(6)?, side(8)?));
    }
    if !bytes.starts_with(b"\x89PNG") {
        return None;
    }
    let side = |at: usize| {
        let four = bytes.get(at..at.checked_add(4)?)?;
        Some(u32::from_be_bytes(four.try_into().ok()?))
    };
    Some((side(16)?, side(20)?))
}
