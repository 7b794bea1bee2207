//! What billing's events lead to: a call to the payment provider each, and what falls due by time.

use super::Process;
use crate::{
    billing::sync_job,
    bridge::StreamKind,
    jobs::billing::Task,
    limits::LEASE,
    metering::RUN_AT_MOST,
    occurred::{AnyEvent, Occurred},
    ports::{JobChange, JobKind, NewJob, Priority},
    settings::{Billing, Settings},
};
use herald_account::AccountEvent;
use herald_kernel::{AccountId, CommandId, Instant};
use herald_subscription::{
    Counter, CreditKind, CreditsEvent, PlanChange, SubscriptionEvent as Event, UsageEvent,
    credits_id,
};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// Accounts pay, change and end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bill;

/// A checkout makes its customer itself; this is for those that are wanted alone.
const CUSTOMER_AFTER: Duration = Duration::from_secs(5);
/// How long before its end a trial is spoken of.
const TRIAL_WARNED_BEFORE: Duration = Duration::from_secs(3 * 86_400);
/// An end and going on after all share one job: what was asked last holds.
const ENDING: &str = "ending";

impl Process for Bill {
    fn name(&self) -> &'static str {
        "bill"
    }

    fn reads(&self, kind: StreamKind) -> bool {
        matches!(
            kind,
            StreamKind::Account
                | StreamKind::Credits
                | StreamKind::Subscription
                | StreamKind::Usage
        )
    }

    fn react(&self, event: &Occurred, settings: &Settings) -> Vec<JobChange> {
        let (Some(account), Billing::On { .. }) = (event.account, &settings.billing) else {
            return Vec::new();
        };
        let jobs = Jobs { account, at: event.at, stream: event };
        match &event.event {
            AnyEvent::Subscription(fact) => jobs.following(fact),
            AnyEvent::Credits(fact) => jobs.credits(fact),
            AnyEvent::Usage(fact) => {
                jobs.usage(fact).into_iter().chain(jobs.report(fact)).collect()
            }
            AnyEvent::Account(AccountEvent::Opened { .. })
                if settings.payments.customer_at_once =>
            {
                vec![jobs.now("customer", &Task::Customer)]
            }
            AnyEvent::Account(_)
            | AnyEvent::ApiKey(_)
            | AnyEvent::Claim(_)
            | AnyEvent::Connection(_)
            | AnyEvent::Plan(_)
            | AnyEvent::Post(_)
            | AnyEvent::Foreign
            | AnyEvent::Unreadable(_) => Vec::new(),
        }
    }
}

struct Jobs<'o> {
    account: AccountId,
    at: Instant,
    stream: &'o Occurred,
}

