//! Uploading a picture or film: in one request, or in segments.

use std::collections::{BTreeMap, HashMap};

use axum::Json;
use axum::extract::{FromRequest, Multipart, Request, State as Shared};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};

use super::media;
use super::wire::{self, Caller, Operation, PathId, Problem};
use crate::state::{Memory, State, Upload};

const AT_ONCE: Operation = Operation { name: "upload_media", scopes: &["media.write"], limit: 500 };
const INITIALIZE: Operation =
    Operation { name: "initialize_media", scopes: &["media.write"], limit: 1875 };
const APPEND: Operation = Operation { name: "append_media", scopes: &["media.write"], limit: 1875 };
const FINALIZE: Operation =
    Operation { name: "finalize_media", scopes: &["media.write"], limit: 1875 };

/// Unfinished uploads that are remembered at the same time.
const OPEN_UPLOADS: usize = 32;

const CATEGORIES: [&str; 8] = [
    "amplify_video",
    "tweet_gif",
    "tweet_image",
    "tweet_video",
    "dm_gif",
    "dm_image",
    "dm_video",
    "subtitles",
];

/// `POST /2/media/upload`.
pub(crate) async fn at_once(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let form = Form::read(request, &["media", "media_category", "additional_owners"]).await;
    let mut memory = state.memory();
    wire::serve(&mut memory, &headers, &AT_ONCE, |memory, caller| {
        let form = form?;
        let category = category(form.text("media_category")?)?;
        media::store(memory, caller, AT_ONCE.name, &category, None, form.bytes("media")?)
    })
}

/// `POST /2/media/upload/initialize`.
pub(crate) async fn initialize(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let known = ["media_type", "total_bytes", "media_category", "additional_owners", "shared"];
    let form = Form::read(request, &known).await;
    let mut memory = state.memory();
    wire::serve(&mut memory, &headers, &INITIALIZE, |memory, caller| {
        let form = form?;
        let category =
            category(form.text("media_category").unwrap_or_else(|_| "tweet_image".into()))?;
        let mime = form.text("media_type")?;
        let size = form.text("total_bytes")?;
        let total: u64 = size
            .parse()
            .ok()
            .filter(|total| (1..=media::most_bytes(&category)).contains(total))
            .ok_or_else(|| {
                Problem::parameter("total_bytes", &size, "File size exceeds the limit.")
            })?;
        let now = memory.now();
        let id = memory.world.next_id(now);
        let upload =
            Upload { owner: caller.user.clone(), category, mime, total, parts: BTreeMap::new() };
        memory.uploads.insert(id, upload);
        if memory.uploads.len() > OPEN_UPLOADS {
            memory.uploads.pop_first();
        }
        let data = json!({
            "id": id.to_string(), "media_key": format!("3_{id}"), "expires_after_secs": 86_400
        });
        Ok((StatusCode::OK, Json(json!({ "data": data }))).into_response())
    })
}

/// `POST /2/media/upload/{id}/append`; the same segment twice is the last one.
pub(crate) async fn append(
    Shared(state): Shared<State>,
    PathId(id): PathId,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let form = Form::read(request, &["media", "segment_index"]).await;
    let mut memory = state.memory();
    wire::serve(&mut memory, &headers, &APPEND, |memory, caller| {
        let (id, form) = (wire::path_id(&id)?, form?);
        let index = form.text("segment_index")?;
        let place: u16 = index.parse().ok().filter(|place| *place <= 999).ok_or_else(|| {
            Problem::parameter("segment_index", &index, "must be between 0 and 999")
        })?;
        let bytes = form.bytes("media")?;
        let expires_at = memory.now().div_euclid(1000).saturating_add(86_400);
        let upload = open(memory, caller, id)?;
        upload.parts.insert(place, bytes);
        let length: usize = upload.parts.values().map(Bytes::len).sum();
        if u64::try_from(length).unwrap_or(u64::MAX) > upload.total {
            upload.parts.remove(&place);
            let message = "Segments exceed the total size that was announced.";
            return Err(Problem::parameter("media", "", message));
        }
        Ok(Json(json!({ "data": { "expires_at": expires_at } })).into_response())
    })
}

