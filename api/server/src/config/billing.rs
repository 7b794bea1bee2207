//! Settings of billing and of Stripe.

use super::{
    ConfigError,
    providers::https,
    read::{origins_of, secret, switch},
    source::Source,
};
use herald_application::settings::{Billing, Mode, Settings};
use herald_subscription::{Catalogue, CatalogueFile, TaxTable};
use secrecy::SecretString;
use std::{net::SocketAddr, sync::Arc};
use url::Url;

/// With what the sandbox signs its events. Public: nothing in the sandbox is worth a secret.
pub(crate) const SANDBOX_WEBHOOK_SECRET: &str = "whsec_herald_sandbox";

/// How Stripe is reached, and as whom.
#[derive(Debug, Clone)]
pub(crate) struct StripeSettings {
    /// Where its API is.
    pub(crate) api: Url,
    /// The secret key; without one, Stripe is not configured.
    pub(crate) secret_key: Option<SecretString>,
    /// The key that browsers may see.
    pub(crate) publishable_key: Option<String>,
    /// The secrets of the webhook endpoint; two while one replaces the other.
    pub(crate) webhook_secrets: Vec<SecretString>,
    /// The portal's configuration; Stripe's default without one.
    pub(crate) portal: Option<String>,
    /// What fingerprints of cards are keyed with; derived from the master key without one.
    pub(crate) card_key: Option<SecretString>,
}

pub(super) fn stripe(
    source: &Source,
    mode: Mode,
    sandbox: SocketAddr,
) -> Result<StripeSettings, ConfigError> {
    let own = |text: &str| SecretString::from(text.to_owned());
    match mode {
        Mode::Sandbox => Ok(StripeSettings {
            api: Url::parse(&format!("http://{sandbox}/stripe/")).map_err(|error| {
                ConfigError::wrong("HERALD_SANDBOX_LISTEN", error.to_string(), "give an address")
            })?,
            secret_key: Some(own(herald_sandbox::STRIPE_SECRET_KEY)),
            publishable_key: None,
            webhook_secrets: vec![own(SANDBOX_WEBHOOK_SECRET)],
            portal: None,
            card_key: None,
        }),
        Mode::Production => Ok(StripeSettings {
            api: https(source, "HERALD_STRIPE_BASE_URL", "https://api.stripe.com/")?,
            secret_key: secret(source, "STRIPE_SECRET_KEY"),
            publishable_key: source.get("STRIPE_PUBLISHABLE_KEY").map(ToOwned::to_owned),
            webhook_secrets: texts(source, "STRIPE_WEBHOOK_SECRET").map(own).collect(),
            portal: source.get("HERALD_STRIPE_PORTAL").map(ToOwned::to_owned),
            card_key: secret(source, "HERALD_CARD_KEY"),
        }),
    }
}

/// What the application itself takes about billing.
pub(super) fn read(
    source: &Source,
    mode: Mode,
    settings: &mut Settings,
) -> Result<(), ConfigError> {
    if switch(source, "HERALD_BILLING", false)? {
        settings.billing = Billing::On {
            catalogue: Arc::new(catalogue(source)?),
            // The sandbox knows no tax offices.
            automatic_tax: switch(source, "HERALD_AUTOMATIC_TAX", mode == Mode::Production)?,
        };
    }
    settings.payments.taxes = taxes(source)?.map(Arc::new);
    if settings.payments.taxes.is_some()
        && matches!(settings.billing, Billing::On { automatic_tax: true, .. })
    {
        return Err(ConfigError::wrong(
            "HERALD_TAX_TABLE",
            "the payment provider works out the tax already",
            "leave it out, or set HERALD_AUTOMATIC_TAX=off",
        ));
    }
    settings.payments.return_origins = origins_of(source, "HERALD_RETURN_ORIGINS")?;
    settings.payments.customer_at_once = switch(source, "HERALD_CUSTOMER_AT_ONCE", false)?;
    settings.payments.trial_without_card = switch(source, "HERALD_TRIAL_WITHOUT_CARD", false)?;
    settings.payments.promotion_codes = switch(source, "HERALD_PROMOTION_CODES", false)?;
    settings.operators =
        texts(source, "HERALD_OPERATORS").map(operator).collect::<Result<_, _>>()?;
    Ok(())
}

fn operator(text: &str) -> Result<(String, String), ConfigError> {
    match text.split_once('|') {
        Some((issuer, subject)) if !issuer.is_empty() && !subject.is_empty() => {
            Ok((issuer.to_owned(), subject.to_owned()))
        }
        _ => Err(ConfigError::wrong(
            "HERALD_OPERATORS",
            format!("`{text}` names nobody"),
            "give issuer|subject, with commas between several",
        )),
    }
}

fn catalogue(source: &Source) -> Result<Catalogue, ConfigError> {
    let name = "HERALD_CATALOGUE";
    let Some(path) = source.get(name) else { return Ok(Catalogue::default()) };
    let text = std::fs::read_to_string(path).map_err(|error| {
        ConfigError::wrong(name, format!("{path}: {error}"), "give the path of a readable file")
    })?;
    let fix = "docs/billing.md shows the form of the file";
    let file: CatalogueFile = toml::from_str(&text)
        .map_err(|error| ConfigError::wrong(name, format!("{path}: {error}"), fix))?;
    Catalogue::try_from(file)
        .map_err(|faults| ConfigError::wrong(name, format!("{path}: {faults}"), fix))
}

/// The rule table of taxes; it puts them on bills in place of the payment provider.
fn taxes(source: &Source) -> Result<Option<TaxTable>, ConfigError> {
    let name = "HERALD_TAX_TABLE";
    let Some(path) = source.get(name) else { return Ok(None) };
    let text = std::fs::read_to_string(path).map_err(|error| {
        ConfigError::wrong(name, format!("{path}: {error}"), "give the path of a readable file")
    })?;
    let fix = "docs/billing.md shows the form of the file";
    let table: TaxTable = toml::from_str(&text)
        .map_err(|error| ConfigError::wrong(name, format!("{path}: {error}"), fix))?;
    Ok(Some(table))
}

fn texts<'s>(source: &'s Source, name: &'static str) -> impl Iterator<Item = &'s str> {
    let texts = source.get(name).unwrap_or_default().split(',').map(str::trim);
    texts.filter(|text| !text.is_empty())
}
