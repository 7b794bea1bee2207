"""Every refusal has a class, a stable code, and says what is at fault."""

import pickle

import pytest
from standin import Answer, StandIn, post, problem

import herald_client
from herald_client import HeraldError, Invalid, RateLimited, Unauthenticated, Unavailable


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "Invalid"),
        (401, "Unauthenticated"),
        (402, "PaymentRequired"),
        (403, "Forbidden"),
        (404, "NotFound"),
        (409, "Conflict"),
        (413, "Invalid"),
        (415, "Invalid"),
        (422, "Invalid"),
        (429, "RateLimited"),
        (500, "Unavailable"),
        (502, "Unavailable"),
        (503, "Unavailable"),
        (302, "HeraldError"),
        (418, "HeraldError"),
    ],
)
def test_each_status_has_its_class(server: StandIn, status: int, kind: str) -> None:
    server.will(problem(status, "SOME_CODE"))
    with server.client(retries=0) as herald, pytest.raises(HeraldError) as caught:
        herald.posts.get("post_1")
    assert type(caught.value) is getattr(herald_client, kind)
    assert (caught.value.status, caught.value.code) == (status, "SOME_CODE")


def test_a_problem_is_told_whole(server: StandIn) -> None:
    server.will(problem(422, "VALIDATION", field="limit", detail="ask for 1 to 100"))
    with server.client() as herald, pytest.raises(Invalid) as caught:
        herald.posts.page(limit=1000)
    error = caught.value
    assert (error.field, error.detail) == ("limit", "ask for 1 to 100")
    assert (error.retryable, error.request_id) == (False, "req-7")
    assert str(error) == "VALIDATION (limit): ask for 1 to 100 [request req-7]"


def test_a_problem_without_a_code_gets_its_status_code(server: StandIn) -> None:
    kind = "https://iana.org/assignments/http-problem-types#quota-exceeded"
    body = {"type": kind, "title": "Too much", "status": 429, "violated-policies": ["month"]}
    server.will(Answer(429, body, {"Retry-After": "9000"}))
    with server.client() as herald, pytest.raises(RateLimited) as caught:
        herald.posts.get("post_1")
    error = caught.value
    assert (error.code, error.detail, error.retryable) == ("RATE_LIMITED", "Too much", True)
    assert (error.retry_after, error.policies) == (9000, ("month",))


def test_what_a_proxy_says_in_html_is_an_error_like_another(server: StandIn) -> None:
    server.will(Answer(502, "<h1>Bad gateway</h1>"))
    with server.client(retries=0) as herald, pytest.raises(Unavailable) as caught:
        herald.posts.get("post_1")
    assert (caught.value.code, caught.value.detail) == ("UNAVAILABLE", "Bad Gateway")


@pytest.mark.parametrize(
    "body", ["<html>", "[]", "null", "{}", '{"id": "post_1", "targets": 7}', ""]
)
def test_an_answer_that_makes_no_sense_is_an_error_not_a_crash(server: StandIn, body: str) -> None:
    server.will(Answer(200, body))
    with server.client() as herald, pytest.raises(HeraldError) as caught:
        herald.posts.get("post_1")
    assert caught.value.code == "UNEXPECTED_ANSWER"
    assert len(server.asked) == 1


@pytest.mark.parametrize("waits", ["soon", "", "-1", "²", "9" * 400, "Mon, 99 Foo 2026"])
def test_a_problem_that_makes_no_sense_is_still_an_error(server: StandIn, waits: str) -> None:
    body = {"code": 7, "detail": ["no"], "field": {}, "violated-policies": 3}
    server.will(Answer(429, body, {"Retry-After": waits.encode().decode("latin-1")}))
    with server.client(retries=0) as herald, pytest.raises(RateLimited) as caught:
        herald.posts.get("post_1")
    assert (caught.value.code, caught.value.policies) == ("7", ())
    assert caught.value.retry_after is None


def test_no_redirect_is_followed(server: StandIn) -> None:
    server.will(Answer(307, headers={"Location": "/elsewhere"}), Answer(body=post()))
    with server.client() as herald, pytest.raises(HeraldError) as caught:
        herald.posts.get("post_1")
    assert (caught.value.status, len(server.asked)) == (307, 1)


def test_an_error_survives_the_way_between_processes(server: StandIn) -> None:
    server.will(problem(401, "UNAUTHENTICATED"))
    with server.client() as herald, pytest.raises(Unauthenticated) as caught:
        herald.me()
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), vars(copy)) == (Unauthenticated, vars(caught.value))
