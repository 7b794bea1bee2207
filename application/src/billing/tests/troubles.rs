//! What goes wrong at the provider is told, and leaves nothing behind that stands in the way.

use super::*;

#[tokio::test]
async fn whatever_keeps_a_page_from_opening_is_told_and_leaves_room_for_another() {
    let (world, payments) = shop().await;
    let owner = world.open_account("Ada").await;
    payments.fail_customer(PaymentFailure::Refused {
        code: "email_invalid".to_owned(),
        param: None,
        message: "no".to_owned(),
    });
    let id = world.run(&owner, starter()).await.expect("it is intended");
    world.work().await;
    let code = "email_invalid".to_owned();
    assert_eq!(page(&world, &owner, id).await, Page::Failed { code }, "no customer");

    let id = world.run(&owner, starter()).await.expect("it is intended anew");
    for _ in 0..world.desk.settings.job_attempts {
        assert_eq!(page(&world, &owner, id).await, Page::Pending);
        payments.be_away();
        world.work().await;
        world.pass(Duration::from_secs(60));
    }
    let code = "PAYMENTS_UNREACHABLE".to_owned();
    assert_eq!(page(&world, &owner, id).await, Page::Failed { code }, "no look at the customer");

    let id = world.run(&owner, starter()).await.expect("it is intended anew");
    world.work().await;
    assert_eq!(payments.asked("checkout"), [id.to_string()]);
}

#[tokio::test]
async fn a_pack_that_nobody_used_is_gone_once_its_payment_is_lost_to_the_bank() {
    let (world, _) = shop().await;
    let owner = world.open_account("Ada").await;
    let id = world.run(&owner, pack()).await.expect("it opens");
    world.work().await;
    hear(&world, &owner, "evt_1", "checkout.session.completed", &format!("cs_{id}")).await;
    let customer = FakePayments::customer_of(owner.account);
    let mut left = Vec::new();
    for status in ["needs_response", "lost", "lost"] {
        let body = json!({ "data": { "object": {
            "id": "dp_1", "customer": customer, "payment_intent": "pi_1", "status": status,
            "amount": 1_000, "currency": "usd", "created": 1_795_255_200,
        } } });
        let hint = Hint {
            event_id: format!("evt_{status}"),
            kind: "charge.dispute.updated".to_owned(),
            key: customer.to_string(),
            object: Some("dp_1".to_owned()),
            api_version: None,
            occurred_at: None,
        };
        let raw = Bytes::from(body.to_string());
        let applied = PaymentWebhooks("stripe").apply(&world.desk, &hint, &raw).await;
        assert_eq!(applied, Applied::Done);
        left.push(bought(&world, &owner).await.balance(world.desk.clock.now()));
    }
    assert_eq!(left, [500, 0, 0]);
}

#[tokio::test]
async fn a_pack_for_which_a_promotion_code_paid_all_is_credited_once() {
    let (world, payments) = shop().await;
    let owner = world.open_account("Ada").await;
    payments.give_away();
    for (packs, all) in [(1, 500), (2, 1_000)] {
        let id = world.run(&owner, pack()).await.expect("it opens");
        world.work().await;
        for event in ["evt_1", "evt_2"] {
            let session = format!("cs_{id}");
            hear(&world, &owner, event, "checkout.session.completed", &session).await;
        }
        let credits = bought(&world, &owner).await;
        let balance = credits.balance(world.desk.clock.now());
        assert_eq!((credits.packs().len(), balance), (packs, all));
    }
}
