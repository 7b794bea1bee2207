//! Writing a post and changing what it says.

use super::{ALREADY_SO, Decision};
use crate::{
    PostCommand, PostEvent, PostRefusal,
    content::Content,
    new_target::NewTarget,
    rules::{self, Violation},
    state::Written,
    target::{Target, TargetState},
};
use herald_kernel::{ContentHash, MemberId, Network, Personal};

/// The first command of a post; every other one is refused until it exists.
pub(super) fn create(command: PostCommand) -> Decision {
    let PostCommand::Create { account, author, content, hash, targets, origin } = command else {
        return Err(PostRefusal::NotCreated);
    };
    check_targets(&targets)?;
    let known = content.known().ok_or(PostRefusal::ContentForgotten)?;
    check(known, targets.iter().map(|target| (target.network, target.text_limit)))?;
    let steps = known.step_count();
    Ok(vec![PostEvent::Created {
        account,
        author,
        content,
        content_hash: hash,
        steps,
        targets,
        origin,
    }])
}

fn check_targets(targets: &[NewTarget]) -> Result<(), PostRefusal> {
    if targets.is_empty() {
        return Err(PostRefusal::NoTargets);
    }
    for (index, target) in targets.iter().enumerate() {
        let same = |other: &NewTarget| {
            other.target == target.target || other.connection == target.connection
        };
        if targets.iter().skip(index + 1).any(same) {
            return Err(PostRefusal::DuplicateTarget);
        }
    }
    Ok(())
}

/// Refuses content that a network would not take, naming each violation once.
fn check(
    content: &Content,
    targets: impl Iterator<Item = (Network, u32)>,
) -> Result<(), PostRefusal> {
    let mut found: Vec<Violation> = Vec::new();
    for (network, text_limit) in targets {
        for violation in rules::violations(network, text_limit, content) {
            if !found.contains(&violation) {
                found.push(violation);
            }
        }
    }
    if found.is_empty() { Ok(()) } else { Err(PostRefusal::Invalid(found)) }
}

impl Written {
    pub(super) fn edit(
        &self,
        content: Personal<Content>,
        hash: ContentHash,
        by: MemberId,
    ) -> Decision {
        self.check_alive("draft, in_review, approved or scheduled")?;
        if self.targets.iter().any(Target::is_settled) {
            return Err(PostRefusal::InFlight);
        }
        if hash == self.hash {
            return ALREADY_SO;
        }
        let known = content.known().ok_or(PostRefusal::ContentForgotten)?;
        check(known, self.limits())?;
        let steps = known.step_count();
        let mut events = self.unscheduled(by);
        events.push(PostEvent::ContentRevised { content, content_hash: hash, steps, by });
        Ok(events)
    }

    /// Refuses what was valid once and is not any more: rules change, and so do connections.
    pub(super) fn check_content(&self) -> Result<(), PostRefusal> {
        let content = self.content.known().ok_or(PostRefusal::ContentForgotten)?;
        check(content, self.limits())
    }

    /// Refuses everything about a post of which every target was given up.
    pub(super) fn check_alive(&self, allowed: &'static str) -> Result<(), PostRefusal> {
        if self.is_canceled() {
            return Err(PostRefusal::InvalidState { current: "canceled", allowed });
        }
        Ok(())
    }

    pub(super) fn is_canceled(&self) -> bool {
        self.targets.iter().all(|target| target.state == TargetState::Canceled)
    }

    fn limits(&self) -> impl Iterator<Item = (Network, u32)> {
        self.targets.iter().map(|target| (target.network, target.text_limit))
    }
}
