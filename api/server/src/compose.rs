//! Composition: the one place that knows every adapter.

mod billing;
mod identity;
mod mail;

use crate::{
    cli::Flags,
    config::{
        Config, ConfigError, Database, SANDBOX_CLERK_WEBHOOK_SECRET, WriterSettings, master_keys,
    },
    system::{SystemClock, SystemIds},
};
use anyhow::{Context as _, bail};
use herald_application::{
    business::Business,
    desk::{Desk, Parts},
    inbox::Sources,
    jobs::{Network, Networks},
    log::{Keyring, KeyringError, MasterKeys},
    ports::{Announcements, HealthCheck, Stores},
    settings::Mode,
    worker::Worker,
};
use herald_files::Files;
use herald_openrouter::{Chat, Dialect, Writing};
use herald_postgres::{Postgres, PostgresSettings};
use herald_sandbox::{Running, Sandbox};
use herald_sqlite::{Sqlite, SqliteSettings};
use herald_x::X;
use secrecy::SecretString;
use std::sync::Arc;
use uuid::Uuid;

/// An open storage engine.
pub(crate) enum Storage {
    /// The embedded one.
    Sqlite(Arc<Sqlite>),
    /// The one for production.
    Postgres(Arc<Postgres>),
}

impl Storage {
    /// Opens the configured engine, and brings its tables up to date or creates them.
    pub(crate) async fn set_up(config: &Config) -> anyhow::Result<Self> {
        if let Database::Sqlite(path) = &config.database
            && let Some(folder) = path.parent()
        {
            std::fs::create_dir_all(folder).with_context(|| {
                format!("{} cannot be created; set HERALD_DATA_DIR", folder.display())
            })?;
        }
        let storage = Self::connect(config).await?;
        match &storage {
            Self::Sqlite(engine) => engine.migrate().await?,
            Self::Postgres(engine) => engine.migrate().await?,
        }
        storage.check_mode(config.mode()).await?;
        Ok(storage)
    }

    /// Opens the configured engine as it is. Whoever only looks must not change the tables under a
    /// Herald that serves, nor leave an empty database where none was.
    pub(crate) async fn open(config: &Config) -> anyhow::Result<Self> {
        if let Database::Sqlite(path) = &config.database
            && !path.exists()
        {
            bail!("there is no database at {}; run `herald migrate` first", path.display());
        }
        let storage = Self::connect(config).await?;
        let pending = match &storage {
            Self::Sqlite(engine) => engine.pending().await?,
            Self::Postgres(engine) => engine.pending().await?,
        };
        if pending > 0 {
            storage.close().await;
            bail!("the database lacks {pending} migrations; run `herald migrate` first");
        }
        storage.check_mode(config.mode()).await?;
        Ok(storage)
    }

    async fn connect(config: &Config) -> anyhow::Result<Self> {
        Ok(match &config.database {
            Database::Sqlite(path) => {
                Self::Sqlite(Arc::new(Sqlite::open(&SqliteSettings::new(path)).await?))
            }
            Database::Postgres(url) => {
                let settings = PostgresSettings::new(url.clone());
                Self::Postgres(Arc::new(Postgres::open(&settings).await?))
            }
        })
    }

    /// A database belongs to the mode that it was created in: the two never mix.
    async fn check_mode(&self, mode: Mode) -> anyhow::Result<()> {
        let stamped = match self {
            Self::Sqlite(engine) => engine.stamp_mode(mode.as_str()).await?,
            Self::Postgres(engine) => engine.stamp_mode(mode.as_str()).await?,
        };
        if stamped != mode.as_str() {
            bail!(
                "HERALD_MODE is {}, but this database was created in {stamped} mode; \
                 use another database (HERALD_DATABASE_URL) or set HERALD_MODE={stamped}",
                mode.as_str()
            );
        }
        Ok(())
    }

    /// The engine's ports.
    pub(crate) fn stores(&self) -> Stores {
        match self {
            Self::Sqlite(engine) => engine.stores(),
            Self::Postgres(engine) => engine.stores(),
        }
    }

    /// Announcements between processes over one database; none where one process has it to itself.
    pub(crate) fn announcements(&self, own: Uuid) -> Option<Arc<dyn Announcements>> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(engine) => Some(Arc::new(engine.announcements(own))),
        }
    }

    /// The engine's name.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// Ends every connection; SQLite's file is whole afterwards.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(engine) => engine.close().await,
            Self::Postgres(engine) => engine.close().await,
        }
    }
}

