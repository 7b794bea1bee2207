//! What a client still writes when it is answered: read, and thrown away.
//!
//! Many clients write all of a request before they read. One that is refused meanwhile, for the size
//! of its body or for who it is, would find the connection broken and not the answer.

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderMap, header::EXPECT},
};
use futures::StreamExt as _;
use hyper::body::{Frame, SizeHint};
use std::{
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::runtime::Handle;

/// As much as the largest body that is taken anywhere. Beyond it the connection ends.
const MOST: u64 = 16 * 1024 * 1024;
/// How long a client may take over that.
const PATIENCE: Duration = Duration::from_secs(5);

/// A request's body. What whoever answers leaves of it is thrown away beside the answer.
pub(super) struct HeardOut {
    body: Body,
    /// Is there more to come, for all that is known?
    coming: bool,
}

impl HeardOut {
    /// The body of a request with these headers.
    pub(super) fn new(body: Body, headers: &HeaderMap) -> Self {
        // Who wants to be asked for the body first is not, unless somebody reads it.
        Self { body, coming: !headers.contains_key(EXPECT) }
    }
}

impl HttpBody for HeardOut {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.coming = true;
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        self.coming = matches!(frame, Some(Ok(_)));
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for HeardOut {
    fn drop(&mut self) {
        let rest = mem::take(&mut self.body);
        let short = rest.size_hint().lower() <= MOST;
        if self.coming && short && !rest.is_end_stream() {
            // Without a runtime there is no connection either.
            if let Ok(runtime) = Handle::try_current() {
                runtime.spawn(tokio::time::timeout(PATIENCE, throw_away(rest)));
            }
        }
    }
}

/// Ends with the body, or beyond the bound.
async fn throw_away(rest: Body) {
    let (mut parts, mut left) = (rest.into_data_stream(), MOST);
    while let Some(Ok(part)) = parts.next().await {
        let bytes = u64::try_from(part.len()).unwrap_or(u64::MAX);
        let Some(less) = left.checked_sub(bytes) else { return };
        left = less;
    }
}

#[cfg(test)]
mod tests;
