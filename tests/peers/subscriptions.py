"""Customers and subscriptions that PyPI's `localstripe` had before, and what becomes of them."""

import re
import sys

from gaps import SECRET, Localstripe, settings, tell
from house import Failed, Herald, expect, free_port, serving, until

# The peer's own program, on this machine alone and without its file in /tmp.
LOCALSTRIPE = """
import sys
from aiohttp import web
from localstripe import resources, server
resources.Store.dump_to_disk = lambda self: None
web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""
MANY = 120
GOOD, FAILS_LATER = "4242424242424242", "4000000000000341"
STANDING = """{ subscription {
    access tier status interval periodEnd endsAt price { minor currency } card { brand last4 } } }"""
DETACH = """mutation($input: DetachPaymentMethodInput!) {
    detachPaymentMethod(input: $input) { userErrors { code } } }"""


class Books:
    """localstripe, as its owner's dashboard would use it."""

    def __init__(self, url):
        self.url = url

    def make(self, path, **form):
        parts = ((name.split("__"), value) for name, value in form.items())
        named = {head + "".join(f"[{it}]" for it in rest): value for (head, *rest), value in parts}
        status, made = tell(self.url, f"/v1/{path}", named)
        if status != 200:
            raise AssertionError(f"{path}: {status} {made}")
        return made

    def read(self, path):
        return tell(self.url, f"/v1/{path}")[1]

    def card(self, customer, number):
        """A card that is charged from now on."""
        method = self.make("payment_methods", type="card", card__number=number, card__exp_month="4",
                           card__exp_year="2031", card__cvc="123")["id"]
        self.make(f"payment_methods/{method}/attach", customer=customer)
        self.make(f"customers/{customer}", invoice_settings__default_payment_method=method)
        return method

    def customer(self, **more):
        customer = self.make("customers", email="ada@example.org", **more)["id"]
        self.card(customer, GOOD)
        return customer

    def subscribe(self, customer, plan):
        return self.make("subscriptions", customer=customer, items__0__plan=plan)["id"]


def main():
    port = free_port()
    books = Books(f"http://127.0.0.1:{port}")
    gaps = Localstripe(books.url)
    with serving([sys.executable, "-c", LOCALSTRIPE, str(port)], books.url), Herald(**settings(gaps.url)) as herald:
        herald.sign_in()
        for plan, minor, interval in (
            ("herald_starter_monthly_v1", "2900", "month"), ("herald_starter_yearly_v1", "29000", "year"),
            ("herald_professional_monthly_v1", "9900", "month"),
        ):
            books.make("plans", id=plan, amount=minor, currency="usd", interval=interval, product__name=plan)
        ours = books.customer(metadata__account_id=herald.account)
        bought = books.subscribe(ours, "herald_starter_monthly_v1")
        theirs = books.customer()
        books.subscribe(theirs, "herald_starter_monthly_v1")
        for _ in range(MANY):  # more than one page of them
            books.make("customers", email="somebody@example.org")
        taken_over(herald, ours, theirs, bought)
        mirrored(herald, books, bought)
        books_tell(herald, books)
        set_to_end(herald, books, bought)
        unpaid_for_a_while(herald, books, ours, bought)
        money_back(herald, books, theirs, bought)
        forgotten(herald, books, ours, theirs)
        ended_and_anew(herald, books, ours, bought)
        for wrong in ("forged", "unsigned", "stale", "malformed"):
            heard = herald.counted("herald_webhooks_total", source="stripe", outcome=wrong)
            expect(heard == 0, f"no webhook of localstripe's was {wrong}")
        worked_off = {how: int(herald.counted("herald_inbox_total", source="stripe", outcome=how))
                      for how in ("applied", "ignored", "dead")}
        expect(worked_off["applied"] > 0 and worked_off["dead"] == 0, f"and none was given up: {worked_off}")
        # $29 a month, then $290 a year, which ended; $99 a month, which ended too.
        earned = "USD: start 0 new 2900 expansion 0 contraction 483 churn 12317 back 9900 end 0"
        said = herald.command("revenue", "--from", "2020-01-01T00:00:00Z")[1]
        expect(earned in said, f"what was earned per month: {said.splitlines()[0]}")


def standing(herald):
    return herald.gql(STANDING)["subscription"]


def stands(herald, what, **wanted):
    """Until it stands so."""
    def so():
        now = standing(herald)
        return all(now[name] == value for name, value in wanted.items()) and now
    try:
        found = until(what, so)
    except Failed as never:
        raise Failed(f"{never}: it stands {standing(herald)}") from None
    print(f"  ok: {what}: {wanted}")
    return found


def entitled(herald):
    return herald.gql("{ entitlements { tier connections seats aiCreditsPerMonth } }")["entitlements"]


def events(herald):
    return len(herald.command("audit", "export")[1].splitlines())


def taken_over(herald, ours, theirs, bought):
    """`herald import customers`: dry, then twice."""
    free, before = entitled(herald), events(herald)
    code, said = herald.command("import", "customers", "--dry-run")
    expect(code == 0 and f"{ours} would link {herald.account}, {bought} active" in said,
           "a dry run says whom it would link")
    expect(re.search(f"{theirs} unmatched: ", said), "and whom nobody here is")
    expect(f"{MANY + 2} in all: {MANY + 1} unmatched, 1 would link" in said, f"each of {MANY + 2} customers once")
    expect(events(herald) == before and entitled(herald) == free, "and changes nothing")
    code, said = herald.command("import", "customers")
    expect(code == 0 and f"{ours} linked {herald.account}, {bought} active" in said, "the customer is taken over")
    after = events(herald)
    expect(after > before, f"which is in the log ({after - before} events)")
    code, said = herald.command("import", "customers")
    expect(code == 0 and f"{ours} already there {herald.account}" in said and f"{theirs} unmatched" in said,
           "the second time it is already there")
    expect(events(herald) == after, "and nothing is written")
    expect(free["tier"] == "free" and free["connections"] == 1, "before, the account was free, with one connection")


