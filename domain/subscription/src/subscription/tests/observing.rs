//! What the provider says decides access; the price decides the tier.

use super::*;
use herald_terms::{Feature, Tier};

#[test]
fn who_pays_for_nothing_has_what_is_free() {
    let nobody = given(&[]);
    assert_eq!((nobody.access(0), nobody.tier(0).as_str()), (Access::Free, "free"));
    assert_eq!(nobody.state().period_at(t(0)).key(), "2026-11");
}

#[test]
fn nothing_is_given_before_the_first_payment() {
    let tried = given(&[(showing(subscription(MirrorStatus::Incomplete)), 1)]);
    assert_eq!((tried.access(1), tried.tier(1).as_str()), (Access::Free, "free"));
    let expired =
        tried.after(observe(showing(subscription(MirrorStatus::IncompleteExpired)), 2), 2);
    assert_eq!(expired.access(2), Access::Free);
}

#[test]
fn a_payment_gives_the_tier_of_its_price_and_says_by_what() {
    let paid = given(&[(active(), 1)]);
    assert_eq!(
        (paid.access(1), paid.tier(1).as_str()),
        (Access::Full { ends_at: None }, "starter")
    );
    let basis = paid.state().basis(t(1), &Catalogue::default());
    assert_eq!((basis.tier.to_string().as_str(), basis.since), ("starter v1", Some(t(1))));
    assert_eq!(basis.sequence, u64::try_from(paid.0.len()).expect("few"));
    assert_eq!(paid.state().period_at(t(1)).start(), t(0));
}

#[test]
fn quotas_renew_with_the_bills_and_not_with_the_trial() {
    let billed = |status| MirrorSubscription {
        billing_anchor: Some(t(14)),
        trial_end: Some(t(14)),
        ..subscription(status)
    };
    let tried = given(&[(showing(billed(MirrorStatus::Trialing)), 0)]);
    assert_eq!(tried.state().period_at(t(13)).end(), t(14));
    let paid = tried.after(observe(showing(billed(MirrorStatus::Active)), 15), 15);
    assert_eq!(paid.state().period_at(t(15)).start(), t(14));
}

#[test]
fn the_same_snapshot_twice_changes_nothing_and_an_older_one_never_replaces_it() {
    let paid = given(&[(active(), 3)]);
    assert_eq!(paid.when(observe(active(), 4), 4), Ok(vec![]));
    assert_eq!(paid.when(observe(trialing(), 2), 4), Ok(vec![]));
    let stranger = Snapshot { customer: "cus_2".parse().expect("valid"), ..active() };
    assert_eq!(paid.when(observe(stranger, 5), 5), Err(R::CustomerMismatch));
}

#[test]
fn a_trial_withholds_what_costs_too_much_and_converts_when_it_is_paid() {
    let tried = given(&[(trialing(), 0)]);
    assert_eq!(tried.access(0), Access::Trial { until: Some(t(14)) });
    let entitlements = tried.state().entitlements_at(t(0), &Catalogue::default());
    assert!(!entitlements.features.has(Feature::AiPictures));
    assert!(tried.0.iter().any(|it| matches!(it, E::TrialStarted { .. })));
    let paid = MirrorSubscription {
        latest_invoice: Some(invoice(InvoiceStatus::Paid, t(14))),
        ..subscription(MirrorStatus::Active)
    };
    let events = tried.when(observe(showing(paid), 15), 15).expect("followed");
    assert!(events.iter().any(|it| matches!(it, E::TrialConverted { .. })), "{events:?}");
}

#[test]
fn an_account_and_a_card_have_one_trial() {
    let again = |mut snapshot: Snapshot| {
        if let Some(it) = &mut snapshot.subscription {
            it.id = "sub_2".parse().expect("valid");
        }
        snapshot
    };
    let second = given(&[(trialing(), 0), (ended(), 40), (again(trialing()), 50)]);
    let refused = |reason: TrialRefusalReason| move |it: &&E| matches!(it, E::TrialRefused { reason: why, .. } if *why == reason);
    assert_eq!(second.0.iter().filter(refused(TrialRefusalReason::Account)).count(), 1);
    assert_eq!((second.access(50), second.tier(50).as_str()), (Access::Ended, "free"));
    let card =
        C::ObserveSnapshot { snapshot: Box::new(trialing()), fetched_at: t(0), card_tried: true };
    let other = Given::default().after(card, 0);
    assert_eq!(other.0.iter().filter(refused(TrialRefusalReason::Card)).count(), 1);
    assert_eq!((other.access(0), other.tier(0).as_str()), (Access::Free, "free"));
    assert_ne!(trial_card_claim("a"), trial_card_claim("b"));
}

