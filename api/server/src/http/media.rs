//! Pictures in and out, for those whom GraphQL's small bodies do not fit.

use super::App;
use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest as _, Path, Query, Request, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use herald_account::Action;
use herald_application::{
    commands::media::{Upload, upload_media},
    failure::Failure,
    reading::require,
};
use herald_kernel::MediaId;
use herald_rest::{Answer, Problem, caller};
use serde::Deserialize;

/// The largest picture is a GIF of 15 MiB.
const LARGEST: usize = 15 * 1024 * 1024 + 1024;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/media", post(upload).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/media/{id}", get(download))
}

#[derive(Deserialize)]
struct Described {
    name: String,
    alt: Option<String>,
}

/// `POST /media?name=…&alt=…` with the picture as the body.
async fn upload(
    State(app): State<App>,
    Query(described): Query<Described>,
    request: Request,
) -> Answer<Response> {
    let (head, body) = request.into_parts();
    let caller = caller(&app.house.desk, &head).await?;
    // Pictures are large: whoever may not upload any is not listened to.
    require(&caller, Action::UploadMedia)?;
    let bytes = match Bytes::from_request(Request::from_parts(head, body), &app).await {
        Ok(bytes) => bytes,
        Err(rejection) => return Ok(rejection.into_response()),
    };
    let name = described.name.try_into();
    let name = name.map_err(|_| Problem::invalid("name", "it has 1 to 255 characters"))?;
    let alt = described.alt.map(TryInto::try_into).transpose();
    let alt = alt.map_err(|_| Problem::invalid("alt", "it has at most 1,000 characters"))?;
    let media = upload_media(&app.house.desk, &caller, Upload { name, alt, bytes }).await?;
    Ok((StatusCode::CREATED, Json(media)).into_response())
}

/// `GET /media/{id}`: the picture itself.
async fn download(State(app): State<App>, Path(id): Path<String>, head: Parts) -> Answer<Response> {
    let desk = &app.house.desk;
    let caller = caller(desk, &head).await?;
    require(&caller, Action::ReadMedia)?;
    let id: MediaId = id.parse().map_err(|_| Failure::NotFound)?;
    let media = desk.stores.media.get(caller.account, id).await.map_err(Failure::from)?;
    let media = media.ok_or(Failure::NotFound)?;
    let bytes = desk.files.get(caller.account, id).await.map_err(Failure::from)?;
    let bytes = bytes.ok_or(Failure::NotFound)?;
    Ok(([(header::CONTENT_TYPE, media.kind.content_type())], bytes).into_response())
}
