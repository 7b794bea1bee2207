//! From texts to checked settings.

use super::{
    Config, ConfigError, Database, Roles,
    source::{SETTINGS, Source},
};
use herald_application::settings::{Mode, Profile, Settings, Waits};
use secrecy::SecretString;
use std::{
    fmt::Display, net::SocketAddr, ops::RangeInclusive, path::PathBuf, str::FromStr, time::Duration,
};
use url::Url;

const MEGABYTE: u64 = 1024 * 1024;

pub(super) fn config(source: &Source) -> Result<Config, ConfigError> {
    let mode = mode(source)?;
    let listen: SocketAddr = parsed(
        source,
        "HERALD_LISTEN",
        "127.0.0.1:8080",
        "give an address and a port, such as 127.0.0.1:8080",
    )?;
    let sandbox_listen: SocketAddr = parsed(
        source,
        "HERALD_SANDBOX_LISTEN",
        "127.0.0.1:8090",
        "give an address and a port, such as 127.0.0.1:8090",
    )?;
    let data_dir = PathBuf::from(source.get("HERALD_DATA_DIR").unwrap_or(".herald"));
    let public_url = public_url(source, listen, mode)?;
    let mut settings = Settings::new(mode, public_url);
    settings.waits = waits(source)?;
    settings.allowances = super::limits::allowances(source)?;
    settings.identity = super::identity::rules(source)?;
    settings.strategy = profile(
        source,
        ["HERALD_STRATEGY_MODEL", "HERALD_STRATEGY_MAX_TOKENS", "HERALD_STRATEGY_TEMPERATURE"],
        &settings.strategy,
    )?;
    settings.posts = profile(
        source,
        ["HERALD_POSTS_MODEL", "HERALD_POSTS_MAX_TOKENS", "HERALD_POSTS_TEMPERATURE"],
        &settings.posts,
    )?;
    super::billing::read(source, mode, &mut settings)?;
    let megabytes = settings.media_bytes_per_account / MEGABYTE;
    settings.media_bytes_per_account =
        number(source, "HERALD_LIMIT_MEDIA", megabytes, &(1..=1_000_000_000))? * MEGABYTE;
    settings.parallel_jobs =
        number(source, "HERALD_PARALLEL_JOBS", settings.parallel_jobs, &(1..=256))?;
    Ok(Config {
        listen,
        database: database(source, mode, &data_dir)?,
        data_dir_given: source.get("HERALD_DATA_DIR").is_some(),
        data_dir,
        trusted_proxies: list(
            source,
            "HERALD_TRUSTED_PROXIES",
            "give networks such as 10.0.0.0/8",
        )?,
        webhook_networks: super::webhooks::networks(source)?,
        cors_origins: origins(source)?,
        sandbox_listen,
        roles: roles(source)?,
        metrics_token: secret(source, "HERALD_METRICS_TOKEN"),
        json_logs: json_logs(source)?,
        identity: super::identity::identity(source, mode, sandbox_listen)?,
        providers: super::providers::providers(source, mode, sandbox_listen)?,
        ignored: ignored(source, mode),
        settings,
    })
}

fn mode(source: &Source) -> Result<Mode, ConfigError> {
    match source.get("HERALD_MODE") {
        None | Some("sandbox") => Ok(Mode::Sandbox),
        Some("production") => Ok(Mode::Production),
        Some(other) => Err(ConfigError::wrong(
            "HERALD_MODE",
            format!("`{other}` is no mode"),
            "set it to `sandbox` or `production`",
        )),
    }
}

fn database(
    source: &Source,
    mode: Mode,
    data_dir: &std::path::Path,
) -> Result<Database, ConfigError> {
    let ambient = || match mode {
        // DATABASE_URL lies about in many shells: it is only believed where that is asked for.
        Mode::Production => source.ambient("DATABASE_URL"),
        Mode::Sandbox => None,
    };
    let Some(url) = source.get("HERALD_DATABASE_URL").or_else(ambient) else {
        return Ok(Database::Sqlite(data_dir.join("herald.db")));
    };
    if let Some(path) = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")) {
        let path = path.split('?').next().unwrap_or(path);
        if path.is_empty() || path == ":memory:" {
            return Err(ConfigError::wrong(
                "HERALD_DATABASE_URL",
                "SQLite needs a file: what is acknowledged must stay",
                "give a path, such as sqlite:///var/lib/herald/herald.db",
            ));
        }
        return Ok(Database::Sqlite(PathBuf::from(path)));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Database::Postgres(SecretString::from(url.to_owned())));
    }
    Err(ConfigError::wrong(
        "HERALD_DATABASE_URL",
        "it begins with neither sqlite:// nor postgres://",
        "give sqlite:///path/to/herald.db or postgres://user:password@host/database",
    ))
}

