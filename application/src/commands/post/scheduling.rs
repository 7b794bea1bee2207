//! Say when a post goes out, or that it does not.

use super::{PostUse, Weighs};
use crate::{caller::Caller, execute::Who, failure::Failure};
use herald_account::Action;
use herald_kernel::{Instant, LocalTime, PostId, Zone};
use herald_post::{PostCommand, When};
use serde::Serialize;

/// When, as a caller says it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenInput {
    /// At an instant.
    At(Instant),
    /// When clocks in a zone show a time.
    Local {
        /// What the clocks show.
        local: LocalTime,
        /// The zone.
        zone: Zone,
    },
}

impl WhenInput {
    fn when(&self) -> When {
        match self {
            Self::At(instant) => When::At(*instant),
            Self::Local { local, zone } => When::Local { local: *local, zone: zone.clone() },
        }
    }
}

macro_rules! timed {
    ($(#[$doc:meta])* $name:ident, $action:ident, $command:ident) => {
        $(#[$doc])*
        #[derive(Debug, Serialize)]
        pub struct $name {
            /// The post.
            pub post: PostId,
            /// When.
            pub when: WhenInput,
        }

        impl PostUse for $name {
            const WHO: Who = Who::Members(Action::$action);
            const WEIGHS: Weighs = Weighs::Budget;
            const WHILE_OWING: bool = false;

            fn post(&self) -> PostId {
                self.post
            }

            fn command(&self, caller: &Caller) -> Result<PostCommand, Failure> {
                Ok(PostCommand::$command { when: self.when.when(), by: caller.acting_member()? })
            }
        }
    };
}

macro_rules! plain {
    ($(#[$doc:meta])* $name:ident, $action:ident, $command:ident, $while_owing:literal) => {
        $(#[$doc])*
        #[derive(Debug, Serialize)]
        pub struct $name {
            /// The post.
            pub post: PostId,
        }

        impl PostUse for $name {
            const WHO: Who = Who::Members(Action::$action);
            const WEIGHS: Weighs = Weighs::Budget;
            const WHILE_OWING: bool = $while_owing;

            fn post(&self) -> PostId {
                self.post
            }

            fn command(&self, caller: &Caller) -> Result<PostCommand, Failure> {
                Ok(PostCommand::$command { by: caller.acting_member()? })
            }
        }
    };
}

timed! {
    /// Schedule a draft or an approved post.
    SchedulePost, SchedulePost, Schedule
}
timed! {
    /// Move a scheduled, held or missed post to another time.
    ReschedulePost, ReschedulePost, Reschedule
}
plain! {
    /// Take a post off the calendar; it stays as it is.
    UnschedulePost, UnschedulePost, Unschedule, true
}
plain! {
    /// Publish as soon as possible.
    PublishPost, PublishPost, PublishNow, false
}
plain! {
    /// Cancel whatever of the post has not begun to be published.
    CancelPost, CancelPost, Cancel, true
}
