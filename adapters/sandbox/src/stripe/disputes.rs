//! Refunds and disputes: money that goes back.

use serde_json::{Value, json};

use super::api::{Call, Endpoint, list_of};
use super::json::Json;
use super::refusal::Refusal;
use super::work::{Work, id};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post(
        "/v1/refunds",
        "create_refund",
        &["charge", "payment_intent", "amount", "reason", "metadata.*"],
        refund,
    ),
    Endpoint::list("/v1/refunds", "list_refunds", &["charge", "payment_intent"], |work, call| {
        list_of(work, call, "refund", &["charge", "payment_intent"])
    }),
    Endpoint::get("/v1/refunds/*", "get_refund", |work, call| work.find("refund", call.id, "id")),
    Endpoint::list("/v1/disputes", "list_disputes", &["charge", "payment_intent"], |work, call| {
        list_of(work, call, "dispute", &["charge", "payment_intent"])
    }),
    Endpoint::get("/v1/disputes/*", "get_dispute", |work, call| {
        work.find("dispute", call.id, "id")
    }),
    Endpoint::post("/v1/disputes/*/close", "close_dispute", &[], |work, call| {
        let dispute = work.find("dispute", call.id, "id")?;
        Ok(close(work, dispute, false))
    }),
    Endpoint::list("/v1/charges", "list_charges", &["customer", "payment_intent"], |work, call| {
        list_of(work, call, "charge", &["customer", "payment_intent"])
    }),
    Endpoint::get("/v1/charges/*", "get_charge", |work, call| work.find("charge", call.id, "id")),
];

/// The charge that a request means, by itself or by its payment intent.
fn charge_of(work: &Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    if let Some(charge) = call.params.text("charge") {
        return work.find("charge", charge, "charge_id");
    }
    let intent = call.params.text("payment_intent").ok_or_else(|| {
        Refusal::invalid(
            "One of the following params should be provided for this request: \
             payment_intent or charge.",
        )
        .code("parameter_missing")
    })?;
    let intent = work.find("payment_intent", intent, "payment_intent_id")?;
    if intent.text("status") != "succeeded" {
        return Err(Refusal::invalid(format!(
            "This PaymentIntent ({}) does not have a successful charge to refund.",
            intent.text("id")
        )));
    }
    work.find("charge", intent.text("latest_charge"), "charge_id")
}

fn refund(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let mut charge = charge_of(work, call)?;
    let own = charge.owned("id");
    if charge.flag("refunded") {
        return Err(Refusal::invalid(format!("Charge {own} has already been refunded."))
            .code("charge_already_refunded"));
    }
    if charge.flag("disputed") {
        return Err(Refusal::invalid(format!(
            "Charge {own} has been charged back; cannot issue a \
             refund."
        ))
        .code("charge_disputed"));
    }
    let left = charge.int("amount_captured").saturating_sub(charge.int("amount_refunded"));
    let amount = call.params.int("amount")?.unwrap_or(left);
    if amount <= 0 || amount > left {
        return Err(Refusal::invalid(format!(
            "Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        ))
        .param("amount"));
    }
    let reasons = ["duplicate", "fraudulent", "requested_by_customer"];
    let reason = call.params.one_of("reason", &reasons)?;
    let refund = json!({
        "id": id("re_", 24), "object": "refund", "amount": amount, "balance_transaction": null,
        "charge": own, "created": work.now, "currency": charge.at("currency"),
        "destination_details": { "card": { "type": "refund" }, "type": "card" },
        "metadata": call.metadata(&Value::Null), "payment_intent": charge.at("payment_intent"),
        "reason": reason, "receipt_number": null, "source_transfer_reversal": null,
        "status": "succeeded", "transfer_reversal": null,
    });
    let refunded = charge.int("amount_refunded").saturating_add(amount);
    charge.put("amount_refunded", refunded);
    charge.put("refunded", refunded == charge.int("amount_captured"));
    work.born("refund.created", &refund);
    work.changed("charge.refunded", &charge);
    Ok(refund)
}

/// The holder of the card takes the money back.
pub(super) fn open(work: &mut Work<'_>, mut charge: Value, reason: &str) -> Value {
    let week = work.now.saturating_add(7 * 86_400);
    let dispute = json!({
        "id": id("dp_", 24), "object": "dispute", "amount": charge.at("amount"),
        "balance_transactions": [], "charge": charge.at("id"), "created": work.now,
        "currency": charge.at("currency"), "enhanced_eligibility_types": [], "evidence": {},
        "evidence_details": {
            "due_by": week, "enhanced_eligibility": {}, "has_evidence": false,
            "past_due": false, "submission_count": 0
        },
        "is_charge_refundable": false, "livemode": false, "metadata": {},
        "payment_intent": charge.at("payment_intent"),
        "payment_method_details": {
            "type": "card",
            "card": {
                "brand": charge.at("payment_method_details.card.brand"),
                "case_type": "chargeback", "network_reason_code": "10.4"
            }
        },
        "reason": reason, "status": "needs_response",
    });
    charge.put("disputed", true);
    work.put(&charge);
    work.born("charge.dispute.created", &dispute);
    work.told("charge.dispute.funds_withdrawn", &dispute);
    dispute
}

/// The dispute ends, won or lost.
pub(super) fn close(work: &mut Work<'_>, mut dispute: Value, won: bool) -> Value {
    dispute.put("status", if won { "won" } else { "lost" });
    work.put(&dispute);
    if won {
        work.told("charge.dispute.funds_reinstated", &dispute);
    }
    work.told("charge.dispute.closed", &dispute);
    dispute
}
