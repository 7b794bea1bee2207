//! Media in a local directory: one file a picture, one folder an account.
//!
//! **Invariant:** no part of a path comes from what a person typed; both parts are ids of ours.
//! **Invariant:** a file that exists is complete: it is written beside its place, made durable and
//! renamed into it.

use async_trait::async_trait;
use bytes::Bytes;
use herald_application::ports::{MediaFiles, StoreError};
use herald_kernel::{AccountId, MediaId};
use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// Media in a directory.
#[derive(Debug)]
pub struct Files {
    root: PathBuf,
    written: AtomicU64,
}

impl Files {
    /// Opens `root`, and makes it if it is not there.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let root = root.into();
        fs::create_dir_all(&root).map_err(|error| unavailable(&root, &error))?;
        Ok(Self { root, written: AtomicU64::new(0) })
    }

    fn folder(&self, account: AccountId) -> PathBuf {
        self.root.join(account.to_string())
    }

    /// A name that no other writer of this directory uses, and no medium has.
    fn beside(&self, id: MediaId) -> String {
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        format!(".{id}.{}.{number}", std::process::id())
    }
}

#[async_trait]
impl MediaFiles for Files {
    async fn put(&self, account: AccountId, id: MediaId, bytes: Bytes) -> Result<(), StoreError> {
        let folder = self.folder(account);
        let (draft, place) = (folder.join(self.beside(id)), folder.join(id.to_string()));
        blocking(place, move |place| write(&folder, &draft, place, &bytes)).await
    }

    async fn get(&self, account: AccountId, id: MediaId) -> Result<Option<Bytes>, StoreError> {
        let place = self.folder(account).join(id.to_string());
        blocking(place, |place| match fs::read(place) {
            Ok(bytes) => Ok(Some(Bytes::from(bytes))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }
}

/// Writes `draft`, makes it durable, and renames it into its place.
fn write(folder: &Path, draft: &Path, place: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let written = (|| {
        let mut file = File::create_new(draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(draft, place)
    })();
    if let Err(error) = written {
        // What is left of the draft is in nobody's way, but it takes room.
        let _removed = fs::remove_file(draft);
        return Err(error);
    }
    // The rename itself is durable once the folder is, and the folder once its parent is.
    sync(folder)?;
    folder.parent().map_or(Ok(()), sync)
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Runs file operations where they hold nobody up.
async fn blocking<T: Send + 'static>(
    place: PathBuf,
    work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(move || {
        work(&place).map_err(|error| unavailable(&place, &error))
    });
    done.await.unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))
}

fn unavailable(place: &Path, error: &io::Error) -> StoreError {
    StoreError::Unavailable(format!("media at {}: {error}", place.display()))
}

#[cfg(test)]
mod tests;
