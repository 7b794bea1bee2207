//! Where a setting's text comes from: flag, environment, file.

use super::ConfigError;
use crate::cli::Flags;
use figment::{
    Figment,
    providers::{Format as _, Toml},
};
use std::{collections::BTreeMap, path::PathBuf};

/// Every setting's name in the environment. In the file it is the same without `HERALD_`, in lower
/// case: `HERALD_LISTEN` is `listen`.
pub(super) const NAMES: &[&str] = &[
    "HERALD_LISTEN",
    "HERALD_DATABASE_URL",
    "HERALD_DATA_DIR",
    "HERALD_MODE",
    "HERALD_PUBLIC_URL",
    "HERALD_MASTER_KEY",
    "HERALD_FORMER_MASTER_KEYS",
    "HERALD_TRUSTED_PROXIES",
    "HERALD_WEBHOOK_SOURCES",
    "HERALD_CORS_ORIGINS",
    "HERALD_SANDBOX_LISTEN",
    "HERALD_ROLES",
    "HERALD_METRICS_TOKEN",
    "HERALD_LOG_FORMAT",
    "HERALD_X_BASE_URL",
    "HERALD_X_WEB_URL",
    "HERALD_X_NAMING",
    "HERALD_OPENROUTER_BASE_URL",
    "HERALD_OPENAI_BASE_URL",
    "HERALD_WRITER_REQUESTS_PER_MINUTE",
    "HERALD_WRITER_TOKENS_PER_MINUTE",
    "HERALD_STRATEGY_MODEL",
    "HERALD_STRATEGY_MAX_TOKENS",
    "HERALD_STRATEGY_TEMPERATURE",
    "HERALD_POSTS_MODEL",
    "HERALD_POSTS_MAX_TOKENS",
    "HERALD_POSTS_TEMPERATURE",
    "HERALD_PARALLEL_JOBS",
    "HERALD_WAIT_CONSENT",
    "HERALD_WAIT_LEASE",
    "HERALD_WAIT_COMMIT",
    "HERALD_WAIT_SETTLE",
    "HERALD_WAIT_FIRST_LOOKUP",
    "HERALD_WAIT_BETWEEN_LOOKUPS",
    "HERALD_WAIT_GIVE_UP_LOOKUP",
    "HERALD_WAIT_POLL",
    "HERALD_WAIT_RETRY",
    "HERALD_WAIT_READ",
    "HERALD_WAIT_INVITATION",
    "HERALD_WAIT_SESSION_IDLE",
    "HERALD_WAIT_SESSION_LIFE",
    "HERALD_WAIT_SIGN_IN_LINK",
    "HERALD_WAIT_PAGE",
    "HERALD_BILLING",
    "HERALD_CATALOGUE",
    "HERALD_AUTOMATIC_TAX",
    "HERALD_TAX_TABLE",
    "HERALD_RETURN_ORIGINS",
    "HERALD_CUSTOMER_AT_ONCE",
    "HERALD_TRIAL_WITHOUT_CARD",
    "HERALD_PROMOTION_CODES",
    "HERALD_OPERATORS",
    "HERALD_STRIPE_BASE_URL",
    "HERALD_STRIPE_PORTAL",
    "HERALD_CARD_KEY",
    "STRIPE_SECRET_KEY",
    "STRIPE_PUBLISHABLE_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "HERALD_RESEND_BASE_URL",
    "HERALD_MAIL_FROM",
    "RESEND_API_KEY",
    "RESEND_WEBHOOK_SECRET",
    "HERALD_LIMIT_REPLICAS",
    "HERALD_LIMIT_KEY",
    "HERALD_LIMIT_SESSION",
    "HERALD_LIMIT_NOBODY",
    "HERALD_LIMIT_SIGN_IN",
    "HERALD_LIMIT_CALLBACK",
    "HERALD_LIMIT_WEBHOOK",
    "X_CLIENT_ID",
    "X_CLIENT_SECRET",
    "OPENROUTER_API_KEY",
    "OPENAI_API_KEY",
    "OPENAI_ORG_ID",
    "HERALD_OPEN_ACCOUNTS",
    "HERALD_PASSWORDS",
    "HERALD_WAIT_REDIRECT",
    "HERALD_WAIT_RENEWED_SESSION",
    "HERALD_WAIT_SIGN_IN_LOG",
    "HERALD_WAIT_FORGET_MEMBER",
    "HERALD_GITHUB_ORGANISATION",
    "HERALD_GITHUB_REPOSITORIES",
    "HERALD_CLERK_PARTIES",
    "HERALD_COGNITO_BASE_URL",
    "HERALD_COGNITO_HOSTED",
    "HERALD_OIDC_ISSUERS",
    "HERALD_OIDC_SECRETS",
    "GOOGLE_CLIENT_ID",
    "GOOGLE_CLIENT_SECRET",
    "GITHUB_CLIENT_ID",
    "GITHUB_CLIENT_SECRET",
    "CLERK_PUBLISHABLE_KEY",
    "CLERK_SECRET_KEY",
    "CLERK_WEBHOOK_SECRET",
    "CLERK_CLIENT_ID",
    "CLERK_CLIENT_SECRET",
    "AWS_COGNITO_USER_POOL_ID",
    "AWS_COGNITO_CLIENT_ID",
    "AWS_COGNITO_CLIENT_SECRET",
    "AWS_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// The three places, flags first.
pub(super) struct Source {
    flags: BTreeMap<&'static str, String>,
    environment: BTreeMap<String, String>,
    file: BTreeMap<String, String>,
}

impl Source {
    pub(super) fn open(flags: &Flags) -> Result<Self, ConfigError> {
        let given = [
            ("HERALD_LISTEN", flags.listen.map(|a| a.to_string())),
            ("HERALD_DATABASE_URL", flags.database_url.clone()),
            ("HERALD_DATA_DIR", flags.data_dir.as_ref().map(|p| p.display().to_string())),
            ("HERALD_MODE", flags.mode.clone()),
            ("HERALD_WEBHOOK_SOURCES", flags.webhook_sources.clone()),
            ("HERALD_SANDBOX_LISTEN", flags.sandbox_listen.map(|a| a.to_string())),
        ];
        let flags_given = given.into_iter().filter_map(|(name, text)| Some((name, text?)));
        let environment = std::env::vars_os()
            .filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)));
        Ok(Self {
            flags: flags_given.collect(),
            environment: environment.collect(),
            file: read_file(flags.config.as_ref())?,
        })
    }

    #[cfg(test)]
    pub(super) fn of(environment: &[(&str, &str)]) -> Self {
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        Self {
            flags: BTreeMap::new(),
            environment: environment.iter().map(own).collect(),
            file: BTreeMap::new(),
        }
    }

    /// The text of a setting; empty text is no text.
    pub(super) fn get(&self, name: &'static str) -> Option<&str> {
        let flag = self.flags.get(name);
        let found = flag.or_else(|| self.environment.get(name)).or_else(|| self.file.get(name));
        found.map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// A variable that other programs use too. Only ever asked for in production mode.
    pub(super) fn ambient(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }
}

