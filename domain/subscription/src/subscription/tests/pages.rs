//! Pages of the provider are intended, opened, and go out of use.

use super::*;
use herald_terms::Tier;

fn start(n: u8, tier: Tier) -> C {
    let buys = Buys::Tier { tier, interval: Interval::Month, currency: usd() };
    C::StartCheckout { checkout: command(n), buys, tax_rates: Vec::new() }
}

fn opened(n: u8) -> C {
    let session = CheckoutRef::try_new(format!("cs_{n}")).expect("valid");
    let outcome = CheckoutOutcome::Opened { session, url: url(), expires_at: t(2) };
    C::RecordCheckout { checkout: command(n), outcome }
}

#[test]
fn a_checkout_is_intended_before_the_provider_is_asked() {
    let events = given(&[]).when(start(1, Tier::named("pro")), 0).expect("followed");
    let [E::CustomerIntended { .. }, E::CheckoutIntended { price, trial_days, replaces, .. }] =
        &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!((price.as_str(), *trial_days, replaces), (STARTER, 14, &None));
}

#[test]
fn the_same_purchase_again_keeps_its_page_and_another_one_replaces_it() {
    let open = given(&[]).after(start(1, Tier::STARTER), 0).after(opened(1), 0);
    assert_eq!(open.when(start(2, Tier::STARTER), 1), Ok(vec![]));
    assert_eq!(open.when(opened(1), 1), Ok(vec![]));
    let other = open.when(start(3, Tier::PROFESSIONAL), 1).expect("followed");
    let session: CheckoutRef = "cs_1".parse().expect("valid");
    assert!(
        matches!(&other[..], [E::CheckoutIntended { replaces: Some(it), .. }] if *it == session)
    );
    assert!(!open.when(start(2, Tier::STARTER), 3).expect("the page is void").is_empty());
    let done = open.after(C::CompleteCheckout { session: session.clone() }, 1);
    assert!(done.state().checkout().is_none());
    assert_eq!(done.when(C::ExpireCheckout { session }, 1), Ok(vec![]));
}

#[test]
fn a_page_that_was_paid_is_not_answered_again_whatever_is_heard_of_first() {
    let again = start(2, Tier::STARTER);
    let open = || given(&[]).after(start(1, Tier::STARTER), 0).after(opened(1), 0);
    // The subscription is seen before the page's own event comes.
    let seen = open().after(observe(active(), 1), 1);
    assert_eq!(seen.when(again.clone(), 1), Err(R::AlreadySubscribed));
    // The page's event comes before the subscription is seen.
    let session: CheckoutRef = "cs_1".parse().expect("valid");
    let done = open().after(C::CompleteCheckout { session: session.clone() }, 1);
    assert_eq!(done.when(again.clone(), 1), Err(R::PaymentArriving));
    assert_eq!(done.when(start(3, Tier::PROFESSIONAL), 1), Err(R::PaymentArriving));
    // Once it was looked at, that counts: what came to nothing is begun anew.
    let seen = done.after(observe(active(), 1), 1);
    assert_eq!(seen.when(again.clone(), 1), Err(R::AlreadySubscribed));
    let over = seen.after(observe(ended(), 41), 41);
    assert!(over.when(again.clone(), 41).is_ok());
    let unpaid = showing(subscription(MirrorStatus::Incomplete));
    let unpaid = open().after(observe(unpaid, 1), 1).after(C::CompleteCheckout { session }, 1);
    assert!(unpaid.when(again, 1).is_ok(), "a first payment that failed may be made anew");
}

#[test]
fn a_pack_can_be_bought_again_as_soon_as_its_page_is_done_with() {
    let buys = Buys::Pack { name: "ai_credits_500".to_owned(), currency: usd() };
    let start =
        |n| C::StartCheckout { checkout: command(n), buys: buys.clone(), tax_rates: Vec::new() };
    let open = given(&[]).after(start(1), 0).after(opened(1), 0);
    assert_eq!(open.when(start(2), 1), Ok(vec![]));
    let session = "cs_1".parse().expect("valid");
    let done = open.after(C::CompleteCheckout { session }, 1);
    assert!(matches!(&done.when(start(2), 1).expect("followed")[..], [E::CheckoutIntended { .. }]));
}

