//! A provider's client: everything that one call goes through.

use crate::{
    Answer, BreakerState, Environment, Error, Failure, InvalidSettings, LimitStanding,
    RealEnvironment, Request, Settings,
    breaker::{Breaker, Leave},
    budget::Budget,
    cache::Answers,
    limits::Limits,
    retry::Retry,
    telemetry,
    wire::{Pool, judge},
};
use std::{sync::Arc, time::SystemTime};
use tracing::Instrument as _;

/// The client of one provider. Cheap to make and to clone; the network is touched at the first call.
#[derive(Debug, Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) environment: Arc<dyn Environment>,
    pool: Pool,
    breaker: Breaker,
    requests: Option<Budget>,
    tokens: Option<Budget>,
    answers: Option<Answers>,
    limits: Limits,
}

/// How a provider stands, for health reports.
#[derive(Debug, Clone)]
pub struct Standing {
    /// What the breaker lets through.
    pub breaker: BreakerState,
    /// The allowances as the provider's answers told.
    pub limits: Vec<LimitStanding>,
}

impl Client {
    /// A client that lives in real time.
    pub fn try_new(settings: Settings) -> Result<Self, InvalidSettings> {
        Self::try_new_in(settings, Arc::new(RealEnvironment))
    }

    /// A client that takes time and chance from `environment`.
    pub fn try_new_in(
        settings: Settings,
        environment: Arc<dyn Environment>,
    ) -> Result<Self, InvalidSettings> {
        let settings = settings.checked()?;
        let inner = Inner {
            pool: Pool::default(),
            breaker: Breaker::new(settings.breaker),
            requests: settings.requests_per_minute.map(Budget::new),
            tokens: settings.tokens_per_minute.map(Budget::new),
            answers: settings.cache.map(Answers::new),
            limits: Limits::default(),
            settings,
            environment,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The settings that the client works by.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Where the client takes its time from, for adapters that wait or date what they saw.
    #[must_use]
    pub fn environment(&self) -> &dyn Environment {
        &*self.inner.environment
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    /// Sends a repeatable call, again where that may help, and answers with a success or a reason.
    pub async fn send(&self, request: &Request) -> Result<Answer, Error> {
        let provider = self.inner.settings.name;
        let span = tracing::info_span!(
            "provider_call",
            provider,
            operation = request.operation,
            correlation_id = request.correlation.as_deref(),
        );
        self.inner.cached_or_sent(request).instrument(span).await
    }

    /// Drops the kept answers of `account` whose name begins with `prefix`; all of them for `""`.
    pub fn invalidate(&self, account: &str, prefix: &str) {
        if let Some(answers) = &self.inner.answers {
            answers.invalidate(account, prefix);
        }
    }

    /// Counts what a call cost.
    pub fn cost(&self, operation: &'static str, nano_usd: u64) {
        telemetry::cost(self.inner.settings.name, operation, nano_usd);
    }

    /// How the provider stands, as far as the last calls told.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let breaker = self.inner.breaker.state(self.inner.environment.monotonic());
        Standing { breaker, limits: self.inner.limits.standing() }
    }
}

impl Inner {
    async fn cached_or_sent(&self, request: &Request) -> Result<Answer, Error> {
        let Some((answers, key)) = self.answers.as_ref().zip(request.cache.as_ref()) else {
            return self.sent(request).await;
        };
        if let Some(answer) = answers.get(key, self.environment.monotonic()).await {
            telemetry::cached(self.settings.name, request.operation);
            return Ok(answer);
        }
        let generation = answers.generation();
        let answer = self.sent(request).await?;
        let now = self.environment.monotonic();
        answers.keep(key.clone(), answer.clone(), now, generation).await;
        Ok(answer)
    }

    async fn sent(&self, request: &Request) -> Result<Answer, Error> {
        let mut retry = Retry::new();
        let allowed = request.tries.unwrap_or(self.settings.tries);
        loop {
            let failure = match self.try_once(request, &mut retry).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let pause = retry.pause(&failure, allowed, &self.settings, &*self.environment);
            let Some(pause) = pause else {
                tracing::warn!(tries = retry.tries(), code = failure.code(), "the call failed");
                return Err(self.error(request.operation, retry.tries(), failure));
            };
            tracing::info!(tries = retry.tries(), code = failure.code(), ?pause, "tried again");
            telemetry::retried(self.settings.name, request.operation);
            self.environment.pause(pause).await;
        }
    }

    async fn try_once(&self, request: &Request, retry: &mut Retry) -> Result<Answer, Failure> {
        request.sound()?;
        self.wait_for_budget(request, retry).await?;
        let leave = self.leave()?;
        let started = self.environment.monotonic();
        retry.tried();
        let judged = match self.pool.exchange(request, &self.settings).await {
            Ok(answer) => {
                self.observe(request.operation, &answer);
                judge(answer, self.environment.wall())
            }
            Err(failure) => Err(failure),
        };
        self.settle(leave, request.operation, started, judged.as_ref().err());
        judged
    }

    /// Waits until our own budget has room, as long as the call's patience lasts.
    async fn wait_for_budget(&self, request: &Request, retry: &mut Retry) -> Result<(), Failure> {
        while let Err(wait) = self.take_budget(request) {
            if !retry.has_patience(wait, &self.settings) {
                let until = self.environment.wall().checked_add(wait);
                return Err(Failure::RateLimited { until, answer: None });
            }
            self.environment.pause(wait).await;
        }
        Ok(())
    }

    fn take_budget(&self, request: &Request) -> Result<(), std::time::Duration> {
        let now = self.environment.monotonic();
        self.tokens.as_ref().map_or(Ok(()), |budget| budget.take(now, request.tokens))?;
        self.requests.as_ref().map_or(Ok(()), |budget| budget.take(now, 1))
    }

    /// Takes from the budget without waiting: a commit's moment is the caller's to choose.
    pub(crate) fn budget_now(&self, request: &Request) -> Result<(), Failure> {
        self.take_budget(request).map_err(|wait| Failure::RateLimited {
            until: self.environment.wall().checked_add(wait),
            answer: None,
        })
    }

    /// The breaker's leave to call.
    pub(crate) fn leave(&self) -> Result<Leave<'_>, Failure> {
        let now = self.environment.monotonic();
        self.breaker.ask(now).map_err(|until| Failure::BreakerOpen {
            until: self.wall_at(until.saturating_duration_since(now)),
        })
    }

    fn wall_at(&self, from_now: std::time::Duration) -> SystemTime {
        let now = self.environment.wall();
        now.checked_add(from_now).unwrap_or(now)
    }

    /// Notes what an answer told about allowances.
    pub(crate) fn observe(&self, operation: &'static str, answer: &Answer) {
        for standing in self.limits.observe(operation, answer, self.environment.wall()) {
            telemetry::limit(self.settings.name, &standing);
        }
    }

    /// Tells the breaker and the metrics how a try ended.
    pub(crate) fn settle(
        &self,
        leave: Leave<'_>,
        operation: &'static str,
        started: std::time::Instant,
        failure: Option<&Failure>,
    ) {
        let now = self.environment.monotonic();
        match failure {
            Some(failure) if failure.is_outage() => leave.failed(now),
            // Nothing was learnt about the provider.
            Some(Failure::Unsendable { .. }) => drop(leave),
            Some(_) | None => leave.succeeded(),
        }
        telemetry::breaker(self.settings.name, self.breaker.state(now));
        let took = now.saturating_duration_since(started);
        telemetry::ended(self.settings.name, operation, failure.map_or("ok", Failure::code), took);
    }

    pub(crate) const fn error(
        &self,
        operation: &'static str,
        tries: u32,
        failure: Failure,
    ) -> Error {
        Error { provider: self.settings.name, operation, tries, failure }
    }
}
