"""Where the key and the address come from."""

import pytest
from standin import KEY, Answer, StandIn, post

from herald_client import Herald


def test_without_a_key_one_is_told_how_to_get_one() -> None:
    for key in (None, "", "  "):
        with pytest.raises(ValueError, match="HERALD_API_KEY.*issueApiKey"):
            Herald(key)


def test_key_and_address_come_from_the_surroundings(
    server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERALD_API_KEY", f"{KEY}\n")
    monkeypatch.setenv("HERALD_API_BASE", f"{server.url}/")
    server.will(Answer(body=post()))
    with Herald() as herald:
        herald.posts.get("post_1")
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert server.asked[0].path == "/posts/post_1"


def test_arguments_win_over_the_surroundings(
    server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERALD_API_KEY", "herald_sk_dev_other")
    monkeypatch.setenv("HERALD_API_BASE", "http://127.0.0.1:9")
    server.will(Answer(body=post()))
    with Herald(KEY, server.url) as herald:
        herald.posts.get("post_1")
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"


def test_without_an_address_it_is_this_machine() -> None:
    with Herald(KEY) as herald:
        assert repr(herald) == "Herald(base_url='http://127.0.0.1:8080')"


def test_a_base_with_a_path_keeps_it(server: StandIn) -> None:
    server.will(Answer(body=post()))
    with Herald(KEY, f"{server.url}/herald/") as herald:
        herald.posts.get("post_1")
    assert server.asked[0].path == "/herald/posts/post_1"


@pytest.mark.parametrize(
    "base", ["herald.example.org", "ftp://example.org", "http://", "http://a:b@example.org"]
)
def test_what_is_no_address_is_refused_at_once(base: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        Herald(KEY, base)


def test_the_account_is_named_where_one_is_given(server: StandIn) -> None:
    server.will(Answer(body=post()), Answer(body=post()))
    with server.client(account="acc_1") as herald:
        herald.posts.get("post_1")
    with server.client() as herald:
        herald.posts.get("post_1")
    named = [asked.headers.get("herald-account") for asked in server.asked]
    assert named == ["acc_1", None]
