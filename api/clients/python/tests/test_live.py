"""The client against the real server, in sandbox mode. HERALD_BINARY names the program."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import httpx
import pytest
from installation import Installation, Resident, until

from herald_client import (
    BillingStatus,
    Conflict,
    Forbidden,
    Herald,
    Invalid,
    NotFound,
    PaymentRequired,
    Plan,
    Post,
    RateLimited,
    Unauthenticated,
)

BINARY = os.environ.get("HERALD_BINARY")

if not BINARY:
    pytest.skip(
        "HERALD_BINARY is not set: it names the server to try the client against",
        allow_module_level=True,
    )

#: Every route that the client uses.
ROUTES = [
    ("get", "/auth/me"),
    ("get", "/billing/status"),
    ("get", "/billing/usage"),
    ("post", "/billing/checkout"),
    ("post", "/billing/portal"),
    ("get", "/billing/preview"),
    ("get", "/billing/invoices"),
    ("post", "/billing/change"),
    ("post", "/billing/cancel"),
    ("post", "/billing/resume"),
    ("get", "/api-keys/list"),
    ("post", "/api-keys/generate"),
    ("delete", "/api-keys/{key}"),
    ("get", "/posts"),
    ("post", "/posts"),
    ("get", "/posts/{post}"),
    ("post", "/posts/{post}/schedule"),
    ("post", "/posts/{post}/publish"),
    ("post", "/posts/{post}/cancel"),
    ("get", "/plans"),
    ("get", "/plans/{plan}"),
    ("post", "/plans/{plan}/generate"),
    ("post", "/plans/{plan}/approve"),
    ("post", "/plans/{plan}/materialize"),
    ("get", "/connections"),
]


@dataclass
class Bakery:
    """An account that is connected to X: its owner, their client, and a program's with a key."""

    url: str
    key: str = field(repr=False)
    account: str
    connection: str
    resident: Resident
    owner: Herald
    program: Herald

    def write(self, text: str, key: str | None = None) -> Post:
        return self.program.posts.create(text, [self.connection], idempotency_key=key)


@contextmanager
def moved_in(folder: Path, **settings: str) -> Iterator[Bakery]:
    """Starts a server, and has somebody move in who connects X and issues a key."""
    binary = Path(BINARY or "").resolve()
    assert os.access(binary, os.X_OK) and binary.is_file(), f"HERALD_BINARY is no program: {binary}"
    with ExitStack() as stack:
        house = Installation(binary, folder, **settings)
        stack.callback(house.stop)
        resident = stack.enter_context(closing(Resident(house)))
        resident.move_in()
        connection = resident.connect()
        owner = Herald(resident.session, house.url, account=resident.account)
        stack.enter_context(owner)
        active = partial(owner.connections.list, status="active")
        until("the connection is active", lambda: next(active(), None))
        key = owner.keys.generate("the tests' own").key
        assert key is not None
        program = stack.enter_context(Herald(key, house.url))
        yield Bakery(house.url, key, resident.account, connection, resident, owner, program)


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bakery]:
    """One that nobody pays for: without limits."""
    with moved_in(tmp_path_factory.mktemp("herald")) as it:
        yield it


@pytest.fixture(scope="module")
def paying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bakery]:
    """One where accounts pay, and begin with what is free."""
    with moved_in(tmp_path_factory.mktemp("paying"), HERALD_BILLING="on") as it:
        yield it


def in_a_week() -> datetime:
    return datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=7)


def test_every_route_that_is_used_is_described(bakery: Bakery) -> None:
    described = httpx.get(f"{bakery.url}/openapi.json", trust_env=False).json()["paths"]
    assert [route for route in ROUTES if route[0] not in described.get(route[1], {})] == []


def test_a_person_sees_where_they_may_act(bakery: Bakery) -> None:
    (account,) = bakery.owner.me().accounts
    assert (account.account, account.role) == (bakery.account, "owner")
    assert account.business == "Corner Bakery"


def test_a_program_sees_where_it_acts(bakery: Bakery) -> None:
    me = bakery.program.me()
    assert (me.account, me.accounts) == (bakery.account, ())
    assert (me.api_key or "").startswith("key_")


def test_the_connection_is_listed(bakery: Bakery) -> None:
    (connection,) = bakery.program.connections.list()
    assert (connection.id, connection.network) == (bakery.connection, "x")
    assert connection.status == "active"
    assert (connection.handle or "").lstrip("@") == "sandbox_bakery"


def test_a_post_is_written_scheduled_and_given_up(bakery: Bakery) -> None:
    post = bakery.write("Fresh rolls from 7!")
    assert (post.status, post.text) == ("draft", "Fresh rolls from 7!")
    assert [target.connection for target in post.targets] == [bakery.connection]
    at = in_a_week()
    scheduled = bakery.program.posts.schedule(post.id, at)
    assert (scheduled.status, scheduled.scheduled_at) == ("scheduled", at)
    found = bakery.program.posts.get(post.id)
    assert (found.status, found.scheduled_at) == ("scheduled", at)
    assert post.id in {it.id for it in bakery.program.posts.list(status="scheduled")}
    assert bakery.program.posts.cancel(post.id).status == "canceled"
    assert post.id not in {it.id for it in bakery.program.posts.list(status="scheduled")}


