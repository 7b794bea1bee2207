//! Where the networks and the writers are, and with which credentials.

use super::{
    ConfigError, Providers, WriterSettings, XSettings,
    read::{parsed, secret},
    source::Source,
};
use herald_application::settings::Mode;
use secrecy::SecretString;
use std::net::SocketAddr;
use url::Url;

pub(super) fn providers(
    source: &Source,
    mode: Mode,
    sandbox: SocketAddr,
) -> Result<Providers, ConfigError> {
    let real = |name, real: &'static str| match mode {
        Mode::Production => https(source, name, real),
        Mode::Sandbox => {
            // The sandbox's own credentials and addresses: nothing real is ever mixed in.
            let path = match name {
                "HERALD_OPENROUTER_BASE_URL" => "openrouter/api/v1/",
                "HERALD_OPENAI_BASE_URL" => "openai/v1/",
                _ => "x/",
            };
            let text = format!("http://{sandbox}/{path}");
            Url::parse(&text).map_err(|error| {
                ConfigError::wrong("HERALD_SANDBOX_LISTEN", error.to_string(), "give an address")
            })
        }
    };
    let own = |name| match mode {
        Mode::Production => secret(source, name),
        Mode::Sandbox => Some(SecretString::from("sandbox".to_owned())),
    };
    let writer = |base, key, organization| {
        Ok::<_, ConfigError>(WriterSettings {
            base,
            key,
            organization,
            requests_per_minute: parsed(
                source,
                "HERALD_WRITER_REQUESTS_PER_MINUTE",
                "20",
                "give a number of requests",
            )?,
            tokens_per_minute: parsed(
                source,
                "HERALD_WRITER_TOKENS_PER_MINUTE",
                "90000",
                "give a number of tokens",
            )?,
        })
    };
    Ok(Providers {
        stripe: super::billing::stripe(source, mode, sandbox)?,
        mail: super::mail::mail(source, mode, sandbox)?,
        x: x(
            source,
            mode,
            real("HERALD_X_BASE_URL", "https://api.x.com/")?,
            real("HERALD_X_WEB_URL", "https://x.com/")?,
        )?,
        openrouter: writer(
            real("HERALD_OPENROUTER_BASE_URL", "https://openrouter.ai/api/v1/")?,
            own("OPENROUTER_API_KEY"),
            None,
        )?,
        openai: writer(
            real("HERALD_OPENAI_BASE_URL", "https://api.openai.com/v1/")?,
            own("OPENAI_API_KEY"),
            source.get("OPENAI_ORG_ID").map(ToOwned::to_owned),
        )?,
    })
}

fn x(source: &Source, mode: Mode, api: Url, web: Url) -> Result<XSettings, ConfigError> {
    let (client_id, client_secret) = match mode {
        Mode::Production => {
            (source.get("X_CLIENT_ID").map(ToOwned::to_owned), secret(source, "X_CLIENT_SECRET"))
        }
        Mode::Sandbox => (
            Some(herald_sandbox::CLIENT_ID.to_owned()),
            Some(SecretString::from(herald_sandbox::CLIENT_SECRET.to_owned())),
        ),
    };
    Ok(XSettings { api, web, client_id, client_secret, tweet_naming: naming(source)? })
}

fn naming(source: &Source) -> Result<bool, ConfigError> {
    match source.get("HERALD_X_NAMING") {
        None | Some("post") => Ok(false),
        Some("tweet") => Ok(true),
        Some(other) => {
            let problem = format!("`{other}` is no vocabulary");
            Err(ConfigError::wrong("HERALD_X_NAMING", problem, "set it to `post` or `tweet`"))
        }
    }
}

/// A provider's address: https, except on this machine, where a local model server may live.
pub(super) fn https(source: &Source, name: &'static str, real: &str) -> Result<Url, ConfigError> {
    let fix = "give an https address that ends with a slash";
    let text = source.get(name).unwrap_or(real);
    let mut url =
        Url::parse(text).map_err(|error| ConfigError::wrong(name, error.to_string(), fix))?;
    if !is_safe(&url) {
        return Err(ConfigError::wrong(name, "it is not https", fix));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// TLS, or a server on this machine.
pub(super) fn is_safe(url: &Url) -> bool {
    let local = match url.host() {
        Some(url::Host::Domain(host)) => host == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && local)
}