impl Jobs<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "most of what happened asks for nothing")]
    fn following(&self, fact: &Event) -> Vec<JobChange> {
        match fact {
            Event::CustomerIntended { .. } => {
                vec![self.later("customer", &Task::Customer, self.at.plus(CUSTOMER_AFTER))]
            }
            Event::CustomerLinked { .. } => vec![self.cancel("customer")],
            Event::CheckoutIntended { checkout, trial_days, replaces, .. } => {
                let (checkout, trial_days) = (*checkout, *trial_days);
                let replaces = replaces.clone();
                let open = Task::OpenCheckout { checkout, trial_days, replaces };
                vec![self.now(&format!("checkout:{checkout}"), &open)]
            }
            Event::CheckoutCompleted { .. } => {
                vec![JobChange::Put(sync_job(self.account, self.at))]
            }
            Event::PortalIntended { portal } => {
                let open = Task::OpenPortal { portal: *portal };
                vec![self.now(&format!("portal:{portal}"), &open)]
            }
            Event::ErrandIntended { errand, .. } => {
                let task = Task::Errand { errand: *errand, since: Some(self.at) };
                vec![self.now(&format!("errand:{errand}"), &task)]
            }
            Event::TrialStarted { .. }
            | Event::TrialRefused { .. }
            | Event::TrialConverted { .. }
            | Event::PaymentFailed { .. }
            | Event::PaymentRecovered { .. }
            | Event::GraceExtended { .. } => self.trials_and_graces(fact),
            Event::PlanChangeIntended { .. }
            | Event::PlanChangeScheduled { .. }
            | Event::PlanChangeWithdrawn { .. }
            | Event::CancellationIntended { .. }
            | Event::ResumptionIntended { .. } => self.changes(fact),
            _ => Vec::new(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "`following` hands over these alone")]
    fn trials_and_graces(&self, fact: &Event) -> Vec<JobChange> {
        match fact {
            Event::TrialStarted { until: Some(until), .. } => {
                let due = until.minus(TRIAL_WARNED_BEFORE).max(self.at);
                vec![self.later("trial-ending", &Task::NoteTrialEnding, due)]
            }
            Event::TrialRefused { subscription, .. } => {
                let (subscription, because) = (subscription.clone(), self.because());
                let key = format!("end-trial:{subscription}");
                vec![self.now(&key, &Task::EndTrial { subscription, because })]
            }
            Event::TrialConverted { .. } => vec![self.cancel("trial-ending")],
            Event::PaymentFailed { grace_until: until, .. }
            | Event::GraceExtended { until, .. } => {
                vec![self.later("grace", &Task::ElapseGrace, *until)]
            }
            Event::PaymentRecovered { .. } => vec![self.cancel("grace")],
            _ => Vec::new(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "`following` hands over these alone")]
    fn changes(&self, fact: &Event) -> Vec<JobChange> {
        match fact {
            Event::PlanChangeIntended { change, .. } => {
                let task = Task::ChangePlan { change: *change };
                vec![self.cancel("plan-change"), self.now(&format!("change:{change}"), &task)]
            }
            Event::PlanChangeScheduled { change, effective_at, .. } => {
                let due = effective_at.minus(PlanChange::HANDED_OVER_BEFORE).max(self.at);
                let task = Task::ApplyPlanChange { change: *change };
                vec![self.later("plan-change", &task, due)]
            }
            Event::PlanChangeWithdrawn { .. } => vec![self.cancel("plan-change")],
            Event::CancellationIntended { subscription, when, .. } => {
                let (subscription, when) = (subscription.clone(), *when);
                let because = self.because();
                vec![self.now(ENDING, &Task::Cancel { subscription, when, because })]
            }
            Event::ResumptionIntended { subscription } => {
                let (subscription, because) = (subscription.clone(), self.because());
                vec![self.now(ENDING, &Task::Resume { subscription, because })]
            }
            _ => Vec::new(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "only what is bought or lent has an end")]
    fn credits(&self, fact: &CreditsEvent) -> Vec<JobChange> {
        match fact {
            CreditsEvent::Bought { payment, kind, expires_at, .. } => {
                let task = Task::ExpireCredits { kind: *kind };
                vec![self.later(&format!("expire-credits:{payment}"), &task, *expires_at)]
            }
            CreditsEvent::Reserved { id, .. } => {
                let (key, task, after) = self.lapse(*id);
                vec![self.later(&key, &task, self.at.plus(after))]
            }
            CreditsEvent::Committed { id, .. } | CreditsEvent::Released { id } => {
                vec![self.cancel(&self.lapse(*id).0)]
            }
            _ => Vec::new(),
        }
    }

    /// What ends what was set aside, and after how long: blocks of calls may be left behind by a
    /// crash, and runs of the models by whatever keeps them from telling their end.
    fn lapse(&self, id: Uuid) -> (String, Task, Duration) {
        let calls = credits_id(self.account, CreditKind::ApiCalls).uuid();
        if calls == self.stream.stream {
            (format!("lapse-calls:{id}"), Task::LapseCalls { lease: id }, LEASE)
        } else {
            (format!("lapse-run:{id}"), Task::LapseRun { run: id }, RUN_AT_MOST)
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "only what is handed out has an end")]
    fn usage(&self, fact: &UsageEvent) -> Vec<JobChange> {
        let (unit, expires_at) = match fact {
            UsageEvent::Leased { lease, expires_at, .. } => (lease.to_string(), *expires_at),
            UsageEvent::Reserved { run, expires_at, .. } => (run.to_string(), *expires_at),
            UsageEvent::Settled { lease, .. } => {
                return vec![self.cancel(&format!("expire-usage:{lease}"))];
            }
            UsageEvent::Committed { run, .. } | UsageEvent::Released { run } => {
                return vec![self.cancel(&format!("expire-usage:{run}"))];
            }
            _ => return Vec::new(),
        };
        let task = Task::ExpireUsage { usage: self.stream.stream };
        vec![self.later(&format!("expire-usage:{unit}"), &task, expires_at)]
    }

    /// What is used for good is told to the payment provider; which kind of event it is says of
    /// which counter.
    #[expect(clippy::wildcard_enum_match_arm, reason = "nothing else is used for good")]
    fn report(&self, fact: &UsageEvent) -> Option<JobChange> {
        let counter = match fact {
            UsageEvent::Settled { used: 1.., .. } | UsageEvent::LeaseExpired { used: 1.., .. } => {
                Counter::ApiCalls
            }
            UsageEvent::Committed { used: 1.., .. } => Counter::AiCredits,
            _ => return None,
        };
        let usage = self.stream.stream;
        let task = Task::ReportUsage { usage, counter };
        Some(self.later(&format!("report:{usage}"), &task, self.at))
    }

    /// A name for an effect that no command of a person names: by the event's own place.
    fn because(&self) -> CommandId {
        let place = format!("{}/{}", self.stream.stream, self.stream.sequence);
        CommandId::derived(self.account.uuid(), &place)
    }

    fn now(&self, key: &str, task: &Task) -> JobChange {
        self.put(key, task, self.at, Priority::AtOnce)
    }

    fn later(&self, key: &str, task: &Task, due_at: Instant) -> JobChange {
        self.put(key, task, due_at, Priority::Ordinary)
    }

    fn put(&self, key: &str, task: &Task, due_at: Instant, priority: Priority) -> JobChange {
        let (account, key, payload) = (self.account, self.key(key), json!(task));
        JobChange::Put(NewJob::new(JobKind::Billing, account, key, payload, due_at, priority))
    }

    fn cancel(&self, key: &str) -> JobChange {
        JobChange::Cancel { key: self.key(key) }
    }

    fn key(&self, key: &str) -> String {
        format!("billing:{}:{key}", self.account)
    }
}