#[test]
fn a_page_that_did_not_open_leaves_nothing_behind() {
    let outcome = CheckoutOutcome::Failed { code: "rate_limit".to_owned() };
    let failed = C::RecordCheckout { checkout: command(1), outcome };
    assert_eq!(given(&[]).when(failed.clone(), 0), Err(R::RequestUnknown));
    let asked = given(&[]).after(start(1, Tier::STARTER), 0).after(failed, 0);
    assert!(asked.state().checkout().is_none());
}

#[test]
fn a_page_that_nobody_opened_in_time_gives_way() {
    let asked = given(&[]).after(start(1, Tier::STARTER), 0);
    assert_eq!(asked.when(start(2, Tier::STARTER), 0), Ok(vec![]), "it is being opened");
    let anew = asked.when(start(2, Tier::STARTER), 1).expect("followed");
    assert!(matches!(&anew[..], [E::CheckoutIntended { replaces: None, .. }]), "{anew:?}");
    // One of before the instant was kept.
    let mut old = serde_json::to_value(&asked.0[1]).expect("serialises");
    old.as_object_mut().expect("an object").remove("at");
    let old = Given(vec![serde_json::from_value(old).expect("reads back")]);
    assert!(!old.when(start(2, Tier::STARTER), 0).expect("followed").is_empty());
}

#[test]
fn who_has_a_subscription_buys_packs_and_no_second_one() {
    let paid = given(&[(active(), 1)]);
    assert_eq!(paid.when(start(1, Tier::PROFESSIONAL), 1), Err(R::AlreadySubscribed));
    let pack = |name: &str| {
        let buys = Buys::Pack { name: name.to_owned(), currency: usd() };
        C::StartCheckout { checkout: command(1), buys, tax_rates: Vec::new() }
    };
    assert!(paid.when(pack("ai_credits_500"), 1).is_ok());
    let unknown = paid.when(pack("gold"), 1);
    assert_eq!(unknown, Err(R::NotOnOffer { what: "gold".to_owned() }));
    let free = given(&[]).when(start(1, Tier::FREE), 0);
    assert_eq!(free, Err(R::NotOnOffer { what: "free".to_owned() }));
}

#[test]
fn the_portal_is_for_who_is_known_to_the_provider() {
    let open = C::OpenPortal { portal: command(1) };
    assert_eq!(given(&[]).when(open.clone(), 0), Err(R::NoCustomer));
    let customer: CustomerRef = "cus_1".parse().expect("valid");
    let linked = given(&[]).after(C::LinkCustomer { customer: customer.clone() }, 0);
    assert_eq!(linked.when(C::LinkCustomer { customer }, 0), Ok(vec![]));
    assert_eq!(linked.when(C::IntendCustomer, 0), Ok(vec![]));
    let other = C::LinkCustomer { customer: "cus_2".parse().expect("valid") };
    assert_eq!(linked.when(other, 0), Err(R::CustomerMismatch));
    let asked = linked.after(open.clone(), 0);
    assert_eq!(asked.when(open, 0), Ok(vec![]));
    let outcome = PortalOutcome::Opened { url: url() };
    let record = C::RecordPortal { portal: command(1), outcome };
    let opened = asked.when(record, 0).expect("followed");
    assert!(
        !format!("{opened:?}").contains("pay.example"),
        "an address that lets in is no log line"
    );
}

#[test]
fn a_page_is_opened_with_its_tax_and_another_tax_opens_another_page() {
    let taxed = |n: u8, rate: &str| C::StartCheckout {
        checkout: command(n),
        buys: Buys::Tier { tier: Tier::STARTER, interval: Interval::Month, currency: usd() },
        tax_rates: vec![rate.parse().expect("a name")],
    };
    let events = given(&[]).when(taxed(1, "txr_de"), 0).expect("followed");
    assert!(matches!(&events[..], [_, E::CheckoutIntended { tax_rates, .. }]
        if tax_rates[0].as_str() == "txr_de"));
    let open = given(&[]).after(taxed(1, "txr_de"), 0).after(opened(1), 0);
    assert_eq!(open.state().checkout().expect("open").tax_rates.len(), 1);
    assert_eq!(open.when(taxed(2, "txr_de"), 1), Ok(vec![]));
    let other = open.when(taxed(3, "txr_fr"), 1).expect("followed");
    assert!(matches!(&other[..], [E::CheckoutIntended { replaces: Some(_), .. }]));
}
