//! A payment provider, as tests play it: it remembers under which keys it was asked, and shows each
//! customer what the test says.

mod unused;

use crate::{
    business::{Business, Payments},
    ports::payments::*,
};
use async_trait::async_trait;
use herald_kernel::{AccountId, Instant, Money};
use herald_subscription::{CustomerRef, MirrorStatus, PaymentRef, Snapshot, SubscriptionRef};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What it was asked and what it shows.
#[derive(Debug, Default)]
pub(crate) struct FakePayments {
    /// What it was asked to do: the word and the key.
    asked: Mutex<Vec<(String, String)>>,
    /// How the next customers are not made.
    unmade: Mutex<VecDeque<PaymentFailure>>,
    /// How the next effects fail.
    fails: Mutex<VecDeque<PaymentFailure>>,
    /// Does the next look at a customer meet silence?
    silent: Mutex<bool>,
    shows: Mutex<BTreeMap<CustomerRef, Snapshot>>,
    /// How pages stand; somebody went through them when nothing else is said.
    pages: Mutex<Option<CheckoutStatus>>,
    /// Does a promotion code take off all that pages ask for?
    free: Mutex<bool>,
    /// What its meters took down, by the report's name.
    metered: Mutex<BTreeMap<String, (String, u64, Instant)>>,
    /// What it gave back, by the key.
    refunds: Mutex<BTreeMap<String, Refund>>,
    /// Whom its list shows.
    listed: Mutex<Vec<CustomerSeen>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// When every page closes.
pub(crate) fn closes() -> Instant {
    "2026-11-22T09:00:00Z".parse().expect("an instant")
}

impl FakePayments {
    pub(crate) fn business(self: &Arc<Self>) -> Business {
        let payments = Payments::of(Arc::clone(self), |_, _| ());
        Business { payments: Some(payments), ..Business::default() }
    }

    pub(crate) fn asked(&self, what: &str) -> Vec<String> {
        let asked = lock(&self.asked);
        asked.iter().filter(|(word, _)| word == what).map(|(_, key)| key.clone()).collect()
    }

    /// The next customer is not made.
    pub(crate) fn fail_customer(&self, failure: PaymentFailure) {
        lock(&self.unmade).push_back(failure);
    }

    pub(crate) fn fail(&self, failure: PaymentFailure) {
        lock(&self.fails).push_back(failure);
    }

    /// The next look at a customer meets silence.
    pub(crate) fn be_away(&self) {
        *lock(&self.silent) = true;
    }

    pub(crate) fn show(&self, snapshot: Snapshot) {
        lock(&self.shows).insert(snapshot.customer.clone(), snapshot);
    }

    /// Whom its list shows from now on, and which account each is noted to be of.
    pub(crate) fn list_all(&self, customers: &[(CustomerRef, Option<AccountId>)]) {
        let seen = |(customer, account): &(CustomerRef, Option<AccountId>)| CustomerSeen {
            customer: customer.clone(),
            account: *account,
        };
        *lock(&self.listed) = customers.iter().map(seen).collect();
    }

    /// How every page stands from now on.
    pub(crate) fn stand(&self, pages: CheckoutStatus) {
        *lock(&self.pages) = Some(pages);
    }

    /// Pages ask for nothing from now on.
    pub(crate) fn give_away(&self) {
        *lock(&self.free) = true;
    }

    /// What a meter counted in all, and in how many reports.
    pub(crate) fn metered(&self, meter: &str) -> (u64, usize) {
        let taken = lock(&self.metered);
        let own: Vec<_> = taken.values().filter(|(name, ..)| name == meter).collect();
        (own.iter().map(|(_, value, _)| value).sum(), own.len())
    }

    /// As of when its meters counted.
    pub(crate) fn metered_at(&self) -> Vec<Instant> {
        lock(&self.metered).values().map(|(.., at)| *at).collect()
    }

    pub(crate) fn customer_of(account: AccountId) -> CustomerRef {
        format!("cus_{account}").parse().expect("a name")
    }

