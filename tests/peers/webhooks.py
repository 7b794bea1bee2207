"""Webhooks signed by the providers' own libraries: `stripe` and `svix`, genuine and not."""

import datetime
import json
import secrets
import socket
import time

import stripe
import svix

from house import Herald, call, expect, until

STRIPE_SECRET = "whsec_herald_sandbox"
# Svix signs for Clerk and for Resend.
SVIX_SECRETS = {
    "clerk": "whsec_aGVyYWxkLXNhbmRib3gtY2xlcmstd2ViaG9vay0x",
    "resend": "whsec_aGVyYWxkLXNhbmRib3gtcmVzZW5kLXdlYmhvb2s=",
}
LIMIT = 1024 * 1024


def stripe_signed(body, secret=STRIPE_SECRET, at=None):
    """What Stripe's library computes, and what it accepts itself."""
    at = int(time.time()) if at is None else at
    mac = stripe.WebhookSignature._compute_signature(f"{at}.{body.decode()}", secret)
    return {"stripe-signature": f"t={at},v1={mac}", "content-type": "application/json"}


def svix_signed(source, body, name, secret=None, at=None):
    at = at or datetime.datetime.now(datetime.timezone.utc)
    signature = svix.Webhook(secret or SVIX_SECRETS[source]).sign(name, at, body.decode())
    stamp = str(int(at.timestamp()))
    headers = {"svix-id": name, "svix-timestamp": stamp, "svix-signature": signature}
    return {**headers, "content-type": "application/json"}


def invoice(shape):
    """An invoice as the API's version of 2023 has it, and as today's has it."""
    plain = {"id": "in_peer", "object": "invoice", "customer": "cus_peer", "status": "paid"}
    if shape == "2023-10-16":
        return plain | {"subscription": "sub_peer", "payment_intent": "pi_peer", "paid": True}
    details = {"subscription": "sub_peer", "metadata": {}}
    return plain | {"parent": {"type": "subscription_details", "subscription_details": details}}


def subscription(shape):
    plain = {"id": "sub_peer", "object": "subscription", "customer": "cus_peer", "status": "active"}
    period = {"current_period_start": 1_790_000_000, "current_period_end": 1_792_000_000}
    item = {"id": "si_peer", "object": "subscription_item", "quantity": 1}
    if shape == "2023-10-16":
        return plain | period | {"items": {"object": "list", "data": [item]}}
    return plain | {"items": {"object": "list", "data": [item | period]}}


def event(kind, data, shape):
    name = "evt_" + secrets.token_hex(12)
    return json.dumps({
        "id": name, "object": "event", "api_version": shape, "created": int(time.time()),
        "type": kind, "livemode": False, "pending_webhooks": 1, "data": {"object": data},
    }).encode()


