//! Pictures in and out, for those whom GraphQL's small bodies do not fit.

use super::{App, sessions};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest as _, Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use herald_account::Action;
use herald_application::{
    caller::Caller,
    commands::media::{Upload, upload_media},
    failure::Failure,
    log::Via,
    reading::require,
    sign_in,
};
use herald_graphql::http::ACCOUNT;
use herald_kernel::MediaId;
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
) -> Response {
    let (head, body) = request.into_parts();
    let caller = match caller(&app, &head.headers).await {
        Ok(caller) => caller,
        Err(refusal) => return refusal,
    };
    // Pictures are large: whoever may not upload any is not listened to.
    if let Err(failure) = require(&caller, Action::UploadMedia) {
        return failed(&failure);
    }
    let bytes = match Bytes::from_request(Request::from_parts(head, body), &app).await {
        Ok(bytes) => bytes,
        Err(rejection) => return rejection.into_response(),
    };
    let name = described.name.try_into();
    let alt = described.alt.map(TryInto::try_into).transpose();
    let (Ok(name), Ok(alt)) = (name, alt) else {
        let detail = "`name` has 1 to 255 characters, `alt` at most 1,000";
        return sessions::problem(StatusCode::BAD_REQUEST, detail);
    };
    match upload_media(&app.house.desk, &caller, Upload { name, alt, bytes }).await {
        Ok(media) => (StatusCode::CREATED, Json(media)).into_response(),
        Err(failure) => failed(&failure),
    }
}

/// `GET /media/{id}`: the picture itself.
async fn download(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let caller = match caller(&app, &headers).await {
        Ok(caller) => caller,
        Err(refusal) => return refusal,
    };
    match find(&app, &caller, &id).await {
        Ok((kind, bytes)) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        Err(failure) => failed(&failure),
    }
}

async fn find(app: &App, caller: &Caller, id: &str) -> Result<(&'static str, Bytes), Failure> {
    require(caller, Action::ReadMedia)?;
    let id: MediaId = id.parse().map_err(|_| Failure::NotFound)?;
    let desk = &app.house.desk;
    let media = desk.stores.media.get(caller.account, id).await?.ok_or(Failure::NotFound)?;
    let bytes = desk.files.get(caller.account, id).await?.ok_or(Failure::NotFound)?;
    Ok((media.kind.content_type(), bytes))
}

async fn caller(app: &App, headers: &HeaderMap) -> Result<Caller, Response> {
    let person = sessions::person(app, headers).await?;
    let named = headers.get(ACCOUNT).and_then(|value| value.to_str().ok());
    let Ok(account) = named.map(str::parse).transpose() else {
        return Err(failed(&Failure::NotFound));
    };
    let desk = &app.house.desk;
    let placed = sign_in::caller(desk, &person, account, Via::Rest, desk.ids.uuid()).await;
    placed.map_err(|unplaced| sessions::problem(StatusCode::FORBIDDEN, &unplaced.to_string()))
}

fn failed(failure: &Failure) -> Response {
    let status = match failure {
        Failure::NotFound => StatusCode::NOT_FOUND,
        Failure::Forbidden { .. } => StatusCode::FORBIDDEN,
        Failure::Refused { code: "MEDIA_TOO_LARGE", .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Failure::Refused { .. } | Failure::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        Failure::VersionConflict { .. } | Failure::Contended => StatusCode::CONFLICT,
        Failure::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Failure::Internal(_) | Failure::AlreadyHandled => StatusCode::INTERNAL_SERVER_ERROR,
    };
    if status.is_server_error() {
        tracing::error!(?failure, "a picture was not served");
    }
    sessions::problem(status, &format!("{}: {failure}", failure.code()))
}