/// A composed installation.
pub(crate) struct House {
    /// Every setting.
    pub(crate) config: Config,
    /// What use cases work with.
    pub(crate) desk: Arc<Desk>,
    /// The loops; started by `serve` only.
    pub(crate) worker: Worker,
    /// The storage engine.
    pub(crate) storage: Storage,
    /// One check per provider.
    pub(crate) health: Vec<Arc<dyn HealthCheck>>,
}

impl House {
    /// Opens storage, brings it up to date, and puts everything together. Makes no call and builds
    /// no connection to a provider: start-up must be instant.
    pub(crate) async fn set_up(config: Config, flags: &Flags) -> anyhow::Result<Self> {
        let storage = Storage::set_up(&config).await?;
        Box::pin(Self::put_together(config, flags, storage, Sealed::MustOpen)).await
    }

    /// The same over storage that is up to date.
    pub(crate) async fn open(config: Config, flags: &Flags) -> anyhow::Result<Self> {
        let storage = Storage::open(&config).await?;
        Box::pin(Self::put_together(config, flags, storage, Sealed::MustOpen)).await
    }

    /// The same for who proves the log, which lies sealed and needs no key for that.
    pub(crate) async fn open_sealed(config: Config, flags: &Flags) -> anyhow::Result<Self> {
        let storage = Storage::open(&config).await?;
        Box::pin(Self::put_together(config, flags, storage, Sealed::MayStay)).await
    }

    async fn put_together(
        config: Config,
        flags: &Flags,
        storage: Storage,
        sealed: Sealed,
    ) -> anyhow::Result<Self> {
        let stores = storage.stores();
        let ids = Arc::new(SystemIds);
        let masters = master_keys(&config, flags, ids.as_ref())?;
        let mut health: Vec<Arc<dyn HealthCheck>> = Vec::new();
        let networks = networks(&config, &mut health)?;
        let writer = writer(&config, &mut health)?;
        let files = Files::open(config.data_dir.join("media"))?;
        let mut business = Business::default();
        identity::people(&config, &mut business, &mut health)?;
        let keyring = keyring(&stores, ids.clone(), masters, sealed).await?;
        let stripe = billing::stripe(&config, &keyring, &mut health)?;
        business.payments = stripe.as_ref().map(billing::payments);
        mail::carrier(&config, &mut business, &mut health)?;
        let mut settings = config.settings.clone();
        settings.notices = business.messages.is_some();
        let desk = Desk::new(Parts {
            keyring: Arc::new(keyring),
            stores,
            files: Arc::new(files),
            networks,
            writer: Arc::new(writer),
            business: business.clone(),
            clock: Arc::new(SystemClock),
            ids,
            settings,
        });
        let sources = webhook_sources(&config, &business);
        let sources = billing::sources(sources, &config, stripe.as_ref());
        let sources = mail::sources(sources, &config);
        let desk = Arc::new(desk.with_sources(sources));
        let worker = Worker::new(Arc::clone(&desk));
        Ok(Self { config, desk, worker, storage, health })
    }
}

/// Must every data key open with the master keys that are configured?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sealed {
    MustOpen,
    MayStay,
}

async fn keyring(
    stores: &Stores,
    ids: Arc<SystemIds>,
    masters: MasterKeys,
    sealed: Sealed,
) -> anyhow::Result<Keyring> {
    let keys = Arc::clone(&stores.keys);
    if sealed == Sealed::MayStay {
        return Ok(Keyring::new(keys, ids, masters));
    }
    let secrets = Arc::clone(&stores.secrets);
    let names: Vec<_> = masters.all().map(|master| master.id().to_owned()).collect();
    let opened = Keyring::open(keys, stores.key_wraps.as_ref(), secrets, ids, masters).await;
    opened.map_err(|error| match error {
        KeyringError::UnknownMaster(missing) => {
            anyhow::Error::new(ConfigError::MasterKey { missing, configured: names.join(", ") })
        }
        KeyringError::Store(_) | KeyringError::Tampered => error.into(),
    })
}

/// Providers that call us, by their names in `/webhooks/{provider}`. Who has no secret is not among
/// them.
fn webhook_sources(config: &Config, business: &Business) -> Sources {
    let mut sources = Sources::default();
    // Renewed while it is held, so a row needs no longer one than a job.
    sources.pace.lease = config.settings.waits.lease;
    identity::callers(config, business, sources)
}

/// The sandbox in this process, on the address that the providers' base URLs point to.
pub(crate) async fn sandbox(config: &Config) -> anyhow::Result<Running> {
    let settings = herald_sandbox::Settings {
        listen: config.sandbox_listen,
        data_dir: Some(config.data_dir.clone()),
        stripe: billing::sandbox(config),
        resend: mail::sandbox(config),
        identity: herald_sandbox::IdentitySettings {
            clerk_webhook: Some(herald_sandbox::Endpoint {
                url: format!("http://{}/webhooks/clerk", config.listen),
                secret: SANDBOX_CLERK_WEBHOOK_SECRET.to_owned(),
            }),
            ..herald_sandbox::IdentitySettings::default()
        },
        ..herald_sandbox::Settings::default()
    };
    Sandbox::start(settings).await.with_context(
        || "the sandbox does not start; choose another address with HERALD_SANDBOX_LISTEN",
    )
}

