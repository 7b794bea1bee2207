//! What a caller writes, and the content that it becomes.

use crate::{execute::Work, failure::Failure, log::canonical, ports::Media};
use herald_kernel::{ContentHash, MediaId, Text};
use herald_post::{Body, Content, MediaRef, StepContent};
use serde::Serialize;

/// A post's content as a caller writes it: pictures by id.
#[derive(Debug, Clone, Serialize)]
pub struct ContentInput {
    /// The post itself.
    pub root: StepInput,
    /// The further posts of a thread.
    pub segments: Vec<StepInput>,
    /// A comment right under the post.
    pub first_comment: Option<StepInput>,
    /// Is any of it written or drawn by a machine?
    pub made_with_ai: bool,
}

/// One step as a caller writes it.
#[derive(Debug, Clone, Serialize)]
pub struct StepInput {
    /// The text.
    pub text: Body,
    /// The pictures, in order.
    pub media: Vec<MediaInput>,
}

/// A picture as a caller names it.
#[derive(Debug, Clone, Serialize)]
pub struct MediaInput {
    /// The uploaded picture.
    pub media: MediaId,
    /// A description; the one given at upload when absent.
    pub alt: Option<Text<1000>>,
}

impl ContentInput {
    /// Looks the pictures up in the caller's account.
    pub async fn resolve(&self, work: &Work<'_>) -> Result<Content, Failure> {
        let mut segments = Vec::with_capacity(self.segments.len());
        for (index, segment) in self.segments.iter().enumerate() {
            segments.push(segment.resolve(work, &format!("content.segments.{index}")).await?);
        }
        let first_comment = match &self.first_comment {
            Some(comment) => Some(comment.resolve(work, "content.firstComment").await?),
            None => None,
        };
        Ok(Content {
            root: self.root.resolve(work, "content.root").await?,
            segments,
            first_comment,
            made_with_ai: self.made_with_ai,
        })
    }
}

impl StepInput {
    async fn resolve(&self, work: &Work<'_>, path: &str) -> Result<StepContent, Failure> {
        let mut media = Vec::with_capacity(self.media.len());
        for (index, input) in self.media.iter().enumerate() {
            let found = work.desk.stores.media.get(work.account(), input.media).await?;
            let found = found.ok_or_else(|| {
                let message = "there is no such picture in this account; upload it first";
                Failure::invalid(&format!("{path}.media.{index}"), message)
            })?;
            media.push(reference(&found, input));
        }
        Ok(StepContent { text: self.text.clone(), media })
    }
}

fn reference(found: &Media, input: &MediaInput) -> MediaRef {
    let uploaded = found.alt.as_deref().and_then(|alt| Text::try_from(alt).ok());
    let alt = input.alt.clone().or(uploaded);
    MediaRef { media: found.id, alt, kind: found.kind, bytes: found.bytes }
}

/// The keyed fingerprint that an approval is bound to.
pub async fn content_hash(work: &Work<'_>, content: &Content) -> Result<ContentHash, Failure> {
    let json = serde_json::to_value(content)
        .map_err(|error| Failure::Internal(format!("content has no JSON form: {error}")))?;
    let key = work.desk.journal.keyring().ensure(work.account()).await?;
    Ok(ContentHash::new(key.fingerprint("content", &canonical::to_string(&json))))
}
