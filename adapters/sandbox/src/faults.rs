//! What goes wrong on demand: rules that name an operation, and seeded chaos over all of them.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Millis;
use crate::operations::Operation;

/// Whether a fault strikes before the effect, which then never happens, or after it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing happened.
    #[default]
    Before,
    /// It happened; only the answer suffers.
    After,
}

/// Where in an exchange the connection is cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// The request was read, nothing happened, not one byte is answered.
    #[default]
    BeforeEffect,
    /// It happened, not one byte is answered.
    AfterEffect,
    /// It happened, half of the answer arrives.
    MidBody,
}

/// The ways to go wrong. Every parameter has a default, so a bare name is a whole fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// Everything happens, later; `after`: at once, but the answer comes late.
    Delay {
        /// How much later, in milliseconds.
        #[serde(default = "one_second")]
        ms: u64,
        /// Before which side of the effect to wait.
        #[serde(default)]
        effect: Effect,
    },
    /// Another status than the true one.
    Status {
        /// The status.
        #[serde(default = "server_error")]
        code: u16,
        /// The body; without one, the provider's own shape for this status.
        #[serde(default)]
        body: Option<Value>,
        /// Headers to add, for example a `location`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// Whether it happened nevertheless.
        #[serde(default)]
        effect: Effect,
    },
    /// The TCP connection ends.
    Cut {
        /// Where.
        #[serde(default)]
        when: Cut,
    },
    /// The connection stays open and nothing is ever answered.
    Hang {
        /// Whether it happened.
        #[serde(default)]
        effect: Effect,
    },
    /// The true status with a body that nobody can read.
    Garbage {
        /// The body; without one, something that is almost JSON.
        #[serde(default)]
        body: Option<String>,
        /// Whether it happened.
        #[serde(default = "after")]
        effect: Effect,
    },
    /// 429 with `Retry-After`; nothing happened.
    RateLimited {
        /// Seconds or a date, or absent; printed as given.
        #[serde(default)]
        retry_after: Option<Value>,
    },
    /// Lookups and listings hide what is younger. Stays until removed unless `times` is given.
    Lag {
        /// How young, in seconds of the sandbox's time.
        #[serde(default = "a_minute")]
        seconds: i64,
    },
    /// The permission behind the token is taken back just before the request.
    Revoked,
    /// It happened, and the answer never ends.
    #[serde(alias = "oversized_body")]
    Oversized {
        /// How much is sent, in bytes.
        #[serde(default = "a_gibibyte")]
        bytes: u64,
    },
    /// It happened, and the answer comes byte by byte.
    #[serde(alias = "drip")]
    SlowDrip {
        /// The pause before each byte, in milliseconds.
        #[serde(default = "one_second")]
        ms: u64,
    },
}

fn one_second() -> u64 {
    1000
}
fn server_error() -> u16 {
    500
}
fn after() -> Effect {
    Effect::After
}
fn a_minute() -> i64 {
    60
}
fn a_gibibyte() -> u64 {
    1 << 30
}
fn anything() -> String {
    "*".to_owned()
}

/// When something goes wrong, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// `x`, `openrouter`, `openai`, or `*`.
    #[serde(default = "anything")]
    pub provider: String,
    /// The operation, as `GET /_control` lists them, or `*`.
    #[serde(default = "anything")]
    pub operation: String,
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: Kind,
    /// How often; once when neither this nor `probability` is given.
    #[serde(default)]
    pub times: Option<u32>,
    /// How likely, between 0 and 1.
    #[serde(default)]
    pub probability: Option<f64>,
    /// How many matching requests pass unharmed first.
    #[serde(default)]
    pub after: u32,
    /// Only requests whose body contains this text.
    #[serde(default)]
    pub contains: Option<String>,
}

impl Rule {
    /// A rule that strikes the next request of an operation, once.
    #[must_use]
    pub fn once(provider: &str, operation: &str, kind: Kind) -> Self {
        Self {
            provider: provider.to_owned(),
            operation: operation.to_owned(),
            kind,
            times: Some(1),
            probability: None,
            after: 0,
            contains: None,
        }
    }

