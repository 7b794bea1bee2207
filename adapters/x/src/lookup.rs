//! Looking whether a post appeared after all: the author's own timeline, to its end.

use crate::{
    X, instant,
    text::original,
    wire::{Envelope, No, Post},
};
use herald_application::ports::{FoundPost, Listing, LookupFailure, LookupRequest};
use herald_http_client::{Failure, Request};
use herald_kernel::Instant;
use secrecy::SecretString;

const OPERATION: &str = "list_own_posts";
/// X shows the newest 3,200 posts of a timeline, a hundred a page.
const PAGES: u32 = 32;
/// What X charges for reading one post of one's own, in billionths of a dollar.
pub(crate) const PRICE: u64 = 1_000_000;

/// One page and what follows it.
struct Page {
    posts: Vec<FoundPost>,
    whole: bool,
    next: Option<String>,
}

impl X {
    pub(crate) async fn list(
        &self,
        token: &SecretString,
        request: &LookupRequest,
    ) -> Result<Listing, LookupFailure> {
        let mut listing = Listing { posts: Vec::new(), complete: true, taken_at: self.now() };
        let mut next = None;
        for number in 0..PAGES {
            let page = match self.page(token, request, next.as_deref()).await {
                Ok(page) => page,
                Err(failure) if number == 0 => return Err(failure),
                // What was found so far may hold the match; absence is not shown by it.
                Err(_) => return Ok(Listing { complete: false, ..listing }),
            };
            listing.posts.extend(page.posts);
            listing.complete &= page.whole;
            next = page.next;
            if next.is_none() {
                return Ok(listing);
            }
        }
        Ok(Listing { complete: false, ..listing })
    }

    async fn page(
        &self,
        token: &SecretString,
        request: &LookupRequest,
        after: Option<&str>,
    ) -> Result<Page, LookupFailure> {
        let words = self.settings.vocabulary;
        let (fields, expansions) = words.lookup();
        // Whole seconds, downwards: X keeps no more, and asking too early loses nothing.
        let since = request.since.to_utc().format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut get = Request::get(OPERATION, ["2", "users", &request.author, "tweets"])
            .bearer(token)
            .query("max_results", "100")
            .query("start_time", since)
            .query(words.fields(), fields)
            .query("expansions", expansions);
        if let Some(after) = after {
            get = get.query("pagination_token", after);
        }
        let answer = self.client.send(&get).await.map_err(|error| failure(&error.failure))?;
        let Ok(page) = answer.json::<Envelope<Vec<Post>>>() else {
            let cause = "X's listing cannot be read".to_owned();
            return Err(LookupFailure::Transient { cause, retry_at: None });
        };
        let posts = page.data.unwrap_or_default();
        self.client.cost(OPERATION, PRICE.saturating_mul(u64::try_from(posts.len()).unwrap_or(0)));
        let found: Option<Vec<_>> = posts.iter().map(|post| self.found(post)).collect();
        // A listing without its `meta` is cut off, whatever its status says.
        let whole = page.errors.is_empty() && found.is_some() && page.meta.is_some();
        let found =
            found.unwrap_or_else(|| posts.iter().filter_map(|post| self.found(post)).collect());
        let next = page.meta.and_then(|meta| meta.next_token);
        Ok(Page { posts: found, whole, next })
    }

    /// A post that can be compared, or `None` when it lacks what comparing needs.
    fn found(&self, post: &Post) -> Option<FoundPost> {
        let created_at: Instant = post.created_at.as_deref()?.parse().ok()?;
        let media = post.attachments.as_ref().map_or(0, |attached| attached.media_keys.len());
        let parent = post.referenced_posts.iter().find(|other| other.kind == "replied_to");
        Some(FoundPost {
            url: self.post_url(&post.id),
            remote_id: post.id.clone(),
            text: original(post),
            created_at,
            reply_to: parent.map(|parent| parent.id.clone()),
            media_count: u32::try_from(media).unwrap_or(u32::MAX),
        })
    }
}

/// Why a look-up says nothing.
pub(crate) fn failure(failure: &Failure) -> LookupFailure {
    match No::from(failure) {
        No::Unauthorized(_) => LookupFailure::Unauthorized,
        No::Refused(_) | No::Trouble(_) => LookupFailure::Transient {
            cause: failure.to_string(),
            retry_at: failure.until().map(instant),
        },
    }
}
