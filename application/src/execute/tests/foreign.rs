//! What an input names must be the account's own, and within a key's reach.

use super::super::*;
use crate::{
    commands::{
        api_key::IssueApiKey,
        connection::BeginConnection,
        media::{Upload, upload_media},
        plan::{CreateContentPlan, GenerateContentPlan, OnPlan, SubmitContentPlan},
        post::{CancelPost, ContentInput, CreatePost, EditPost, MediaInput, OnPost, StepInput},
    },
    testing::{World, caller, network},
};
use bytes::Bytes;
use herald_account::Role;
use herald_content_plan::Period;
use herald_kernel::{ApiKeyId, ConnectionId, MediaId, Network, Zone};
use herald_terms::{Reach, Rights, Scope};
use serde_json::json;

fn content(text: &str, pictures: &[MediaId]) -> ContentInput {
    let media = pictures.iter().map(|media| MediaInput { media: *media, alt: None }).collect();
    let root = StepInput { text: text.try_into().expect("a text"), media };
    ContentInput { root, segments: Vec::new(), first_comment: None, made_with_ai: false }
}

fn post(pictures: &[MediaId], connections: &[ConnectionId]) -> CreatePost {
    CreatePost { content: content("Rye", pictures), connections: connections.to_vec() }
}

/// A refusal's code and the place in the input that it names.
fn refused<A: std::fmt::Debug>(answer: Result<A, Failure>) -> (&'static str, String) {
    let failure = answer.expect_err("this is refused");
    let Failure::Refused { code, path, .. } = failure else { panic!("{failure:?}") };
    (code, path.unwrap_or_default())
}

fn invalid(path: &str) -> (&'static str, String) {
    ("VALIDATION", path.to_owned())
}

async fn picture(world: &World, who: &Caller, alt: Option<&str>) -> MediaId {
    let bytes = Bytes::from_static(b"\x89PNG\r\n\x1a\n and so on");
    let name = "loaf.png".try_into().expect("a name");
    let alt = alt.map(|alt| alt.try_into().expect("a text"));
    let taken = upload_media(&world.desk, who, Upload { name, alt, bytes }).await;
    taken.expect("it is taken").id
}

/// A program of Ada's that is bound to this connection.
fn bound_to(ada: &Caller, connection: ConnectionId) -> Caller {
    let (issuer, role) = (ada.member().expect("a member"), Role::Owner);
    let rights = Rights::new(Scope::OF_USERS, Reach::Only([connection].into()));
    let key = ApiKeyId::new(Uuid::from_u128(1));
    caller(ada.account, Standing::Key { key, issuer, role, rights })
}

#[tokio::test]
async fn a_post_is_for_the_accounts_own_connections_with_its_own_pictures() {
    let world = World::new().await;
    let (ada, eve) = (world.open_account("Ada").await, world.open_account("Eve").await);
    let (own, foreign) = (world.connect(&ada).await, world.connect(&eve).await);
    let theirs = picture(&world, &eve, None).await;
    let before = world.memory.state().events.len();
    let strange = world.run(&ada, post(&[], &[own, foreign])).await;
    assert_eq!(refused(strange), invalid("connections.1"));
    let strange = world.run(&ada, post(&[theirs], &[own])).await;
    assert_eq!(refused(strange), invalid("content.root.media.0"));
    assert_eq!(world.memory.state().events.len(), before, "nothing was written");
    let written = world.run(&ada, post(&[], &[own])).await.expect("it is written");
    let edit = EditPost { post: written, content: content("Rye", &[theirs]) };
    assert_eq!(refused(world.run(&ada, edit).await), invalid("content.root.media.0"));
    let edit = EditPost { post: written, content: content("Mine", &[]) };
    assert_eq!(world.run(&eve, edit).await, Err(Failure::NotFound));
}

#[tokio::test]
async fn a_connection_that_was_never_completed_takes_no_post() {
    let world = World::new().await;
    let ada = world.open_account("Ada").await;
    let begun = world.run(&ada, BeginConnection { network: Network::X }).await.expect("begun");
    let early = world.run(&ada, post(&[], &[begun.connection])).await;
    assert_eq!(refused(early), invalid("connections.0"));
}

