"""Packs of credits, sold on the pages of npm's `emulate`."""

import json
import os
import pathlib
import re
import tempfile

from gaps import SECRET, Door, Emulate, settings, signed, tell, whole_event
from house import Herald, call, expect, free_port, serving, until

PAID, EXPIRED = "checkout.session.completed", "checkout.session.expired"
# What the catalogue sells, as emulate is to know it.
SOLD = {
    "price_starter": ("herald_starter", "Starter", 2900),
    "price_credits": ("herald_ai_credits_500", "500 ai credits", 1000),
    "price_calls": ("herald_api_calls_10000", "10000 api calls", 900),
}


def emulating(folder, port, door):
    """emulate's Stripe, with what the catalogue sells. Its own Node is newer than ours need be."""
    seed = {"stripe": {
        "products": [{"id": name, "name": what} for name, what, _ in SOLD.values()],
        "prices": [{"id": price, "product_name": what, "currency": "usd", "unit_amount": minor}
                   for price, (_, what, minor) in SOLD.items()],
        "webhooks": [{"url": door.url, "events": ["*"], "secret": SECRET}],
    }}
    (folder / "seed.yaml").write_text(json.dumps(seed))
    modules = pathlib.Path(os.environ["HERALD_PEERS"]) / "node_modules"
    url = f"http://127.0.0.1:{port}"
    return serving([str(modules / ".bin/node"), str(modules / "emulate/dist/index.js"), "start", "--service", "stripe",
                    "--port", str(port), "--seed", "seed.yaml", "--base-url", url], f"{url}/v1/customers", folder)


def open_page(herald, mutation, wish, key):
    """A page at the provider, or why there is none."""
    kind = mutation[0].upper() + mutation[1:] + "Input"
    return herald.gql(
        f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ checkoutUrl expiresAt"
        " problem { code } userErrors { code message } } }", {"input": wish | {"idempotencyKey": key}},
    )[mutation]


def balance(herald, kind="ai_credits"):
    """How many credits there are, and in how many packs."""
    found = herald.gql("{ credits { kind balance packs { credits } } }")["credits"]
    return next(((it["balance"], len(it["packs"])) for it in found if it["kind"] == kind), (0, 0))


class Till:
    """Herald, emulate's Stripe, and the door between them."""

    def __init__(self, herald, there, door):
        self.herald, self.there, self.door = herald, there, door

    def deliver(self, body, headers=None):
        """Brings an event to Herald, and waits until it is worked off; answers what was heard."""
        before, stored = self.done(), self.heard("stored")
        status = call("POST", f"{self.herald.url}/webhooks/stripe", body, headers or signed(body))[0]
        if self.heard("stored") > stored:
            until("the event is worked off", lambda: self.done() > before)
        return status

    def heard(self, outcome):
        return self.herald.counted("herald_webhooks_total", source="stripe", outcome=outcome)

    def done(self):
        return sum(self.herald.counted("herald_inbox_total", source="stripe", outcome=how)
                   for how in ("applied", "ignored", "dead"))

    def given_up(self):
        return self.herald.counted("herald_inbox_total", source="stripe", outcome="dead")

    def pay(self, page):
        """Somebody presses the button on the page."""
        return call("POST", f"{page}/complete", b"email=ada%40example.org")

    def session(self, page):
        return tell(self.there, "/v1/checkout/sessions/" + page.rsplit("/", 1)[1])[1]

    def event(self, kind, page):
        """The event of that kind that emulate sent about that page."""
        name = page.rsplit("/", 1)[1]
        return until(f"{kind} of {name}", lambda: next(
            (it for it in self.door.heard(kind) if it.json()["data"]["object"]["id"] == name), None))


def main():
    door, port = Door(), free_port()
    there = f"http://127.0.0.1:{port}"
    gaps = Emulate(there)
    sells = settings(gaps.url, HERALD_CATALOGUE=str(pathlib.Path(__file__).parent / "catalogue.toml"))
    with tempfile.TemporaryDirectory(prefix="herald-peers-") as folder:
        with emulating(pathlib.Path(folder), port, door), Herald(**sells) as herald:
            herald.sign_in()
            till = Till(herald, there, door)
            page = a_page(till)
            bought_once(till, page)
            left_alone(till)
            replaced(till)
            expect(till.given_up() == 0, "no event was given up")
            a_tier(till)
            set_up(herald, gaps)


def a_page(till):
    herald = till.herald
    page = open_page(herald, "buyCredits", {"pack": "ai_credits_500"}, "one")["checkoutUrl"]
    expect(page and page.startswith(till.there), f"a pack has a page at the provider: {page}")
    again = open_page(herald, "buyCredits", {"pack": "ai_credits_500"}, "two")["checkoutUrl"]
    expect(again == page, "the same wish again is led to the same page")
    status, _, shown = call("GET", page)
    expect(status == 200 and b"500 ai credits" in shown and b"Pay $10.00" in shown,
           "it asks for $10.00 for 500 credits")
    customers = tell(till.there, "/v1/customers?limit=100")[1]["data"]
    ours = [it for it in customers if it["metadata"].get("account_id") == herald.account]
    expect(len(ours) == 1 and ours[0]["email"] == "ada@example.org" and ours[0]["name"] == "Corner Bakery",
           "the account is one customer there, with name and address")
    session = till.session(page)
    expect((session["customer"], session["mode"]) == (ours[0]["id"], "payment"), "the page is that customer's")
    expect(session["metadata"] == {"account_id": herald.account}, "and says whose account it is for")
    return page