class Door:
    """One way in, and what it heard."""

    def __init__(self, herald, source, sign, body):
        self.herald, self.source, self.sign, self.body = herald, source, sign, body
        self.url = f"{herald.url}/webhooks/{source}"

    def count(self, outcome):
        return self.herald.counted("herald_webhooks_total", source=self.source, outcome=outcome)

    def hears(self, what, body, headers, status, outcome):
        before = self.count(outcome)
        heard = call("POST", self.url, body, headers)[0]
        expect(heard == status, f"{self.source}: {what} hears {status} (heard {heard})")
        expect(self.count(outcome) == before + 1, f"{self.source}: and counts as {outcome}")

    def takes_what_is_genuine(self):
        body = self.body()
        headers = self.sign(body)
        self.hears("a signed call", body, headers, 200, "stored")
        self.hears("the same again", body, headers, 200, "duplicate")
        done = ("applied", "ignored")
        until("it is worked off", lambda: sum(
            self.herald.counted("herald_inbox_total", source=self.source, outcome=how) for how in done
        ) >= 1)

    def refuses_the_rest(self, stale, future, forged):
        body = self.body()
        good = self.sign(body)
        self.hears("another's secret", body, forged(body), 400, "forged")
        self.hears("a changed body", body.replace(b"peer", b"evil"), good, 400, "forged")
        self.hears("a body with a byte more", body + b" ", good, 400, "forged")
        self.hears("half a body", body[: len(body) // 2], good, 400, "forged")
        self.hears("no signature", body, {"content-type": "application/json"}, 400, "unsigned")
        self.hears("a late replay", body, stale(body), 400, "stale")
        self.hears("a call from the future", body, future(body), 400, "stale")
        large = body[:-1] + b' ,"more":"' + b"x" * LIMIT + b'"}'
        self.hears("more than 1 MiB", large, self.sign(large), 413, "oversized")
        nonsense = b'{"id":"evt_peer","type":'
        self.hears("signed nonsense", nonsense, self.sign(nonsense), 400, "malformed")
        self.cut(body, good)

    def cut(self, body, headers):
        """A connection that ends in the middle of its body."""
        before = self.count("truncated")
        lines = [f"POST /webhooks/{self.source} HTTP/1.1", "host: herald", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        with socket.create_connection(("127.0.0.1", self.herald.port)) as line:
            line.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body[:20])
        until(f"{self.source}: a cut body counts as truncated", lambda: self.count("truncated") > before)
        print(f"  ok: {self.source}: a cut body counts as truncated")


def of_stripe(herald):
    shapes = ("2023-10-16", stripe.api_version)
    for shape in shapes:
        for kind, data in (
            ("customer.subscription.updated", subscription(shape)), ("invoice.paid", invoice(shape)),
        ):
            body = event(kind, data, shape)
            parsed = stripe.Webhook.construct_event(
                body, stripe_signed(body)["stripe-signature"], STRIPE_SECRET
            )
            expect(parsed.type == kind, f"stripe's own library takes the {kind} of {shape}")
            door = Door(herald, "stripe", stripe_signed, lambda body=body: body)
            door.takes_what_is_genuine()
    now = int(time.time())
    fresh = lambda: event("invoice.paid", invoice(shapes[1]), shapes[1])
    Door(herald, "stripe", stripe_signed, fresh).refuses_the_rest(
        stale=lambda body: stripe_signed(body, at=now - 3600),
        future=lambda body: stripe_signed(body, at=now + 3600),
        forged=lambda body: stripe_signed(body, secret="whsec_of_somebody_else"),
    )
    ours = event("invoice.paid", invoice(shapes[1]), shapes[1])
    both = stripe_signed(ours, "whsec_old")["stripe-signature"]
    both += "," + stripe_signed(ours)["stripe-signature"].split(",")[1]
    headers = {"stripe-signature": both}
    fresh_door = Door(herald, "stripe", stripe_signed, lambda: ours)
    fresh_door.hears("one of two signatures (secrets that change)", ours, headers, 200, "stored")


def of_svix(herald, source, body):
    now = datetime.datetime.now(datetime.timezone.utc)
    hour = datetime.timedelta(hours=1)
    other = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="
    names = lambda: "msg_" + secrets.token_hex(12)
    door = Door(herald, source, lambda it: svix_signed(source, it, names()), lambda: body)
    kept = svix_signed(source, body, names())
    svix.Webhook(SVIX_SECRETS[source]).verify(body, kept)
    door.sign = lambda _: kept
    door.takes_what_is_genuine()
    door.sign = lambda it: svix_signed(source, it, names())
    door.refuses_the_rest(
        stale=lambda it: svix_signed(source, it, names(), at=now - hour),
        future=lambda it: svix_signed(source, it, names(), at=now + hour),
        forged=lambda it: svix_signed(source, it, names(), secret=other),
    )


def main():
    print(f"stripe {stripe.VERSION}, API {stripe.api_version}; svix")
    with Herald(HERALD_BILLING="on") as herald:
        of_stripe(herald)
        user = {"type": "user.updated", "object": "event", "timestamp": int(time.time() * 1000),
                "data": {"id": "user_peer", "object": "user"}}
        of_svix(herald, "clerk", json.dumps(user).encode())
        mail = {"type": "email.delivered", "created_at": "2026-11-29T00:00:00.000Z",
                "data": {"email_id": "peer", "to": ["ada@example.org"], "subject": "hello"}}
        of_svix(herald, "resend", json.dumps(mail).encode())
        for name in ("nobody", "stripe%2f..", "STRIPE"):
            status = call("POST", f"{herald.url}/webhooks/{name}", b"{}", {})[0]
            expect(status in (400, 404), f"nobody is called {name}")


if __name__ == "__main__":
    main()
