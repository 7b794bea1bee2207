"""The front door."""

from __future__ import annotations

import os
import platform
from types import TracebackType

import httpx

from ._wire import Bearer, Wire, ask, visible
from .models import Me
from .resources import Billing, Connections, Keys, Plans, Posts

VERSION = "0.1.0"
DEFAULT_BASE_URL = "http://127.0.0.1:8080"


class Herald:
    """A client of Herald's REST API, for one thread or many.

        with Herald() as herald:
            post = herald.posts.create("Fresh rolls from 7!", connections=["con_…"])
            herald.posts.publish(post.id)

    Args:
        api_key: The key, or a person's session; else HERALD_API_KEY. Keys cannot see or manage
            keys, bills and people: for that, sign in and pass the session.
        base_url: Where Herald serves; else HERALD_API_BASE, else http://127.0.0.1:8080.
        account: The account to act in, for a person who takes part in several. A key knows its own.
        timeout: Seconds that connecting, sending and each part of the answer may take.
        retries: How often a call is sent again that found nobody, or too much to do. Calls that
            change something carry an idempotency key, so none is followed twice.

    Raises:
        ValueError: There is no key, or an argument makes no sense.
    """

    posts: Posts
    plans: Plans
    connections: Connections
    keys: Keys
    billing: Billing

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        account: str | None = None,
        timeout: float = 30.0,
        retries: int = 3,
    ) -> None:
        bearer = Bearer(_key(api_key))
        if retries < 0:
            raise ValueError("retries must not be negative")
        headers = {"Accept": "application/json", "User-Agent": _user_agent()}
        if account is not None:
            headers["Herald-Account"] = visible("account", account)
        self._base_url = _base_url(base_url)
        http = httpx.Client(base_url=self._base_url, timeout=timeout, headers=headers, auth=bearer)
        self._wire = Wire(http, bearer, retries)
        self.posts = Posts(self._wire)
        self.plans = Plans(self._wire)
        self.connections = Connections(self._wire)
        self.keys = Keys(self._wire)
        self.billing = Billing(self._wire)

    def me(self) -> Me:
        """Who asks, and where they may act: a person with a session, or a program with a key."""
        return self._wire.send(ask("/auth/me", Me.read))

    def close(self) -> None:
        """Gives the connections back. The client cannot be used afterwards."""
        self._wire.close()

    def __enter__(self) -> Herald:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Herald(base_url={self._base_url!r})"


def _key(given: str | None) -> str:
    key = (given or os.environ.get("HERALD_API_KEY") or "").strip()
    if not key:
        raise ValueError(
            "an API key is needed: set HERALD_API_KEY or pass api_key. An owner or admin of the "
            "account issues one with the mutation issueApiKey or POST /api-keys/generate"
        )
    return key


def _base_url(given: str | None) -> str:
    text = (given or os.environ.get("HERALD_API_BASE") or DEFAULT_BASE_URL).strip().rstrip("/")
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ValueError(f"base_url is no address: {error}") from None
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.query:
        raise ValueError(
            "base_url must be like https://herald.example.org: http or https, a host, and neither "
            "a password nor a query"
        )
    return text


def _user_agent() -> str:
    return f"herald-client/{VERSION} python/{platform.python_version()}"
