//! Which pictures are taken, and that each is taken once.

use super::*;
use crate::{
    caller::Standing,
    testing::{World, caller, person},
};
use herald_account::Role;
use herald_kernel::MemberId;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

fn picture(bytes: &[u8], alt: Option<&str>) -> Upload {
    let alt = alt.map(|alt| alt.try_into().expect("a text"));
    let name = "../../etc/passwd".try_into().expect("a name");
    Upload { name, alt, bytes: Bytes::copy_from_slice(bytes) }
}

#[tokio::test]
async fn the_same_picture_twice_is_one_and_another_accounts_is_another() {
    let world = World::new().await;
    let (ada, eve) = (world.open_account("Ada").await, world.open_account("Eve").await);
    let first = upload_media(&world.desk, &ada, picture(PNG, Some("bread"))).await.expect("taken");
    let again = upload_media(&world.desk, &ada, picture(PNG, None)).await.expect("taken");
    assert_eq!((first.kind, first.alt.as_deref()), (MediaKind::Png, Some("bread")));
    assert_eq!(again, first);
    let theirs = upload_media(&world.desk, &eve, picture(PNG, None)).await.expect("taken");
    assert!(theirs.id != first.id && theirs.fingerprint != first.fingerprint);
    let bytes = world.desk.files.get(ada.account, first.id).await.expect("storage answers");
    assert_eq!(bytes.as_deref(), Some(PNG));
}

#[tokio::test]
async fn what_a_file_is_shows_in_its_bytes_not_in_its_name() {
    let world = World::new().await;
    let ada = world.open_account("Ada").await;
    let page = picture(b"<html>", None);
    let refused = upload_media(&world.desk, &ada, page).await.expect_err("no picture");
    assert_eq!(refused.code(), "MEDIA_UNSUPPORTED");
    assert!(world.memory.state().files.is_empty());
}

#[tokio::test]
async fn a_picture_may_have_five_megabytes_and_an_animation_fifteen() {
    let world = World::new().await;
    let ada = world.open_account("Ada").await;
    let sized = |head: &[u8], size: usize| {
        let mut bytes = head.to_vec();
        bytes.resize(size, 0);
        picture(&bytes, None)
    };
    let too_large = sized(PNG, 5 * MEGABYTE + 1);
    let refused = upload_media(&world.desk, &ada, too_large).await.expect_err("too large");
    assert_eq!(refused.code(), "MEDIA_TOO_LARGE");
    upload_media(&world.desk, &ada, sized(PNG, 5 * MEGABYTE)).await.expect("it fits");
    upload_media(&world.desk, &ada, sized(b"GIF89a", 15 * MEGABYTE)).await.expect("it fits");
}

#[tokio::test]
async fn an_account_keeps_so_many_bytes_and_what_it_has_it_may_send_again() {
    let world = World::with(|settings| settings.media_bytes_per_account = 64).await;
    let (ada, eve) = (world.open_account("Ada").await, world.open_account("Eve").await);
    let sized = |end: u8| {
        let mut bytes = PNG.to_vec();
        bytes.resize(32, end);
        picture(&bytes, None)
    };
    for end in [1, 2] {
        upload_media(&world.desk, &ada, sized(end)).await.expect("it fits");
    }
    let refused = upload_media(&world.desk, &ada, sized(3)).await.expect_err("full");
    assert_eq!(refused.code(), "MEDIA_STORAGE_FULL");
    assert_eq!(world.memory.state().files.len(), 2, "nothing is left behind");
    upload_media(&world.desk, &ada, sized(1)).await.expect("it is there already");
    upload_media(&world.desk, &eve, sized(3)).await.expect("another account has room");
}

#[tokio::test]
async fn a_viewer_uploads_nothing() {
    let world = World::new().await;
    let ada = world.open_account("Ada").await;
    let member = MemberId::derived(ada.account.uuid(), "viewer");
    let standing = Standing::Member { member, role: Role::Viewer, person: person("Bob") };
    let viewer = caller(ada.account, standing);
    let refused = upload_media(&world.desk, &viewer, picture(PNG, None)).await;
    assert_eq!(refused, Err(Failure::Forbidden { action: "uploadMedia" }));
    assert!(world.memory.state().files.is_empty());
}
