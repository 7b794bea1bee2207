//! What the directory keeps, and what it never shows.

use super::*;
use uuid::Uuid;

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n";

fn ids(n: u128) -> (AccountId, MediaId) {
    (AccountId::new(Uuid::from_u128(n)), MediaId::new(Uuid::from_u128(n)))
}

#[tokio::test]
async fn what_was_stored_is_there_after_a_restart() {
    let directory = tempfile::tempdir().expect("a directory");
    let root = directory.path().join("media");
    let (account, id) = ids(1);
    let files = Files::open(&root).expect("it opens");
    files.put(account, id, Bytes::from_static(PICTURE)).await.expect("it is stored");
    files.put(account, id, Bytes::from_static(PICTURE)).await.expect("the same again is fine");
    let files = Files::open(&root).expect("it opens again");
    let read = files.get(account, id).await.expect("it reads");
    assert_eq!(read.as_deref(), Some(PICTURE));
}

#[tokio::test]
async fn another_accounts_picture_is_not_there() {
    let directory = tempfile::tempdir().expect("a directory");
    let files = Files::open(directory.path()).expect("it opens");
    let ((account, id), (other, _)) = (ids(1), ids(2));
    files.put(account, id, Bytes::from_static(PICTURE)).await.expect("it is stored");
    assert_eq!(files.get(other, id).await, Ok(None));
}

#[tokio::test]
async fn no_draft_is_left_behind() {
    let directory = tempfile::tempdir().expect("a directory");
    let files = Files::open(directory.path()).expect("it opens");
    let (account, id) = ids(1);
    files.put(account, id, Bytes::from_static(PICTURE)).await.expect("it is stored");
    let left: Vec<_> = fs::read_dir(files.folder(account))
        .expect("the folder is there")
        .map(|entry| entry.expect("it reads").file_name())
        .collect();
    assert_eq!(left, [id.to_string().as_str()]);
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_unavailable() {
    let directory = tempfile::tempdir().expect("a directory");
    let files = Files::open(directory.path()).expect("it opens");
    let (account, id) = ids(1);
    // A file stands where the account's folder should be.
    fs::write(files.folder(account), b"").expect("it is written");
    let refused = files.put(account, id, Bytes::from_static(PICTURE)).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
}
