//! What goes wrong on demand: rules that name an operation, and seeded chaos over all of them.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::kinds::Kind;
use crate::operations::Operation;

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

    pub(crate) fn calm(&mut self) {
        self.chaos = None;
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
