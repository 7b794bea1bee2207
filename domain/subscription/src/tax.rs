//! The small rule table of taxes, for installations where the payment provider works out none.

use crate::TaxRateRef;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// A country by its two letters, as ISO 3166-1 has them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country(String);

/// Text that names no country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a country is two letters, such as DE")]
pub struct InvalidCountry;

impl Country {
    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Country {
    type Err = InvalidCountry;

    fn from_str(text: &str) -> Result<Self, InvalidCountry> {
        let fits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
        if fits { Ok(Self(text.to_ascii_uppercase())) } else { Err(InvalidCountry) }
    }
}

impl TryFrom<String> for Country {
    type Error = InvalidCountry;

    fn try_from(text: String) -> Result<Self, InvalidCountry> {
        text.parse()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.0
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text that is no VAT number of the country.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not how a VAT number of {country} looks; leave it out if there is none")]
pub struct InvalidVatId {
    /// The country.
    pub country: Country,
}

/// How VAT numbers look behind the letters of their country: `#` is a digit, `A` a letter, `*`
/// either, anything else itself.
const FORMS: &[(&str, &str, &[&str])] = &[
    ("AT", "AT", &["U########"]),
    ("BE", "BE", &["##########"]),
    ("BG", "BG", &["#########", "##########"]),
    ("CY", "CY", &["########A"]),
    ("CZ", "CZ", &["########", "#########", "##########"]),
    ("DE", "DE", &["#########"]),
    ("DK", "DK", &["########"]),
    ("EE", "EE", &["#########"]),
    ("ES", "ES", &["*#######*"]),
    ("FI", "FI", &["########"]),
    ("FR", "FR", &["**#########"]),
    ("GB", "GB", &["#########", "############"]),
    // Greece writes its own two letters.
    ("GR", "EL", &["#########"]),
    ("HR", "HR", &["###########"]),
    ("HU", "HU", &["########"]),
    ("IE", "IE", &["#*#####A", "#######AA"]),
    ("IT", "IT", &["###########"]),
    ("LT", "LT", &["#########", "############"]),
    ("LU", "LU", &["########"]),
    ("LV", "LV", &["###########"]),
    ("MT", "MT", &["########"]),
    ("NL", "NL", &["#########B##"]),
    ("PL", "PL", &["##########"]),
    ("PT", "PT", &["#########"]),
    (
        "RO",
        "RO",
        &["##", "###", "####", "#####", "######", "#######", "########", "#########", "##########"],
    ),
    ("SE", "SE", &["############"]),
    ("SI", "SI", &["########"]),
    ("SK", "SK", &["##########"]),
];

/// Which tax is put on a bill, by the country of whoever pays.
///
/// It checks how a VAT number looks and asks nobody whether it is somebody's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxTable {
    /// Where the seller is: nobody pays in reverse at home.
    pub seller: Country,
    /// The provider's rates for each country. A country that is not here is not taxed.
    pub rates: BTreeMap<Country, Vec<TaxRateRef>>,
    /// What a business of another country of the table has on its bill instead, when it gives its
    /// VAT number: a rate of nothing whose name says why. Without it, a number changes nothing.
    #[serde(default)]
    pub reverse_charge: Vec<TaxRateRef>,
}

impl TaxTable {
    /// The rates for a bill to somebody in `country`, who may have given a VAT number.
    pub fn rates_for(
        &self,
        country: &Country,
        vat_id: Option<&str>,
    ) -> Result<Vec<TaxRateRef>, InvalidVatId> {
        if let Some(text) = vat_id
            && !looks_right(country, text)
        {
            return Err(InvalidVatId { country: country.clone() });
        }
        let Some(usual) = self.rates.get(country) else { return Ok(Vec::new()) };
        let abroad = vat_id.is_some() && *country != self.seller;
        let reverse = abroad && !self.reverse_charge.is_empty();
        Ok(if reverse { self.reverse_charge.clone() } else { usual.clone() })
    }
}

fn looks_right(country: &Country, text: &str) -> bool {
    let plain = text.chars().filter(|it| !matches!(it, ' ' | '.' | '-'));
    let plain = plain.collect::<String>().to_ascii_uppercase();
    let Some((_, letters, forms)) = FORMS.iter().find(|(own, ..)| *own == country.as_str()) else {
        return false;
    };
    let Some(number) = plain.strip_prefix(letters) else { return false };
    forms.iter().any(|form| fits(form, number))
}

fn fits(form: &str, number: &str) -> bool {
    let one = |(wanted, given): (char, char)| match wanted {
        '#' => given.is_ascii_digit(),
        'A' => given.is_ascii_uppercase(),
        '*' => given.is_ascii_alphanumeric(),
        itself => given == itself,
    };
    form.chars().count() == number.chars().count() && form.chars().zip(number.chars()).all(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(text: &str) -> Country {
        text.parse().expect("a country")
    }

    fn table() -> TaxTable {
        let rate = |name: &str| vec![TaxRateRef::try_new(name).expect("a name")];
        TaxTable {
            seller: country("DE"),
            rates: [(country("DE"), rate("txr_de")), (country("FR"), rate("txr_fr"))].into(),
            reverse_charge: rate("txr_reverse"),
        }
    }

    fn due(table: &TaxTable, from: &str, vat_id: Option<&str>) -> Vec<String> {
        let rates = table.rates_for(&country(from), vat_id).expect("a form that is right");
        rates.iter().map(|it| it.as_str().to_owned()).collect()
    }

    #[test]
    fn a_payer_is_taxed_as_their_country_is_and_one_that_is_not_listed_is_not() {
        assert_eq!(due(&table(), "de", None), ["txr_de"]);
        assert_eq!(due(&table(), "FR", None), ["txr_fr"]);
        assert_eq!(due(&table(), "US", None), Vec::<String>::new());
    }

    #[test]
    fn a_business_abroad_pays_in_reverse_and_one_at_home_does_not() {
        assert_eq!(due(&table(), "FR", Some("FR 12 345678901")), ["txr_reverse"]);
        assert_eq!(due(&table(), "DE", Some("DE123456789")), ["txr_de"]);
        let plain = TaxTable { reverse_charge: Vec::new(), ..table() };
        assert_eq!(due(&plain, "FR", Some("FR12345678901")), ["txr_fr"]);
    }

    #[test]
    fn a_vat_number_looks_as_its_country_has_it() {
        let all = [
            ("AT", "ATU12345678"),
            ("GR", "EL123456789"),
            ("NL", "nl 123456789.B01"),
            ("IE", "IE1A23456B"),
            ("ES", "ES-X1234567Z"),
            ("RO", "RO12"),
        ];
        for (from, vat_id) in all {
            assert!(looks_right(&country(from), vat_id), "{vat_id}");
        }
        let wrong = [
            ("DE", "DE12345678"),
            ("DE", "FR12345678901"),
            ("AT", "AT12345678"),
            ("GR", "GR123456789"),
            ("US", "US123456789"),
            ("DE", ""),
        ];
        for (from, vat_id) in wrong {
            let refused = table().rates_for(&country(from), Some(vat_id));
            assert_eq!(refused, Err(InvalidVatId { country: country(from) }), "{vat_id}");
        }
    }

    #[test]
    fn a_country_is_two_letters() {
        assert_eq!(country("de").as_str(), "DE");
        for text in ["", "D", "DEU", "D1", "ÄB"] {
            assert_eq!(text.parse::<Country>(), Err(InvalidCountry), "{text}");
        }
    }
}