    fn effect(&self, what: &str, key: &IdempotencyKey) -> Result<(), PaymentFailure> {
        lock(&self.asked).push((what.to_owned(), key.as_str().to_owned()));
        lock(&self.fails).pop_front().map_or(Ok(()), Err)
    }

    fn opened(&self, what: &str, key: &IdempotencyKey) -> Result<OpenedCheckout, PaymentFailure> {
        self.effect(what, key)?;
        let id = format!("cs_{}", key.as_str()).parse().expect("a name");
        Ok(OpenedCheckout { id, url: "https://pay.example/p".into(), expires_at: closes() })
    }
}

const NO: PaymentFailure = PaymentFailure::NotConfigured;

#[async_trait]
impl Customers for FakePayments {
    async fn create(
        &self,
        key: &IdempotencyKey,
        account: AccountId,
        _: &CustomerDetails,
    ) -> Result<CustomerRef, PaymentFailure> {
        lock(&self.asked).push(("customer".to_owned(), key.as_str().to_owned()));
        lock(&self.unmade).pop_front().map_or(Ok(Self::customer_of(account)), Err)
    }

    async fn update(
        &self,
        _: &IdempotencyKey,
        _: &CustomerRef,
        _: &CustomerDetails,
    ) -> Result<(), PaymentFailure> {
        Err(NO)
    }

    async fn find(&self, account: AccountId) -> Result<Option<CustomerRef>, PaymentFailure> {
        Ok(Some(Self::customer_of(account)))
    }

    /// A page holds one, so that nobody reads the first page only.
    async fn list(&self, after: Option<&CustomerRef>) -> Result<CustomerPage, PaymentFailure> {
        let all = lock(&self.listed);
        let begin = after.and_then(|last| all.iter().position(|it| it.customer == *last));
        let begin = begin.map_or(0, |place| place + 1);
        let customers: Vec<_> = all.iter().skip(begin).take(1).cloned().collect();
        let last = customers.last().map(|it| it.customer.clone());
        Ok(CustomerPage { customers, next: last.filter(|_| begin + 1 < all.len()) })
    }
}

#[async_trait]
impl Checkouts for FakePayments {
    async fn open_subscription(
        &self,
        key: &IdempotencyKey,
        _: &SubscriptionCheckout,
    ) -> Result<OpenedCheckout, PaymentFailure> {
        self.opened("checkout", key)
    }

    async fn open_purchase(
        &self,
        key: &IdempotencyKey,
        _: &CreditPurchase,
    ) -> Result<OpenedCheckout, PaymentFailure> {
        self.opened("purchase", key)
    }

    async fn read(
        &self,
        checkout: &herald_subscription::CheckoutRef,
    ) -> Result<CheckoutSeen, PaymentFailure> {
        let usd = "USD".parse().expect("a currency");
        let free = *lock(&self.free);
        Ok(CheckoutSeen {
            id: checkout.clone(),
            status: (*lock(&self.pages)).unwrap_or(CheckoutStatus::Complete),
            paid: true,
            account: None,
            customer: None,
            subscription: None,
            payment: (!free).then(|| "pi_1".parse().expect("a name")),
            bought: vec![("herald_ai_credits_500_v1".parse().expect("a name"), 1)],
            total: Some(Money { minor: if free { 0 } else { 1_000 }, currency: usd }),
        })
    }

    async fn expire(
        &self,
        key: &IdempotencyKey,
        _: &herald_subscription::CheckoutRef,
    ) -> Result<(), PaymentFailure> {
        self.effect("expire", key)
    }