def test_a_time_on_the_clock_becomes_an_instant(bakery: Bakery) -> None:
    post = bakery.write("Breakfast")
    noon = datetime(in_a_week().year + 1, 1, 15, 12)
    scheduled = bakery.program.posts.schedule(post.id, local=noon, zone="Europe/Berlin")
    assert scheduled.scheduled_at == noon.replace(hour=11, tzinfo=timezone.utc)
    bakery.program.posts.cancel(post.id)


def test_a_post_is_published(bakery: Bakery) -> None:
    post = bakery.write("We are open")
    bakery.program.posts.publish(post.id)

    def published() -> Post | None:
        found = bakery.program.posts.get(post.id)
        assert found.status not in ("failed", "partial", "needs_attention"), found
        return found if found.status == "published" else None

    assert [it.status for it in until("it is out", published).targets] == ["published"]


def test_the_same_key_writes_one_post(bakery: Bakery) -> None:
    first = bakery.write("Once", key="once-and-for-all")
    again = bakery.write("Once", key="once-and-for-all")
    assert again.id == first.id
    with pytest.raises(Invalid) as caught:
        bakery.write("Another", key="once-and-for-all")
    assert caught.value.code == "IDEMPOTENCY_KEY_REUSED"


def test_pages_follow_each_other_without_gaps(bakery: Bakery) -> None:
    written = {bakery.write(f"Number {number}").id for number in range(3)}
    seen: list[str] = []
    page = bakery.program.posts.page(limit=2)
    while True:
        seen += [it.id for it in page.items]
        if page.next is None:
            break
        page = bakery.program.posts.page(limit=2, after=page.next)
    assert len(seen) == len(set(seen))
    assert written <= set(seen)
    assert seen == [it.id for it in bakery.program.posts.list()]


def test_a_plan_is_written_approved_as_read_and_made_into_posts(bakery: Bakery) -> None:
    plans = bakery.program.plans
    plan = bakery.resident.begin_plan(bakery.connection)
    assert [it.id for it in plans.list()] == [plan]
    plans.generate(plan)

    def written() -> Plan | None:
        found = plans.get(plan)
        assert found.status != "generation_failed", found
        return found if found.status == "proposed" else None

    bakery.resident.hand_in(plan, until("the plan is written", written).plan["items"])
    read = plans.get(plan)
    assert read.status == "in_review"
    assert read.content_hash is not None
    with pytest.raises(Conflict) as caught:
        plans.approve(plan, revision=read.revision, content_hash="0" * 64)
    assert caught.value.code == "STALE_APPROVAL"
    approved = plans.approve(plan, revision=read.revision, content_hash=read.content_hash)
    assert approved.status == "approved"
    assert plans.materialize(plan, schedule=False).status == "materialized"


def test_what_is_not_there_is_not_found(bakery: Bakery) -> None:
    with pytest.raises(NotFound) as caught:
        bakery.program.posts.get("post_nothing")
    assert (caught.value.code, caught.value.status) == ("NOT_FOUND", 404)
    assert caught.value.request_id


def test_input_that_makes_no_sense_names_its_field(bakery: Bakery) -> None:
    with pytest.raises(Invalid) as caught:
        bakery.program.posts.page(limit=1000)
    assert (caught.value.code, caught.value.field) == ("VALIDATION", "limit")


def test_a_key_manages_no_keys(bakery: Bakery) -> None:
    with pytest.raises(Forbidden):
        [*bakery.program.keys.list()]
    with pytest.raises(Forbidden):
        bakery.program.keys.generate("a child")


def test_a_key_of_one_scope_does_nothing_else(bakery: Bakery) -> None:
    issued = bakery.owner.keys.generate("reader", scopes=["read"])
    with Herald(issued.key, bakery.url) as reader:
        assert bakery.connection in {it.id for it in reader.connections.list()}
        with pytest.raises(Forbidden):
            reader.posts.create("Hi", [bakery.connection])
    bakery.owner.keys.revoke(issued.id)


def test_where_nobody_pays_nothing_is_limited(bakery: Bakery) -> None:
    usage = bakery.program.billing.usage()
    assert usage.period_start < usage.resets_at
    assert set(usage.counters) == {"posts", "api_calls", "ai_credits"}
    assert {it.limit for it in usage.counters.values()} == {None}
    assert bakery.owner.billing.status().limits["posts_per_month"] is None


def test_a_revoked_key_is_turned_away(bakery: Bakery) -> None:
    issued = bakery.owner.keys.generate("short-lived")
    assert issued.key is not None
    with Herald(issued.key, bakery.url) as short_lived:
        assert short_lived.posts.page(limit=1)
        bakery.owner.keys.revoke(issued.id)

        def turned_away() -> Unauthenticated | None:
            try:
                short_lived.posts.page(limit=1)
            except Unauthenticated as error:
                return error
            return None

        error = until("the key is turned away", turned_away)
    assert error.code == "UNAUTHENTICATED"
    assert issued.key not in f"{error!r} {error}"
    (seen,) = (key for key in bakery.owner.keys.list() if key.id == issued.id)
    assert (seen.name, seen.status) == ("short-lived", "revoked")


