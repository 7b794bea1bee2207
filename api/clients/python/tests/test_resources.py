"""What each call sends, and how its answer is read."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from standin import Answer, StandIn, post

from herald_client import Counter, Herald, Me, Membership, Money

UTC = timezone.utc
AT = "2026-11-21T09:00:00.000001Z"
PLAN = {
    "id": "plan_1",
    "status": "in_review",
    "plan": {"revision": 3, "hash": "ab" * 32},
    "created_at": AT,
    "updated_at": AT,
}
MONEY = {"minor": 2900, "currency": "USD"}
STATUS = {
    "tier": "starter",
    "tier_version": 1,
    "access": {"state": "grace", "until": AT},
    "period_start": AT,
    "period_end": AT,
    "limits": {"seats": 3, "networks": None},
}
PAGE = {"url": "https://pay.example/1", "expires_at": AT}


@pytest.mark.parametrize(
    ("call", "method", "path", "body", "answer"),
    [
        (
            lambda it: it.posts.create("Hi", ["con_1"]),
            "POST",
            "/posts",
            {"text": "Hi", "connections": ["con_1"], "thread": [], "made_with_ai": False},
            post(),
        ),
        (
            lambda it: it.posts.create(
                "Hi", ("con_1",), thread=["2"], first_comment="c", made_with_ai=True
            ),
            "POST",
            "/posts",
            {
                "text": "Hi",
                "connections": ["con_1"],
                "thread": ["2"],
                "first_comment": "c",
                "made_with_ai": True,
            },
            post(),
        ),
        (lambda it: it.posts.get("post_1"), "GET", "/posts/post_1", None, post()),
        (
            lambda it: it.posts.schedule("post_1", datetime(2031, 3, 3, 7, tzinfo=UTC)),
            "POST",
            "/posts/post_1/schedule",
            {"at": "2031-03-03T07:00:00+00:00"},
            post(),
        ),
        (
            lambda it: it.posts.schedule(
                "post_1", local=datetime(2031, 3, 3, 7), zone=ZoneInfo("Europe/Berlin")
            ),
            "POST",
            "/posts/post_1/schedule",
            {"local": "2031-03-03T07:00:00", "zone": "Europe/Berlin"},
            post(),
        ),
        (lambda it: it.posts.publish("post_1"), "POST", "/posts/post_1/publish", {}, post()),
        (lambda it: it.posts.cancel("post_1"), "POST", "/posts/post_1/cancel", {}, post()),
        (lambda it: it.plans.get("plan_1"), "GET", "/plans/plan_1", None, PLAN),
        (lambda it: it.plans.generate("plan_1"), "POST", "/plans/plan_1/generate", {}, PLAN),
        (
            lambda it: it.plans.approve("plan_1", revision=3, content_hash="ab"),
            "POST",
            "/plans/plan_1/approve",
            {"revision": 3, "content_hash": "ab"},
            PLAN,
        ),
        (
            lambda it: it.plans.materialize("plan_1", schedule=False),
            "POST",
            "/plans/plan_1/materialize",
            {"schedule": False},
            PLAN,
        ),
        (
            lambda it: it.keys.generate("bot"),
            "POST",
            "/api-keys/generate",
            {"name": "bot"},
            {"id": "key_1", "key": None},
        ),
        (
            lambda it: it.keys.generate(
                "bot", scopes=["read"], expires_at=datetime(2027, 1, 1, tzinfo=UTC)
            ),
            "POST",
            "/api-keys/generate",
            {"name": "bot", "scopes": ["read"], "expires_at": "2027-01-01T00:00:00+00:00"},
            {"id": "key_1", "key": None},
        ),
        (lambda it: it.keys.revoke("key_1"), "DELETE", "/api-keys/key_1", None, None),
        (
            lambda it: it.billing.checkout("starter"),
            "POST",
            "/billing/checkout",
            {"tier": "starter", "interval": "month"},
            PAGE,
        ),
        (
            lambda it: it.billing.preview_change("professional"),
            "GET",
            "/billing/preview",
            None,
            {"due": MONEY, "subtotal": MONEY, "tax": MONEY, "lines": []},
        ),
        (
            lambda it: it.billing.change("professional", interval="year"),
            "POST",
            "/billing/change",
            {"tier": "professional", "interval": "year"},
            STATUS,
        ),
        (
            lambda it: it.billing.cancel(),
            "POST",
            "/billing/cancel",
            {"at": "period_end"},
            STATUS,
        ),
        (
            lambda it: it.billing.cancel(now=True),
            "POST",
            "/billing/cancel",
            {"at": "now"},
            STATUS,
        ),
        (lambda it: it.billing.resume(), "POST", "/billing/resume", {}, STATUS),
        (
            lambda it: it.billing.portal(return_url="https://example.org"),
            "POST",
            "/billing/portal",
            {"return_url": "https://example.org"},
            PAGE,
        ),
    ],
)
def test_each_call_asks_as_the_api_takes_it(
    server: StandIn,
    call: Callable[[Herald], object],
    method: str,
    path: str,
    body: dict[str, Any] | None,
    answer: dict[str, Any] | None,
) -> None:
    server.will(Answer(204) if answer is None else Answer(200, answer))
    with server.client() as herald:
        call(herald)
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.body or {}) == (method, path, body or {})
    assert ("idempotency-key" in asked.headers) == (method != "GET")
    assert asked.headers["user-agent"].startswith("herald-client/")


def test_a_post_is_read_with_its_times_and_targets(server: StandIn) -> None:
    server.will(Answer(body=post(scheduled_at="2031-03-03T06:00:00.000000Z", added_later=1)))
    with server.client() as herald:
        found = herald.posts.get("post_1")
    assert found.scheduled_at == datetime(2031, 3, 3, 6, tzinfo=UTC)
    assert found.created_at.utcoffset() == timedelta(0)
    assert [(it.connection, it.network, it.status) for it in found.targets] == [
        ("con_1", "x", "idle")
    ]


def test_a_plan_says_what_an_approval_names(server: StandIn) -> None:
    server.will(Answer(body=PLAN))
    with server.client() as herald:
        plan = herald.plans.get("plan_1")
    assert (plan.revision, plan.content_hash) == (3, "ab" * 32)


def test_use_is_read_by_counter(server: StandIn) -> None:
    counters = [
        {"counter": "posts", "limit": 30, "used": 4, "held": 0, "breakdown": {}},
        {
            "counter": "api_calls",
            "limit": None,
            "used": 9,
            "held": 5,
            "breakdown": {"key_1": 9},
            "used_of_packs": 3,
            "left_of_packs": 7,
        },
    ]
    body = {"period_start": AT, "resets_at": AT, "counters": counters}
    server.will(Answer(body=body))
    with server.client() as herald:
        usage = herald.billing.usage()
    assert usage.counters["posts"] == Counter(used=4, held=0, limit=30, breakdown={})
    calls = usage.counters["api_calls"]
    assert (calls.limit, calls.used_of_packs, calls.left_of_packs) == (None, 3, 7)


def test_what_an_account_pays_for_is_read(server: StandIn) -> None:
    change = {"tier": "free", "tier_version": 1, "effective_at": AT}
    problem = {"what": "plan_change", "code": "card_declined", "at": AT}
    server.will(Answer(body={**STATUS, "change": change, "problem": problem}))
    with server.client() as herald:
        status = herald.billing.status()
    assert (status.access.state, status.access.ends_at) == ("grace", None)
    assert status.access.until is not None
    assert status.limits == {"seats": 3, "networks": None}
    assert status.change is not None and status.change.tier == "free"
    assert status.problem is not None and status.problem.code == "card_declined"


def invoice(which: int, **more: object) -> dict[str, object]:
    known = {"id": f"in_{which}", "status": "paid", "created_at": AT}
    return {**known, "total": MONEY, "tax": MONEY, "paid": MONEY, **more}


def test_bills_are_read_to_the_last_page_and_their_addresses_are_not_printed(
    server: StandIn,
) -> None:
    page = "https://pay.example/CANARY"
    server.will(
        Answer(body={"items": [invoice(2, page_url=page, paid_at=AT)], "next": "in_2"}),
        Answer(body={"items": [invoice(1, status="draft", number=None)]}),
    )
    with server.client() as herald:
        newest, oldest = herald.billing.invoices()
    assert (newest.total, newest.page_url) == (Money(2900, "USD"), page)
    assert newest.paid_at is not None and "CANARY" not in repr(newest)
    assert (oldest.status, oldest.number, oldest.pdf_url) == ("draft", None, None)
    assert [asked.path for asked in server.asked] == ["/billing/invoices"] * 2
    assert [asked.query for asked in server.asked] == [
        {"limit": "50"},
        {"limit": "50", "after": "in_2"},
    ]


def test_a_page_that_is_not_open_yet_has_no_address(server: StandIn) -> None:
    server.will(Answer(202, {"url": None}))
    with server.client() as herald:
        assert herald.billing.checkout("starter").url is None


def test_who_is_signed_in_is_read_with_their_accounts(server: StandIn) -> None:
    account = {"account": "acc_1", "member": "mem_1", "role": "owner", "business": None}
    server.will(Answer(body={"identity": "idn_1", "issuer": "local", "accounts": [account]}))
    with server.client() as herald:
        assert herald.me().accounts == (Membership("acc_1", "mem_1", "owner", None),)


def test_a_program_learns_which_key_it_has_and_where_it_acts(server: StandIn) -> None:
    server.will(Answer(body={"api_key": "key_1", "account": "acc_1"}))
    with server.client() as herald:
        assert herald.me() == Me(api_key="key_1", account="acc_1")


def test_a_list_goes_on_to_the_next_page_as_far_as_it_is_read(server: StandIn) -> None:
    server.will(
        Answer(body={"items": [post(3), post(2)], "next": "1~post_2"}),
        Answer(body={"items": [post(1)]}),
    )
    with server.client() as herald:
        posts = herald.posts.list(status="draft")
        assert server.asked == []
        assert [next(posts).id, next(posts).id] == ["post_3", "post_2"]
        assert len(server.asked) == 1
        assert [it.id for it in posts] == ["post_1"]
    first, second = (asked.query for asked in server.asked)
    assert first == {"limit": "100", "status": "draft"}
    assert second == {"limit": "100", "status": "draft", "after": "1~post_2"}


def test_a_page_on_the_way_is_tried_again_without_losing_the_place(server: StandIn) -> None:
    server.will(
        Answer(body={"items": [post(2)], "next": "here"}),
        Answer(503),
        Answer(body={"items": [post(1)]}),
    )
    with server.client() as herald:
        assert [it.id for it in herald.posts.list()] == ["post_2", "post_1"]
    assert [asked.query.get("after") for asked in server.asked] == [None, "here", "here"]


def test_a_page_by_itself_says_where_the_next_begins(server: StandIn) -> None:
    server.will(Answer(body={"items": [post()], "next": "here"}))
    with server.client() as herald:
        page = herald.posts.page(limit=1, after="there")
    assert (len(page.items), page.next) == (1, "here")
    assert server.asked[0].query == {"limit": "1", "after": "there"}


@pytest.mark.parametrize(
    ("lister", "path"),
    [
        (lambda it: it.posts.list(), "/posts"),
        (lambda it: it.plans.list(), "/plans"),
        (lambda it: it.connections.list(), "/connections"),
        (lambda it: it.keys.list(), "/api-keys/list"),
        (lambda it: it.billing.invoices(), "/billing/invoices"),
    ],
)
def test_an_empty_list_ends_at_once(
    server: StandIn, lister: Callable[[Herald], Any], path: str
) -> None:
    server.will(Answer(body={"items": []}))
    with server.client() as herald:
        assert [*lister(herald)] == []
    assert server.asked[0].path == path


@pytest.mark.parametrize("odd", ["", ".", "..", "../plans", "a/b", "a?b", "a b"])
def test_what_is_no_id_leads_nowhere(server: StandIn, odd: str) -> None:
    with server.client() as herald:
        for call in (herald.posts.get, herald.posts.publish, herald.keys.revoke):
            with pytest.raises(ValueError, match="no id"):
                call(odd)
    assert server.asked == []


@pytest.mark.parametrize(
    "when",
    [
        {},
        {"at": datetime(2031, 3, 3, 7)},
        {"local": "2031-03-03T07:00"},
        {"zone": "Europe/Berlin"},
        {"local": datetime(2031, 3, 3, 7, tzinfo=UTC), "zone": "Europe/Berlin"},
        {"at": datetime(2031, 3, 3, 7, tzinfo=UTC), "zone": "Europe/Berlin"},
    ],
)
def test_a_time_that_could_mean_two_things_is_refused(server: StandIn, when: Any) -> None:
    with server.client() as herald, pytest.raises(ValueError):
        herald.posts.schedule("post_1", **when)
    assert server.asked == []


def test_a_text_where_a_list_belongs_is_refused(server: StandIn) -> None:
    with server.client() as herald:
        with pytest.raises(TypeError, match="lists"):
            herald.posts.create("Hi", "con_1")
        with pytest.raises(TypeError, match="list"):
            herald.keys.generate("bot", scopes="read")
    assert server.asked == []
