//! Which tax is put on a bill, where the payment provider does not work it out.

use crate::{failure::Failure, settings::Settings};
use herald_subscription::{Country, TaxRateRef};
use serde::Serialize;

/// Where somebody pays, as far as the tax depends on it. Not kept: what follows from it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TaxPlace {
    /// The country, by its two letters.
    pub country: Option<String>,
    /// The number by which a business there pays value-added tax.
    pub vat_id: Option<String>,
}

/// The rates for a bill to somebody at `place`; none where there is no table of taxes.
pub(crate) fn rates(settings: &Settings, place: &TaxPlace) -> Result<Vec<TaxRateRef>, Failure> {
    let Some(table) = &settings.payments.taxes else { return Ok(Vec::new()) };
    let Some(country) = &place.country else {
        let why = "say in which country the payer is, such as `DE`: the tax depends on it";
        return Err(Failure::invalid("country", why));
    };
    let country: Country =
        country.parse().map_err(|error: herald_subscription::InvalidCountry| {
            Failure::invalid("country", error.to_string())
        })?;
    table
        .rates_for(&country, place.vat_id.as_deref())
        .map_err(|error| Failure::invalid("vatId", error.to_string()))
}
