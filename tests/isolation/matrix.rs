//! Every operation of the schema, with who may ask it and what somebody else gets.

use crate::front::schema::Operation;

/// Which members may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// Not bound to an account at all.
    Persons,
    Everybody,
    Readers,
    Editors,
    Publishers,
    Admins,
    Auditors,
    Billers,
    /// Nobody in an account: operators of the installation, of whom its resident is one.
    Operators,
}
use Whose::{
    Admins, Auditors, Billers, Editors, Everybody, Operators, Persons, Publishers, Readers,
};

impl Whose {
    pub(crate) fn may(self, role: &str) -> bool {
        match self {
            Persons | Everybody => true,
            Readers => role != "BILLING",
            Editors => ["ADMIN", "PUBLISHER", "EDITOR"].contains(&role),
            Publishers => ["ADMIN", "PUBLISHER"].contains(&role),
            Admins => role == "ADMIN",
            Auditors => ["ADMIN", "AUDITOR"].contains(&role),
            Billers => ["ADMIN", "BILLING"].contains(&role),
            Operators => false,
        }
    }
}

/// What somebody else gets who names our ids while acting in their own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Others {
    /// Whatever they ask is about their own account.
    Own,
    /// There is nothing of that id.
    Nothing,
    /// An id inside of the input means nothing there.
    Nonsense,
}
use Others::{Nonsense, Nothing, Own};

pub(crate) const ROLES: [&str; 6] =
    ["ADMIN", "PUBLISHER", "EDITOR", "VIEWER", "BILLING", "AUDITOR"];

pub(crate) const MATRIX: [(&str, Whose, Others); 103] = [
    ("viewer", Persons, Own),
    ("account", Everybody, Own),
    ("members", Readers, Own),
    ("node", Readers, Nothing),
    ("post", Readers, Nothing),
    ("contentPlan", Readers, Nothing),
    ("posts", Readers, Own),
    ("connections", Readers, Own),
    ("contentPlans", Readers, Own),
    ("attention", Readers, Own),
    ("media", Readers, Own),
    ("calendar", Readers, Own),
    ("auditLog", Auditors, Own),
    ("providers", Readers, Own),
    ("openAccount", Persons, Own),
    ("acceptInvite", Persons, Nothing),
    ("updateBusinessProfile", Admins, Own),
    ("changeTimeZone", Admins, Own),
    ("changePolicy", Admins, Own),
    ("inviteMember", Admins, Own),
    ("changeRole", Admins, Nothing),
    ("removeMember", Admins, Nothing),
    ("beginConnection", Publishers, Own),
    ("completeConnection", Publishers, Nothing),
    ("reconnect", Publishers, Nothing),
    ("pauseConnection", Publishers, Nothing),
    ("disconnect", Publishers, Nothing),
    ("uploadMedia", Editors, Own),
    ("createPost", Editors, Nonsense),
    ("editPost", Editors, Nothing),
    ("submitPost", Editors, Nothing),
    ("approvePost", Publishers, Nothing),
    ("requestChanges", Publishers, Nothing),
    ("rejectPost", Publishers, Nothing),
    ("schedulePost", Publishers, Nothing),
    ("reschedulePost", Publishers, Nothing),
    ("unschedulePost", Publishers, Nothing),
    ("publishPost", Publishers, Nothing),
    ("cancelPost", Publishers, Nothing),
    ("retryTarget", Publishers, Nothing),
    ("reconcileTarget", Publishers, Nothing),
    ("resolveTarget", Publishers, Nothing),
    ("createContentPlan", Editors, Nonsense),
    ("generateContentPlan", Editors, Nothing),
    ("editPlanItem", Editors, Nothing),
    ("acceptPlanItem", Editors, Nothing),
    ("rejectPlanItem", Editors, Nothing),
    ("submitContentPlan", Editors, Nothing),
    ("requestPlanChanges", Publishers, Nothing),
    ("approveContentPlan", Publishers, Nothing),
    ("materializeContentPlan", Publishers, Nothing),
    ("identities", Persons, Own),
    ("signInProviders", Persons, Own),
    ("sessions", Persons, Own),
    ("signInLog", Admins, Own),
    ("linkIdentity", Everybody, Nonsense),
    ("unlinkIdentity", Everybody, Own),
    ("endSessions", Everybody, Own),
    ("identities", Persons, Own),
    ("signInProviders", Persons, Own),
    ("sessions", Persons, Own),
    ("signInLog", Admins, Own),
    ("linkIdentity", Everybody, Own),
    ("unlinkIdentity", Everybody, Nonsense),
    ("endSessions", Everybody, Own),
    ("apiKeys", Admins, Own),
    ("issueApiKey", Admins, Nonsense),
    ("rotateApiKey", Admins, Nothing),
    ("changeApiKeyScopes", Admins, Nothing),
    ("renameApiKey", Admins, Nothing),
    ("disableApiKey", Admins, Nothing),
    ("enableApiKey", Admins, Nothing),
    ("revokeApiKey", Admins, Nothing),
    ("reportApiKeyLeak", Admins, Nothing),
    ("subscription", Everybody, Own),
    ("entitlements", Everybody, Own),
    ("usage", Everybody, Own),
    ("tiers", Everybody, Own),
    ("credits", Billers, Own),
    ("invoices", Billers, Own),
    ("paymentMethods", Billers, Own),
    ("previewPlanChange", Billers, Own),
    ("startCheckout", Billers, Own),
    ("buyCredits", Billers, Own),
    ("openPortal", Billers, Own),
    ("changePlan", Billers, Own),
    ("withdrawPlanChange", Billers, Own),
    ("chooseKeepers", Billers, Own),
    ("cancelSubscription", Billers, Own),
    ("resumeSubscription", Billers, Own),
    ("syncSubscription", Billers, Own),
    ("changes", Readers, Own),
    ("revenue", Operators, Own),
    ("inbox", Operators, Own),
    ("replayWebhooks", Operators, Own),
    ("extendGrace", Operators, Own),
    ("overrideEntitlement", Operators, Own),
    ("liftOverride", Operators, Own),
    ("refundPayment", Operators, Own),
    ("finalizeInvoice", Operators, Own),
    ("voidInvoice", Operators, Own),
    ("sendInvoice", Billers, Own),
    ("detachPaymentMethod", Billers, Own),
];

pub(crate) fn line(operation: &Operation) -> (Whose, Others) {
    let found = MATRIX.iter().find(|(name, ..)| *name == operation.name);
    let (_, whose, others) = found.unwrap_or_else(|| panic!("{operation:?} is not in the matrix"));
    (*whose, *others)
}