def bought_once(till, page):
    status, headers, _ = till.pay(page)
    expect(status in (302, 303) and headers["location"].startswith(till.herald.url), "who paid is led back to Herald")
    told = till.event(PAID, page)
    forged = till.heard("forged") + till.heard("unsigned") + till.heard("stale")
    as_it_came = {name: told.headers[name] for name in ("stripe-signature", "content-type")}
    expect(till.deliver(told.body, as_it_came) == 400, "emulate's event has no id, and is refused")
    expect(till.heard("malformed") == 1, "for its form")
    expect(till.heard("forged") + till.heard("unsigned") + till.heard("stale") == forged, "and not for its signature")
    expect(balance(till.herald) == (0, 0), "nothing is credited by then")
    event = whole_event(told.json())
    expect(till.deliver(event) == 200, "with an id it is taken")
    until("the pack is there", lambda: balance(till.herald) == (500, 1))
    print("  ok: 500 credits in one pack")
    duplicates = till.heard("duplicate")
    expect(till.deliver(event) == 200 and till.heard("duplicate") == duplicates + 1, "the same event again is known")
    expect(till.deliver(whole_event(told.json())) == 200, "another event about the same page is taken")
    expect(till.pay(page)[0] in (302, 303) and len(till.door.heard(PAID)) == 1,
           "the page takes no second payment")
    expect(balance(till.herald) == (500, 1), "and still there are 500 credits in one pack")


def left_alone(till):
    """Pages that are turned away from, or too old."""
    page = open_page(till.herald, "buyCredits", {"pack": "ai_credits_500"}, "three")["checkoutUrl"]
    way_back = re.search(r'<a href="([^"]+)">Cancel</a>', call("GET", page)[2].decode())[1].replace("&amp;", "&")
    expect(way_back.startswith(till.herald.url), "the page leads back to Herald for who does not want to pay")
    call("GET", way_back)
    expect(balance(till.herald) == (500, 1) and till.session(page)["status"] == "open", "that buys nothing")
    status, _ = tell(till.there, f"/v1/checkout/sessions/{page.rsplit('/', 1)[1]}/expire", {})
    expect(status == 200, "the page expires at the provider")
    told = till.event(EXPIRED, page)
    expect(till.deliver(whole_event(told.json())) == 200, "which is told")
    # A liar with the right secret: that it was paid is asked and not believed.
    claim = json.loads(told.body)
    claim["type"] = PAID
    claim["data"]["object"] |= {"status": "complete", "payment_status": "paid"}
    expect(till.deliver(whole_event(claim)) == 200, "a signed event that calls it paid is taken")
    till.pay(page)
    expect(len(till.door.heard(PAID)) == 1, "the page can no longer be paid")
    expect(balance(till.herald) == (500, 1), "and nothing of this is credited")
    other = open_page(till.herald, "buyCredits", {"pack": "ai_credits_500"}, "four")["checkoutUrl"]
    expect(other and other != page, "the next wish has a page of its own")
    till.last = other


def replaced(till):
    page = open_page(till.herald, "buyCredits", {"pack": "api_calls_10000"}, "five")["checkoutUrl"]
    expect(page and page != till.last, "another pack has another page")
    expect(till.session(till.last)["status"] == "expired", "and the one before was closed at the provider")
    till.deliver(whole_event(till.event(EXPIRED, till.last).json()))
    # Paid, and its event does not come: how the page stands is asked.
    till.pay(page)
    another = open_page(till.herald, "buyCredits", {"pack": "api_calls_10000"}, "six")["checkoutUrl"]
    expect(another and another != page, "nobody is led to a page that is paid already")
    expect(till.deliver(whole_event(till.event(PAID, page).json())) == 200, "its event comes late")
    until("the calls are there", lambda: balance(till.herald, "api_calls") == (10_000, 1))
    expect(balance(till.herald) == (500, 1), "10,000 calls are there, and nothing else moved")


def a_tier(till):
    page = until("a page for a tier", lambda: open_page(
        till.herald, "startCheckout", {"tier": "starter", "interval": "MONTH"}, "seven")["checkoutUrl"])
    expect(till.session(page)["mode"] == "subscription", "a tier has a page, and it is for a subscription")
    till.pay(page)
    expect(till.deliver(whole_event(till.event(PAID, page).json())) == 200, "it is told as paid")
    now = till.herald.gql("{ subscription { access tier } }")["subscription"]
    expect(now == {"access": "FREE", "tier": "free"}, "emulate makes no subscription of it, so there is no tier")
    expect(balance(till.herald) == (500, 1) and till.given_up() == 1,
           "and no pack: an operator is to look at the event")


def set_up(herald, gaps):
    """As far as it goes: emulate has products and prices, and neither meters, portals nor endpoints."""
    first = len(gaps.asked)
    for words in (["--dry-run"], [], []):
        code, said = herald.command("stripe", "setup", *words)
        expect(code == 1 and 'operation="list_meters"' in said, "`herald stripe setup` comes as far as the meters")
    asked = gaps.asked[first:]
    read = {it.path for it in asked}
    wanted = {f"/v1/products/{product}" for product, _, _ in SOLD.values()} | {f"/v1/prices/{price}" for price in SOLD}
    expect(wanted <= read and all(it.method == "GET" for it in asked), "and makes no product and no price twice")


if __name__ == "__main__":
    main()
