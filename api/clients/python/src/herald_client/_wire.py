"""How calls travel: the key, the tries and their pauses, and what an answer means."""

from __future__ import annotations

import email.utils
import random
import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Generic, TypeVar

import httpx

from .errors import HeraldError, Unavailable, kind_of

T = TypeVar("T")

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 8.0
#: Seconds. When the server asks for more, the caller is told instead of being kept.
LONGEST_WAIT = 60.0

_VISIBLE = re.compile(r"[!-~]+")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def visible(what: str, text: str) -> str:
    """`text`, which is to be a header's value. The message does not repeat it: it may be a key."""
    if not _VISIBLE.fullmatch(text):
        raise ValueError(f"{what} must be visible ASCII without spaces")
    return text


def path(*parts: str) -> str:
    """A path; an id in it cannot lead elsewhere."""
    for part in parts:
        if not _ID.fullmatch(part):
            raise ValueError(f"{part!r} is no id")
    return "/" + "/".join(parts)


@dataclass(frozen=True)
class Call(Generic[T]):
    """One call, and how its answer is read. With an idempotency key it may be repeated."""

    method: str
    path: str
    read: Callable[[Any], T]
    params: Mapping[str, str | int] | None = None
    body: Mapping[str, Any] | None = None
    idempotency_key: str | None = None

    @property
    def repeatable(self) -> bool:
        return self.method == "GET" or self.idempotency_key is not None


def ask(
    path: str, read: Callable[[Any], T], params: Mapping[str, str | int | None] | None = None
) -> Call[T]:
    """A call that changes nothing."""
    given = {name: value for name, value in (params or {}).items() if value is not None}
    return Call("GET", path, read, params=given)


def tell(
    path: str,
    read: Callable[[Any], T],
    body: Mapping[str, Any] | None = None,
    *,
    key: str | None,
    method: str = "POST",
) -> Call[T]:
    """A call that changes something. Its idempotency key is drawn where none is given, once for
    all its tries."""
    key = str(uuid.uuid4()) if key is None else visible("idempotency_key", key)
    given = {name: value for name, value in (body or {}).items() if value is not None}
    sent = given if method == "POST" else None
    return Call(method, path, read, body=sent, idempotency_key=key)


class Bearer(httpx.Auth):
    """Shows the key to the server, and to nobody else."""

    def __init__(self, key: str) -> None:
        self._key = visible("the API key", key)

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["Authorization"] = f"Bearer {self._key}"
        yield request

    def conceal(self, text: str) -> str:
        return text.replace(self._key, "…")

    def __repr__(self) -> str:
        return "Bearer(…)"


class Wire:
    """Sends calls, again where that is safe and of use."""

    def __init__(self, http: httpx.Client, bearer: Bearer, retries: int) -> None:
        self._http = http
        self._bearer = bearer
        self._retries = retries
        self.sleep: Callable[[float], None] = time.sleep
        self.chance: Callable[[], float] = random.random

    def send(self, call: Call[T]) -> T:
        tries = 0
        while True:
            try:
                return self._try(call)
            except HeraldError as error:
                worth_it = call.repeatable and tries < self._retries and _is_passing(error)
                if not worth_it or (error.retry_after or 0) > LONGEST_WAIT:
                    raise
                pause = _pause(tries, error.retry_after, self.chance())
            tries += 1
            self.sleep(pause)

    def close(self) -> None:
        self._http.close()

    def _try(self, call: Call[T]) -> T:
        headers = {"Idempotency-Key": call.idempotency_key} if call.idempotency_key else {}
        try:
            answer = self._http.request(
                call.method, call.path, params=call.params, json=call.body, headers=headers
            )
        except httpx.RequestError as error:
            unanswered = self._unanswered(error)
        else:
            return self._read(call, answer)
        # Out of reach of its cause, which holds the request and so the key.
        raise unanswered

    def _unanswered(self, error: httpx.RequestError) -> HeraldError:
        code = "TIMEOUT" if isinstance(error, httpx.TimeoutException) else "NOT_REACHED"
        detail = self._bearer.conceal(f"no answer: {type(error).__name__}: {error}")
        return Unavailable(code, detail, retryable=isinstance(error, httpx.TransportError))

    def _read(self, call: Call[T], answer: httpx.Response) -> T:
        if not answer.is_success:
            raise self._problem(answer)
        try:
            return call.read(answer.json() if answer.content else None)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            told = f"the answer to {call.method} {call.path} is not as documented: {error!r}"
            raise HeraldError(
                "UNEXPECTED_ANSWER",
                self._bearer.conceal(told),
                status=answer.status_code,
                request_id=answer.headers.get("x-request-id"),
            ) from None

    def _problem(self, answer: httpx.Response) -> HeraldError:
        kind, code = kind_of(answer.status_code)
        problem = _problem_of(answer)
        detail = problem.get("detail") or problem.get("title") or answer.reason_phrase
        passing = answer.status_code in (408, 429) or answer.status_code >= 500
        field, policies = problem.get("field"), problem.get("violated-policies")
        return kind(
            str(problem.get("code") or code),
            self._bearer.conceal(str(detail)),
            status=answer.status_code,
            field=None if field is None else str(field),
            retryable=bool(problem.get("retryable", passing)),
            retry_after=_retry_after(answer.headers.get("retry-after")),
            policies=tuple(map(str, policies)) if isinstance(policies, list) else (),
            request_id=answer.headers.get("x-request-id"),
        )


def _is_passing(error: HeraldError) -> bool:
    """Is trying again of use now? A limit of the tier (402) may pass too, but not in seconds."""
    return error.retryable and (error.status in (None, 408, 409, 429) or (error.status or 0) >= 500)


def _pause(tries: int, retry_after: float | None, chance: float) -> float:
    """Seconds before the next try. What the server asks for is the least; chance spreads callers
    that were turned away together."""
    if retry_after is not None:
        return retry_after + FIRST_PAUSE * chance
    longest = min(FIRST_PAUSE * 2.0**tries, LONGEST_PAUSE)
    return longest * (0.5 + chance / 2)


def _retry_after(header: str | None) -> float | None:
    """Seconds, or a date, as RFC 9110 allows."""
    if header is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", header):
        return float(header)
    try:
        at = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=timezone.utc)
    return max(0.0, (at - datetime.now(timezone.utc)).total_seconds())


def _problem_of(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        problem = answer.json()
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}
