//! The one table that says what each role may do.

use crate::Role::{self, Admin, Auditor, Billing, Editor, Owner, Publisher, Viewer};

const EVERYBODY: &[Role] = &[Owner, Admin, Publisher, Editor, Viewer, Billing, Auditor];
const READERS: &[Role] = &[Owner, Admin, Publisher, Editor, Viewer, Auditor];
const EDITORS: &[Role] = &[Owner, Admin, Publisher, Editor];
const PUBLISHERS: &[Role] = &[Owner, Admin, Publisher];
const ADMINS: &[Role] = &[Owner, Admin];
const OWNERS: &[Role] = &[Owner];
const AUDITORS: &[Role] = &[Owner, Admin, Auditor];

macro_rules! table {
    ($($(#[$doc:meta])* $action:ident, $name:literal => $roles:ident;)*) => {
        /// Something that a member may or may not do: one operation of the API, or one read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $($(#[$doc])* $action,)*
        }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$action,)*];

            /// The name of the API's operation, such as `createPost`; reads are `readPosts` and
            /// so on.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$action => $name,)*
                }
            }

            /// The action of an API's operation, if that is bound to a role.
            #[must_use]
            pub fn named(operation: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|action| action.name() == operation)
            }

            /// The roles that may do it.
            #[must_use]
            pub const fn roles(self) -> &'static [Role] {
                match self {
                    $(Self::$action => $roles,)*
                }
            }
        }
    };
}

// What is not here is not bound to a role: opening an account, accepting an invitation, signing in.
table! {
    /// Say what the business sells, to whom and how it speaks.
    UpdateBusinessProfile, "updateBusinessProfile" => ADMINS;
    /// Mean the account's times in another zone.
    ChangeTimeZone, "changeTimeZone" => ADMINS;
    /// Change who must approve, and how late is too late.
    ChangePolicy, "changePolicy" => ADMINS;
    /// Ask a person to join.
    InviteMember, "inviteMember" => ADMINS;
    /// Make a member something else.
    ChangeRole, "changeRole" => ADMINS;
    /// Remove another member.
    RemoveMember, "removeMember" => ADMINS;
    /// Remove oneself.
    LeaveAccount, "leaveAccount" => EVERYBODY;
    /// Delete the account.
    ScheduleDeletion, "scheduleDeletion" => OWNERS;
    /// Keep the account after all.
    CancelDeletion, "cancelDeletion" => OWNERS;

    /// Start connecting a social account.
    BeginConnection, "beginConnection" => PUBLISHERS;
    /// Finish connecting it.
    CompleteConnection, "completeConnection" => PUBLISHERS;
    /// Give a connection fresh consent.
    Reconnect, "reconnect" => PUBLISHERS;
    /// Stop or resume publishing on a connection.
    PauseConnection, "pauseConnection" => PUBLISHERS;
    /// End a connection.
    Disconnect, "disconnect" => PUBLISHERS;

    /// Upload a picture.
    UploadMedia, "uploadMedia" => EDITORS;
    /// Write a post.
    CreatePost, "createPost" => EDITORS;
    /// Change a post.
    EditPost, "editPost" => EDITORS;
    /// Hand a post in for approval.
    SubmitPost, "submitPost" => EDITORS;
    /// Approve a post.
    ApprovePost, "approvePost" => PUBLISHERS;
    /// Send a post back to its author.
    RequestChanges, "requestChanges" => PUBLISHERS;
    /// Reject a post.
    RejectPost, "rejectPost" => PUBLISHERS;
    /// Give a post its time.
    SchedulePost, "schedulePost" => PUBLISHERS;
    /// Give a post another time.
    ReschedulePost, "reschedulePost" => PUBLISHERS;
    /// Take a post's time away.
    UnschedulePost, "unschedulePost" => PUBLISHERS;
    /// Publish a post now.
    PublishPost, "publishPost" => PUBLISHERS;
    /// Give a post up.
    CancelPost, "cancelPost" => PUBLISHERS;
    /// Try a failed target again.
    RetryTarget, "retryTarget" => PUBLISHERS;
    /// Look whether a target was published after all.
    ReconcileTarget, "reconcileTarget" => PUBLISHERS;
    /// Say what became of a target that only a person can tell.
    ResolveTarget, "resolveTarget" => PUBLISHERS;

    /// Start a content plan.
    CreateContentPlan, "createContentPlan" => EDITORS;
    /// Have a content plan written.
    GenerateContentPlan, "generateContentPlan" => EDITORS;
    /// Change a proposed post.
    EditPlanItem, "editPlanItem" => EDITORS;
    /// Take a proposed post.
    AcceptPlanItem, "acceptPlanItem" => EDITORS;
    /// Leave a proposed post out.
    RejectPlanItem, "rejectPlanItem" => EDITORS;
    /// Hand a content plan in for approval.
    SubmitContentPlan, "submitContentPlan" => EDITORS;
    /// Send a content plan back.
    RequestPlanChanges, "requestPlanChanges" => PUBLISHERS;
    /// Approve a content plan.
    ApproveContentPlan, "approveContentPlan" => PUBLISHERS;
    /// Make posts of an approved content plan.
    MaterializeContentPlan, "materializeContentPlan" => PUBLISHERS;

    /// See the account.
    ReadAccount, "readAccount" => EVERYBODY;
    /// See who takes part.
    ReadMembers, "readMembers" => READERS;
    /// See uploaded media.
    ReadMedia, "readMedia" => READERS;
    /// See posts.
    ReadPosts, "readPosts" => READERS;
    /// See the calendar.
    ReadCalendar, "readCalendar" => READERS;
    /// See connections.
    ReadConnections, "readConnections" => READERS;
    /// See content plans.
    ReadPlans, "readPlans" => READERS;
    /// See what waits for a person.
    ReadAttention, "readAttention" => READERS;
    /// See the log of everything that happened.
    ReadAuditLog, "readAuditLog" => AUDITORS;
    /// Follow changes as they happen.
    ReadChanges, "readChanges" => READERS;
    /// See how the providers are.
    ReadProviderHealth, "readProviderHealth" => READERS;
}

