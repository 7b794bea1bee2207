//! Taxes, where a bill has them worked out: one flat rate for each of a few countries, and none
//! elsewhere. True rates are Stripe's affair; here it is to be seen that the switch does something.

use serde_json::{Value, json};

use super::json::Json;

/// Rates in hundredths of a percent.
const RATES: [(&str, i64); 8] = [
    ("AT", 2_000),
    ("CH", 810),
    ("DE", 1_900),
    ("ES", 2_100),
    ("FR", 2_000),
    ("GB", 2_000),
    ("IT", 2_200),
    ("NL", 2_100),
];

/// What an amount is taxed with in a country, rounded to the nearest unit.
pub(super) fn on(amount: i64, country: &str) -> i64 {
    let rate = RATES.iter().find(|(known, _)| known.eq_ignore_ascii_case(country));
    let parts = amount.saturating_mul(rate.map_or(0, |(_, rate)| *rate));
    let half = if parts < 0 { -5_000 } else { 5_000 };
    parts.saturating_add(half).checked_div(10_000).unwrap_or_default()
}

/// Works the tax of an invoice out, if it is to be. Answers how much it is.
pub(super) fn lay_on(invoice: &mut Value, taxable: i64) -> i64 {
    if !invoice.flag("automatic_tax.enabled") {
        return 0;
    }
    let country = invoice.owned("customer_address.country");
    let known = !country.is_empty();
    invoice
        .put("automatic_tax.status", if known { "complete" } else { "requires_location_inputs" });
    let tax = on(taxable, &country);
    let part = json!({
        "amount": tax, "tax_behavior": "exclusive",
        "tax_rate_details": { "tax_rate": format!("txr_sandbox_{}", country.to_lowercase()) },
        "taxability_reason": "standard_rated", "taxable_amount": taxable,
        "type": "tax_rate_details",
    });
    invoice.put("total_taxes", if tax == 0 { Vec::new() } else { vec![part] });
    tax
}

#[cfg(test)]
mod tests {
    use super::on;

    #[test]
    fn a_country_has_its_rate_and_halves_are_rounded_away_from_nothing() {
        assert_eq!(on(2_900, "DE"), 551);
        assert_eq!(on(2_900, "de"), 551);
        assert_eq!((on(50, "DE"), on(-50, "DE")), (10, -10));
        assert_eq!((on(2_900, "US"), on(2_900, "")), (0, 0));
    }
}
