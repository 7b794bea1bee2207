"""What can be done, by what it is done to.

Every call that changes something takes an `idempotency_key`: the same key and input again change
nothing and answer how things stand. Without one the client draws one for each call, so that its own
retries are safe; give your own to make retries of *yours* safe too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone, tzinfo
from typing import Any, TypeVar

from ._wire import Wire, ask, path, tell
from .models import (
    BillingStatus,
    Connection,
    Invoice,
    IssuedKey,
    Key,
    OpenedPage,
    Page,
    Plan,
    Post,
    Preview,
    Usage,
)

T = TypeVar("T")


class _Resource:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def _page(
        self,
        path: str,
        read: Callable[[Any], T],
        after: str | None,
        limit: int | None,
        status: str | None,
    ) -> Page[T]:
        def read_page(it: Any) -> Page[T]:
            return Page(tuple(map(read, it["items"])), it.get("next"))

        wanted = {"after": after, "limit": limit, "status": status}
        return self._wire.send(ask(path, read_page, wanted))


def _all(page: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """Everything, newest first; a page is asked for when its first item is."""
    after = None
    while True:
        part = page(after)
        yield from part.items
        if part.next is None:
            return
        after = part.next


class Posts(_Resource):
    """Posts: written, given a time, published or given up."""

    def list(self, *, status: str | None = None) -> Iterator[Post]:
        """All posts, newest first; of one status, such as `scheduled`, if that is given."""
        return _all(lambda after: self.page(after=after, limit=100, status=status))

    def page(
        self, *, after: str | None = None, limit: int | None = None, status: str | None = None
    ) -> Page[Post]:
        """One page of posts, of up to 100."""
        return self._page("/posts", Post.read, after, limit, status)

    def get(self, post: str) -> Post:
        """One post."""
        return self._wire.send(ask(path("posts", post), Post.read))

    def create(
        self,
        text: str,
        connections: Sequence[str],
        *,
        thread: Sequence[str] = (),
        first_comment: str | None = None,
        made_with_ai: bool = False,
        idempotency_key: str | None = None,
    ) -> Post:
        """Writes a post for some connections. Nothing is published yet.

        `thread` holds the posts that follow the first. `made_with_ai` says so where a network
        wants to know.
        """
        if isinstance(connections, str) or isinstance(thread, str):
            raise TypeError("connections and thread are lists")
        body = {
            "text": text,
            "connections": [*connections],
            "thread": [*thread],
            "first_comment": first_comment,
            "made_with_ai": made_with_ai,
        }
        return self._wire.send(tell("/posts", Post.read, body, key=idempotency_key))

    def schedule(
        self,
        post: str,
        at: datetime | None = None,
        *,
        local: datetime | str | None = None,
        zone: tzinfo | str | None = None,
        idempotency_key: str | None = None,
    ) -> Post:
        """Gives a post its time: `at`, an instant; or `local`, a time on the clock in `zone`, which
        stays nine o'clock whatever becomes of summer time.
        """
        body = _time(at, local, zone)
        call = path("posts", post, "schedule")
        return self._wire.send(tell(call, Post.read, body, key=idempotency_key))

    def publish(self, post: str, *, idempotency_key: str | None = None) -> Post:
        """Publishes a post now. It goes out in the background; its status tells when it is out."""
        return self._act(post, "publish", idempotency_key)

    def cancel(self, post: str, *, idempotency_key: str | None = None) -> Post:
        """Gives a post up. What is out already stays."""
        return self._act(post, "cancel", idempotency_key)

    def _act(self, post: str, what: str, key: str | None) -> Post:
        return self._wire.send(tell(path("posts", post, what), Post.read, key=key))


class Plans(_Resource):
    """Content plans: written by models, approved by people, made into posts."""

    def list(self, *, status: str | None = None) -> Iterator[Plan]:
        """All plans, newest first; of one status if that is given."""
        return _all(lambda after: self.page(after=after, limit=100, status=status))

    def page(
        self, *, after: str | None = None, limit: int | None = None, status: str | None = None
    ) -> Page[Plan]:
        """One page of plans, of up to 100."""
        return self._page("/plans", Plan.read, after, limit, status)

    def get(self, plan: str) -> Plan:
        """One plan."""
        return self._wire.send(ask(path("plans", plan), Plan.read))

    def generate(self, plan: str, *, idempotency_key: str | None = None) -> Plan:
        """Has a plan written, in the background; its status tells when it is."""
        call = path("plans", plan, "generate")
        return self._wire.send(tell(call, Plan.read, key=idempotency_key))

    def approve(
        self, plan: str, *, revision: int, content_hash: str, idempotency_key: str | None = None
    ) -> Plan:
        """Approves a plan as it was read: `revision` and `content_hash` of the `Plan` that was
        looked at. One that has changed since is a `Conflict`."""
        body = {"revision": revision, "content_hash": content_hash}
        call = path("plans", plan, "approve")
        return self._wire.send(tell(call, Plan.read, body, key=idempotency_key))

    def materialize(
        self, plan: str, *, schedule: bool = True, idempotency_key: str | None = None
    ) -> Plan:
        """Makes posts of an approved plan, scheduled for their times unless told otherwise."""
        call = path("plans", plan, "materialize")
        return self._wire.send(tell(call, Plan.read, {"schedule": schedule}, key=idempotency_key))


class Connections(_Resource):
    """Social accounts. Connecting one needs a person and a browser."""

    def list(self, *, status: str | None = None) -> Iterator[Connection]:
        """All connections, newest first; of one status if that is given."""
        return _all(lambda after: self.page(after=after, limit=100, status=status))

    def page(
        self, *, after: str | None = None, limit: int | None = None, status: str | None = None
    ) -> Page[Connection]:
        """One page of connections, of up to 100."""
        return self._page("/connections", Connection.read, after, limit, status)


class Keys(_Resource):
    """API keys. Needs a person's session: no key manages keys."""

    def list(self, *, status: str | None = None) -> Iterator[Key]:
        """All keys, newest first; of one status if that is given."""
        return _all(lambda after: self.page(after=after, limit=100, status=status))

    def page(
        self, *, after: str | None = None, limit: int | None = None, status: str | None = None
    ) -> Page[Key]:
        """One page of keys, of up to 100."""
        return self._page("/api-keys/list", Key.read, after, limit, status)

    def generate(
        self,
        name: str,
        *,
        scopes: Sequence[str] | None = None,
        expires_at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> IssuedKey:
        """Issues a key and tells its text, this once. `scopes` are of `read`, `write` and
        `publish`; all three when absent."""
        if isinstance(scopes, str):
            raise TypeError("scopes is a list")
        body = {
            "name": name,
            "scopes": None if scopes is None else [*scopes],
            "expires_at": None if expires_at is None else _instant("expires_at", expires_at),
        }
        return self._wire.send(
            tell("/api-keys/generate", IssuedKey.read, body, key=idempotency_key)
        )

    def revoke(self, key: str, *, idempotency_key: str | None = None) -> None:
        """Ends a key, named by its id. It is turned away from then on."""
        call = path("api-keys", key)
        self._wire.send(tell(call, lambda _: None, key=idempotency_key, method="DELETE"))


class Billing(_Resource):
    """What the account pays for and uses. A key sees `usage`; the rest needs a person's session."""

    def status(self) -> BillingStatus:
        """The tier, what it allows, and whether it is paid for."""
        return self._wire.send(ask("/billing/status", BillingStatus.read))

    def usage(self) -> Usage:
        """What was used in the present period."""
        return self._wire.send(ask("/billing/usage", Usage.read))

    def checkout(
        self,
        tier: str,
        *,
        interval: str = "month",
        currency: str | None = None,
        country: str | None = None,
        vat_id: str | None = None,
        success_url: str | None = None,
        cancel_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> OpenedPage:
        """Opens a page to pay for a tier on, by `month` or `year`.

        `country` and `vat_id` are asked for where the tax stands in a table of the installation's.
        """
        body = {
            "tier": tier,
            "interval": interval,
            "currency": currency,
            "country": country,
            "vat_id": vat_id,
            "success_url": success_url,
            "cancel_url": cancel_url,
        }
        return self._wire.send(
            tell("/billing/checkout", OpenedPage.read, body, key=idempotency_key)
        )

    def portal(
        self, *, return_url: str | None = None, idempotency_key: str | None = None
    ) -> OpenedPage:
        """Opens the payment provider's pages of bills and means of payment."""
        body = {"return_url": return_url}
        return self._wire.send(tell("/billing/portal", OpenedPage.read, body, key=idempotency_key))

    def preview_change(self, tier: str, *, interval: str = "month") -> Preview:
        """What another tier would cost now. Changes nothing."""
        query = {"tier": tier, "interval": interval}
        return self._wire.send(ask("/billing/preview", Preview.read, query))

    def invoices(self) -> Iterator[Invoice]:
        """All bills, newest first."""
        return _all(lambda after: self.invoices_page(after=after, limit=50))

    def invoices_page(
        self, *, after: str | None = None, limit: int | None = None
    ) -> Page[Invoice]:
        """One page of bills, of up to 50."""
        return self._page("/billing/invoices", Invoice.read, after, limit, None)

    def change(
        self, tier: str, *, interval: str = "month", idempotency_key: str | None = None
    ) -> BillingStatus:
        """Pays for another tier: a higher one once it is paid, a lower one with the next period.
        The answer is where the account stands now; ask `status` for what comes of it."""
        body = {"tier": tier, "interval": interval}
        return self._wire.send(
            tell("/billing/change", BillingStatus.read, body, key=idempotency_key)
        )

    def cancel(
        self, *, now: bool = False, idempotency_key: str | None = None
    ) -> BillingStatus:
        """Stops paying: with the end of what is paid for, or now."""
        body = {"at": "now" if now else "period_end"}
        return self._wire.send(
            tell("/billing/cancel", BillingStatus.read, body, key=idempotency_key)
        )

    def resume(self, *, idempotency_key: str | None = None) -> BillingStatus:
        """Goes on paying after all."""
        return self._wire.send(
            tell("/billing/resume", BillingStatus.read, {}, key=idempotency_key)
        )


def _time(
    at: datetime | None, local: datetime | str | None, zone: tzinfo | str | None
) -> dict[str, str]:
    if at is not None and local is None and zone is None:
        return {"at": _instant("at", at)}
    if at is None and local is not None and zone is not None:
        if isinstance(local, datetime):
            if local.tzinfo is not None:
                raise ValueError("local is a time on the clock of zone; an aware time goes to at")
            local = local.isoformat()
        return {"local": local, "zone": str(zone)}
    raise ValueError("say either at, or local and zone")


def _instant(what: str, at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError(f"{what} needs a time zone, such as datetime.timezone.utc")
    return at.astimezone(timezone.utc).isoformat()
