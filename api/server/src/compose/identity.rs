//! Who vouches for people: the ports of every configured identity provider.

use super::NotConfigured;
use crate::config::{Application, Config, Identity};
use herald_application::{
    business::Business,
    identity::DirectoryApplier,
    inbox::{Source, Sources},
    ports::{HealthCheck, UserDirectory},
    settings::Mode,
};
use herald_clerk::Clerk;
use herald_cognito::Cognito;
use herald_github::GitHub;
use herald_oidc::{ClientAuth, GooglePlaces, Issuer, Provider, ProviderSettings, Verifier};
use std::sync::Arc;

type Checks = Vec<Arc<dyn HealthCheck>>;

/// Fills in who signs people in, whose tokens are believed, who keeps lists and passwords.
pub(super) fn people(
    config: &Config,
    business: &mut Business,
    health: &mut Checks,
) -> anyhow::Result<()> {
    let mut believed = Vec::new();
    redirects(config, business, health)?;
    clerk(config, business, &mut believed, health)?;
    cognito(config, business, &mut believed, health)?;
    for issuer in &config.identity.issuers {
        let Some(address) = &issuer.application.issuer else { continue };
        believed.push(Issuer::oidc(address.clone(), vec![issuer.application.id.clone()]));
    }
    if !believed.is_empty() {
        let verifier = Verifier::try_new(believed)?;
        health.extend(verifier.health_checks());
        business.tokens = Some(Arc::new(verifier));
    }
    Ok(())
}

/// Google, GitHub and any OIDC issuer.
fn redirects(config: &Config, business: &mut Business, health: &mut Checks) -> anyhow::Result<()> {
    let Identity { google, github, issuers, .. } = &config.identity;
    match google {
        None => health.push(Arc::new(NotConfigured("google", "set GOOGLE_CLIENT_ID and _SECRET"))),
        Some(application) => {
            let settings = match &application.issuer {
                // A stand-in says where everything is.
                Some(_) => ProviderSettings {
                    client_auth: ClientAuth::Post,
                    ..redirect("google", application)
                },
                None => ProviderSettings::google(
                    &GooglePlaces::real()?,
                    application.id.clone(),
                    application.secret.clone(),
                )?,
            };
            offer(config, business, health, settings)?;
        }
    }
    match github {
        None => health.push(Arc::new(NotConfigured("github", "set GITHUB_CLIENT_ID and _SECRET"))),
        Some(given) => {
            let (id, secret) = (given.application.id.clone(), given.application.secret.clone());
            let mut settings =
                herald_github::Settings::new(given.api.clone(), given.web.clone(), id, secret);
            settings.organisation.clone_from(&given.organisation);
            settings.repositories = given.repositories;
            settings.https_only = config.mode() == Mode::Production;
            let github = Arc::new(GitHub::try_new(settings)?);
            health.push(github.clone());
            business.sign_in.insert("github".to_owned(), github);
        }
    }
    for issuer in issuers {
        offer(config, business, health, redirect(&issuer.name, &issuer.application))?;
    }
    Ok(())
}

fn redirect(name: &str, application: &Application) -> ProviderSettings {
    let issuer = application.issuer.clone().unwrap_or_default();
    let secret = Some(application.secret.clone());
    ProviderSettings::oidc(name, issuer, application.id.clone(), secret)
}

fn offer(
    config: &Config,
    business: &mut Business,
    health: &mut Checks,
    settings: ProviderSettings,
) -> anyhow::Result<()> {
    let name = settings.name.clone();
    // An issuer on this machine may go without TLS, as settings say.
    let tls = settings.issuer.issuer.starts_with("https:");
    let settings = settings.https_only(config.mode() == Mode::Production && tls);
    let provider = Provider::try_new(settings)?;
    health.push(provider.health_check());
    business.sign_in.insert(name, Arc::new(provider));
    Ok(())
}

fn clerk(
    config: &Config,
    business: &mut Business,
    believed: &mut Vec<Issuer>,
    health: &mut Checks,
) -> anyhow::Result<()> {
    let Some(given) = &config.identity.clerk else {
        health.push(Arc::new(NotConfigured("clerk", "set CLERK_PUBLISHABLE_KEY")));
        return Ok(());
    };
    let own = config.settings.public_url.origin().ascii_serialization();
    let parties = given.parties.iter().chain(&config.cors_origins).cloned().chain([own]);
    believed.push(Issuer::clerk(&given.issuer, parties.collect())?);
    if let Some(application) = &given.application {
        offer(config, business, health, redirect("clerk", application))?;
    }
    if let Some(key) = &given.secret_key {
        let settings = herald_clerk::Settings {
            https_only: config.mode() == Mode::Production,
            ..herald_clerk::Settings::new(given.api.clone(), given.issuer.clone(), key.clone())
        };
        let clerk = Arc::new(Clerk::try_new(settings)?);
        health.push(clerk.clone());
        business.directories.insert("clerk".to_owned(), clerk);
    }
    Ok(())
}

fn cognito(
    config: &Config,
    business: &mut Business,
    believed: &mut Vec<Issuer>,
    health: &mut Checks,
) -> anyhow::Result<()> {
    let Some(given) = &config.identity.cognito else {
        health.push(Arc::new(NotConfigured("cognito", "set AWS_COGNITO_USER_POOL_ID")));
        return Ok(());
    };
    let mut settings = herald_cognito::Settings::new(
        given.endpoint.clone(),
        given.region.clone(),
        given.pool.clone(),
        given.client_id.clone(),
    );
    settings.https_only = config.mode() == Mode::Production && given.endpoint.scheme() == "https";
    settings.client_secret.clone_from(&given.client_secret);
    settings.credentials = given.credentials.clone().map(|(key_id, secret, session_token)| {
        herald_cognito::AwsCredentials { key_id, secret, session_token }
    });
    let pool = settings.issuer.clone();
    believed.extend(Issuer::cognito(&pool, std::slice::from_ref(&given.client_id))?);
    if given.hosted {
        let secret = given.client_secret.clone();
        let hosted = ProviderSettings::oidc("cognito", pool, given.client_id.clone(), secret);
        offer(config, business, health, hosted)?;
    }
    let cognito = Arc::new(Cognito::try_new(settings)?);
    health.push(cognito.clone());
    if given.credentials.is_some() {
        business.directories.insert("cognito".to_owned(), cognito.clone());
    }
    if config.identity.passwords {
        business.passwords = Some(cognito.clone());
        business.registration = Some(cognito);
    }
    Ok(())
}

/// Clerk among those who call us, where it has a secret to sign with and can be asked back.
pub(super) fn callers(config: &Config, business: &Business, sources: Sources) -> Sources {
    let secrets = config.identity.clerk.as_ref().map(|clerk| clerk.webhook_secrets.clone());
    let secrets = secrets.filter(|secrets| !secrets.is_empty());
    let (Some(secrets), Some(directory)) = (secrets, business.directories.get("clerk")) else {
        return sources;
    };
    let directory: Arc<dyn UserDirectory> = Arc::clone(directory);
    let read = |raw: &[u8]| herald_clerk::read_event(raw).ok();
    let applier = DirectoryApplier::new("clerk", directory, read);
    let verifier = Arc::new(herald_clerk::Webhooks::new(secrets));
    sources.with("clerk", Source::new(verifier, Arc::new(applier)))
}
