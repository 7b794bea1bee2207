//! Uploading small pictures within a GraphQL request.

use super::{Outcome, inputs, payloads};
use crate::schema::{
    fault::Result,
    input::{optional, valid},
    types::media::Media,
    visitor::{caller, desk},
};
use async_graphql::{Context, Object};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use herald_account::Action;
use herald_application::{
    caller::Caller,
    commands::media::{Upload, upload_media},
    failure::Failure,
    ports,
    reading::require,
};

/// What fits into a request beside its other parts.
const LARGEST: usize = 45 * 1024;

inputs! {
    /// What `uploadMedia` takes.
    UploadMediaInput {
        /// The name of the file.
        name: String,
        /// What people who do not see the picture are told.
        alt: Option<String>,
        /// The file in base64: a JPEG, PNG, WebP or GIF of at most 45 KiB, since a GraphQL request
        /// has at most 64. Larger pictures go to `POST /media` as they are.
        base64: String,
    }
}

payloads! {
    /// What came of an upload. The same picture again is the one that is there already, whatever
    /// the key; nothing of pictures is in the log, so there is neither a token nor a command.
    MediaPayload(ports::Media) {
        /// The picture.
        media: Media = async |_: &Context<'_>, _: Caller, media: &ports::Media| {
            Ok::<_, crate::schema::fault::Fault>(Some(Media(media.clone())))
        };
    }
}

#[derive(Debug, Default)]
pub(crate) struct MediaMutations;

#[Object]
impl MediaMutations {
    /// Uploads a small picture. Larger ones go to `POST /media` as they are. Needs an editor.
    async fn upload_media(
        &self,
        ctx: &Context<'_>,
        input: UploadMediaInput,
    ) -> Result<MediaPayload> {
        let caller = caller(ctx).await?;
        require(&caller, Action::UploadMedia)?;
        let stored = match read(input) {
            Ok(upload) => upload_media(desk(ctx)?, &caller, upload).await,
            Err(failure) => Err(failure),
        };
        Ok(MediaPayload(match stored {
            Ok(media) => Outcome::plain(media),
            Err(failure) => Outcome::refused(failure)?.renaming("file", "base64"),
        }))
    }
}

fn read(input: UploadMediaInput) -> Result<Upload, Failure> {
    let bytes = STANDARD.decode(input.base64.trim());
    let bytes = bytes.map_err(|_| Failure::invalid("base64", "this is not base64"))?;
    if bytes.len() > LARGEST {
        let message = "more than 45 KiB: send it to `POST /media` instead";
        return Err(Failure::invalid("base64", message));
    }
    Ok(Upload {
        name: valid(input.name, "name")?,
        alt: optional(input.alt, "alt")?,
        bytes: bytes.into(),
    })
}
