//! The table of rights is complete, and says what each role is for.

use super::*;
use std::collections::BTreeSet;

/// The operations of the API that are bound to a role, copied from its contract by hand.
const OPERATIONS: &str = "updateBusinessProfile inviteMember changeRole removeMember \
    beginConnection completeConnection reconnect pauseConnection disconnect uploadMedia \
    createPost editPost submitPost approvePost requestChanges rejectPost schedulePost \
    reschedulePost unschedulePost publishPost cancelPost retryTarget reconcileTarget \
    resolveTarget createContentPlan generateContentPlan editPlanItem acceptPlanItem \
    rejectPlanItem submitContentPlan requestPlanChanges approveContentPlan \
    materializeContentPlan startCheckout openPortal changePlan chooseKeepers \
    cancelSubscription resumeSubscription buyCredits syncSubscription sendInvoice detachPaymentMethod issueApiKey \
    rotateApiKey changeApiKeyScopes renameApiKey disableApiKey enableApiKey revokeApiKey \
    reportApiKeyLeak linkIdentity unlinkIdentity endSessions changeNotices";

/// What everybody does about themselves.
const OWN_AFFAIRS: [Action; 5] = [
    Action::LeaveAccount,
    Action::LinkIdentity,
    Action::UnlinkIdentity,
    Action::EndSessions,
    Action::ChangeNotices,
];

const BILLING: [Action; 11] = [
    Action::StartCheckout,
    Action::OpenPortal,
    Action::ChangePlan,
    Action::WithdrawPlanChange,
    Action::ChooseKeepers,
    Action::CancelSubscription,
    Action::ResumeSubscription,
    Action::BuyCredits,
    Action::SendInvoice,
    Action::DetachPaymentMethod,
    Action::SyncSubscription,
];

#[test]
fn every_operation_of_the_api_is_in_the_table_once() {
    let names: BTreeSet<_> = Action::ALL.iter().map(|action| action.name()).collect();
    assert_eq!(names.len(), Action::ALL.len());
    for operation in OPERATIONS.split_whitespace() {
        let action = Action::named(operation).unwrap_or_else(|| panic!("{operation}"));
        assert_eq!(action.name(), operation);
    }
    for not_bound_to_a_role in ["openAccount", "suspendAccount", "reinstateAccount"] {
        assert_eq!(Action::named(not_bound_to_a_role), None);
    }
    for of_operators in [
        "revenue",
        "inbox",
        "replayWebhooks",
        "extendGrace",
        "overrideEntitlement",
        "liftOverride",
        "refundPayment",
        "finalizeInvoice",
        "voidInvoice",
    ] {
        assert_eq!(Action::named(of_operators), None, "no role in an account allows it");
    }
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
fn viewers_and_auditors_change_nothing_but_their_own_affairs() {
    for role in [Role::Viewer, Role::Auditor] {
        for &action in Action::ALL {
            let harmless = action.name().starts_with("read") || OWN_AFFAIRS.contains(&action);
            assert!(!role.may(action) || harmless, "{role} {action:?}");
        }
    }
}

#[test]
fn billing_is_for_owners_admins_and_those_who_see_to_it() {
    let reads = [Action::ReadInvoices, Action::ReadPaymentMethods, Action::ReadCredits];
    for &action in BILLING.iter().chain(&reads) {
        for role in Role::ALL {
            let sees_to_it = matches!(role, Role::Owner | Role::Admin | Role::Billing);
            assert_eq!(role.may(action), sees_to_it, "{role} {action:?}");
        }
    }
    for &action in Action::ALL {
        let harmless = action.name().starts_with("read") || OWN_AFFAIRS.contains(&action);
        let may = harmless || BILLING.contains(&action);
        assert!(!Role::Billing.may(action) || may, "{action:?}");
    }
}

#[test]
fn everybody_sees_to_their_own_affairs_and_sees_what_is_paid_for_and_used() {
    let reads = [Action::ReadSubscription, Action::ReadUsage, Action::ReadSessions];
    for &action in OWN_AFFAIRS.iter().chain(&reads) {
        assert_eq!(action.roles(), Role::ALL, "{action:?}");
    }
}

#[test]
fn keys_are_for_owners_and_admins() {
    let about_keys = |action: &&Action| action.name().contains("ApiKey");
    assert_eq!(Action::ALL.iter().filter(about_keys).count(), 9);
    for action in Action::ALL.iter().filter(about_keys) {
        assert_eq!(action.roles(), ADMINS, "{action:?}");
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

#[test]
fn no_users_key_manages_people_keys_or_money() {
    for &action in Action::ALL {
        let name = action.name();
        let kept = BILLING.contains(&action)
            || OWN_AFFAIRS.contains(&action)
            || ["Member", "Role", "ApiKey", "Deletion", "Invoice", "Payment", "Credit", "Session"]
                .iter()
                .any(|word| name.contains(word));
        let by_users_key = action.scope().is_some_and(Scope::is_for_users);
        assert!(!kept || !by_users_key, "{name}");
    }
}

#[test]
fn a_service_does_one_thing_only() {
    let done = Action::ALL.iter().filter(|it| it.scope() == Some(Scope::CheckoutCreate));
    assert_eq!(done.collect::<Vec<_>>(), [&Action::StartCheckout]);
}

#[test]
fn a_key_that_only_reads_changes_nothing_and_one_that_writes_sends_nothing() {
    for &action in Action::ALL {
        let reads = action.name().starts_with("read");
        assert!(action.scope() != Some(Scope::Read) || reads, "{action:?}");
        assert!(!reads || matches!(action.scope(), None | Some(Scope::Read)), "{action:?}");
        let writes = action.scope() == Some(Scope::Write);
        assert!(!writes || Role::Editor.may(action), "{action:?}");
        let sends = action.scope() == Some(Scope::Publish);
        assert!(!sends || !Role::Editor.may(action), "{action:?}");
    }
}

#[test]
fn a_key_loses_what_the_role_of_its_issuer_loses() {
    let all = Rights::all();
    for role in [Role::Owner, Role::Admin, Role::Publisher] {
        assert_eq!(role.rights(), all, "{role}");
    }
    let editor = Rights::new([Scope::Read, Scope::Write], Reach::All);
    assert_eq!(Role::Editor.rights(), editor);
    for role in [Role::Viewer, Role::Auditor, Role::Billing] {
        assert_eq!(role.rights(), Rights::new([Scope::Read], Reach::All), "{role}");
    }
}
