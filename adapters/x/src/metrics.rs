//! A published post's numbers: `GET /2/tweets/{id}`.

use crate::{
    X,
    lookup::{self, failure},
    wire::{Envelope, Post, Problem},
};
use herald_application::ports::{LookupFailure, PostMetrics};
use herald_http_client::{Failure, Request, StatusCode};
use secrecy::SecretString;

const OPERATION: &str = "read_metrics";

impl X {
    pub(crate) async fn read_metrics(
        &self,
        token: &SecretString,
        id: &str,
    ) -> Result<Option<PostMetrics>, LookupFailure> {
        let fields = self.settings.vocabulary.fields();
        let request = Request::get(OPERATION, ["2", "tweets", id])
            .bearer(token)
            .query(fields, "created_at,public_metrics");
        let answer = match self.client.send(&request).await {
            Ok(answer) => answer,
            Err(error) => return gone_or(&error.failure),
        };
        let unreadable = || LookupFailure::Transient {
            cause: "X's answer cannot be read".to_owned(),
            retry_at: None,
        };
        let envelope: Envelope<Post> = answer.json().map_err(|_| unreadable())?;
        match envelope.data {
            Some(post) => {
                self.client.cost(OPERATION, lookup::PRICE);
                Ok(Some(metrics(&post)))
            }
            None if envelope.errors.iter().any(is_gone) => Ok(None),
            None => Err(unreadable()),
        }
    }
}

/// A 404 is an answer, too.
fn gone_or(failed: &Failure) -> Result<Option<PostMetrics>, LookupFailure> {
    let status = failed.answer().map(|answer| answer.status);
    if status == Some(StatusCode::NOT_FOUND) { Ok(None) } else { Err(failure(failed)) }
}

/// X says with status 200 that a post does not exist.
fn is_gone(problem: &Problem) -> bool {
    problem.slug() == Some("resource-not-found")
}

fn metrics(post: &Post) -> PostMetrics {
    post.public_metrics.as_ref().map_or_else(PostMetrics::default, |seen| PostMetrics {
        impressions: seen.impression_count,
        likes: seen.like_count,
        reposts: seen.repost_count,
        replies: seen.reply_count,
        quotes: seen.quote_count,
        bookmarks: seen.bookmark_count,
    })
}