fn read_file(path: Option<&PathBuf>) -> Result<BTreeMap<String, String>, ConfigError> {
    let default = PathBuf::from("herald.toml");
    let path = match path {
        Some(path) => path,
        None if default.exists() => &default,
        None => return Ok(BTreeMap::new()),
    };
    let wrong = |cause: String| ConfigError::File { path: path.clone(), cause };
    if !path.exists() {
        return Err(wrong("there is no such file".to_owned()));
    }
    let table: BTreeMap<String, toml::Value> =
        Figment::from(Toml::file(path)).extract().map_err(|error| wrong(error.to_string()))?;
    let mut texts = BTreeMap::new();
    for (key, value) in table {
        let known = NAMES.iter().find(|name| file_key(name) == key);
        let Some(name) = known else {
            let nearest = nearest(&key);
            return Err(ConfigError::UnknownKey { path: path.clone(), key, nearest });
        };
        texts.insert((*name).to_owned(), text_of(&value));
    }
    Ok(texts)
}

fn file_key(name: &str) -> String {
    name.strip_prefix("HERALD_").unwrap_or(name).to_lowercase()
}

/// A list becomes what the environment would say: its members with commas between.
fn text_of(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(members) => members.iter().map(text_of).collect::<Vec<_>>().join(","),
        toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_)
        | toml::Value::Table(_) => value.to_string(),
    }
}

/// The setting whose name shares the most letters in order with `key`.
fn nearest(key: &str) -> &'static str {
    let shared =
        |name: &str| file_key(name).chars().zip(key.chars()).take_while(|(a, b)| a == b).count();
    NAMES.iter().copied().max_by_key(|name| shared(name)).unwrap_or("HERALD_LISTEN")
}
