//! The test cards: what each of them does, and the payment methods made from them.
//!
//! A number is read, recognised and forgotten. Only brand, last four digits and a fingerprint
//! stay. The numbers and what they do are Stripe's: <https://docs.stripe.com/testing>.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::json::Json;
use super::refusal::Refusal;
use super::work::{Work, id};

/// What a card does when it is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behaviour {
    Pays,
    /// Is refused, already when it is saved.
    Declines,
    InsufficientFunds,
    Expired,
    /// Can be saved, and is refused when it is charged.
    DeclinesLater,
    /// Asks its holder every time.
    AsksAlways,
    /// Asks once, when it is saved; then it pays by itself.
    AsksOnce,
    /// Pays, and the holder disputes it at once.
    Disputes,
}

/// Number, name among Stripe's test payment methods, brand, behaviour.
const CARDS: [(&str, &str, &str, Behaviour); 10] = [
    ("4242424242424242", "pm_card_visa", "visa", Behaviour::Pays),
    ("5555555555554444", "pm_card_mastercard", "mastercard", Behaviour::Pays),
    ("4000000000000002", "pm_card_chargeDeclined", "visa", Behaviour::Declines),
    (
        "4000000000009995",
        "pm_card_chargeDeclinedInsufficientFunds",
        "visa",
        Behaviour::InsufficientFunds,
    ),
    ("4000000000000069", "pm_card_chargeDeclinedExpiredCard", "visa", Behaviour::Expired),
    ("4000000000000341", "pm_card_chargeCustomerFail", "visa", Behaviour::DeclinesLater),
    ("4000002760003184", "pm_card_authenticationRequired", "visa", Behaviour::AsksAlways),
    ("4000002500003155", "pm_card_authenticationRequiredOnSetup", "visa", Behaviour::AsksOnce),
    ("4000000000000259", "pm_card_createDispute", "visa", Behaviour::Disputes),
    ("378282246310005", "pm_card_amex", "amex", Behaviour::Pays),
];

/// A recognised card, without its number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Card {
    name: &'static str,
    brand: &'static str,
    last4: &'static str,
    pub(super) behaviour: Behaviour,
}

impl Card {
    /// Recognises a number as a person types it.
    pub(super) fn by_number(text: &str) -> Result<Self, Refusal> {
        let number: String = text.chars().filter(|letter| !" -".contains(*letter)).collect();
        Self::find(|known, _| known == number).ok_or_else(|| {
            let digits = (12..=19).contains(&number.len());
            if digits && number.bytes().all(|byte| byte.is_ascii_digit()) {
                return Refusal::card(
                    "card_declined",
                    Some("test_mode_live_card"),
                    "Your card was declined. Your request was in test mode, but used a non test \
                     card. For a list of valid test cards, visit: https://stripe.com/docs/testing.",
                );
            }
            Refusal::card("incorrect_number", None, "Your card number is incorrect.")
        })
    }

    /// One of Stripe's named test payment methods, `pm_card_…`.
    pub(super) fn by_name(name: &str) -> Option<Self> {
        Self::find(|_, known| known == name)
    }

    fn find(fits: impl Fn(&str, &str) -> bool) -> Option<Self> {
        CARDS.iter().find(|(number, name, ..)| fits(number, name)).map(
            |&(number, name, brand, behaviour)| Self {
                name,
                brand,
                last4: number.get(number.len().saturating_sub(4)..).unwrap_or_default(),
                behaviour,
            },
        )
    }

