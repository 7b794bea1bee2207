//! The one table that says what each role may do, and what of it a key may do.

use crate::Role::{self, Admin, Auditor, Billing, Editor, Owner, Publisher, Viewer};
use herald_terms::{Reach, Rights, Scope};

const EVERYBODY: &[Role] = &[Owner, Admin, Publisher, Editor, Viewer, Billing, Auditor];
const READERS: &[Role] = &[Owner, Admin, Publisher, Editor, Viewer, Auditor];
const EDITORS: &[Role] = &[Owner, Admin, Publisher, Editor];
const PUBLISHERS: &[Role] = &[Owner, Admin, Publisher];
const ADMINS: &[Role] = &[Owner, Admin];
const OWNERS: &[Role] = &[Owner];
const AUDITORS: &[Role] = &[Owner, Admin, Auditor];
const BILLERS: &[Role] = &[Owner, Admin, Billing];

/// No key does it: it is about people, keys or money, or needs somebody's consent.
const PERSON: Option<Scope> = None;
const READ: Option<Scope> = Some(Scope::Read);
const WRITE: Option<Scope> = Some(Scope::Write);
const PUBLISH: Option<Scope> = Some(Scope::Publish);
/// No user's key does it, but a service's.
const SERVICE: Option<Scope> = Some(Scope::CheckoutCreate);

