//! X as it is reached from outside: consent, tokens, posts, pictures and timelines.

use axum::Router;
use axum::routing::{delete, get, post};

use crate::state::State;

mod authorize;
mod body;
mod lookup;
mod media;
pub(crate) mod oauth;
mod query;
mod show;
mod text;
mod timeline;
mod tweets;
mod upload;
mod users;
pub(crate) mod wire;

pub(crate) use show::{Lag, address};
pub(crate) use text::weight;
pub(crate) use tweets::handle;
pub(crate) use wire::{Problem, bearer, hash, user_of};

/// Every path of X that the sandbox serves, to be mounted under `/x`.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/i/oauth2/authorize", get(authorize::page).post(authorize::decide))
        .route("/2/oauth2/token", post(oauth::token))
        .route("/2/oauth2/revoke", post(oauth::revoke))
        .route("/2/users/me", get(users::me))
        .route("/2/users/{id}/tweets", get(timeline::of_user))
        .route("/2/tweets", post(tweets::create).get(lookup::many))
        .route("/2/tweets/{id}", delete(tweets::remove).get(lookup::one))
        .route("/2/media/upload", post(upload::at_once).get(media::status))
        .route("/2/media/upload/initialize", post(upload::initialize))
        .route("/2/media/upload/{id}/append", post(upload::append))
        .route("/2/media/upload/{id}/finalize", post(upload::finalize))
        .route("/2/media/metadata", post(media::describe))
        .route("/media/{id}", get(media::picture))
        .fallback(wire::no_such_path)
        .method_not_allowed_fallback(wire::no_such_method)
}
