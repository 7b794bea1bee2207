//! Where a setting's text comes from: flag, environment, file.

use super::ConfigError;
use crate::cli::Flags;
use figment::{
    Figment,
    providers::{Format as _, Toml},
};
use std::{collections::BTreeMap, path::PathBuf};

/// A setting: its name in the environment. In the file it is the same without `HERALD_`, in lower
/// case: `HERALD_LISTEN` is `listen`.
pub(super) struct Setting {
    pub(super) name: &'static str,
    /// Is it something of a real provider's, which the sandbox leaves alone?
    pub(super) credential: bool,
}

const fn plain(name: &'static str) -> Setting {
    Setting { name, credential: false }
}

const fn credential(name: &'static str) -> Setting {
    Setting { name, credential: true }
}

/// Every setting.
pub(super) const SETTINGS: &[Setting] = &[
    plain("HERALD_LISTEN"),
    plain("HERALD_DATABASE_URL"),
    plain("HERALD_DATA_DIR"),
    plain("HERALD_MODE"),
    plain("HERALD_PUBLIC_URL"),
    plain("HERALD_MASTER_KEY"),
    plain("HERALD_FORMER_MASTER_KEYS"),
    plain("HERALD_TRUSTED_PROXIES"),
    plain("HERALD_WEBHOOK_SOURCES"),
    plain("HERALD_CORS_ORIGINS"),
    plain("HERALD_SANDBOX_LISTEN"),
    plain("HERALD_ROLES"),
    plain("HERALD_METRICS_TOKEN"),
    plain("HERALD_LOG_FORMAT"),
    plain("HERALD_X_BASE_URL"),
    plain("HERALD_X_WEB_URL"),
    plain("HERALD_X_NAMING"),
    plain("HERALD_OPENROUTER_BASE_URL"),
    plain("HERALD_OPENAI_BASE_URL"),
    plain("HERALD_WRITER_REQUESTS_PER_MINUTE"),
    plain("HERALD_WRITER_TOKENS_PER_MINUTE"),
    plain("HERALD_STRATEGY_MODEL"),
    plain("HERALD_STRATEGY_MAX_TOKENS"),
    plain("HERALD_STRATEGY_TEMPERATURE"),
    plain("HERALD_POSTS_MODEL"),
    plain("HERALD_POSTS_MAX_TOKENS"),
    plain("HERALD_POSTS_TEMPERATURE"),
    plain("HERALD_PARALLEL_JOBS"),
    plain("HERALD_WAIT_CONSENT"),
    plain("HERALD_WAIT_LEASE"),
    plain("HERALD_WAIT_COMMIT"),
    plain("HERALD_WAIT_SETTLE"),
    plain("HERALD_WAIT_FIRST_LOOKUP"),
    plain("HERALD_WAIT_BETWEEN_LOOKUPS"),
    plain("HERALD_WAIT_GIVE_UP_LOOKUP"),
    plain("HERALD_WAIT_POLL"),
    plain("HERALD_WAIT_RETRY"),
    plain("HERALD_WAIT_READ"),
    plain("HERALD_WAIT_INVITATION"),
    plain("HERALD_WAIT_SESSION_IDLE"),
    plain("HERALD_WAIT_SESSION_LIFE"),
    plain("HERALD_WAIT_SIGN_IN_LINK"),
    plain("HERALD_WAIT_PAGE"),
    plain("HERALD_BILLING"),
    plain("HERALD_CATALOGUE"),
    plain("HERALD_AUTOMATIC_TAX"),
    plain("HERALD_TAX_TABLE"),
    plain("HERALD_RETURN_ORIGINS"),
    plain("HERALD_CUSTOMER_AT_ONCE"),
    plain("HERALD_TRIAL_WITHOUT_CARD"),
    plain("HERALD_PROMOTION_CODES"),
    plain("HERALD_OPERATORS"),
    plain("HERALD_STRIPE_BASE_URL"),
    plain("HERALD_STRIPE_PORTAL"),
    credential("HERALD_CARD_KEY"),
    credential("STRIPE_SECRET_KEY"),
    credential("STRIPE_PUBLISHABLE_KEY"),
    credential("STRIPE_WEBHOOK_SECRET"),
    plain("HERALD_RESEND_BASE_URL"),
    plain("HERALD_MAIL_FROM"),
    credential("RESEND_API_KEY"),
    credential("RESEND_WEBHOOK_SECRET"),
    plain("HERALD_LIMIT_REPLICAS"),
    plain("HERALD_LIMIT_KEY"),
    plain("HERALD_LIMIT_SESSION"),
    plain("HERALD_LIMIT_NOBODY"),
    plain("HERALD_LIMIT_SIGN_IN"),
    plain("HERALD_LIMIT_CALLBACK"),
    plain("HERALD_LIMIT_WEBHOOK"),
    plain("HERALD_LIMIT_MEDIA"),
    credential("X_CLIENT_ID"),
    credential("X_CLIENT_SECRET"),
    credential("OPENROUTER_API_KEY"),
    credential("OPENAI_API_KEY"),
    plain("OPENAI_ORG_ID"),
    plain("HERALD_OPEN_ACCOUNTS"),
    plain("HERALD_PASSWORDS"),
    plain("HERALD_WAIT_REDIRECT"),
    plain("HERALD_WAIT_RENEWED_SESSION"),
    plain("HERALD_WAIT_SIGN_IN_LOG"),
    plain("HERALD_WAIT_FORGET_MEMBER"),
    plain("HERALD_GITHUB_ORGANISATION"),
    plain("HERALD_GITHUB_REPOSITORIES"),
    plain("HERALD_CLERK_PARTIES"),
    plain("HERALD_COGNITO_BASE_URL"),
    plain("HERALD_COGNITO_HOSTED"),
    plain("HERALD_OIDC_ISSUERS"),
    credential("HERALD_OIDC_SECRETS"),
    credential("GOOGLE_CLIENT_ID"),
    credential("GOOGLE_CLIENT_SECRET"),
    credential("GITHUB_CLIENT_ID"),
    credential("GITHUB_CLIENT_SECRET"),
    credential("CLERK_PUBLISHABLE_KEY"),
    credential("CLERK_SECRET_KEY"),
    credential("CLERK_WEBHOOK_SECRET"),
    credential("CLERK_CLIENT_ID"),
    credential("CLERK_CLIENT_SECRET"),
    credential("AWS_COGNITO_USER_POOL_ID"),
    credential("AWS_COGNITO_CLIENT_ID"),
    credential("AWS_COGNITO_CLIENT_SECRET"),
    plain("AWS_REGION"),
    credential("AWS_ACCESS_KEY_ID"),
    credential("AWS_SECRET_ACCESS_KEY"),
    credential("AWS_SESSION_TOKEN"),
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
        let known = SETTINGS.iter().find(|it| file_key(it.name) == key);
        let Some(Setting { name, .. }) = known else {
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
    SETTINGS.iter().map(|it| it.name).max_by_key(|name| shared(name)).unwrap_or("HERALD_LISTEN")
}