macro_rules! table {
    ($($(#[$doc:meta])* $action:ident, $name:literal => $roles:ident, $scope:ident;)*) => {
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

            /// The scope that a key needs for it, beside its issuer's role; `None` for what only a
            /// person does, whatever the key.
            #[must_use]
            pub const fn scope(self) -> Option<Scope> {
                match self {
                    $(Self::$action => $scope,)*
                }
            }
        }
    };
}

// What is not here is not bound to a role: opening an account, accepting an invitation, signing
// in; and what only operators do, such as suspending an account.
table! {
    /// Say what the business sells, to whom and how it speaks.
    UpdateBusinessProfile, "updateBusinessProfile" => ADMINS, PERSON;
    /// Mean the account's times in another zone.
    ChangeTimeZone, "changeTimeZone" => ADMINS, PERSON;
    /// Change who must approve, and how late is too late.
    ChangePolicy, "changePolicy" => ADMINS, PERSON;
    /// Ask a person to join.
    InviteMember, "inviteMember" => ADMINS, PERSON;
    /// Make a member something else.
    ChangeRole, "changeRole" => ADMINS, PERSON;
    /// Remove another member.
    RemoveMember, "removeMember" => ADMINS, PERSON;
    /// Remove oneself.
    LeaveAccount, "leaveAccount" => EVERYBODY, PERSON;
    /// Delete the account.
    ScheduleDeletion, "scheduleDeletion" => OWNERS, PERSON;
    /// Keep the account after all.
    CancelDeletion, "cancelDeletion" => OWNERS, PERSON;

    /// Start connecting a social account.
    BeginConnection, "beginConnection" => PUBLISHERS, PERSON;
    /// Finish connecting it.
    CompleteConnection, "completeConnection" => PUBLISHERS, PERSON;
    /// Give a connection fresh consent.
    Reconnect, "reconnect" => PUBLISHERS, PERSON;
    /// Stop or resume publishing on a connection.
    PauseConnection, "pauseConnection" => PUBLISHERS, PUBLISH;
    /// End a connection.
    Disconnect, "disconnect" => PUBLISHERS, PERSON;

    /// Upload a picture.
    UploadMedia, "uploadMedia" => EDITORS, WRITE;
    /// Write a post.
    CreatePost, "createPost" => EDITORS, WRITE;
    /// Change a post.
    EditPost, "editPost" => EDITORS, WRITE;
    /// Hand a post in for approval.
    SubmitPost, "submitPost" => EDITORS, WRITE;
    /// Approve a post.
    ApprovePost, "approvePost" => PUBLISHERS, PUBLISH;
    /// Send a post back to its author.
    RequestChanges, "requestChanges" => PUBLISHERS, PUBLISH;
    /// Reject a post.
    RejectPost, "rejectPost" => PUBLISHERS, PUBLISH;
    /// Give a post its time.
    SchedulePost, "schedulePost" => PUBLISHERS, PUBLISH;
    /// Give a post another time.
    ReschedulePost, "reschedulePost" => PUBLISHERS, PUBLISH;
    /// Take a post's time away.
    UnschedulePost, "unschedulePost" => PUBLISHERS, PUBLISH;
    /// Publish a post now.
    PublishPost, "publishPost" => PUBLISHERS, PUBLISH;
    /// Give a post up.
    CancelPost, "cancelPost" => PUBLISHERS, PUBLISH;
    /// Try a failed target again.
    RetryTarget, "retryTarget" => PUBLISHERS, PUBLISH;
    /// Look whether a target was published after all.
    ReconcileTarget, "reconcileTarget" => PUBLISHERS, PUBLISH;
    /// Say what became of a target that only a person can tell.
    ResolveTarget, "resolveTarget" => PUBLISHERS, PUBLISH;

    /// Start a content plan.
    CreateContentPlan, "createContentPlan" => EDITORS, WRITE;
    /// Have a content plan written.
    GenerateContentPlan, "generateContentPlan" => EDITORS, WRITE;
    /// Change a proposed post.
    EditPlanItem, "editPlanItem" => EDITORS, WRITE;
    /// Take a proposed post.
    AcceptPlanItem, "acceptPlanItem" => EDITORS, WRITE;
    /// Leave a proposed post out.
    RejectPlanItem, "rejectPlanItem" => EDITORS, WRITE;
    /// Hand a content plan in for approval.
    SubmitContentPlan, "submitContentPlan" => EDITORS, WRITE;
    /// Send a content plan back.
    RequestPlanChanges, "requestPlanChanges" => PUBLISHERS, PUBLISH;
    /// Approve a content plan.
    ApproveContentPlan, "approveContentPlan" => PUBLISHERS, PUBLISH;
    /// Make posts of an approved content plan.
    MaterializeContentPlan, "materializeContentPlan" => PUBLISHERS, PUBLISH;

    /// Start paying for a tier.
    StartCheckout, "startCheckout" => BILLERS, SERVICE;
    /// Open the payment provider's own pages.
    OpenPortal, "openPortal" => BILLERS, PERSON;
    /// Pay for another tier, now or from the next period on.
    ChangePlan, "changePlan" => BILLERS, PERSON;
    /// Stay, although a lower tier was asked for.
    WithdrawPlanChange, "withdrawPlanChange" => BILLERS, PERSON;
    /// Say what stays when the tier shrinks.
    ChooseKeepers, "chooseKeepers" => BILLERS, PERSON;
    /// Stop paying.
    CancelSubscription, "cancelSubscription" => BILLERS, PERSON;
    /// Go on paying after all.
    ResumeSubscription, "resumeSubscription" => BILLERS, PERSON;
    /// Buy a pack of credits.
    BuyCredits, "buyCredits" => BILLERS, PERSON;
    /// Have a bill mailed once more.
    SendInvoice, "sendInvoice" => BILLERS, PERSON;
    /// Have the payment provider forget a way to pay.
    DetachPaymentMethod, "detachPaymentMethod" => BILLERS, PERSON;
    /// Look now what the payment provider says.
    SyncSubscription, "syncSubscription" => BILLERS, PERSON;

    /// Issue an API key.
    IssueApiKey, "issueApiKey" => ADMINS, PERSON;
    /// Let another API key take the place of one.
    RotateApiKey, "rotateApiKey" => ADMINS, PERSON;
    /// Give an API key other scopes.
    ChangeApiKeyScopes, "changeApiKeyScopes" => ADMINS, PERSON;
    /// Call an API key something else.
    RenameApiKey, "renameApiKey" => ADMINS, PERSON;
    /// Let an API key rest.
    DisableApiKey, "disableApiKey" => ADMINS, PERSON;
    /// Let an API key work again.
    EnableApiKey, "enableApiKey" => ADMINS, PERSON;
    /// End an API key.
    RevokeApiKey, "revokeApiKey" => ADMINS, PERSON;
    /// Say that an API key leaked, which ends it.
    ReportApiKeyLeak, "reportApiKeyLeak" => ADMINS, PERSON;

    /// Sign in as one more identity: oneself only.
    LinkIdentity, "linkIdentity" => EVERYBODY, PERSON;
    /// No longer sign in as an identity: oneself only.
    UnlinkIdentity, "unlinkIdentity" => EVERYBODY, PERSON;
    /// End one's own sessions.
    EndSessions, "endSessions" => EVERYBODY, PERSON;
    /// Say which mails one wants: oneself only.
    ChangeNotices, "changeNotices" => EVERYBODY, PERSON;

    /// See the account.
    ReadAccount, "readAccount" => EVERYBODY, READ;
    /// See who takes part.
    ReadMembers, "readMembers" => READERS, PERSON;
    /// See uploaded media.
    ReadMedia, "readMedia" => READERS, READ;
    /// See posts.
    ReadPosts, "readPosts" => READERS, READ;
    /// See the calendar.
    ReadCalendar, "readCalendar" => READERS, READ;
    /// See connections.
    ReadConnections, "readConnections" => READERS, READ;
    /// See content plans.
    ReadPlans, "readPlans" => READERS, READ;
    /// See what waits for a person.
    ReadAttention, "readAttention" => READERS, READ;
    /// See the log of everything that happened.
    ReadAuditLog, "readAuditLog" => AUDITORS, READ;
    /// Follow changes as they happen.
    ReadChanges, "readChanges" => READERS, READ;
    /// See how the providers are.
    ReadProviderHealth, "readProviderHealth" => READERS, READ;
    /// See what the account pays for, and whether it does.
    ReadSubscription, "readSubscription" => EVERYBODY, PERSON;
    /// See how much of what it pays for is used.
    ReadUsage, "readUsage" => EVERYBODY, READ;
    /// See invoices.
    ReadInvoices, "readInvoices" => BILLERS, PERSON;
    /// See which means of payment are on file.
    ReadPaymentMethods, "readPaymentMethods" => BILLERS, PERSON;
    /// See bought credits.
    ReadCredits, "readCredits" => BILLERS, PERSON;
    /// See API keys; never their texts.
    ReadApiKeys, "readApiKeys" => ADMINS, PERSON;
    /// See where one is signed in: one's own sessions only.
    ReadSessions, "readSessions" => EVERYBODY, PERSON;
    /// See who of the account signed in, when and from where.
    ReadSignInLog, "readSignInLog" => ADMINS, PERSON;
}

impl Role {
    /// May a member of this role do it?
    #[must_use]
    pub fn may(self, action: Action) -> bool {
        action.roles().contains(&self)
    }

    /// The most that a key of a member of this role may do: the scopes of which the role allows at
    /// least something. Each call is still asked whether the role allows that very action.
    #[must_use]
    pub fn rights(self) -> Rights {
        let some = |scope: &Scope| {
            Action::ALL.iter().any(|&action| action.scope() == Some(*scope) && self.may(action))
        };
        Rights::new(Scope::OF_USERS.into_iter().filter(some), Reach::All)
    }
}

#[cfg(test)]
mod tests;
