//! Posts: written, given a time, sent.

use crate::{
    Rest,
    address::{Path, Query},
    asking::{Asking, Input, created},
    problem::{Answer, Problem},
    reading::{Listed, Wanted, list as page},
};
use axum::{Json, extract::State, response::IntoResponse};
use herald_account::Action;
use herald_application::{
    commands::post::{
        CancelPost, ContentInput, CreatePost, OnPost, PublishPost, SchedulePost, StepInput,
        WhenInput,
    },
    views::posts::{NAME, PostDoc},
};
use herald_kernel::{ConnectionId, Instant, LocalTime, PostId, TargetId, Zone};
use serde::{Deserialize, Serialize};

/// What `POST /posts` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPost {
    text: String,
    connections: Vec<ConnectionId>,
    /// Further posts of a thread.
    #[serde(default)]
    thread: Vec<String>,
    first_comment: Option<String>,
    #[serde(default)]
    made_with_ai: bool,
}

/// What `POST /posts/{post}/schedule` takes: an instant, or a local time and its zone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Time {
    at: Option<Instant>,
    local: Option<LocalTime>,
    zone: Option<Zone>,
}

/// A post as people see it.
#[derive(Debug, Serialize)]
pub(crate) struct PostSeen {
    id: PostId,
    status: &'static str,
    text: Option<String>,
    scheduled_at: Option<Instant>,
    targets: Vec<TargetSeen>,
    created_at: Instant,
    updated_at: Instant,
}

/// A post on one connection.
#[derive(Debug, Serialize)]
pub(crate) struct TargetSeen {
    id: TargetId,
    connection: ConnectionId,
    network: String,
    status: &'static str,
}

impl PostSeen {
    fn of(doc: &PostDoc) -> Self {
        let targets = doc.post.targets().iter().map(|target| TargetSeen {
            id: target.id,
            connection: target.connection,
            network: target.network.to_string(),
            status: target.state.name(),
        });
        Self {
            id: doc.id,
            status: doc.post.status().map_or("draft", herald_post::Status::name),
            text: doc.post.content().map(|content| content.root.text.as_str().to_owned()),
            scheduled_at: doc.post.schedule().map(|schedule| schedule.instant),
            targets: targets.collect(),
            created_at: doc.created_at,
            updated_at: doc.updated_at,
        }
    }
}

pub(crate) async fn create(
    State(rest): State<Rest>,
    asking: Asking,
    Input(wish): Input<NewPost>,
) -> Answer<impl IntoResponse> {
    let mut segments = Vec::with_capacity(wish.thread.len());
    for (index, text) in wish.thread.into_iter().enumerate() {
        segments.push(step(text, &format!("thread.{index}"))?);
    }
    let first_comment = wish.first_comment.map(|text| step(text, "first_comment")).transpose()?;
    let root = step(wish.text, "text")?;
    let content = ContentInput { root, segments, first_comment, made_with_ai: wish.made_with_ai };
    let create = CreatePost { content, connections: wish.connections };
    let post = asking.carry_through(&rest, create).await?;
    Ok(created(read(&rest, &asking, post).await?))
}

fn step(text: String, field: &str) -> Answer<StepInput> {
    let text = text.try_into();
    let invalid = |error: herald_kernel::InvalidText| Problem::invalid(field, error.to_string());
    Ok(StepInput { text: text.map_err(invalid)?, media: Vec::new() })
}

pub(crate) async fn get(
    State(rest): State<Rest>,
    asking: Asking,
    Path(post): Path,
) -> Answer<Json<PostSeen>> {
    Ok(Json(read(&rest, &asking, id(&post)?).await?))
}

pub(crate) async fn list(
    State(rest): State<Rest>,
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Answer<Json<Listed<PostSeen>>> {
    Ok(Json(page((&rest, &asking), (Action::ReadPosts, NAME), wanted, PostSeen::of).await?))
}

pub(crate) async fn schedule(
    State(rest): State<Rest>,
    asking: Asking,
    Path(post): Path,
    Input(time): Input<Time>,
) -> Answer<Json<PostSeen>> {
    let when = match time {
        Time { at: Some(at), local: None, zone: None } => WhenInput::At(at),
        Time { at: None, local: Some(local), zone: Some(zone) } => WhenInput::Local { local, zone },
        Time { .. } => {
            return Err(Problem::invalid("at", "say either `at`, or `local` and `zone`"));
        }
    };
    let post = id(&post)?;
    asking.carry_through(&rest, OnPost(SchedulePost { post, when })).await?;
    Ok(Json(read(&rest, &asking, post).await?))
}

pub(crate) async fn publish(
    State(rest): State<Rest>,
    asking: Asking,
    Path(post): Path,
) -> Answer<Json<PostSeen>> {
    let post = id(&post)?;
    asking.carry_through(&rest, OnPost(PublishPost { post })).await?;
    Ok(Json(read(&rest, &asking, post).await?))
}

pub(crate) async fn cancel(
    State(rest): State<Rest>,
    asking: Asking,
    Path(post): Path,
) -> Answer<Json<PostSeen>> {
    let post = id(&post)?;
    asking.carry_through(&rest, OnPost(CancelPost { post })).await?;
    Ok(Json(read(&rest, &asking, post).await?))
}

/// What is no id names no post of theirs.
fn id(post: &str) -> Answer<PostId> {
    post.parse().map_err(|_| Problem::not_found())
}

async fn read(rest: &Rest, asking: &Asking, post: PostId) -> Answer<PostSeen> {
    let (caller, id) = (&asking.caller, post.to_string());
    let found: Option<PostDoc> = rest.desk.document(caller, Action::ReadPosts, NAME, &id).await?;
    found.as_ref().map(PostSeen::of).ok_or_else(Problem::not_found)
}
