//! What happened, as something to tell.

use super::Process;
use crate::{
    bridge::StreamKind,
    notices::{Notice, Told},
    occurred::{AnyEvent, Occurred},
    ports::JobChange,
    settings::Settings,
};
use herald_account::AccountEvent;
use herald_api_key::{ApiKeyEvent, DisabledReason};
use herald_kernel::{AccountId, ApiKeyId, Instant, MemberId};
use herald_social_connection::{ConnectionEvent, PauseReason};
use herald_subscription::{Access, Impact, SubscriptionEvent, UsageEvent};
use std::time::Duration;

/// People hear of what concerns them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Notify;

const DAY: Duration = Duration::from_secs(86_400);
/// How long before the end of a grace it is spoken of.
const GRACE_WARNED_BEFORE: Duration = Duration::from_secs(2 * 86_400);
/// How many days before something loses its place it is spoken of.
const LOSS_WARNED_BEFORE: [u8; 3] = [7, 3, 1];
/// What rests at one time is told in one mail.
const RESTING_GATHERED: Duration = Duration::from_secs(60);

impl Process for Notify {
    fn name(&self) -> &'static str {
        "notify"
    }

    fn reads(&self, kind: StreamKind) -> bool {
        use StreamKind::{Account, ApiKey, Connection, Subscription, Usage};
        matches!(kind, Account | ApiKey | Connection | Subscription | Usage)
    }

    fn react(&self, event: &Occurred, settings: &Settings) -> Vec<JobChange> {
        let (Some(account), true) = (event.account, settings.notices) else { return Vec::new() };
        let telling = Telling { account, event };
        match &event.event {
            AnyEvent::Account(AccountEvent::Opened { .. }) => vec![telling.now(Notice::Welcome)],
            AnyEvent::Account(AccountEvent::MemberRested { member }) => {
                vec![telling.resting(), telling.seat(*member)]
            }
            AnyEvent::Subscription(fact) => telling.subscription(fact),
            AnyEvent::Usage(fact) => telling.usage(fact),
            AnyEvent::ApiKey(fact) => telling.key(fact),
            AnyEvent::Connection(ConnectionEvent::Paused {
                reason: PauseReason::PlanLimit,
                ..
            }) => vec![telling.resting()],
            AnyEvent::Account(_)
            | AnyEvent::Claim(_)
            | AnyEvent::Connection(_)
            | AnyEvent::Credits(_)
            | AnyEvent::Plan(_)
            | AnyEvent::Post(_)
            | AnyEvent::Foreign
            | AnyEvent::Unreadable(_) => Vec::new(),
        }
    }
}

struct Telling<'e> {
    account: AccountId,
    event: &'e Occurred,
}

