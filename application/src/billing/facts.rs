//! The few facts that are read from an event's body: whom it is about, and money that the ports
//! cannot ask for. The body was signed; still, nothing that grants anything is taken from it.

use bytes::Bytes;
use herald_kernel::{AccountId, Instant, Money};
use herald_subscription::{CustomerRef, DisputeStage, PaymentRef};
use serde_json::Value;

/// The body of an event.
pub(super) struct Facts(Value);

impl Facts {
    pub(super) fn of(raw: &Bytes) -> Self {
        Self(serde_json::from_slice(raw).unwrap_or_default())
    }

    fn at(&self, path: &str) -> Option<&Value> {
        self.0.pointer(path).filter(|it| !it.is_null())
    }

    fn text(&self, path: &str) -> Option<&str> {
        self.at(path)?.as_str()
    }

    fn number(&self, path: &str) -> Option<i64> {
        self.at(path)?.as_i64()
    }

    /// The account that we noted when we made the object.
    pub(super) fn account(&self) -> Option<AccountId> {
        let places = [
            "/data/object/metadata/account_id",
            "/data/object/client_reference_id",
            "/data/object/subscription_details/metadata/account_id",
            "/data/object/parent/subscription_details/metadata/account_id",
        ];
        places.into_iter().find_map(|path| self.text(path)?.parse().ok())
    }

    /// Who pays, where the object names them: by name or whole.
    pub(super) fn customer(&self) -> Option<CustomerRef> {
        let named = self.text("/data/object/customer");
        named.or_else(|| self.text("/data/object/customer/id"))?.parse().ok()
    }

    pub(super) fn payment(&self) -> Option<PaymentRef> {
        let named = self.text("/data/object/payment_intent");
        named.or_else(|| self.text("/data/object/payment_intent/id"))?.parse().ok()
    }

    /// How much of a charge went back with this event, under a name of its own.
    pub(super) fn refund(&self) -> Option<(PaymentRef, Money)> {
        let all = self.number("/data/object/amount_refunded")?;
        let before = self.number("/data/previous_attributes/amount_refunded").unwrap_or(0);
        let name = format!("{}:{all}", self.text("/data/object/id")?);
        let currency = self.text("/data/object/currency")?.parse().ok()?;
        let minor = all.checked_sub(before).filter(|minor| *minor > 0)?;
        Some((name.parse().ok()?, Money { minor, currency }))
    }

    /// Did all of a charge go back?
    pub(super) fn is_whole(&self) -> bool {
        self.at("/data/object/refunded").and_then(Value::as_bool).unwrap_or(false)
    }

    /// When the provider made the object.
    pub(super) fn created(&self) -> Option<Instant> {
        let seconds = self.number("/data/object/created")?;
        Instant::from_micros(seconds.checked_mul(1_000_000)?)
    }

    /// How far a dispute is; nothing for a mere question of the bank.
    pub(super) fn dispute(&self) -> Option<(DisputeStage, Money)> {
        let stage = match self.text("/data/object/status")? {
            "won" => DisputeStage::Won,
            "lost" => DisputeStage::Lost,
            question if question.starts_with("warning") => return None,
            _ => DisputeStage::Opened,
        };
        let minor = self.number("/data/object/amount")?;
        let currency = self.text("/data/object/currency")?.parse().ok()?;
        Some((stage, Money { minor, currency }))
    }
}
