"""The client against the real server, in sandbox mode. HERALD_BINARY names the program."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import httpx
import pytest
from installation import Installation, Resident, until

from herald_client import Forbidden, Herald, Invalid, NotFound, Post, Unauthenticated

BINARY = os.environ.get("HERALD_BINARY")

pytestmark = pytest.mark.skipif(
    not BINARY, reason="HERALD_BINARY is not set: it names the server to try the client against"
)

#: Every route that the client uses.
ROUTES = [
    ("get", "/auth/me"),
    ("get", "/billing/status"),
    ("get", "/billing/usage"),
    ("post", "/billing/checkout"),
    ("post", "/billing/portal"),
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
    """An account with a connection to X: its owner's client, and a program's with a key."""

    url: str
    account: str
    connection: str
    owner: Herald
    program: Herald

    def write(self, text: str, **more: str) -> Post:
        return self.program.posts.create(text, [self.connection], **more)


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bakery]:
    binary = Path(BINARY or "").resolve()
    assert os.access(binary, os.X_OK) and binary.is_file(), f"HERALD_BINARY is no program: {binary}"
    with ExitStack() as stack:
        house = Installation(binary, tmp_path_factory.mktemp("herald"))
        stack.callback(house.stop)
        resident = stack.enter_context(closing(Resident(house)))
        resident.move_in()
        connection = resident.connect()
        owner = Herald(resident.session, house.url, account=resident.account)
        stack.enter_context(owner)
        issued = owner.keys.generate("the tests' own")
        assert issued.key is not None
        program = stack.enter_context(Herald(issued.key, house.url))
        yield Bakery(house.url, resident.account, connection, owner, program)


def in_a_week() -> datetime:
    return datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=7)


def test_every_route_that_is_used_is_described(bakery: Bakery) -> None:
    described = httpx.get(f"{bakery.url}/openapi.json", trust_env=False).json()["paths"]
    assert [route for route in ROUTES if route[0] not in described.get(route[1], {})] == []


def test_a_person_sees_where_they_may_act(bakery: Bakery) -> None:
    (account,) = bakery.owner.me().accounts
    assert (account.account, account.role) == (bakery.account, "owner")
    assert account.business == "Corner Bakery"


def test_the_connection_becomes_active(bakery: Bakery) -> None:
    def active() -> str | None:
        return next((it.handle for it in bakery.program.connections.list(status="active")), None)

    assert until("the connection is active", active).lstrip("@") == "sandbox_bakery"
    (connection,) = bakery.program.connections.list()
    assert (connection.id, connection.network) == (bakery.connection, "x")


def test_a_post_is_written_scheduled_and_given_up(bakery: Bakery) -> None:
    test_the_connection_becomes_active(bakery)
    post = bakery.write("Fresh rolls from 7!")
    assert (post.status, post.text) == ("draft", "Fresh rolls from 7!")
    assert [target.connection for target in post.targets] == [bakery.connection]
    at = in_a_week()
    scheduled = bakery.program.posts.schedule(post.id, at)
    assert (scheduled.status, scheduled.scheduled_at) == ("scheduled", at)
    assert bakery.program.posts.get(post.id) == scheduled
    assert post.id in {it.id for it in bakery.program.posts.list(status="scheduled")}
    assert bakery.program.posts.cancel(post.id).status == "canceled"
    assert post.id not in {it.id for it in bakery.program.posts.list(status="scheduled")}


def test_a_time_on_the_clock_becomes_an_instant(bakery: Bakery) -> None:
    test_the_connection_becomes_active(bakery)
    post = bakery.write("Breakfast")
    noon = datetime(in_a_week().year + 1, 1, 15, 12)
    scheduled = bakery.program.posts.schedule(post.id, local=noon, zone="Europe/Berlin")
    assert scheduled.scheduled_at == noon.replace(hour=11, tzinfo=timezone.utc)
    bakery.program.posts.cancel(post.id)


def test_a_post_is_published(bakery: Bakery) -> None:
    test_the_connection_becomes_active(bakery)
    post = bakery.write("We are open")
    bakery.program.posts.publish(post.id)

    def published() -> Post | None:
        found = bakery.program.posts.get(post.id)
        assert found.status not in ("failed", "partial", "needs_attention"), found
        return found if found.status == "published" else None

    assert [it.status for it in until("it is out", published).targets] == ["published"]
    usage = bakery.program.billing.usage()
    assert usage.counters["posts"].used >= 1
    assert usage.period_start < usage.resets_at


def test_the_same_key_writes_one_post(bakery: Bakery) -> None:
    first = bakery.write("Once", idempotency_key="once-and-for-all")
    again = bakery.write("Once", idempotency_key="once-and-for-all")
    assert again.id == first.id
    with pytest.raises(Invalid) as caught:
        bakery.write("Another", idempotency_key="once-and-for-all")
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


def test_there_are_no_plans_yet(bakery: Bakery) -> None:
    assert [*bakery.program.plans.list()] == []


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
        assert [*reader.posts.list()] == [*bakery.program.posts.list()]
        with pytest.raises(Forbidden):
            reader.posts.create("Hi", [bakery.connection])
    bakery.owner.keys.revoke(issued.id)


def test_an_account_knows_what_it_may_use(bakery: Bakery) -> None:
    status = bakery.owner.billing.status()
    assert status.tier and status.access.state
    assert status.period_start < status.period_end
    assert "posts_per_month" in status.limits


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
    with Herald("herald_sk_dev_" + "0" * 38, bakery.url) as stranger:
        with pytest.raises(Unauthenticated):
            stranger.posts.page()