def test_nobody_comes_in_with_a_made_up_key(bakery: Bakery) -> None:
    stranger = Herald("herald_sk_dev_" + "0" * 38, bakery.url)
    with stranger, pytest.raises(Unauthenticated):
        stranger.posts.page()


def test_what_is_scheduled_counts_against_the_tier(paying: Bakery) -> None:
    status = paying.owner.billing.status()
    assert (status.tier, status.access.state) == ("free", "free")
    before = paying.owner.billing.usage().counters["posts"]
    assert (before.used, before.limit) == (0, status.limits["posts_per_month"])
    post = paying.write("Counted once")
    assert paying.owner.billing.usage().counters["posts"].used == 0, "a draft is free"
    paying.program.posts.schedule(post.id, in_a_week())
    assert paying.owner.billing.usage().counters["posts"].used == 1


def test_a_burst_beyond_the_tier_is_told_when_to_come_back(paying: Bakery) -> None:
    with Herald(paying.key, paying.url, retries=0) as hasty, pytest.raises(RateLimited) as caught:
        for _ in range(60):
            hasty.posts.page(limit=1)
    error = caught.value
    assert (error.code, error.status, error.retryable) == ("RATE_LIMITED", 429, True)
    assert error.policies == ("burst",)
    assert error.retry_after is not None and 0 < error.retry_after <= 60
    assert paying.key not in f"{error!r} {error}"


@pytest.mark.parametrize("hard_way", [False, True], ids=["at once", "after a declined card"])
def test_from_a_checkout_to_a_call_up_down_and_out(tmp_path: Path, hard_way: bool) -> None:
    with moved_in(tmp_path, HERALD_BILLING="on") as it:
        billing, program = it.owner.billing, it.program
        assert billing.status().tier == "free"
        page = until("a page to pay on", lambda: billing.checkout("starter").url)
        if hard_way:
            declined = httpx.post(page, data={"card": "4000000000000002"}, trust_env=False)
            assert declined.status_code == 402
            assert billing.status().access.state == "free"
        paid = httpx.post(page, data={"card": "4242424242424242"}, trust_env=False)
        assert paid.status_code == 303

        def tier(name: str) -> BillingStatus:
            def reached() -> BillingStatus | None:
                status = billing.status()
                assert status.problem is None, status
                return status if status.tier == name else None

            return until(f"the tier {name}", reached)

        assert tier("starter").access.state == "trial"
        assert program.billing.usage().counters["api_calls"].limit == 10_000
        with Herald(it.key, it.url, retries=0) as hasty, pytest.raises(RateLimited) as caught:
            for _ in range(200):
                hasty.posts.page(limit=1)
        assert caught.value.policies == ("burst",)

        assert billing.preview_change("professional").due.minor == 0, "the trial goes on"
        bill = next(billing.invoices())
        assert (bill.total.currency, bill.page_url is None) == ("USD", False)
        with pytest.raises(Forbidden):
            next(program.billing.invoices())
        billing.change("professional")
        assert tier("professional").access.state == "trial"
        assert program.posts.page(limit=1).items == (), "a higher tier has room at once"
        waiting = billing.change("starter").change
        assert waiting is not None and waiting.tier == "starter"
        billing.cancel()
        ends = until("an end is set", lambda: billing.status().ends_at)
        assert ends > datetime.now(timezone.utc)
        billing.cancel(now=True)
        assert tier("free").access.state == "ended"


def test_whoever_pays_goes_on_with_the_same_key_where_the_limit_was(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with moved_in(tmp_path_factory.mktemp("journey"), HERALD_BILLING="on") as it:
        limit = it.owner.billing.status().limits["posts_per_month"]
        assert limit == 10
        # By hand, since a free key has ten calls a minute.
        for number in range(limit):
            post = it.owner.posts.create(f"Bread {number}", [it.connection])
            it.owner.posts.schedule(post.id, in_a_week())
        beyond = it.owner.posts.create("One more", [it.connection])
        with pytest.raises(PaymentRequired) as caught:
            it.program.posts.schedule(beyond.id, in_a_week())
        assert (caught.value.code, caught.value.status) == ("LIMIT_REACHED", 402)
        assert "tier free v1" in str(caught.value)

        with pytest.raises(Forbidden):
            it.program.billing.checkout("starter")
        page = it.owner.billing.checkout("starter").url
        assert page is not None
        paid = httpx.post(page, data={"card": "4242424242424242"}, trust_env=False)
        assert paid.status_code == 303

        def starter() -> bool | None:
            return it.owner.billing.status().tier == "starter" or None

        until("the tier is there", starter)
        assert it.owner.billing.status().access.state == "trial"
        it.program.posts.schedule(beyond.id, in_a_week())
        counted = it.owner.billing.usage().counters
        posts = counted["posts"]
        assert (posts.used, posts.limit) == (1, None), "what is paid for has a month of its own"
        assert counted["api_calls"].limit == 10_000
