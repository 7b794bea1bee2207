//! Settings: flags before the environment before a TOML file before the defaults.
//!
//! A wrong setting names itself and the fix. A secret is never printed.

mod billing;
mod error;
mod identity;
mod limits;
mod mail;
mod master_key;
mod providers;
mod read;
mod source;
mod webhooks;

pub(crate) use billing::{SANDBOX_WEBHOOK_SECRET, StripeSettings};
pub(crate) use error::ConfigError;
pub(crate) use identity::{Application, Identity, SANDBOX_CLERK_WEBHOOK_SECRET};
pub(crate) use mail::{Mail, SANDBOX_RESEND_WEBHOOK_SECRET};
pub(crate) use master_key::master_keys;

use herald_application::settings::{Mode, Settings};
use ipnet::IpNet;
use secrecy::SecretString;
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};
use url::Url;

/// Everything that can be set, checked.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Where everything is kept.
    pub(crate) database: Database,
    /// Where files are kept.
    pub(crate) data_dir: PathBuf,
    /// Whether somebody chose that place.
    pub(crate) data_dir_given: bool,
    /// What the application itself takes.
    pub(crate) settings: Settings,
    /// Whose `X-Forwarded-*` headers are believed.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// From where each provider's webhooks may come; from anywhere for who is not named.
    pub(crate) webhook_networks: BTreeMap<String, Vec<IpNet>>,
    /// Which origins may call from a browser.
    pub(crate) cors_origins: Vec<String>,
    /// Where the sandbox listens, or is to be found.
    pub(crate) sandbox_listen: SocketAddr,
    /// What this process does.
    pub(crate) roles: Roles,
    /// Who may read `/metrics` from beyond this machine.
    pub(crate) metrics_token: Option<SecretString>,
    /// JSON lines instead of text.
    pub(crate) json_logs: bool,
    /// Who vouches for people.
    pub(crate) identity: Identity,
    /// The networks' and the writers' addresses and credentials.
    pub(crate) providers: Providers,
    /// Real credentials that were found and are not used, because this is the sandbox.
    pub(crate) ignored: Vec<&'static str>,
}

/// Where everything is kept.
#[derive(Debug, Clone)]
pub(crate) enum Database {
    /// A file.
    Sqlite(PathBuf),
    /// A server; the URL may carry a password.
    Postgres(SecretString),
}

/// What a process does. All of it unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Roles {
    /// Answers requests.
    pub(crate) api: bool,
    /// Folds the log and carries out jobs.
    pub(crate) worker: bool,
}

/// Addresses and credentials of providers.
#[derive(Debug, Clone)]
pub(crate) struct Providers {
    /// Stripe.
    pub(crate) stripe: StripeSettings,
    /// Who carries mail.
    pub(crate) mail: Mail,
    /// X.
    pub(crate) x: XSettings,
    /// The writing endpoint asked first.
    pub(crate) openrouter: WriterSettings,
    /// The one asked when the first cannot.
    pub(crate) openai: WriterSettings,
}

/// How X is reached.
#[derive(Debug, Clone)]
pub(crate) struct XSettings {
    /// Where its API is.
    pub(crate) api: Url,
    /// Where its pages are.
    pub(crate) web: Url,
    /// Our application there; without one, X is not configured.
    pub(crate) client_id: Option<String>,
    /// Its secret, for confidential applications.
    pub(crate) client_secret: Option<SecretString>,
    /// The vocabulary of its field names: posts (new) or tweets (old).
    pub(crate) tweet_naming: bool,
}

/// How a writing endpoint is reached.
#[derive(Debug, Clone)]
pub(crate) struct WriterSettings {
    /// Where it is; ends with a slash.
    pub(crate) base: Url,
    /// What opens it; without one, it is not configured.
    pub(crate) key: Option<SecretString>,
    /// An organisation to bill, where the provider knows such.
    pub(crate) organization: Option<String>,
    /// Requests a minute.
    pub(crate) requests_per_minute: u32,
    /// Tokens a minute.
    pub(crate) tokens_per_minute: u32,
}

impl Config {
    /// Reads and checks every setting.
    pub(crate) fn read(flags: &crate::cli::Flags) -> Result<Self, ConfigError> {
        read::config(&source::Source::open(flags)?)
    }

    /// Whether the world outside is real.
    pub(crate) const fn mode(&self) -> Mode {
        self.settings.mode
    }
}