    pub(super) fn name(self) -> &'static str {
        self.name
    }

    /// Refuses what cannot even be saved.
    pub(super) fn may_be_saved(self) -> Result<(), Refusal> {
        match self.behaviour {
            Behaviour::Declines | Behaviour::InsufficientFunds | Behaviour::Expired => {
                Err(decline(self.behaviour))
            }
            Behaviour::Pays
            | Behaviour::DeclinesLater
            | Behaviour::AsksAlways
            | Behaviour::AsksOnce
            | Behaviour::Disputes => Ok(()),
        }
    }

    pub(super) fn asks(self) -> bool {
        matches!(self.behaviour, Behaviour::AsksAlways | Behaviour::AsksOnce)
    }

    fn fingerprint(self) -> String {
        use std::fmt::Write as _;
        let digest = Sha256::digest(self.name.as_bytes());
        digest.iter().take(8).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// A payment method made from this card, not attached yet.
    pub(super) fn method(self, now: i64, billing: &Value) -> Value {
        let holder = |name: &str| billing.at(name).clone();
        json!({
            "id": id("pm_", 24), "object": "payment_method", "allow_redisplay": "unspecified",
            "billing_details": {
                "address": {
                    "city": null, "country": null, "line1": null, "line2": null,
                    "postal_code": null, "state": null
                },
                "email": holder("email"), "name": holder("name"), "phone": null, "tax_id": null,
            },
            "card": {
                "brand": self.brand,
                "checks": {
                    "address_line1_check": null, "address_postal_code_check": null,
                    "cvc_check": "pass"
                },
                "country": "US", "display_brand": self.brand, "exp_month": 12, "exp_year": 2034,
                "fingerprint": self.fingerprint(), "funding": "credit", "generated_from": null,
                "last4": self.last4,
                "networks": { "available": [self.brand], "preferred": null },
                "regulated_status": "unregulated",
                "three_d_secure_usage": { "supported": true }, "wallet": null,
            },
            "created": now, "customer": null, "livemode": false, "metadata": {}, "type": "card",
            "_card": self.name, "_authenticated": false,
        })
    }
}

/// What the card of a payment method does.
pub(super) fn behaviour(method: &Value) -> Behaviour {
    let card = Card::by_name(method.text("_card"));
    let asked = method.flag("_authenticated");
    let own = card.map_or(Behaviour::Declines, |card| card.behaviour);
    if own == Behaviour::AsksOnce && asked { Behaviour::Pays } else { own }
}

/// How a card says no.
pub(super) fn decline(behaviour: Behaviour) -> Refusal {
    match behaviour {
        Behaviour::InsufficientFunds => Refusal::card(
            "card_declined",
            Some("insufficient_funds"),
            "Your card has insufficient funds.",
        ),
        Behaviour::Expired => Refusal::card("expired_card", None, "Your card has expired."),
        Behaviour::AsksAlways | Behaviour::AsksOnce => Refusal::card(
            "authentication_required",
            Some("authentication_required"),
            "Your card was declined. This transaction requires authentication.",
        ),
        Behaviour::Pays | Behaviour::Declines | Behaviour::DeclinesLater | Behaviour::Disputes => {
            Refusal::card("card_declined", Some("generic_decline"), "Your card was declined.")
        }
    }
}

/// A payment method by id; one of Stripe's test names makes a new one.
pub(super) fn method(work: &mut Work<'_>, given: &str, param: &str) -> Result<Value, Refusal> {
    match Card::by_name(given) {
        Some(card) => {
            let method = card.method(work.now, &Value::Null);
            work.put(&method);
            Ok(method)
        }
        None => work.find("payment_method", given, param),
    }
}

/// Attaches a payment method to a customer.
pub(super) fn attach(
    work: &mut Work<'_>,
    mut method: Value,
    customer: &str,
) -> Result<Value, Refusal> {
    if method.text("customer") == customer {
        return Ok(method);
    }
    if method.has("customer") {
        return Err(Refusal::invalid(
            "The payment method you provided has already been attached to a customer.",
        )
        .code("resource_already_exists"));
    }
    if let Some(card) = Card::by_name(method.text("_card")) {
        card.may_be_saved()?;
    }
    method.put("customer", customer);
    work.born("payment_method.attached", &method);
    Ok(method)
}

/// The method that a subscription, else its customer, pays with.
pub(super) fn default_of(work: &Work<'_>, subscription: &Value, customer: &str) -> Option<String> {
    let own = subscription.maybe("default_payment_method").map(str::to_owned);
    own.or_else(|| {
        let customer = work.get(customer)?;
        customer.maybe("invoice_settings.default_payment_method").map(str::to_owned)
    })
    .filter(|id| work.get(id).is_some_and(|method| method.has("customer")))
}
