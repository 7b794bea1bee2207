//! The words of the API: states, roles, networks. Each is the stored name in GraphQL's spelling.

use crate::schema::fault::{Fault, Result};
use async_graphql::Enum;

/// A word with a stored name.
pub(crate) trait Word: Sized {
    /// The stored name.
    fn stored(self) -> &'static str;

    /// From the stored name.
    fn named(stored: &str) -> Result<Self>;
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$variant_doc:meta])* $variant:ident = $stored:literal,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
        pub(crate) enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl Word for $name {
            fn stored(self) -> &'static str {
                match self {
                    $(Self::$variant => $stored,)*
                }
            }

            fn named(stored: &str) -> Result<Self> {
                match stored {
                    $($stored => Ok(Self::$variant),)*
                    other => {
                        Err(Fault::internal(format!("{} has no {other:?}", stringify!($name))))
                    }
                }
            }
        }
    )*};
}

names! {
    /// Where a webhook that came stands.
    WebhookState {
        /// It waits to be applied.
        Received = "received",
        /// A worker has it.
        Processing = "processing",
        /// What it said is done.
        Applied = "applied",
        /// It concerns nothing here.
        Ignored = "ignored",
        /// It could not be applied and is tried again.
        Failed = "failed",
        /// It was given up: a person must look.
        Dead = "dead",
    }
    /// Whether the world outside is real.
    Mode {
        /// Every provider is the sandbox: nothing reaches a real network, nothing costs money.
        Sandbox = "sandbox",
        /// Providers are real.
        Production = "production",
    }
    /// What a member may do; each operation says which role it needs.
    Role {
        /// Everything; there is always at least one.
        Owner = "owner",
        /// Everything but owning and deleting the account.
        Admin = "admin",
        /// Approves, schedules, publishes and connects, and does what an editor does.
        Publisher = "publisher",
        /// Writes, plans and submits.
        Editor = "editor",
        /// Reads.
        Viewer = "viewer",
        /// Sees to billing only.
        Billing = "billing",
        /// Reads everything, the audit log included, and changes nothing.
        Auditor = "auditor",
    }
    /// Where an account stands.
    AccountStatus {
        /// It can be worked with.
        Active = "active",
        /// It is stopped.
        Suspended = "suspended",
        /// It will be deleted.
        DeletionScheduled = "deletion_scheduled",
        /// It is gone.
        Deleted = "deleted",
    }
    /// Whether a member takes part.
    MemberStatus {
        /// Asked to join.
        Invited = "invited",
        /// Takes part.
        Active = "active",
        /// Has no seat in the account's tier at present: still a member, but does nothing.
        Resting = "resting",
        /// Has left or was removed.
        Removed = "removed",
    }
    /// How far a new account has come.
    OnboardingStep {
        /// The account is open.
        Started = "started",
        /// The business profile is told.
        BusinessDescribed = "business_described",
        /// A social account is connected.
        FirstConnection = "first_connection",
        /// A content plan exists.
        FirstPlan = "first_plan",
        /// All of these.
        Completed = "completed",
    }
    /// Whether a post needs somebody's approval before it may go out.
    ApprovalPolicy {
        /// It may be scheduled without; who writes may also approve.
        Optional = "optional",
        /// It must be approved; its author may be the one who does.
        Required = "required",
        /// It must be approved by somebody other than its author.
        FourEyes = "four_eyes",
    }
    /// A social network.
    Network {
        /// X, once Twitter.
        X = "x",
    }
    /// What a connection is, in one word.
    ConnectionStatus {
        /// It does not exist.
        Absent = "absent",
        /// A person has to consent on the network's page.
        AwaitingConsent = "awaiting_consent",
        /// Consent was given; whose account it is, is being looked up.
        SelectingTarget = "selecting_target",
        /// It works.
        Active = "active",
        /// It has passing trouble and is still tried.
        Degraded = "degraded",
        /// A person has to reconnect.
        NeedsReauth = "needs_reauth",
        /// It publishes nothing for a while.
        Paused = "paused",
        /// The network forbids its use.
        Blocked = "blocked",
        /// It has ended for ever.
        Disconnected = "disconnected",
    }
    /// How far the latest consent got.
    ConsentPhase {
        /// The person is at the network's page.
        Requested = "requested",
        /// The network's code is being exchanged for access.
        Exchanging = "exchanging",
        /// Access is there; whose account it is, is not known yet.
        Exchanged = "exchanged",
        /// The person or the network said no.
        Denied = "denied",
        /// The exchange failed.
        Failed = "failed",
        /// Nobody saw how the exchange ended.
        Unknown = "unknown",
        /// The access is in use.
        Completed = "completed",
    }
    /// The format of a picture, by its bytes.
    MediaKind {
        /// image/jpeg
        Jpeg = "jpeg",
        /// image/png
        Png = "png",
        /// image/webp
        Webp = "webp",
        /// image/gif
        Gif = "gif",
    }
    /// How a whole post stands; it follows from its targets.
    PostStatus {
        /// It is being written.
        Draft = "draft",
        /// Somebody is asked to read it.
        InReview = "in_review",
        /// It may go out and has no time yet.
        Approved = "approved",
        /// Somebody decided against it.
        Rejected = "rejected",
        /// It waits for its time.
        Scheduled = "scheduled",
        /// A target is held back.
        Held = "held",
        /// An attempt is open.
        Publishing = "publishing",
        /// An outcome is not known: see the targets.
        NeedsAttention = "needs_attention",
        /// All of it is published.
        Published = "published",
        /// Some of it is published and the rest given up.
        Partial = "partial",
        /// It was refused, provably.
        Failed = "failed",
        /// Its time passed.
        Missed = "missed",
        /// A person canceled it.
        Canceled = "canceled",
        /// It was published, and somebody removed it on the network.
        RemoteRemoved = "remote_removed",
    }
    /// Where a target, one post on one connection, stands.
    TargetStatus {
        /// It has no time yet.
        Idle = "idle",
        /// It waits for its time.
        Scheduled = "scheduled",
        /// It is to be tried, again or at once.
        Due = "due",
        /// An attempt is open and nothing can have been published by it yet.
        Preparing = "preparing",
        /// A request may be on its way to the network.
        Committing = "committing",
        /// Nobody saw how sending ended. It is looked up, never sent again blindly.
        OutcomeUnknown = "outcome_unknown",
        /// It is being looked up on the network.
        Reconciling = "reconciling",
        /// It is proven not to be there; a person may try again.
        NotPublished = "not_published",
        /// Only a person can say how it went: see `resolveTarget`.
        NeedsHuman = "needs_human",
        /// It is held back; `heldReason` says why.
        Held = "held",
        /// Its time passed.
        Missed = "missed",
        /// It was refused, provably.
        Failed = "failed",
        /// A person canceled it.
        Canceled = "canceled",
        /// Every step is published.
        Published = "published",
        /// Some steps are published and the rest is given up.
        PartiallyPublished = "partially_published",
        /// It was published, and somebody removed it on the network.
        RemoteRemoved = "remote_removed",
    }
    /// Which part of a post a step is.
    StepKind {
        /// The post itself.
        Root = "root",
        /// A later part of a thread.
        Segment = "segment",
        /// The comment under the root.
        FirstComment = "first_comment",
    }
    /// How an attempt ended, if it did.
    AttemptOutcome {
        /// It has not ended yet.
        Open = "open",
        /// The network says that it is published.
        Published = "published",
        /// The network refused, provably.
        Rejected = "rejected",
        /// Nobody saw how it ended.
        Unknown = "unknown",
        /// It was given up before anything was sent.
        Abandoned = "abandoned",
        /// It was looked for and is not there.
        NotPublished = "not_published",
    }
    /// How far a commit came that was written down before it was sent.
    IntentState {
        /// No verdict yet.
        Open = "open",
        /// The verdict was not seen.
        Unknown = "unknown",
        /// It was published.
        Committed = "committed",
        /// It was refused, provably.
        Rejected = "rejected",
        /// It was looked for twice and not found.
        Absent = "absent",
        /// A person said that it is not there.
        Denied = "denied",
    }
    /// What a person says about an outcome that nobody knows.
    Resolution {
        /// It is there: give its `url`.
        Published = "published",
        /// It is not there.
        NotPublished = "not_published",
        /// Leave it as it is.
        Leave = "leave",
    }
    /// What became of a review.
    ReviewVerdict {
        /// A review was asked for.
        Submitted = "submitted",
        /// Exactly this content may go out.
        Approved = "approved",
        /// It went back to its author.
        ChangesRequested = "changes_requested",
        /// It was turned down.
        Rejected = "rejected",
    }
    /// Whether clocks in the zone show a local time once, never or twice.
    Shift {
        /// Once: the plain case.
        Exact = "exact",
        /// Never: clocks are set forward over it. The offset before the gap holds: 02:30 is 03:30.
        Gap = "gap",
        /// Twice: clocks are set back over it. The first occurrence holds.
        Overlap = "overlap",
    }
    /// How far a content plan got.
    PlanStatus {
        /// It does not exist.
        Absent = "absent",
        /// It has a brief.
        Draft = "draft",
        /// It is being written.
        Generating = "generating",
        /// Writing it failed.
        GenerationFailed = "generation_failed",
        /// It has items to accept, edit and reject.
        Proposed = "proposed",
        /// Somebody is to approve it.
        InReview = "in_review",
        /// It was sent back.
        ChangesRequested = "changes_requested",
        /// It may become posts.
        Approved = "approved",
        /// Its accepted items are posts.
        Materialized = "materialized",
        /// Its posts have had their time.
        Completed = "completed",
        /// It was put away.
        Archived = "archived",
    }
    /// How far a proposed post got.
    PlanItemStatus {
        /// As the model proposed it.
        Proposed = "proposed",
        /// Changed by a person since it was last accepted, if ever.
        Edited = "edited",
        /// To become a post.
        Accepted = "accepted",
        /// Not to become a post.
        Rejected = "rejected",
        /// It is a post.
        Materialized = "materialized",
    }
    /// How a run of the models stands.
    RunStatus {
        /// It is writing.
        Open = "open",
        /// It brought a plan.
        Succeeded = "succeeded",
        /// It brought nothing.
        Failed = "failed",
        /// The plan was put away meanwhile.
        Abandoned = "abandoned",
    }
    /// What a call of a model is for.
    Purpose {
        /// The strategy: few calls, the better model.
        Strategy = "strategy",
        /// The posts: many calls, the cheaper model.
        Posts = "posts",
    }
    /// What an account may do, whatever its tier includes.
    AccessState {
        /// It pays for nothing and uses what is free.
        Free = "free",
        /// It tries a tier.
        Trial = "trial",
        /// It has paid.
        Full = "full",
        /// A payment failed; everything works a while longer.
        Grace = "grace",
        /// A payment is owed: nothing is published or generated until it is made.
        Restricted = "restricted",
        /// It no longer pays and uses what is free.
        Ended = "ended",
    }
    /// How often something is paid.
    BillingInterval {
        /// Every month.
        Month = "month",
        /// Every year.
        Year = "year",
    }
    /// When a subscription is to end.
    CancelTime {
        /// With what is paid for.
        PeriodEnd = "period_end",
        /// At once; nothing is paid back.
        Now = "now",
    }
    /// Where an API key stands.
    ApiKeyStatus {
        /// It works.
        Active = "active",
        /// Another key takes its place; it works until the overlap ends.
        Rotating = "rotating",
        /// It rests; `disabledReason` says why.
        Disabled = "disabled",
        /// It was ended, or another took its place.
        Revoked = "revoked",
        /// Its time is up.
        Expired = "expired",
        /// It leaked and was ended.
        Compromised = "compromised",
    }
    /// Why an API key rests.
    ApiKeyDisabledReason {
        /// The tier has no place for it any more.
        PlanLimit = "plan_limit",
        /// Its people want it so.
        User = "user",
        /// It was used against others; only an operator lifts this.
        Abuse = "abuse",
    }
    /// One kind of thing that an API key may do. None is for members, keys or billing.
    ApiKeyScope {
        /// Look at posts, plans, connections and the log.
        Read = "read",
        /// Write posts and plans, upload media.
        Write = "write",
        /// Approve, schedule and publish.
        Publish = "publish",
        /// Start a checkout for a customer: for services, never for users.
        CheckoutCreate = "checkout:create",
    }
    /// Where an API key acts.
    ApiKeyEnvironment {
        /// On the real platforms.
        Live = "live",
        /// On the sandbox, and never on a real platform.
        Dev = "dev",
    }
    /// A provider's health.
    HealthStatus {
        /// It answers and takes our credentials.
        Healthy = "healthy",
        /// It answers, but not as it should.
        Degraded = "degraded",
        /// It does not answer.
        Down = "down",
        /// It has no credentials here.
        NotConfigured = "not_configured",
    }
}

/// The stored name of a value that serialises as one word, or as a map whose `kind` is the word.
pub(crate) fn word<T: serde::Serialize>(value: &T) -> String {
    use serde_json::Value;
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        Ok(Value::Object(map)) => {
            map.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) | Err(_) => {
            String::new()
        }
    }
}

#[cfg(test)]
mod tests;
