//! Pictures: uploaded, described, and waited for until X has processed them. Nobody sees them yet.

use crate::{
    X, instant,
    wire::{self, Envelope, Media, No, Processing},
};
use bytes::Bytes;
use herald_application::ports::{MediaFile, Picture, PrepareFailure, Prepared};
use herald_http_client::{Method, Multipart, Request};
use secrecy::SecretString;
use serde_json::json;
use std::time::Duration;

const MIB: usize = 1024 * 1024;
/// The largest picture that X takes.
const PICTURE: usize = 5 * MIB;
/// The largest GIF that X takes.
const GIF: usize = 15 * MIB;
/// One piece of a larger upload.
const PIECE: usize = 4 * MIB;
/// The longest description, in characters.
const DESCRIPTION: usize = 1000;
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(120);

impl X {
    pub(crate) async fn upload(
        &self,
        token: &SecretString,
        picture: &Picture,
    ) -> Result<Prepared, PrepareFailure> {
        let gif = picture.file.content_type == "image/gif";
        let limit = if gif { GIF } else { PICTURE };
        if picture.file.bytes.len() > limit {
            return Err(PrepareFailure::Refused {
                code: "media-too-large".to_owned(),
                detail: format!("X takes at most {} MiB of this kind", limit / MIB),
            });
        }
        let uploaded = if gif {
            self.in_pieces(token, &picture.file, "tweet_gif").await?
        } else {
            self.at_once(token, &picture.file).await?
        };
        let ready = self.processed(token, uploaded).await?;
        if let Some(words) = picture.alt.as_deref().filter(|words| !words.trim().is_empty()) {
            self.describe(token, &ready.id, words).await?;
        }
        let lifetime = ready.expires_after_secs.map(Duration::from_secs);
        Ok(Prepared { expires_at: lifetime.map(|span| self.now().plus(span)), remote_id: ready.id })
    }

    async fn at_once(
        &self,
        token: &SecretString,
        file: &MediaFile,
    ) -> Result<Media, PrepareFailure> {
        let form = Multipart::new().text("media_category", "tweet_image").file(
            "media",
            "picture",
            file.content_type,
            &file.bytes,
        );
        let request = Request::new("upload_media", Method::POST, ["2", "media", "upload"])
            .multipart(form)
            .timeout(UPLOAD_TIMEOUT);
        self.media(token, request).await
    }

    async fn in_pieces(
        &self,
        token: &SecretString,
        file: &MediaFile,
        category: &str,
    ) -> Result<Media, PrepareFailure> {
        let path = ["2", "media", "upload"];
        let begin =
            Request::new("initialize_media", Method::POST, path.into_iter().chain(["initialize"]))
                .json(&json!({
                    "media_type": file.content_type,
                    "total_bytes": file.bytes.len(),
                    "media_category": category,
                }));
        let session = self.media(token, begin).await?;
        for (index, piece) in pieces(&file.bytes).enumerate() {
            let form = Multipart::new().text("segment_index", &index.to_string()).file(
                "media",
                "piece",
                "application/octet-stream",
                &piece,
            );
            let of_session = path.into_iter().chain([session.id.as_str(), "append"]);
            let append = Request::new("append_media", Method::POST, of_session)
                .multipart(form)
                .timeout(UPLOAD_TIMEOUT);
            self.call(token, append).await?;
        }
        let of_session = path.into_iter().chain([session.id.as_str(), "finalize"]);
        self.media(token, Request::new("finalize_media", Method::POST, of_session)).await
    }

    /// Asks until X is done, as often as X proposes and no longer than patience lasts.
    async fn processed(
        &self,
        token: &SecretString,
        mut media: Media,
    ) -> Result<Media, PrepareFailure> {
        let mut patience = self.settings.processing_patience;
        loop {
            let Some(Processing { state, check_after_secs }) = &media.processing_info else {
                return Ok(media);
            };
            let wait = Duration::from_secs(check_after_secs.unwrap_or(1).max(1));
            match state.as_str() {
                "succeeded" => return Ok(media),
                "failed" => {
                    return Err(PrepareFailure::Refused {
                        code: "media-processing-failed".to_owned(),
                        detail: "X could not process the picture".to_owned(),
                    });
                }
                _ => {}
            }
            let Some(left) = patience.checked_sub(wait) else {
                return Err(PrepareFailure::Transient {
                    cause: "X is still processing the picture".to_owned(),
                    retry_at: Some(self.now().plus(wait)),
                });
            };
            patience = left;
            self.client.environment().pause(wait).await;
            let status = Request::get("media_status", ["2", "media", "upload"])
                .query("command", "STATUS")
                .query("media_id", media.id.as_str());
            media = self.media(token, status).await?;
        }
    }

    async fn describe(
        &self,
        token: &SecretString,
        id: &str,
        words: &str,
    ) -> Result<(), PrepareFailure> {
        let words: String = words.chars().take(DESCRIPTION).collect();
        let request = Request::new("describe_media", Method::POST, ["2", "media", "metadata"])
            .json(&json!({ "id": id, "metadata": { "alt_text": { "text": words } } }));
        self.call(token, request).await.map(drop)
    }

    async fn media(&self, token: &SecretString, request: Request) -> Result<Media, PrepareFailure> {
        let answer = self.call(token, request).await?;
        let envelope = answer.json::<Envelope<Media>>().ok();
        envelope.and_then(|envelope| envelope.data).ok_or_else(|| PrepareFailure::Transient {
            cause: "X's answer to an upload cannot be read".to_owned(),
            retry_at: None,
        })
    }

    async fn call(
        &self,
        token: &SecretString,
        request: Request,
    ) -> Result<herald_http_client::Answer, PrepareFailure> {
        let sent = self.client.send(&request.bearer(token)).await;
        sent.map_err(|error| match No::from(&error.failure) {
            No::Unauthorized(_) => PrepareFailure::Unauthorized,
            No::Refused(answer) => {
                let (code, detail) = wire::explain(answer);
                PrepareFailure::Refused { code, detail }
            }
            No::Trouble(failure) => PrepareFailure::Transient {
                cause: failure.to_string(),
                retry_at: failure.until().map(instant),
            },
        })
    }
}

/// `bytes` in pieces, without copying them.
fn pieces(bytes: &Bytes) -> impl Iterator<Item = Bytes> + '_ {
    let count = bytes.len().div_ceil(PIECE);
    (0..count).map(move |nth| {
        let begin = nth.saturating_mul(PIECE);
        bytes.slice(begin..begin.saturating_add(PIECE).min(bytes.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_put_together_are_the_whole() {
        let whole = Bytes::from(vec![7; PIECE * 2 + 3]);
        let lengths: Vec<usize> = pieces(&whole).map(|piece| piece.len()).collect();
        assert_eq!(lengths, [PIECE, PIECE, 3]);
        assert_eq!(pieces(&Bytes::new()).count(), 0);
    }
}
