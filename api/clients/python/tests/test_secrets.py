"""The key is shown to the server and to nobody else."""

import logging
import traceback

import pytest
from standin import KEY, Answer, StandIn, problem

from herald_client import Herald, HeraldError, IssuedKey


def everything_about(error: BaseException) -> str:
    """As the most talkative error reporter has it: with the values of all variables."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    own = "".join(told.format())
    return f"{own} {error!r} {error} {vars(error)}"


def test_no_object_shows_the_key() -> None:
    with Herald(KEY, account="acc_1") as herald:
        shown = [repr(herald), str(herald), repr(herald._wire._bearer), repr(vars(herald))]
        shown.append(repr(vars(herald._wire)))
        shown.append(repr(herald._wire._http.headers))
    assert not [text for text in shown if KEY in text]


def test_an_error_shows_no_key_even_if_the_answer_repeats_it(server: StandIn) -> None:
    server.will(problem(403, "FORBIDDEN", detail=f"the key {KEY} may not"))
    with server.client() as herald, pytest.raises(HeraldError) as caught:
        herald.posts.get("post_1")
    assert caught.value.detail == "the key … may not"


def test_a_lost_connection_shows_no_key(server: StandIn) -> None:
    server.will(Answer(hang_up=True))
    with server.client(retries=0) as herald:
        try:
            herald.posts.get("post_1")
        except HeraldError as error:
            assert error.__context__ is None, "what came before holds the request"
            told = everything_about(error)
    assert "NOT_REACHED" in told and KEY not in told


@pytest.mark.parametrize("odd", [f"{KEY}\nx", f"{KEY} x", f"{KEY}ä", f"{KEY}\x00"])
def test_a_key_that_no_header_carries_is_refused_without_repeating_it(odd: str) -> None:
    with pytest.raises(ValueError, match="visible ASCII") as caught:
        Herald(odd)
    assert KEY not in str(caught.value)


def test_logs_show_no_key(server: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.will(Answer(204))
    with server.client() as herald:
        herald.keys.revoke("key_1")
    assert caplog.text and KEY not in caplog.text


def test_a_new_key_is_told_but_not_shown(server: StandIn) -> None:
    server.will(Answer(201, {"id": "key_1", "key": KEY}))
    with server.client() as herald:
        issued = herald.keys.generate("bot")
    assert issued == IssuedKey("key_1", KEY)
    assert KEY not in repr(issued)
