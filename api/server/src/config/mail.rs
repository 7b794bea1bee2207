//! Who carries mail: Resend, or its stand-in, which shows what it took as a mailbox.

use super::{ConfigError, providers, read, source::Source};
use herald_application::settings::Mode;
use secrecy::SecretString;
use std::net::SocketAddr;
use url::Url;

/// The secret with which the sandbox's Resend signs its webhooks. It opens nothing but a sandbox.
pub(crate) const SANDBOX_RESEND_WEBHOOK_SECRET: &str =
    "whsec_aGVyYWxkLXNhbmRib3gtcmVzZW5kLXdlYmhvb2s=";

/// How Resend is reached.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    /// Where its API is.
    pub(crate) api: Url,
    /// What opens it; without one, nobody is told anything by mail.
    pub(crate) key: Option<SecretString>,
    /// Who writes.
    pub(crate) from: String,
    /// What its webhooks are signed with; without, none is taken.
    pub(crate) webhook_secrets: Vec<SecretString>,
}

pub(super) fn mail(source: &Source, mode: Mode, sandbox: SocketAddr) -> Result<Mail, ConfigError> {
    if mode == Mode::Sandbox {
        let text = format!("http://{sandbox}/resend/");
        let api = Url::parse(&text).map_err(|error| {
            ConfigError::wrong("HERALD_SANDBOX_LISTEN", error.to_string(), "give an address")
        })?;
        return Ok(Mail {
            api,
            key: Some(SecretString::from(herald_sandbox::RESEND_API_KEY.to_owned())),
            from: "Herald <herald@sandbox.example>".to_owned(),
            webhook_secrets: vec![SecretString::from(SANDBOX_RESEND_WEBHOOK_SECRET.to_owned())],
        });
    }
    let api = providers::https(source, "HERALD_RESEND_BASE_URL", "https://api.resend.com/")?;
    let key = read::secret(source, "RESEND_API_KEY");
    let from = source.get("HERALD_MAIL_FROM").unwrap_or_default().trim().to_owned();
    if key.is_some() && !from.contains('@') {
        return Err(ConfigError::wrong(
            "HERALD_MAIL_FROM",
            "RESEND_API_KEY is set, and no sender".to_owned(),
            "give a sender of a domain that is verified at Resend: Herald <hello@example.org>",
        ));
    }
    let secrets = source.get("RESEND_WEBHOOK_SECRET").unwrap_or_default().split(',');
    let secrets = secrets.map(str::trim).filter(|text| !text.is_empty());
    let webhook_secrets = secrets.map(|text| SecretString::from(text.to_owned())).collect();
    Ok(Mail { api, key, from, webhook_secrets })
}
