//! What an operator may set about the application's behaviour, with its defaults.

use crate::limits::Allowances;
use herald_subscription::{Catalogue, TaxTable};
use std::{sync::Arc, time::Duration};
use url::Url;

/// Whether the world outside is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Every provider is the sandbox. The default.
    Sandbox,
    /// Providers are real. Only ever chosen explicitly.
    Production,
}

impl Mode {
    /// As settings, the database and the API spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }
}

/// Whether accounts pay for what they use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Billing {
    /// Nobody pays and nothing is limited. The default.
    #[default]
    Off,
    /// Everybody begins with what is free; tiers and packs of this catalogue can be bought.
    On {
        /// What is on offer, and what ever was.
        catalogue: Arc<Catalogue>,
        /// Whether the payment provider works out the tax.
        automatic_tax: bool,
    },
}

/// How payments are taken, where they are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaymentRules {
    /// Origins beside our own to which people may be sent back from the provider's pages.
    pub return_origins: Vec<String>,
    /// Makes a customer as soon as an account is opened, and not with its first checkout.
    pub customer_at_once: bool,
    /// Asks for no card before a trial; without one by its end, the subscription pauses.
    pub trial_without_card: bool,
    /// Lets people type codes for discounts.
    pub promotion_codes: bool,
    /// Which tax is put on bills, where the provider does not work it out.
    pub taxes: Option<Arc<TaxTable>>,
}

/// How people are known, and what is kept of their signing in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRules {
    /// Opens an account for whoever is new in an identity provider's directory.
    pub open_accounts: bool,
    /// How long a session that is renewed by tokens lasts at a time.
    pub renewed_session: Duration,
    /// How long a sign-in at a provider may take.
    pub redirect: Duration,
    /// How long the sign-in log is kept.
    pub log: Duration,
    /// How long after their provider gave a person up their name and address are kept.
    pub forget_after: Duration,
}

impl Default for IdentityRules {
    fn default() -> Self {
        let days = |n: u64| Duration::from_secs(n * 24 * 60 * 60);
        Self {
            open_accounts: false,
            renewed_session: Duration::from_secs(60 * 60),
            redirect: Duration::from_secs(10 * 60),
            log: days(90),
            forget_after: days(30),
        }
    }
}

/// How long things take. Every wait is a setting, so that tests need not sleep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// How long a person may take on a network's consent page.
    pub consent: Duration,
    /// How long a job's lease lasts unless renewed.
    pub lease: Duration,
    /// How long a commit may take from intent to answer.
    pub commit: Duration,
    /// How long after a commit's deadline a network's listing is believed to be complete.
    pub settle: Duration,
    /// How long after an unknown outcome the first look-up is made.
    pub first_lookup: Duration,
    /// The least time between two listings that prove absence.
    pub between_lookups: Duration,
    /// After this much time without a verdict a person is asked.
    pub give_up_lookup: Duration,
    /// How often the worker looks for work when nothing wakes it.
    pub poll: Duration,
    /// The first pause after a job failed; it doubles with each attempt.
    pub retry: Duration,
    /// How long a read waits for what a token promises.
    pub read: Duration,
    /// How long a mutation waits for the address of a page that a provider opens.
    pub page: Duration,
    /// How long an invitation is good for.
    pub invitation: Duration,
    /// A session that is not used ends after this.
    pub session_idle: Duration,
    /// A session ends after this whatever happens.
    pub session_life: Duration,
    /// How long a sign-in link is good for.
    pub sign_in_link: Duration,
    /// What is known of an API key is asked anew after this: so long a revoked one may still work.
    pub remember_keys: Duration,
    /// How soon after publication metrics are read first; then as often as the tier says.
    pub first_metrics: Duration,
    /// A post that is older than this is measured no more.
    pub last_metrics: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        Self {
            consent: minutes(10),
            lease: minutes(1),
            commit: Duration::from_secs(30),
            settle: minutes(15),
            first_lookup: Duration::from_secs(30),
            between_lookups: minutes(1),
            give_up_lookup: minutes(6 * 60),
            poll: Duration::from_secs(1),
            retry: Duration::from_secs(2),
            read: Duration::from_secs(2),
            page: Duration::from_secs(10),
            invitation: minutes(7 * 24 * 60),
            session_idle: minutes(12 * 60),
            session_life: minutes(30 * 24 * 60),
            sign_in_link: minutes(15),
            remember_keys: Duration::from_millis(500),
            first_metrics: minutes(5),
            last_metrics: minutes(7 * 24 * 60),
        }
    }
}

/// How a text is generated for one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The model's name.
    pub model: String,
    /// The most tokens to write.
    pub max_tokens: u32,
    /// Hundredths: 70 means a temperature of 0.7.
    pub temperature_hundredths: u32,
}

/// What an operator may set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether the world outside is real.
    pub mode: Mode,
    /// Where people and providers reach this installation; links and callbacks begin with it.
    pub public_url: Url,
    /// How long things take.
    pub waits: Waits,
    /// Whether accounts pay for what they use.
    pub billing: Billing,
    /// How often one may call.
    pub allowances: Allowances,
    /// How payments are taken.
    pub payments: PaymentRules,
    /// How people are known.
    pub identity: IdentityRules,
    /// People who may see and do what concerns the whole installation: (issuer, subject).
    pub operators: Vec<(String, String)>,
    /// The better model, for strategies.
    pub strategy: Profile,
    /// The cheaper model, for posts.
    pub posts: Profile,
    /// Whether people are told by mail what concerns them: only where somebody carries mail.
    pub notices: bool,
    /// How many bytes of pictures an account may keep.
    pub media_bytes_per_account: u64,
    /// Jobs a worker carries out side by side.
    pub parallel_jobs: u32,
    /// A job is given up after this many attempts without progress.
    pub job_attempts: u32,
}

impl Settings {
    /// The defaults, reached at `public_url`.
    #[must_use]
    pub fn new(mode: Mode, public_url: Url) -> Self {
        Self {
            mode,
            public_url,
            waits: Waits::default(),
            billing: Billing::Off,
            allowances: Allowances::default(),
            payments: PaymentRules::default(),
            identity: IdentityRules::default(),
            operators: Vec::new(),
            strategy: Profile {
                model: "openai/gpt-4o".to_owned(),
                max_tokens: 2_000,
                temperature_hundredths: 70,
            },
            posts: Profile {
                model: "openai/gpt-4o-mini".to_owned(),
                max_tokens: 1_500,
                temperature_hundredths: 80,
            },
            notices: false,
            media_bytes_per_account: 10 * 1024 * 1024 * 1024,
            parallel_jobs: 8,
            job_attempts: 12,
        }
    }
}