def mirrored(herald, books, bought):
    stands(herald, "the subscription is mirrored", access="FULL", tier="starter", status="active", interval="MONTH",
           price={"minor": "2900", "currency": "USD"}, card={"brand": "visa", "last4": "4242"}, endsAt=None)
    now = entitled(herald)
    expect((now["tier"], now["connections"], now["aiCreditsPerMonth"]) == ("starter", 10, 200),
           "what it includes is there")
    bills = herald.gql("{ invoices { nodes { id status total { minor } paid { minor } } } }")["invoices"]["nodes"]
    there = books.read(f"subscriptions/{bought}")["latest_invoice"]
    paid = {"id": there, "status": "paid", "total": {"minor": "2900"}, "paid": {"minor": "2900"}}
    expect(bills == [paid], f"and its bill, paid: {there}")


def books_tell(herald, books):
    """From now on localstripe sends its webhooks straight to Herald."""
    status, _ = tell(books.url, "/_config/webhooks/herald",
                     {"url": f"{herald.url}/webhooks/stripe", "secret": SECRET})
    expect(status == 200, "localstripe knows where to tell of events")


def set_to_end(herald, books, bought):
    herald.gql('mutation { cancelSubscription(input: { idempotencyKey: "end" }) { userErrors { code } } }')
    until("the end is set over there", lambda: books.read(f"subscriptions/{bought}")["cancel_at_period_end"])
    now = until("an end is set", lambda: standing(herald)["endsAt"] and standing(herald))
    expect(now["endsAt"] == now["periodEnd"] and now["access"] == "FULL", "cancelled, it ends with what is paid for")
    herald.gql('mutation { resumeSubscription(input: { idempotencyKey: "on" }) { userErrors { code } } }')
    stands(herald, "taken back, it goes on", endsAt=None, access="FULL")
    expect(books.read(f"subscriptions/{bought}")["cancel_at_period_end"] is False, "over there too")


def unpaid_for_a_while(herald, books, ours, bought):
    books.card(ours, FAILS_LATER)
    books.make(f"subscriptions/{bought}", items__0__plan="herald_starter_yearly_v1")
    unpaid = books.read(f"subscriptions/{bought}")
    expect(unpaid["status"] == "past_due", "a bill over there is not paid")
    now = stands(herald, "the account has its grace", access="GRACE", status="past_due", interval="YEAR", tier="starter")
    expect(now["card"]["last4"] == "0341" and entitled(herald)["connections"] == 10,
           "with the card that failed, and all it had")
    books.card(ours, GOOD)
    books.make(f"invoices/{unpaid['latest_invoice']}/pay", id=unpaid["latest_invoice"])
    stands(herald, "once it is paid, all is well", access="FULL", status="active")


def money_back(herald, books, theirs, bought):
    bill = books.read(f"subscriptions/{bought}")["latest_invoice"]
    wish = ("refund", "--account", herald.account, "--invoice", bill, "--amount", "500", "--reason", "stale bread")
    code, said = herald.command(*wish)
    expect(code == 0, f"an operator gives money back: {said.strip()}")
    given = until("the money is back", lambda: books.read("refunds")["data"])
    payment = books.read(f"invoices/{bill}")["payment_intent"]
    expect([(it["amount"], it["payment_intent"]) for it in given] == [(500, payment)], "$5.00 of that payment, once")
    stranger = books.read(f"invoices?customer={theirs}")["data"][0]["id"]
    code, said = herald.command("refund", "--account", herald.account, "--invoice", stranger, "--reason", "theirs")
    expect(code == 1 and len(books.read("refunds")["data"]) == 1,
           f"nothing of a stranger's bill: {said.strip().splitlines()[-1]}")


def forgotten(herald, books, ours, theirs):
    old, other = books.card(ours, FAILS_LATER), books.card(theirs, GOOD)
    books.card(ours, GOOD)
    herald.gql(DETACH, {"input": {"method": old, "idempotencyKey": "old"}})
    until("the card is forgotten", lambda: books.read(f"payment_methods/{old}")["customer"] is None)
    print("  ok: a card that is not the one charged is forgotten over there")
    said = herald.ask(DETACH, {"input": {"method": other, "idempotencyKey": "other"}})
    refused = said["data"]["detachPaymentMethod"]["userErrors"] == [{"code": "NOT_FOUND"}]
    expect(refused and books.read(f"payment_methods/{other}")["customer"] == theirs,
           "a stranger's is not to be found, and stays")


def ended_and_anew(herald, books, ours, bought):
    herald.gql('mutation { cancelSubscription(input: { at: NOW, idempotencyKey: "now" }) { userErrors { code } } }')
    until("it ends over there", lambda: books.read(f"subscriptions/{bought}")["status"] == "canceled")
    stands(herald, "ended here, it ends there", access="ENDED", tier="free", status="canceled")
    expect(entitled(herald)["connections"] == 1, "and what it included is gone")
    anew = books.subscribe(ours, "herald_professional_monthly_v1")
    stands(herald, "begun there, it begins here", access="FULL", tier="professional",
           price={"minor": "9900", "currency": "USD"})
    expect(entitled(herald)["tier"] == "professional" and entitled(herald)["seats"] > 1, "with what it includes")
    tell(books.url, f"/v1/subscriptions/{anew}", method="DELETE")
    stands(herald, "ended there, it ends here", access="ENDED", tier="free", status="canceled")
    expect(entitled(herald)["seats"] == 1, "and what it included is gone")


if __name__ == "__main__":
    main()