    fn names(&self, operation: Operation, body: &[u8]) -> bool {
        let fits = |pattern: &str, name: &str| pattern == "*" || pattern == name;
        fits(&self.provider, operation.provider)
            && fits(&self.operation, operation.name)
            && self.contains.as_ref().is_none_or(|text| holds(body, text.as_bytes()))
    }

    /// Once, unless the rule says how often or how likely, or is of the lasting kind.
    fn most(&self) -> u32 {
        let lasting = self.probability.is_some() || matches!(self.kind, Kind::Lag { .. });
        self.times.unwrap_or(if lasting { u32::MAX } else { 1 })
    }
}

fn holds(body: &[u8], text: &[u8]) -> bool {
    text.is_empty() || body.windows(text.len()).any(|window| window == text)
}

/// A rule and what became of it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Standing {
    number: u64,
    #[serde(flatten)]
    rule: Rule,
    seen: u32,
    struck: u32,
}

/// Random faults over every operation, drawn from a seed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Chaos {
    #[serde(default)]
    pub(crate) seed: u64,
    pub(crate) rate: f64,
    pub(crate) kinds: Vec<Kind>,
    /// Only these operations, where given.
    #[serde(default)]
    pub(crate) operations: Vec<String>,
}

/// What one request has coming.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) lag: Millis,
    pub(crate) kind: Option<Kind>,
}

/// All rules, and the dice.
#[derive(Debug)]
pub(crate) struct Faults {
    rules: Vec<Standing>,
    chaos: Option<Chaos>,
    dice: StdRng,
    added: u64,
}

impl Faults {
    pub(crate) fn seeded(seed: u64) -> Self {
        let dice = StdRng::seed_from_u64(seed);
        Self { rules: Vec::new(), chaos: None, dice, added: 0 }
    }

    pub(crate) fn add(&mut self, rule: Rule) -> u64 {
        self.added = self.added.saturating_add(1);
        self.rules.push(Standing { number: self.added, rule, seen: 0, struck: 0 });
        self.added
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
        self.chaos = None;
    }

    pub(crate) fn unleash(&mut self, chaos: Chaos) {
        self.dice = StdRng::seed_from_u64(chaos.seed);
        self.chaos = Some(chaos);
    }

    pub(crate) fn rules(&self) -> &[Standing] {
        &self.rules
    }

    pub(crate) fn chaos(&self) -> Option<&Chaos> {
        self.chaos.as_ref()
    }

    /// What this request has coming: the first rule that strikes, else chaos, and every lag.
    pub(crate) fn plan(&mut self, operation: Operation, body: &[u8]) -> Plan {
        let mut plan = Plan::default();
        for standing in &mut self.rules {
            if !standing.rule.names(operation, body) {
                continue;
            }
            standing.seen = standing.seen.saturating_add(1);
            let spent = standing.struck >= standing.rule.most();
            if spent || standing.seen <= standing.rule.after {
                continue;
            }
            if standing.rule.probability.is_some_and(|odds| self.dice.random::<f64>() >= odds) {
                continue;
            }
            if let Kind::Lag { seconds } = standing.rule.kind {
                plan.lag = plan.lag.max(seconds.saturating_mul(1000));
            } else if plan.kind.is_none() {
                plan.kind = Some(standing.rule.kind.clone());
            } else {
                continue;
            }
            standing.struck = standing.struck.saturating_add(1);
        }
        if plan.kind.is_none() {
            self.draw(operation, &mut plan);
        }
        plan
    }

    fn draw(&mut self, operation: Operation, plan: &mut Plan) {
        let Some(chaos) = &self.chaos else { return };
        let spared = matches!(operation.name, "authorize" | "consent")
            || !(chaos.operations.is_empty()
                || chaos.operations.iter().any(|name| name == operation.name));
        if spared || chaos.kinds.is_empty() || self.dice.random::<f64>() >= chaos.rate {
            return;
        }
        let place = self.dice.random_range(0..chaos.kinds.len());
        match chaos.kinds.get(place) {
            Some(Kind::Lag { seconds }) => plan.lag = plan.lag.max(seconds.saturating_mul(1000)),
            other => plan.kind = other.cloned(),
        }
    }
}
