//! Upload a picture: its bytes to the media directory, what is known of it to the store.

use crate::{
    caller::Caller,
    desk::Desk,
    failure::Failure,
    log::digest::hex,
    ports::{Media, MediaKind},
    reading::require,
};
use bytes::Bytes;
use herald_account::Action;
use herald_kernel::{AccountId, MediaId, Text};
use sha2::{Digest as _, Sha256};

const MEGABYTE: usize = 1024 * 1024;

/// A picture as it arrives.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The name of the file.
    pub name: Text<255>,
    /// A description for people who do not see it.
    pub alt: Option<Text<1000>>,
    /// The file.
    pub bytes: Bytes,
}

/// Stores a picture. The same picture again is the one that is stored already.
///
/// Media are no aggregate: nothing is decided about them, so nothing of them is in the log.
pub async fn upload_media(desk: &Desk, caller: &Caller, upload: Upload) -> Result<Media, Failure> {
    require(caller, Action::UploadMedia)?;
    let Upload { name, alt, bytes } = upload;
    let kind = MediaKind::sniff(&bytes).ok_or_else(|| {
        refused("MEDIA_UNSUPPORTED", "a picture is a JPEG, PNG, WebP or GIF file".to_owned())
    })?;
    let most = size_at_most(kind);
    if bytes.len() > most {
        let message = format!("this {} has more than {} MB", kind.content_type(), most / MEGABYTE);
        return Err(refused("MEDIA_TOO_LARGE", message));
    }
    let account = caller.account;
    let key = desk.journal.keyring().ensure(account).await?;
    let fingerprint = key.fingerprint("media", &hex(&Sha256::digest(&bytes)));
    let id = MediaId::derived(account.uuid(), &fingerprint);
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    must_fit(desk, account, id, size).await?;
    let media = Media {
        id,
        account,
        kind,
        bytes: size,
        fingerprint,
        name: name.to_string(),
        alt: alt.map(|alt| alt.to_string()),
        uploaded_at: desk.clock.now(),
    };
    // The bytes first: a record without its bytes would promise what is not there.
    desk.files.put(account, id, bytes).await?;
    desk.stores.media.insert(&media).await?;
    Ok(desk.stores.media.get(account, id).await?.unwrap_or(media))
}

/// Uploads side by side may go beyond by what is under way, which is bounded too.
async fn must_fit(desk: &Desk, account: AccountId, id: MediaId, size: u64) -> Result<(), Failure> {
    let (media, most) = (&desk.stores.media, desk.settings.media_bytes_per_account);
    if media.bytes_of(account).await?.saturating_add(size) <= most
        || media.get(account, id).await?.is_some()
    {
        return Ok(());
    }
    let message = format!("this account's pictures would have more than {most} bytes");
    Err(refused("MEDIA_STORAGE_FULL", message))
}

const fn size_at_most(kind: MediaKind) -> usize {
    match kind {
        MediaKind::Jpeg | MediaKind::Png | MediaKind::Webp => 5 * MEGABYTE,
        MediaKind::Gif => 15 * MEGABYTE,
    }
}

fn refused(code: &'static str, message: String) -> Failure {
    Failure::Refused { code, message, path: Some("file".to_owned()), retryable: false }
}

#[cfg(test)]
mod tests;