impl Telling<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "most of what happens is told nobody")]
    fn subscription(&self, fact: &SubscriptionEvent) -> Vec<JobChange> {
        use SubscriptionEvent as E;
        match fact {
            E::AccessChanged { from, to, .. } => self.access(*from, *to),
            E::PaymentRecorded { invoice, amount, .. } => {
                vec![self.now(Notice::Receipt { invoice: invoice.clone(), amount: *amount })]
            }
            E::PaymentFailed { invoice, grace_until, needs_action, .. } => {
                let (until, needs_action) = (*grace_until, *needs_action);
                let failed =
                    Notice::PaymentFailed { invoice: invoice.clone(), until, needs_action };
                let mut told = vec![self.now(failed)];
                told.extend(self.grace(until));
                told
            }
            E::GraceExtended { until, .. } => self.grace(*until).into_iter().collect(),
            E::PaymentRecovered { .. } => vec![self.cancel("grace")],
            E::TrialEnding { until, .. } => vec![self.now(Notice::TrialEnding { until: *until })],
            E::CancellationIntended { ends_at, impact, .. } => {
                let mut told = vec![self.now(Notice::Ending { at: *ends_at, seen: false })];
                told.extend(self.loss(*ends_at, Some(*impact)));
                told
            }
            E::PlanChangeScheduled { effective_at, impact, .. } => {
                self.loss(*effective_at, Some(*impact)).collect()
            }
            E::PlanChangeWithdrawn { .. }
            | E::PlanChangeCompleted { .. }
            | E::CancellationRejected { .. }
            | E::ResumptionIntended { .. } => self.no_loss(),
            E::Grandfathered { until, .. } => {
                vec![self.now(Notice::Grandfathered { until: *until })]
            }
            _ => Vec::new(),
        }
    }

    fn access(&self, from: Access, to: Access) -> Vec<JobChange> {
        match (from, to) {
            (Access::Free | Access::Ended, Access::Trial { until }) => {
                vec![self.now(Notice::TrialStarted { until })]
            }
            (Access::Free | Access::Ended | Access::Trial { .. }, Access::Full { .. }) => {
                vec![self.now(Notice::SubscriptionStarted)]
            }
            // At the provider's own pages people end what they pay for, and go on, without us.
            (Access::Full { ends_at: before }, Access::Full { ends_at: Some(at) })
                if before != Some(at) =>
            {
                let mut told = vec![self.now(Notice::Ending { at, seen: true })];
                told.extend(self.loss(at, None));
                told
            }
            (Access::Full { ends_at: Some(_) }, Access::Full { ends_at: None }) => self.no_loss(),
            (_, Access::Ended) => {
                let mut over = self.no_loss();
                over.push(self.cancel("grace"));
                over
            }
            _ => Vec::new(),
        }
    }

    fn no_loss(&self) -> Vec<JobChange> {
        LOSS_WARNED_BEFORE.map(|days| self.cancel(&loss(days))).into()
    }

    /// A warning, unless the grace is so short that the failure itself was one.
    fn grace(&self, until: Instant) -> Option<JobChange> {
        let due = until.minus(GRACE_WARNED_BEFORE);
        (due > self.event.at).then(|| self.later("grace", Notice::GraceEnding { until }, due))
    }

    fn loss(&self, at: Instant, impact: Option<Impact>) -> impl Iterator<Item = JobChange> {
        let some = impact != Some(Impact::default());
        let days = LOSS_WARNED_BEFORE.into_iter().filter(move |_| some);
        days.filter_map(move |days| {
            let due = at.minus(DAY * u32::from(days));
            let notice = Notice::LossAhead { at, impact, days };
            (due > self.event.at).then(|| self.later(&loss(days), notice, due))
        })
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "only what is near its end is told")]
    fn usage(&self, fact: &UsageEvent) -> Vec<JobChange> {
        match fact {
            UsageEvent::ThresholdReached { percent, quota, used, .. } => {
                let (percent, used, quota) = (*percent, *used, *quota);
                vec![self.now(Notice::Usage { usage: self.event.stream, percent, used, quota })]
            }
            _ => Vec::new(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "people know what they do with their keys")]
    fn key(&self, fact: &ApiKeyEvent) -> Vec<JobChange> {
        match fact {
            ApiKeyEvent::Compromised { .. } => {
                vec![self.now(Notice::KeyLeaked { key: ApiKeyId::new(self.event.stream) })]
            }
            ApiKeyEvent::Disabled { reason: DisabledReason::PlanLimit } => vec![self.resting()],
            _ => Vec::new(),
        }
    }

    fn resting(&self) -> JobChange {
        self.later("resting", Notice::Resting, self.event.at.plus(RESTING_GATHERED))
    }

    /// Owners and billers hear what rests; who rests, that they do.
    fn seat(&self, member: MemberId) -> JobChange {
        let (notice, now) = (Notice::SeatRests, self.event.at);
        let key = format!("notice:{}:{}:{member}", self.cause(), notice.name());
        self.put_for(Some(member), key, notice, now)
    }

    /// By its place in the log, an event has one name whoever reads it and whenever.
    fn cause(&self) -> String {
        format!("{}/{}", self.event.stream, self.event.sequence)
    }

    fn now(&self, notice: Notice) -> JobChange {
        self.put(format!("notice:{}:{}", self.cause(), notice.name()), notice, self.event.at)
    }

    /// At most one of each topic waits for its time.
    fn later(&self, topic: &str, notice: Notice, due_at: Instant) -> JobChange {
        self.put(self.topic(topic), notice, due_at)
    }

    fn cancel(&self, topic: &str) -> JobChange {
        JobChange::Cancel { key: self.topic(topic) }
    }

    fn topic(&self, topic: &str) -> String {
        format!("notice:{}:{topic}", self.account)
    }

    fn put(&self, key: String, notice: Notice, due_at: Instant) -> JobChange {
        self.put_for(None, key, notice, due_at)
    }

    fn put_for(
        &self,
        member: Option<MemberId>,
        key: String,
        notice: Notice,
        due_at: Instant,
    ) -> JobChange {
        let told = Told { notice, cause: self.cause(), since: due_at, member };
        JobChange::Put(told.job(self.account, key, due_at))
    }
}

fn loss(days: u8) -> String {
    format!("loss-{days}")
}
