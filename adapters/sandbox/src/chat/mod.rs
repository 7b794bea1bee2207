//! Writing models behind OpenAI's protocol, as OpenRouter and OpenAI themselves speak it.

use axum::Router;
use axum::routing::{get, post};

use crate::state::State;

mod brief;
mod completions;
mod models;
mod phrases;
mod request;
mod schema;
mod wire;
mod writer;

pub(crate) use wire::{House, refuse};

/// Every path of OpenRouter that the sandbox serves, to be mounted under its base path.
pub(crate) fn openrouter() -> Router<State> {
    Router::new()
        .route("/chat/completions", post(completions::openrouter))
        .route("/models", get(models::openrouter))
        .route("/key", get(models::key))
        .route("/credits", get(models::credits))
        .fallback(wire::openrouter_path)
        .method_not_allowed_fallback(wire::openrouter_method)
}

/// Every path of OpenAI that the sandbox serves, to be mounted under its base path.
pub(crate) fn openai() -> Router<State> {
    Router::new()
        .route("/chat/completions", post(completions::openai))
        .route("/models", get(models::openai))
        .route("/models/{id}", get(models::one))
        .fallback(wire::openai_path)
        .method_not_allowed_fallback(wire::openai_method)
}