fn public_url(source: &Source, listen: SocketAddr, mode: Mode) -> Result<Url, ConfigError> {
    let fix = "give the address that people and networks reach, such as https://herald.example.org";
    let url = match source.get("HERALD_PUBLIC_URL") {
        Some(text) => Url::parse(text)
            .map_err(|error| ConfigError::wrong("HERALD_PUBLIC_URL", error.to_string(), fix))?,
        None => Url::parse(&format!("http://{listen}"))
            .map_err(|error| ConfigError::wrong("HERALD_LISTEN", error.to_string(), fix))?,
    };
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let plain = url.scheme() != "https";
    if !matches!(url.scheme(), "http" | "https") || (plain && !loopback && mode == Mode::Production)
    {
        let problem = "outside of this machine, production needs https";
        return Err(ConfigError::wrong("HERALD_PUBLIC_URL", problem, fix));
    }
    Ok(url)
}

fn waits(source: &Source) -> Result<Waits, ConfigError> {
    let mut waits = Waits::default();
    let places: [(&'static str, &mut Duration); 13] = [
        ("HERALD_WAIT_CONSENT", &mut waits.consent),
        ("HERALD_WAIT_LEASE", &mut waits.lease),
        ("HERALD_WAIT_COMMIT", &mut waits.commit),
        ("HERALD_WAIT_SETTLE", &mut waits.settle),
        ("HERALD_WAIT_FIRST_LOOKUP", &mut waits.first_lookup),
        ("HERALD_WAIT_BETWEEN_LOOKUPS", &mut waits.between_lookups),
        ("HERALD_WAIT_GIVE_UP_LOOKUP", &mut waits.give_up_lookup),
        ("HERALD_WAIT_POLL", &mut waits.poll),
        ("HERALD_WAIT_RETRY", &mut waits.retry),
        ("HERALD_WAIT_READ", &mut waits.read),
        ("HERALD_WAIT_INVITATION", &mut waits.invitation),
        ("HERALD_WAIT_SESSION_IDLE", &mut waits.session_idle),
        ("HERALD_WAIT_SESSION_LIFE", &mut waits.session_life),
    ];
    for (name, place) in places {
        if let Some(text) = source.get(name) {
            *place = duration(name, text)?;
        }
    }
    if let Some(text) = source.get("HERALD_WAIT_PAGE") {
        waits.page = duration("HERALD_WAIT_PAGE", text)?;
    }
    if let Some(text) = source.get("HERALD_WAIT_SIGN_IN_LINK") {
        waits.sign_in_link = duration("HERALD_WAIT_SIGN_IN_LINK", text)?;
    }
    Ok(waits)
}

pub(super) fn duration(name: &'static str, text: &str) -> Result<Duration, ConfigError> {
    let fix = "give a number and a unit: 500ms, 30s, 15m, 12h or 7d";
    let wrong = || ConfigError::wrong(name, format!("`{text}` is no length of time"), fix);
    let split = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at_checked(split).ok_or_else(wrong)?;
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(wrong()),
    };
    number.checked_mul(millis).map(Duration::from_millis).filter(|d| !d.is_zero()).ok_or_else(wrong)
}