#[tokio::test]
async fn a_picture_is_described_as_it_was_at_its_upload_unless_the_post_says_otherwise() {
    let world = World::new().await;
    let ada = world.open_account("Ada").await;
    let connection = world.connect(&ada).await;
    let loaf = picture(&world, &ada, Some("a loaf of rye")).await;
    for (said, shown) in [(None, "a loaf of rye"), (Some("Ada's best loaf"), "Ada's best loaf")] {
        let mut wish = post(&[loaf], &[connection]);
        wish.content.root.media[0].alt = said.map(|alt| alt.try_into().expect("a text"));
        let written = world.run(&ada, wish).await.expect("it is written");
        let loaded = world.desk.journal.load::<herald_post::Post>(written.uuid()).await;
        let state = loaded.expect("it loads").state;
        let alt = state.content().expect("its content").root.media[0].alt.clone();
        assert_eq!(alt.as_ref().map(herald_kernel::Text::as_str), Some(shown));
    }
}

#[tokio::test]
async fn a_key_is_bound_to_the_accounts_own_connections_only() {
    let world = World::new().await;
    let (ada, eve) = (world.open_account("Ada").await, world.open_account("Eve").await);
    let (own, foreign) = (world.connect(&ada).await, world.connect(&eve).await);
    let bound = |connections: &[ConnectionId]| IssueApiKey {
        name: "the shop".try_into().expect("a name"),
        scopes: [Scope::Write].into(),
        reach: Reach::Only(connections.iter().copied().collect()),
        ip_allow: Vec::new(),
        expires_at: None,
    };
    let strange = world.run(&ada, bound(&[own, foreign])).await;
    assert_eq!(refused(strange), invalid("connections"));
    world.run(&ada, bound(&[own])).await.expect("it is issued");
}

/// Ada has two connections, and a program whose key is bound to the one that is near.
struct Bound {
    world: World,
    ada: Caller,
    near: ConnectionId,
    far: ConnectionId,
    program: Caller,
}

impl Bound {
    async fn world() -> Self {
        let world = World::new().await;
        let ada = world.open_account("Ada").await;
        let near = world.connect(&ada).await;
        world.network.script().identities.push_back(Ok(network::owner("43")));
        let far = world.connect(&ada).await;
        let program = bound_to(&ada, near);
        Self { world, ada, near, far, program }
    }
}

#[tokio::test]
async fn a_key_that_is_bound_to_one_connection_leaves_the_posts_of_others_alone() {
    let Bound { world, ada, near, far, program } = Bound::world().await;
    for (connections, reached) in [(vec![near], true), (vec![far], false), (vec![near, far], false)]
    {
        let written = world.run(&ada, post(&[], &connections)).await.expect("it is written");
        let answer = if reached { Ok(written) } else { Err(Failure::NotFound) };
        let before = world.memory.history(written.uuid());
        let edit = EditPost { post: written, content: content("Rye, once more", &[]) };
        assert_eq!(world.run(&program, edit).await, answer);
        let cancel = OnPost(CancelPost { post: written });
        assert_eq!(world.run(&program, cancel).await, answer);
        assert_eq!(world.memory.history(written.uuid()) != before, reached);
    }
}

#[tokio::test]
async fn a_key_that_is_bound_to_one_connection_leaves_the_plans_of_others_alone() {
    let Bound { world, ada, near, far, program } = Bound::world().await;
    for (connections, reached) in [(vec![near], true), (vec![far], false), (vec![near, far], false)]
    {
        let create = CreateContentPlan {
            brief: serde_json::from_value(json!({ "goal": "sell out", "topics": [] }))
                .expect("a brief"),
            period: Period {
                from: "2026-12-01".parse().expect("a day"),
                to: "2026-12-07".parse().expect("a day"),
            },
            zone: Zone::utc(),
            connections,
            cadence: 2.try_into().expect("a cadence"),
        };
        let plan = world.run(&ada, create).await.expect("the plan is created");
        let generate = world.run(&program, GenerateContentPlan { plan }).await;
        assert_eq!(generate.err(), (!reached).then_some(Failure::NotFound));
        let submit = world.run(&program, OnPlan(SubmitContentPlan { plan })).await;
        assert_eq!(submit == Err(Failure::NotFound), !reached, "{submit:?}");
    }
}