fn networks(config: &Config, health: &mut Vec<Arc<dyn HealthCheck>>) -> anyhow::Result<Networks> {
    let given = &config.providers.x;
    let Some(client_id) = &given.client_id else {
        health.push(Arc::new(NotConfigured("x", "set X_CLIENT_ID and X_CLIENT_SECRET")));
        return Ok(Networks::default());
    };
    let mut settings = herald_x::Settings::new(
        given.api.clone(),
        given.web.clone(),
        client_id.clone(),
        given.client_secret.clone(),
    );
    settings.https_only = given.api.scheme() == "https";
    if given.tweet_naming {
        settings.vocabulary = herald_x::Vocabulary::Tweets;
    }
    let x = Arc::new(X::try_new(settings)?);
    health.push(x.clone());
    let network = Network { social: x.clone(), authorization: x };
    Ok(Networks::default().with(herald_kernel::Network::X, network))
}

fn writer(config: &Config, health: &mut Vec<Arc<dyn HealthCheck>>) -> anyhow::Result<Writing> {
    let watched = vec![config.settings.strategy.model.clone(), config.settings.posts.model.clone()];
    let mut chain = Vec::new();
    let providers = [
        ("openrouter", Dialect::OpenRouter, &config.providers.openrouter),
        ("openai", Dialect::OpenAi, &config.providers.openai),
    ];
    for (name, dialect, given) in providers {
        if let Some(chat) = compatible(config, name, given, &watched)? {
            health.push(Arc::new(chat.clone()));
            chain.push(chat);
            continue;
        }
        let Some(key) = given.key.clone() else {
            let fix = match dialect {
                Dialect::OpenRouter => "set OPENROUTER_API_KEY",
                Dialect::OpenAi | Dialect::Compatible => "set OPENAI_API_KEY",
            };
            health.push(Arc::new(NotConfigured(name, fix)));
            continue;
        };
        let chat = Chat::try_new(chat_settings(dialect, given, key), watched.clone())?;
        health.push(Arc::new(chat.clone()));
        chain.push(chat);
    }
    Ok(Writing::new(chain))
}

/// A server of one's own in a provider's place: it knows its own models and may need no key.
fn compatible(
    config: &Config,
    name: &str,
    given: &WriterSettings,
    watched: &[String],
) -> anyhow::Result<Option<Chat>> {
    let theirs = ["openrouter.ai", "api.openai.com"];
    let host = given.base.host_str().unwrap_or_default();
    if config.mode() == Mode::Sandbox || theirs.contains(&host) {
        return Ok(None);
    }
    tracing::info!(name, host, "an OpenAI-compatible server stands in this provider's place");
    let model = config.settings.posts.model.clone();
    let mut settings =
        herald_openrouter::Settings::compatible(given.base.clone(), given.key.clone(), model);
    bound(&mut settings, given);
    Ok(Some(Chat::try_new(settings, watched.to_vec())?))
}

fn chat_settings(
    dialect: Dialect,
    given: &WriterSettings,
    key: SecretString,
) -> herald_openrouter::Settings {
    let mut settings = match dialect {
        Dialect::OpenAi => herald_openrouter::Settings::openai(given.base.clone(), key),
        Dialect::OpenRouter | Dialect::Compatible => {
            herald_openrouter::Settings::openrouter(given.base.clone(), key)
        }
    };
    settings.organization.clone_from(&given.organization);
    bound(&mut settings, given);
    settings
}

fn bound(settings: &mut herald_openrouter::Settings, given: &WriterSettings) {
    settings.https_only = given.base.scheme() == "https";
    settings.requests_per_minute = Some(given.requests_per_minute);
    settings.tokens_per_minute = Some(given.tokens_per_minute);
}

/// A provider without credentials: says so, and is never faked.
struct NotConfigured(&'static str, &'static str);

#[async_trait::async_trait]
impl HealthCheck for NotConfigured {
    fn provider(&self) -> &'static str {
        self.0
    }

    async fn check(&self) -> herald_application::ports::Health {
        herald_application::ports::Health {
            provider: self.0.to_owned(),
            status: herald_application::ports::HealthStatus::NotConfigured,
            detail: self.1.to_owned(),
            milliseconds: 0,
        }
    }
}