    async fn open_portal(
        &self,
        key: &IdempotencyKey,
        _: &PortalVisit,
    ) -> Result<OpenedPortal, PaymentFailure> {
        self.effect("portal", key)?;
        Ok(OpenedPortal { url: "https://pay.example/portal".into() })
    }
}

#[async_trait]
impl Subscriptions for FakePayments {
    async fn snapshot(&self, customer: &CustomerRef) -> Result<Snapshot, PaymentFailure> {
        if std::mem::take(&mut *lock(&self.silent)) {
            let (cause, reached) = ("cut".to_owned(), Reached::Perhaps);
            return Err(PaymentFailure::Unreachable { cause, reached, retry_at: None });
        }
        let shown = lock(&self.shows).get(customer).cloned();
        let nothing = || Snapshot {
            customer: customer.clone(),
            subscription: None,
            other_live: Vec::new(),
            card: None,
        };
        Ok(shown.unwrap_or_else(nothing))
    }

    async fn list(
        &self,
        _: &CustomerRef,
    ) -> Result<Vec<(SubscriptionRef, MirrorStatus)>, PaymentFailure> {
        Err(NO)
    }

    async fn create(
        &self,
        _: &IdempotencyKey,
        _: &NewSubscription,
    ) -> Result<SubscriptionRef, PaymentFailure> {
        Err(NO)
    }

    async fn change_plan(
        &self,
        key: &IdempotencyKey,
        _: &PlanChange,
    ) -> Result<(), PaymentFailure> {
        self.effect("change", key)
    }

    async fn preview(&self, _: &PlanChange) -> Result<ChangePreview, PaymentFailure> {
        Err(NO)
    }

    async fn end_trial(
        &self,
        key: &IdempotencyKey,
        _: &SubscriptionRef,
    ) -> Result<(), PaymentFailure> {
        self.effect("end_trial", key)
    }

    async fn cancel(
        &self,
        key: &IdempotencyKey,
        _: &SubscriptionRef,
        _: CancelWhen,
    ) -> Result<(), PaymentFailure> {
        self.effect("cancel", key)
    }

    async fn resume(
        &self,
        key: &IdempotencyKey,
        _: &SubscriptionRef,
        _: ResumeFrom,
    ) -> Result<(), PaymentFailure> {
        self.effect("resume", key)
    }
}

#[async_trait]
impl Purchases for FakePayments {
    async fn pay(&self, _: &IdempotencyKey, _: &PaymentRequest) -> Result<Payment, PaymentFailure> {
        Err(NO)
    }

    async fn read(&self, _: &PaymentRef) -> Result<Payment, PaymentFailure> {
        Err(NO)
    }

    async fn refund(
        &self,
        key: &IdempotencyKey,
        _: &PaymentRef,
        amount: Option<Money>,
    ) -> Result<Refund, PaymentFailure> {
        lock(&self.asked).push(("refund".to_owned(), key.as_str().to_owned()));
        let failure = lock(&self.fails).pop_front();
        let taken =
            failure.as_ref().is_none_or(|it| matches!(it, PaymentFailure::Unreachable { .. }));
        let usd = "USD".parse().expect("a currency");
        let amount = amount.unwrap_or(Money { minor: 1_000, currency: usd });
        let refund = Refund { id: "re_1".to_owned(), amount, done: true };
        if taken {
            lock(&self.refunds).insert(key.as_str().to_owned(), refund.clone());
        }
        failure.map_or(Ok(refund), Err)
    }

    async fn refunded(
        &self,
        key: &IdempotencyKey,
        _: &PaymentRef,
    ) -> Result<Option<Refund>, PaymentFailure> {
        Ok(lock(&self.refunds).get(key.as_str()).cloned())
    }
}

#[async_trait]
impl Meters for FakePayments {
    /// Takes a report down and may be silent all the same; a name counts once.
    async fn report(&self, _: &IdempotencyKey, it: &UsageReport) -> Result<(), PaymentFailure> {
        let failure = lock(&self.fails).pop_front();
        let taken =
            failure.as_ref().is_none_or(|it| matches!(it, PaymentFailure::Unreachable { .. }));
        if taken {
            let told = (it.meter.clone(), it.value, it.at);
            lock(&self.metered).entry(it.identifier.clone()).or_insert(told);
        }
        failure.map_or(Ok(()), Err)
    }
}
