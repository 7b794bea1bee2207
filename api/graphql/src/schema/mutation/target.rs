//! Commands to targets: what a person does when publishing did not simply work.

use super::{Keyed, Outcome, carry, inputs, payloads};
use crate::schema::{
    fault::Result,
    input::{id, valid},
    reads,
    types::{names::Resolution, post::Post, target::Target},
    visitor::caller,
};
use async_graphql::{Context, ID, Object};
use herald_account::{Action, Website};
use herald_application::{
    caller::Caller,
    commands::post::{OnPost, PostUse, ReconcileTarget, ResolveTarget, RetryTarget},
    failure::Failure,
    reading::require,
};
use herald_kernel::{PostId, TargetId, Text};
use herald_post::{Remote, Resolution as Resolved};

inputs! {
    /// What a command takes that needs nothing but the target.
    TargetInput {
        /// Which target.
        target: ID,
    }
    /// What `resolveTarget` takes.
    ResolveTargetInput {
        /// Which target.
        target: ID,
        /// What you saw on the network.
        resolution: Resolution,
        /// Where you saw it, when it is published.
        url: Option<String>,
        /// The network's id of it; the last part of the `url` when absent.
        remote_id: Option<String>,
    }
}

payloads! {
    /// What came of a command to a target.
    TargetPayload(TargetId) {
        /// The target as it stands now.
        target: Target = async |ctx: &Context<'_>, _: Caller, id: &TargetId| {
            reads::target(ctx, *id).await
        };
        /// Its post as it stands now.
        post: Post = async |ctx: &Context<'_>, _: Caller, id: &TargetId| {
            Ok::<_, crate::schema::fault::Fault>(
                reads::target(ctx, *id).await?.map(|target| Post(target.post)),
            )
        };
    }
}

#[derive(Debug, Default)]
pub(crate) struct TargetMutations;

#[Object]
impl TargetMutations {
    /// Tries a target again that is proven not to be published. Needs a publisher.
    async fn retry_target(&self, ctx: &Context<'_>, input: TargetInput) -> Result<TargetPayload> {
        let target = input.target.clone();
        on_target(ctx, Action::RetryTarget, &target, input, |post, target, _| {
            Ok(RetryTarget { post, target })
        })
        .await
    }

    /// Looks on the network now whether a target was published after all. Needs a publisher.
    async fn reconcile_target(
        &self,
        ctx: &Context<'_>,
        input: TargetInput,
    ) -> Result<TargetPayload> {
        let target = input.target.clone();
        on_target(ctx, Action::ReconcileTarget, &target, input, |post, target, _| {
            Ok(ReconcileTarget { post, target })
        })
        .await
    }

    /// Says what became of a target, by a person who looked. Needs a publisher.
    async fn resolve_target(
        &self,
        ctx: &Context<'_>,
        input: ResolveTargetInput,
    ) -> Result<TargetPayload> {
        let target = input.target.clone();
        on_target(ctx, Action::ResolveTarget, &target, input, |post, target, input| {
            Ok(ResolveTarget { post, target, resolution: resolution(input)? })
        })
        .await
    }
}

/// Carries a command to a target out; its post is looked up.
async fn on_target<I: Keyed, C: PostUse>(
    ctx: &Context<'_>,
    action: Action,
    target: &ID,
    input: I,
    command: impl FnOnce(PostId, TargetId, I) -> Result<C, Failure>,
) -> Result<TargetPayload> {
    require(&caller(ctx).await?, action)?;
    let target: TargetId = match id(target, "target") {
        Ok(target) => target,
        Err(failure) => return Ok(TargetPayload(Outcome::refused(failure)?)),
    };
    let Some(post) = reads::post_of(ctx, target).await? else {
        return Ok(TargetPayload(Outcome::refused(Failure::NotFound)?));
    };
    let outcome = carry(ctx, input, |input| Ok(OnPost(command(post, target, input)?)));
    Ok(TargetPayload(outcome.await?.map(|_| target)))
}

fn resolution(input: ResolveTargetInput) -> Result<Resolved, Failure> {
    match (input.resolution, input.url) {
        (Resolution::Published, Some(url)) => published(url, input.remote_id),
        (Resolution::Published, None) => {
            Err(Failure::invalid("url", "say where you saw it: its address on the network"))
        }
        (Resolution::NotPublished, None) => Ok(Resolved::NotPublished),
        (Resolution::Leave, None) => Ok(Resolved::Leave),
        (Resolution::NotPublished | Resolution::Leave, Some(_)) => {
            Err(Failure::invalid("url", "an address goes with `PUBLISHED` alone"))
        }
    }
}

fn published(url: String, remote_id: Option<String>) -> Result<Resolved, Failure> {
    let url: Website = valid(url, "url")?;
    let last = url.as_str().split(['?', '#']).next().unwrap_or_default();
    let last = last.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let remote_id = remote_id.unwrap_or_else(|| last.to_owned());
    let remote_id: Text<64> = valid(remote_id, "remoteId")?;
    if !remote_id
        .as_str()
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_-:".contains(&byte))
    {
        return Err(Failure::invalid("remoteId", "this is not a network's id of a post"));
    }
    let (remote_id, url) = (remote_id.to_string(), url.as_str().to_owned());
    Ok(Resolved::Published(Remote { remote_id, url }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_post_is_the_last_part_of_its_address() {
        let found = published("https://x.com/ada/status/1234?s=20".to_owned(), None);
        let Ok(Resolved::Published(remote)) = found else { panic!("{found:?}") };
        assert_eq!(remote.remote_id, "1234");
        assert!(published("https://x.com/".to_owned(), None).is_err());
        assert!(published("x.com/ada/status/1".to_owned(), None).is_err());
    }
}
