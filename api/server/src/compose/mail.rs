//! Composition of mail: Resend, or its stand-in with nothing to set up.

use super::NotConfigured;
use crate::config::{Config, SANDBOX_RESEND_WEBHOOK_SECRET};
use herald_application::{
    business::Business,
    inbox::{Source, Sources},
    notices::Returns,
    ports::HealthCheck,
};
use herald_resend::{Resend, Settings, Webhooks, read_return};
use std::sync::Arc;

const NAME: &str = "resend";

/// Fills in who carries mail.
pub(super) fn carrier(
    config: &Config,
    business: &mut Business,
    health: &mut Vec<Arc<dyn HealthCheck>>,
) -> anyhow::Result<()> {
    let given = &config.providers.mail;
    let Some(key) = given.key.clone() else {
        health.push(Arc::new(NotConfigured(NAME, "set RESEND_API_KEY and HERALD_MAIL_FROM")));
        return Ok(());
    };
    let mut settings = Settings::new(given.api.clone(), key, given.from.clone());
    settings.https_only = given.api.scheme() == "https";
    let resend = Arc::new(Resend::try_new(settings)?);
    health.push(resend.clone());
    business.messages = Some(resend);
    Ok(())
}

/// Resend's webhooks, where there is a secret to check them with.
pub(super) fn sources(sources: Sources, config: &Config) -> Sources {
    let secrets = config.providers.mail.webhook_secrets.clone();
    if secrets.is_empty() {
        return sources;
    }
    let (verifier, applier) = (Webhooks::new(secrets), Returns::new(read_return));
    sources.with(NAME, Source::new(Arc::new(verifier), Arc::new(applier)))
}

/// The stand-in tells this installation what became of its mails.
pub(super) fn sandbox(config: &Config) -> herald_sandbox::ResendSettings {
    let webhook = herald_sandbox::Endpoint {
        url: format!("http://{}/webhooks/{NAME}", config.listen),
        secret: SANDBOX_RESEND_WEBHOOK_SECRET.to_owned(),
    };
    herald_sandbox::ResendSettings {
        webhook: Some(webhook),
        ..herald_sandbox::ResendSettings::default()
    }
}
