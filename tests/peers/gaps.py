"""What Stripe's published document promises and a stand-in leaves out, filled in on the way to Herald.

Nothing that a stand-in says is changed; README.md lists every gap.
"""

import json
import re
import secrets
import time
import urllib.parse

import stripe

from house import call
from recorder import Recorder

KEY, SECRET = "sk_test_of_the_peers", "whsec_of_the_peers"
OPENS = {"authorization": f"Bearer {KEY}"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def settings(url, **more):
    return {
        "HERALD_MODE": "production", "HERALD_BILLING": "on", "HERALD_AUTOMATIC_TAX": "off",
        "HERALD_STRIPE_BASE_URL": f"{url}/", "STRIPE_SECRET_KEY": KEY, "STRIPE_WEBHOOK_SECRET": SECRET,
    } | more


def tell(url, path, form=None, method=None):
    """Asks a stand-in directly, as somebody at the provider's own dashboard would."""
    body = None if form is None else urllib.parse.urlencode(form).encode()
    way = method or ("GET" if form is None else "POST")
    status, _, said = call(way, url + path, body, OPENS | (FORM if form is not None else {}))
    return status, json.loads(said or b"null")


def signed(body):
    """As Stripe signs, by its own library."""
    at = int(time.time())
    mac = stripe.WebhookSignature._compute_signature(f"{at}.{body.decode()}", SECRET)
    return {"stripe-signature": f"t={at},v1={mac}", "content-type": "application/json"}


def whole_event(event):
    """With what every event has, and its id above all: Herald tells by it what came before."""
    name = "evt_" + secrets.token_hex(12)
    plain = {"id": name, "object": "event", "api_version": None, "created": int(time.time()),
             "livemode": False, "pending_webhooks": 1, "request": None}
    return json.dumps(plain | event).encode()


class Door(Recorder):
    """Where a stand-in sends its webhooks. They are kept, and handed on when the check wants it."""

    def __init__(self):
        super().__init__(None)

    def answer(self, asked):
        return 200, {}, b""

    def heard(self, kind):
        return [it for it in self.asked if it.json()["type"] == kind]


class Emulate(Recorder):
    """emulate keeps what a page is for and does not show it. It knows no subscriptions."""

    def __init__(self, there):
        super().__init__(there)
        # By the names of pages: what was wished for when they were opened.
        self.wished = {}

    def answer(self, asked):
        if (asked.method, asked.path) == ("GET", "/v1/subscriptions"):
            return 200, {}, b'{"object":"list","url":"/v1/subscriptions","has_more":false,"data":[]}'
        status, headers, said = super().answer(asked)
        if status == 200 and asked.path.startswith("/v1/checkout/sessions"):
            session = json.loads(said)
            if asked.path.endswith("/sessions"):
                self.wished[session["id"]] = dict(asked.form())
            said = json.dumps(self.whole(session)).encode()
        return status, headers, said

    def whole(self, session):
        wish = self.wished[session["id"]]
        price = tell(self.there, "/v1/prices/" + wish["line_items[0][price]"])[1]
        quantity = int(wish["line_items[0][quantity]"])
        line = {"id": "li_peer", "object": "item", "price": price, "quantity": quantity}
        return {
            "expires_at": session["created"] + 86_400,
            "client_reference_id": wish.get("client_reference_id"),
            "amount_total": price["unit_amount"] * quantity,
            "currency": price["currency"],
            "payment_intent": None, "subscription": None,
            "line_items": {"object": "list", "has_more": False, "data": [line]},
        } | session


class Localstripe(Recorder):
    """localstripe knows plans and no prices, and refuses to expand what it does not know."""

    UNKNOWN = {"data.schedule", "data.default_payment_method", "data.discounts.source.coupon",
               "data.latest_invoice.payments", "payments"}

    def answer(self, asked):
        known = [(name, value) for name, value in asked.query if value not in self.UNKNOWN]
        path = asked.path
        if owner := re.fullmatch(r"/v1/customers/(cus_\w+)/payment_methods", path):
            path, known = "/v1/payment_methods", [*known, ("customer", owner[1]), ("type", "card")]
        asked.address = path + ("?" + urllib.parse.urlencode(known) if known else "")
        status, headers, said = super().answer(asked)
        if status == 200 and asked.path.startswith("/v1/subscriptions"):
            found = json.loads(said)
            for one in found["data"] if found["object"] == "list" else [found]:
                for item in one["items"]["data"]:
                    item.setdefault("price", as_price(item["plan"]))
            said = json.dumps(found).encode()
        if status == 200 and asked.path.startswith("/v1/payment_intents/"):
            found = json.loads(said)
            received = {"amount_received": found["amount"] if found["status"] == "succeeded" else 0}
            said = json.dumps(received | found).encode()
        return status, headers, said


def as_price(plan):
    """Every plan is a price, under the same name."""
    each = {name: plan[name] for name in ("interval", "interval_count", "usage_type")}
    return {"id": plan["id"], "object": "price", "active": plan["active"], "currency": plan["currency"],
            "unit_amount": plan["amount"], "lookup_key": None, "type": "recurring", "recurring": each}