impl Role {
    /// May a member of this role do it?
    #[must_use]
    pub fn may(self, action: Action) -> bool {
        action.roles().contains(&self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The operations of the API that are bound to a role, copied from its contract by hand.
    const OPERATIONS: &str = "updateBusinessProfile inviteMember changeRole removeMember \
        beginConnection completeConnection reconnect pauseConnection disconnect uploadMedia \
        createPost editPost submitPost approvePost requestChanges rejectPost schedulePost \
        reschedulePost unschedulePost publishPost cancelPost retryTarget reconcileTarget \
        resolveTarget createContentPlan generateContentPlan editPlanItem acceptPlanItem \
        rejectPlanItem submitContentPlan requestPlanChanges approveContentPlan \
        materializeContentPlan";

    #[test]
    fn every_operation_of_the_api_is_in_the_table_once() {
        let names: BTreeSet<_> = Action::ALL.iter().map(|action| action.name()).collect();
        assert_eq!(names.len(), Action::ALL.len());
        for operation in OPERATIONS.split_whitespace() {
            let action = Action::named(operation).unwrap_or_else(|| panic!("{operation}"));
            assert_eq!(action.name(), operation);
        }
        assert_eq!(Action::named("openAccount"), None);
    }

    #[test]
    fn the_name_of_an_action_is_its_own_in_camel_case() {
        for action in Action::ALL {
            let variant = format!("{action:?}");
            assert_eq!(variant.to_lowercase(), action.name().to_lowercase());
            assert!(action.name().starts_with(|c: char| c.is_ascii_lowercase()), "{variant}");
            assert_eq!(variant.get(1..), action.name().get(1..));
        }
    }

    #[test]
    fn an_owner_may_do_everything_and_an_admin_all_but_delete() {
        for &action in Action::ALL {
            assert!(Role::Owner.may(action), "{action:?}");
            let owners_alone = matches!(action, Action::ScheduleDeletion | Action::CancelDeletion);
            assert_eq!(Role::Admin.may(action), !owners_alone, "{action:?}");
        }
    }

    #[test]
    fn who_stands_higher_on_the_ladder_of_content_may_do_more() {
        let ladder = [Role::Viewer, Role::Editor, Role::Publisher, Role::Admin, Role::Owner];
        for pair in ladder.windows(2) {
            for &action in Action::ALL {
                assert!(!pair[0].may(action) || pair[1].may(action), "{pair:?} {action:?}");
            }
        }
    }

    #[test]
    fn viewers_billing_and_auditors_change_nothing() {
        for role in [Role::Viewer, Role::Billing, Role::Auditor] {
            for &action in Action::ALL {
                let harmless = action.name().starts_with("read");
                assert!(
                    !role.may(action) || harmless || action == Action::LeaveAccount,
                    "{role} {action:?}"
                );
            }
        }
    }

    #[test]
    fn writing_is_for_editors_and_sending_for_publishers() {
        assert!(Role::Editor.may(Action::CreatePost) && Role::Editor.may(Action::SubmitPost));
        assert!(!Role::Editor.may(Action::ApprovePost) && !Role::Editor.may(Action::PublishPost));
        assert!(Role::Publisher.may(Action::ApprovePost));
        assert!(Role::Publisher.may(Action::BeginConnection));
        assert!(!Role::Publisher.may(Action::InviteMember));
        assert!(Role::Auditor.may(Action::ReadAuditLog) && !Role::Viewer.may(Action::ReadAuditLog));
        assert!(Role::Billing.may(Action::ReadAccount) && !Role::Billing.may(Action::ReadPosts));
    }
}
