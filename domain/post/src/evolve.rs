//! How a post changes once something has happened to it. No rule is decided here.

mod attempts;
mod waiting;

use crate::{
    Post, PostEvent,
    new_target::NewTarget,
    state::{Editorial, Written},
    target::{Target, TargetState},
};
use herald_kernel::TargetId;

impl Post {
    /// The state once `event` has happened.
    pub(crate) fn apply(&mut self, event: &PostEvent) {
        if let PostEvent::Created { .. } = event {
            self.written = born(event);
        } else if let Some(post) = &mut self.written {
            post.apply_editorial(event);
            post.apply_waiting(event);
            post.apply_attempt(event);
        }
    }
}

fn born(event: &PostEvent) -> Option<Written> {
    let PostEvent::Created { account, author, content, content_hash, steps, targets, origin } =
        event
    else {
        return None;
    };
    let target = |new: &NewTarget| Target::new(new, *steps);
    Some(Written {
        account: *account,
        author: *author,
        editor: *author,
        content: content.clone(),
        hash: content_hash.clone(),
        steps: *steps,
        origin: *origin,
        editorial: Editorial::Draft,
        approved: None,
        released: None,
        schedule: None,
        counted: false,
        revision: 1,
        targets: targets.iter().map(target).collect(),
    })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each fold takes its share of the events; the three together are tested to take all"
)]
impl Written {
    fn apply_editorial(&mut self, event: &PostEvent) {
        match event {
            PostEvent::ContentRevised { content, content_hash, steps, by } => {
                self.content = content.clone();
                self.hash = content_hash.clone();
                self.steps = *steps;
                self.editor = *by;
                self.withdraw_approval(Editorial::Draft);
                self.schedule = None;
                self.revision += 1;
                self.targets.iter_mut().for_each(|target| target.begin_anew(*steps));
            }
            PostEvent::Submitted { .. } => self.editorial = Editorial::InReview,
            PostEvent::Approved { content_hash, .. } => {
                self.editorial = Editorial::Approved;
                self.approved = Some(content_hash.clone());
                self.released = Some(content_hash.clone());
            }
            PostEvent::ChangesRequested { .. } => self.withdraw_approval(Editorial::Draft),
            PostEvent::Rejected { .. } => self.withdraw_approval(Editorial::Rejected),
            _ => {}
        }
    }

    fn withdraw_approval(&mut self, editorial: Editorial) {
        self.editorial = editorial;
        self.approved = None;
        self.released = None;
    }

    fn change(&mut self, id: TargetId, how: impl FnOnce(&mut Target)) {
        if let Some(target) = self.targets.iter_mut().find(|target| target.id == id) {
            how(target);
        }
    }
}

impl Target {
    /// New content: what was tried with the old one stays known, so that a late verdict still
    /// finds its intent. What a person canceled stays so.
    fn begin_anew(&mut self, steps: u16) {
        if self.state == TargetState::Canceled {
            return;
        }
        self.state = TargetState::Idle;
        self.due = None;
        self.on_time = None;
        self.prepared.clear();
        self.steps.resize_with(usize::from(steps), Default::default);
        self.steps.iter_mut().for_each(|step| step.absences.clear());
    }
}