#[test]
fn a_refused_trial_gives_nothing_until_a_bill_is_paid() {
    let card =
        C::ObserveSnapshot { snapshot: Box::new(trialing()), fetched_at: t(0), card_tried: true };
    let refused = || Given::default().after(card.clone(), 0);
    for status in [MirrorStatus::PastDue, MirrorStatus::Unpaid, MirrorStatus::Paused] {
        let latest_invoice = Some(invoice(InvoiceStatus::Open, t(1)));
        let it = MirrorSubscription { latest_invoice, ..subscription(status) };
        let owing = refused().after(observe(showing(it), 1), 1);
        assert_eq!((owing.access(1), owing.tier(1).as_str()), (Access::Free, "free"), "{status}");
        assert!(!owing.0.iter().any(|it| matches!(it, E::PaymentFailed { .. })), "{status}");
    }
    let latest_invoice = Some(invoice(InvoiceStatus::Paid, t(1)));
    let paid = MirrorSubscription { latest_invoice, ..subscription(MirrorStatus::Active) };
    let paid = refused().after(observe(showing(paid), 1), 1);
    assert_eq!(
        (paid.access(1), paid.tier(1).as_str()),
        (Access::Full { ends_at: None }, "starter")
    );
    // Who paid once has a grace like everybody.
    let failed = paid.after(observe(past_due(), 31), 31);
    assert_eq!(failed.access(31), Access::Grace { until: t(37) });
}

#[test]
fn a_failed_payment_leaves_a_week_and_then_restricts() {
    let failed = given(&[(active(), 1), (past_due(), 31)]);
    assert_eq!(failed.access(31), Access::Grace { until: t(37) });
    assert_eq!(failed.tier(31), "starter");
    let early = failed.when(C::ElapseGrace, 36);
    assert_eq!(early, Err(R::GraceNotOver { until: t(37) }));
    let over = Access::Restricted { reason: Restriction::PastDue };
    assert_eq!(failed.access(37), over);
    let elapsed = failed.after(C::ElapseGrace, 37);
    assert_eq!(elapsed.state().access, over);
    assert!(!elapsed.access(37).allows_work());
    assert_eq!(elapsed.when(C::ElapseGrace, 38), Ok(vec![]));
    let paid = elapsed.after(observe(active(), 39), 39);
    assert!(paid.0.iter().any(|it| matches!(it, E::PaymentRecovered { .. })));
    assert_eq!(paid.access(39), Access::Full { ends_at: None });
}

#[test]
fn unpaid_and_paused_restrict() {
    for (status, reason) in
        [(MirrorStatus::Unpaid, Restriction::Unpaid), (MirrorStatus::Paused, Restriction::Paused)]
    {
        let stopped = given(&[(active(), 1), (showing(subscription(status)), 2)]);
        assert_eq!(stopped.access(2), Access::Restricted { reason });
    }
}

#[test]
fn an_end_keeps_everything_until_it_comes_and_never_comes_back() {
    let leaving =
        MirrorSubscription { cancel_at_period_end: true, ..subscription(MirrorStatus::Active) };
    let leaving = given(&[(showing(leaving), 1)]);
    assert_eq!(leaving.access(1), Access::Full { ends_at: Some(t(30)) });
    assert_eq!(leaving.tier(1), "starter");
    let gone = leaving.after(observe(ended(), 41), 41);
    assert_eq!((gone.access(41), gone.tier(41).as_str()), (Access::Ended, "free"));
    let dated =
        |it: &E| matches!(it, E::AccessChanged { effective_at, .. } if *effective_at == t(40));
    assert!(gone.0.iter().any(dated), "the end counts when it was");
    let ghost = gone.after(observe(active(), 42), 42);
    assert_eq!(ghost.access(42), Access::Ended);
    assert_eq!(ghost.state().questions().len(), 1);
    let mut fresh = subscription(MirrorStatus::Active);
    fresh.id = "sub_2".parse().expect("valid");
    let back = ghost.after(observe(showing(fresh), 43), 43);
    assert_eq!(
        (back.access(43), back.tier(43).as_str()),
        (Access::Full { ends_at: None }, "starter")
    );
}

#[test]
fn an_unknown_price_is_a_question_and_the_last_entitlements_stay() {
    let mut odd = subscription(MirrorStatus::Active);
    odd.items = vec![item("price_odd", 1, Interval::Month)];
    let paid = given(&[(active(), 1), (showing(odd.clone()), 2)]);
    assert_eq!(paid.tier(2), "starter");
    let question = Question::UnknownPrice { price: "price_odd".parse().expect("valid") };
    assert!(paid.state().questions().contains(&question));
    assert_eq!(paid.when(observe(showing(odd.clone()), 3), 3), Ok(vec![]));
    let mut file =
        CatalogueFile { tiers: Catalogue::default().tiers().to_vec(), ..CatalogueFile::default() };
    let name = PROFESSIONAL.parse().expect("valid");
    file.prices.insert(name, "price_odd".parse().expect("valid"));
    let catalogue = std::sync::Arc::new(Catalogue::try_from(file).expect("no fault"));
    let answered = SubscriptionContext { catalogue, ..at(4) };
    let events = paid.state().decide(observe(showing(odd), 4), &answered).expect("followed");
    assert!(
        matches!(&events[..], [E::EntitlementsChanged { to, .. }] if to.tier == Tier::PROFESSIONAL)
    );
}

#[test]
fn a_second_live_subscription_is_a_question_said_once() {
    let twice = Snapshot { other_live: vec!["sub_9".parse().expect("valid")], ..active() };
    let seen = given(&[(twice.clone(), 1)]);
    let said = seen.0.iter().filter(|it| matches!(it, E::DuplicateDetected { .. })).count();
    assert_eq!((said, seen.state().duplicates().len()), (1, 1));
    assert_eq!(seen.when(observe(twice, 2), 2), Ok(vec![]));
    assert!(seen.after(observe(active(), 3), 3).state().duplicates().is_empty());
}
