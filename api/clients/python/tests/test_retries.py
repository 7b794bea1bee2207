"""What is tried again, when, and under which key."""

import socket
import uuid
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from standin import KEY, Answer, StandIn, post, problem

from herald_client import Conflict, Herald, PaymentRequired, RateLimited, Unavailable
from herald_client._wire import Call


def test_every_try_of_a_change_carries_the_same_key(server: StandIn) -> None:
    server.will(Answer(503), Answer(hang_up=True), Answer(201, post()), Answer(201, post()))
    with server.client() as herald:
        herald.posts.create("Fresh rolls", ["con_1"])
        herald.posts.create("Fresh rolls", ["con_1"])
    keys = [asked.headers["idempotency-key"] for asked in server.asked]
    assert len(set(keys[:3])) == 1, "one wish, one key"
    assert keys[3] != keys[0], "another wish, another key"
    assert str(uuid.UUID(keys[0])) == keys[0]


def test_a_given_key_is_the_one_that_is_sent(server: StandIn) -> None:
    server.will(Answer(500), Answer(200, post()), Answer(204))
    with server.client() as herald:
        herald.posts.publish("post_1", idempotency_key="mine")
        herald.keys.revoke("key_1", idempotency_key="mine-too")
    keys = [asked.headers["idempotency-key"] for asked in server.asked]
    assert keys == ["mine", "mine", "mine-too"]


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "käse"])
def test_a_key_that_no_header_carries_is_refused_before_it_is_sent(
    server: StandIn, key: str
) -> None:
    with server.client() as herald, pytest.raises(ValueError, match="idempotency_key"):
        herald.posts.publish("post_1", idempotency_key=key)
    assert server.asked == []


def test_pauses_double_up_to_a_bound(server: StandIn) -> None:
    server.will(*[Answer(502)] * 6, Answer(body=post()))
    with server.client(retries=6) as herald:
        herald.posts.get("post_1")
    assert server.slept == [0.5, 1, 2, 4, 8, 8]


def test_chance_only_shortens_a_pause_and_never_below_half(server: StandIn) -> None:
    server.will(Answer(502), Answer(body=post()))
    with server.client() as herald:
        herald._wire.chance = lambda: 0.0
        herald.posts.get("post_1")
    assert server.slept == [0.25]


def test_what_the_server_asks_for_is_the_least_pause(server: StandIn) -> None:
    server.will(Answer(429, headers={"Retry-After": "7"}), Answer(body=post()))
    with server.client() as herald:
        assert herald.posts.get("post_1").id == "post_1"
    assert server.slept == [7.5]


def test_the_server_may_name_a_date(server: StandIn) -> None:
    then = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=20), usegmt=True)
    server.will(Answer(503, headers={"Retry-After": then}), Answer(body=post()))
    with server.client() as herald:
        herald.posts.get("post_1")
    assert 15 < server.slept[0] <= 20.5


def test_nobody_is_kept_for_longer_than_a_minute(server: StandIn) -> None:
    server.will(Answer(429, headers={"Retry-After": "864000"}))
    with server.client() as herald, pytest.raises(RateLimited) as caught:
        herald.posts.publish("post_1")
    assert caught.value.retry_after == 864000
    assert (len(server.asked), server.slept) == (1, [])


def test_the_last_error_is_told_when_tries_run_out(server: StandIn) -> None:
    server.will(Answer(500), Answer(500), problem(503, "UNAVAILABLE", retryable=True))
    with server.client(retries=2) as herald, pytest.raises(Unavailable) as caught:
        herald.posts.get("post_1")
    assert (len(server.asked), caught.value.status) == (3, 503)


def test_no_retries_are_none(server: StandIn) -> None:
    server.will(Answer(503))
    with server.client(retries=0) as herald, pytest.raises(Unavailable):
        herald.posts.get("post_1")
    assert len(server.asked) == 1


def test_what_the_server_calls_final_is_not_tried_again(server: StandIn) -> None:
    server.will(problem(503, "NOT_CONFIGURED"))
    with server.client() as herald, pytest.raises(Unavailable) as caught:
        herald.billing.portal()
    assert (len(server.asked), caught.value.code) == (1, "NOT_CONFIGURED")


def test_a_conflict_is_tried_again_only_if_the_server_calls_it_passing(server: StandIn) -> None:
    passing = problem(409, "CONCURRENCY_CONFLICT", retryable=True)
    server.will(passing, Answer(body=post()), problem(409, "INVALID_STATE"))
    with server.client() as herald:
        herald.posts.cancel("post_1")
        with pytest.raises(Conflict):
            herald.posts.cancel("post_1")
    assert len(server.asked) == 3


def test_a_limit_of_the_tier_does_not_pass_in_seconds(server: StandIn) -> None:
    server.will(problem(402, "LIMIT_REACHED", retryable=True))
    with server.client() as herald, pytest.raises(PaymentRequired):
        herald.posts.publish("post_1")
    assert len(server.asked) == 1


def test_a_change_without_a_key_is_never_tried_again(server: StandIn) -> None:
    server.will(Answer(503), Answer(hang_up=True))
    with server.client() as herald:
        for _ in range(2):
            with pytest.raises(Unavailable):
                herald._wire.send(Call("POST", "/posts", lambda it: it, body={}))
    assert len(server.asked) == 2


def test_where_nobody_listens_it_is_tried_again_and_then_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        slept: list[float] = []
        with Herald(KEY, f"http://127.0.0.1:{port}", retries=2) as herald:
            herald._wire.sleep = slept.append
            with pytest.raises(Unavailable) as caught:
                herald.posts.publish("post_1")
    assert (caught.value.code, caught.value.status, caught.value.retryable) == (
        "NOT_REACHED",
        None,
        True,
    )
    assert len(slept) == 2


def test_a_server_that_is_silent_is_not_waited_for_for_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        herald = Herald(KEY, f"http://127.0.0.1:{port}", timeout=0.05, retries=0)
        with herald, pytest.raises(Unavailable) as caught:
            herald.posts.get("post_1")
    assert caught.value.code == "TIMEOUT"