fn profile(
    source: &Source,
    [model, max_tokens, temperature]: [&'static str; 3],
    default: &Profile,
) -> Result<Profile, ConfigError> {
    let fix = "give a temperature from 0 to 2, such as 0.7";
    let temperature_hundredths = match source.get(temperature) {
        None => default.temperature_hundredths,
        Some(text) => hundredths(text)
            .ok_or_else(|| ConfigError::wrong(temperature, format!("`{text}`"), fix))?,
    };
    Ok(Profile {
        model: source.get(model).map_or_else(|| default.model.clone(), ToOwned::to_owned),
        max_tokens: parsed(
            source,
            max_tokens,
            &default.max_tokens.to_string(),
            "give a number of tokens",
        )?,
        temperature_hundredths,
    })
}

/// `0.7` is 70, without a floating-point number in between.
fn hundredths(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = format!("{fraction:0<2}");
    let valid = fraction.len() == 2 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let value = whole.parse::<u32>().ok()?.checked_mul(100)? + fraction.parse::<u32>().ok()?;
    (valid && value <= 200).then_some(value)
}

fn roles(source: &Source) -> Result<Roles, ConfigError> {
    let Some(text) = source.get("HERALD_ROLES") else {
        return Ok(Roles { api: true, worker: true });
    };
    let mut roles = Roles { api: false, worker: false };
    for role in text.split(',').map(str::trim) {
        match role {
            "api" => roles.api = true,
            "worker" => roles.worker = true,
            other => {
                let problem = format!("`{other}` is no role");
                return Err(ConfigError::wrong(
                    "HERALD_ROLES",
                    problem,
                    "give api, worker or both",
                ));
            }
        }
    }
    Ok(roles)
}

fn json_logs(source: &Source) -> Result<bool, ConfigError> {
    match source.get("HERALD_LOG_FORMAT") {
        None | Some("text") => Ok(false),
        Some("json") => Ok(true),
        Some(other) => {
            let problem = format!("`{other}` is no format");
            Err(ConfigError::wrong("HERALD_LOG_FORMAT", problem, "set it to `text` or `json`"))
        }
    }
}

fn origins(source: &Source) -> Result<Vec<String>, ConfigError> {
    origins_of(source, "HERALD_CORS_ORIGINS")
}

pub(super) fn origins_of(source: &Source, name: &'static str) -> Result<Vec<String>, ConfigError> {
    let fix = "give origins such as https://app.example.org, with commas between";
    let texts = source.get(name).unwrap_or_default().split(',').map(str::trim);
    texts
        .filter(|text| !text.is_empty())
        .map(|text| match Url::parse(text) {
            Ok(url) if url.origin().is_tuple() && url.path() == "/" => {
                Ok(url.origin().ascii_serialization())
            }
            _ => Err(ConfigError::wrong(name, format!("`{text}`"), fix)),
        })
        .collect()
}

/// Credentials that are set and not used, so that nobody wonders.
fn ignored(source: &Source, mode: Mode) -> Vec<&'static str> {
    let real = SETTINGS.iter().filter(|it| it.credential).map(|it| it.name);
    match mode {
        Mode::Production => Vec::new(),
        Mode::Sandbox => real.filter(|name| source.get(name).is_some()).collect(),
    }
}

/// On or off, in whichever words.
pub(super) fn switch(
    source: &Source,
    name: &'static str,
    default: bool,
) -> Result<bool, ConfigError> {
    match source.get(name) {
        None => Ok(default),
        Some("on" | "yes" | "true") => Ok(true),
        Some("off" | "no" | "false") => Ok(false),
        Some(other) => {
            let problem = format!("`{other}` is neither on nor off");
            Err(ConfigError::wrong(name, problem, "set it to `on` or `off`"))
        }
    }
}

/// A number within its bounds.
fn number<T: FromStr + PartialOrd + Display>(
    source: &Source,
    name: &'static str,
    default: T,
    bounds: &RangeInclusive<T>,
) -> Result<T, ConfigError> {
    let Some(text) = source.get(name) else { return Ok(default) };
    let number = text.parse().ok().filter(|number| bounds.contains(number));
    number.ok_or_else(|| {
        let fix = format!("give a number from {} to {}", bounds.start(), bounds.end());
        ConfigError::wrong(name, format!("`{text}`"), fix)
    })
}

pub(super) fn secret(source: &Source, name: &'static str) -> Option<SecretString> {
    source.get(name).map(|text| SecretString::from(text.to_owned()))
}

pub(super) fn parsed<T: FromStr>(
    source: &Source,
    name: &'static str,
    default: &str,
    fix: &str,
) -> Result<T, ConfigError>
where
    T::Err: Display,
{
    let text = source.get(name).unwrap_or(default);
    text.parse()
        .map_err(|error: T::Err| ConfigError::wrong(name, format!("`{text}`: {error}"), fix))
}

fn list<T: FromStr>(
    source: &Source,
    name: &'static str,
    fix: &'static str,
) -> Result<Vec<T>, ConfigError> {
    let texts = source.get(name).unwrap_or_default().split(',').map(str::trim);
    let parse =
        |text: &str| text.parse().map_err(|_| ConfigError::wrong(name, format!("`{text}`"), fix));
    texts.filter(|text| !text.is_empty()).map(parse).collect()
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