/// `POST /2/media/upload/{id}/finalize`.
pub(crate) async fn finalize(
    Shared(state): Shared<State>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Response {
    let mut memory = state.memory();
    wire::serve(&mut memory, &headers, &FINALIZE, |memory, caller| {
        let id = wire::path_id(&id)?;
        let upload = open(memory, caller, id)?;
        let ordered = upload.parts.keys().zip(0_u16..).all(|(place, expected)| *place == expected);
        let mut whole = BytesMut::new();
        upload.parts.values().for_each(|part| whole.extend_from_slice(part));
        let complete = u64::try_from(whole.len()).is_ok_and(|length| length == upload.total);
        if !ordered || !complete {
            let message = "Segments do not add up to provided total file size.";
            return Err(Problem::parameter("media_id", &id.to_string(), message));
        }
        let (category, mime) = (upload.category.clone(), upload.mime.clone());
        let known = Some((id, mime.as_str()));
        let answer = media::store(memory, caller, FINALIZE.name, &category, known, whole.freeze());
        memory.uploads.remove(&id);
        answer
    })
}

fn open<'m>(memory: &'m mut Memory, caller: &Caller, id: u64) -> Result<&'m mut Upload, Problem> {
    memory.uploads.get_mut(&id).filter(|upload| upload.owner == caller.user).ok_or_else(|| {
        Problem::parameter("media_id", &id.to_string(), "The upload session is not known.")
    })
}

fn category(text: String) -> Result<String, Problem> {
    if CATEGORIES.contains(&text.as_str()) {
        return Ok(text);
    }
    Err(Problem::parameter("media_category", &text, "is not one of the known categories"))
}

/// The members of an upload request, however they were sent.
#[derive(Debug, Default)]
struct Form(HashMap<String, Bytes>);

impl Form {
    async fn read(request: Request, known: &[&str]) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let multipart = kind.is_some_and(|kind| kind.starts_with("multipart/form-data"));
        let form = if multipart {
            Self::from_multipart(request).await
        } else {
            Self::from_json(request).await
        }?;
        match form.0.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(Problem::parameter(name, "", format!("`{name}` is not known here"))),
            None => Ok(form),
        }
    }

    async fn from_multipart(request: Request) -> Result<Self, Problem> {
        let broken = |_| Problem::invalid("The multipart body cannot be read.");
        let mut parts = Multipart::from_request(request, &())
            .await
            .map_err(|_| Problem::invalid("The multipart body cannot be read."))?;
        let mut form = HashMap::new();
        while let Some(part) = parts.next_field().await.map_err(broken)? {
            let name = part.name().unwrap_or_default().to_owned();
            form.insert(name, part.bytes().await.map_err(broken)?);
        }
        Ok(Self(form))
    }

    async fn from_json(request: Request) -> Result<Self, Problem> {
        let body = Bytes::from_request(request, &())
            .await
            .map_err(|_| Problem::invalid("The body cannot be read."))?;
        let value: Value = serde_json::from_slice(&body)
            .map_err(|error| Problem::parameter("$", "", format!("$: {error}")))?;
        let Value::Object(members) = value else {
            return Err(Problem::parameter("$", "", "$: an object is expected"));
        };
        let mut form = HashMap::new();
        for (name, value) in members {
            let bytes = match value {
                Value::String(text) if name == "media" => {
                    let decoded = STANDARD.decode(text).map_err(|_| {
                        Problem::parameter("media", "", "media must be base64-encoded")
                    })?;
                    Bytes::from(decoded)
                }
                Value::String(text) => Bytes::from(text),
                Value::Null => continue,
                other
                @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                    Bytes::from(other.to_string())
                }
            };
            form.insert(name, bytes);
        }
        Ok(Self(form))
    }

    fn bytes(&self, name: &str) -> Result<Bytes, Problem> {
        let given = self.0.get(name).filter(|bytes| !bytes.is_empty()).cloned();
        given.ok_or_else(|| Problem::parameter(name, "", format!("`{name}` is required")))
    }

    fn text(&self, name: &str) -> Result<String, Problem> {
        String::from_utf8(self.bytes(name)?.to_vec())
            .map_err(|_| Problem::parameter(name, "", format!("`{name}` must be text")))
    }
}
