"""What the API answers. Fields that a newer server adds are left out; times are aware, in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Json = Mapping[str, Any]


def instant(text: str) -> datetime:
    """Python 3.10 reads no `Z`."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def maybe_instant(text: str | None) -> datetime | None:
    return None if text is None else instant(text)


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list. `next` is where the next part begins; None at the end."""

    items: tuple[T, ...]
    next: str | None


@dataclass(frozen=True)
class Target:
    """A post on one connection."""

    id: str
    connection: str
    network: str
    status: str

    @classmethod
    def read(cls, it: Json) -> Target:
        return cls(it["id"], it["connection"], it["network"], it["status"])


@dataclass(frozen=True)
class Post:
    """A post. `text` is None when it was forgotten at its author's wish."""

    id: str
    status: str
    text: str | None
    scheduled_at: datetime | None
    targets: tuple[Target, ...]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def read(cls, it: Json) -> Post:
        return cls(
            id=it["id"],
            status=it["status"],
            text=it.get("text"),
            scheduled_at=maybe_instant(it.get("scheduled_at")),
            targets=tuple(map(Target.read, it["targets"])),
            created_at=instant(it["created_at"]),
            updated_at=instant(it["updated_at"]),
        )


@dataclass(frozen=True)
class Plan:
    """A content plan. `plan` holds its brief, strategy and items as the server has them."""

    id: str
    status: str
    plan: Json
    created_at: datetime
    updated_at: datetime

    @property
    def revision(self) -> int:
        """Which version this is; an approval names it."""
        return int(self.plan["revision"])

    @property
    def content_hash(self) -> str | None:
        """The fingerprint of what this version says; an approval names it. None before a plan is
        written."""
        fingerprint = self.plan.get("hash")
        return None if fingerprint is None else str(fingerprint)

    @classmethod
    def read(cls, it: Json) -> Plan:
        created_at, updated_at = instant(it["created_at"]), instant(it["updated_at"])
        return cls(it["id"], it["status"], it["plan"], created_at, updated_at)


@dataclass(frozen=True)
class Connection:
    """A social account that Herald may publish on. `next_action` says what a person has to do."""

    id: str
    network: str
    status: str
    handle: str | None
    display_name: str | None
    next_action: str | None
    created_at: datetime

    @classmethod
    def read(cls, it: Json) -> Connection:
        return cls(
            id=it["id"],
            network=it["network"],
            status=it["status"],
            handle=it.get("handle"),
            display_name=it.get("display_name"),
            next_action=it.get("next_action"),
            created_at=instant(it["created_at"]),
        )


@dataclass(frozen=True)
class Key:
    """An API key as its owner sees it: never its text. `display` is `herald_sk_live_…` and the
    last four characters."""

    id: str
    name: str | None
    display: str | None
    status: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None

    @classmethod
    def read(cls, it: Json) -> Key:
        return cls(
            id=it["id"],
            name=it.get("name"),
            display=it.get("display"),
            status=it["status"],
            scopes=tuple(it["scopes"]),
            created_at=instant(it["created_at"]),
            expires_at=maybe_instant(it.get("expires_at")),
        )


@dataclass(frozen=True)
class IssuedKey:
    """A new key. This is the only time that `key` is told; keep it safe.

    `key` is None when an earlier try of the same call got through and its answer was lost: then
    revoke it, and issue another.
    """

    id: str
    key: str | None = field(repr=False)

    @classmethod
    def read(cls, it: Json) -> IssuedKey:
        return cls(it["id"], it.get("key"))


@dataclass(frozen=True)
class Membership:
    """An account in which a person takes part."""

    account: str
    member: str
    role: str
    business: str | None

    @classmethod
    def read(cls, it: Json) -> Membership:
        return cls(it["account"], it["member"], it["role"], it.get("business"))


@dataclass(frozen=True)
class Me:
    """Who asks, and where they may act: of a person `identity`, `issuer` and `accounts`, of a
    program `api_key` and `account`, the only one in which its key acts."""

    identity: str | None = None
    issuer: str | None = None
    accounts: tuple[Membership, ...] = ()
    api_key: str | None = None
    account: str | None = None

    @classmethod
    def read(cls, it: Json) -> Me:
        accounts = tuple(map(Membership.read, it.get("accounts", ())))
        person = (it.get("identity"), it.get("issuer"), accounts)
        return cls(*person, it.get("api_key"), it.get("account"))


@dataclass(frozen=True)
class Access:
    """What an account may do at present. `state` is `free`, `trial`, `full`, `grace`,
    `restricted` or `ended`; `until` ends a trial or a grace, `ends_at` what was cancelled."""

    state: str
    until: datetime | None
    ends_at: datetime | None
    reason: str | None

    @classmethod
    def read(cls, it: Json) -> Access:
        until, ends_at = maybe_instant(it.get("until")), maybe_instant(it.get("ends_at"))
        return cls(it["state"], until, ends_at, it.get("reason"))


@dataclass(frozen=True)
class PlanChange:
    """A change to another tier that waits. `effective_at` is None until it is known."""

    tier: str
    tier_version: int
    effective_at: datetime | None

    @classmethod
    def read(cls, it: Json) -> PlanChange:
        return cls(it["tier"], it["tier_version"], maybe_instant(it.get("effective_at")))


@dataclass(frozen=True)
class BillingProblem:
    """What the payment provider refused last: of which call, and with which code."""

    what: str
    code: str
    at: datetime

    @classmethod
    def read(cls, it: Json) -> BillingProblem:
        return cls(it["what"], it["code"], instant(it["at"]))


@dataclass(frozen=True)
class Money:
    """An amount in the smallest unit of its currency, such as cents."""

    minor: int
    currency: str

    @classmethod
    def read(cls, it: Json) -> Money:
        return cls(it["minor"], it["currency"])


@dataclass(frozen=True)
class PreviewLine:
    """A line of a bill that does not exist yet."""

    description: str
    amount: Money
    proration: bool

    @classmethod
    def read(cls, it: Json) -> PreviewLine:
        return cls(it["description"], Money.read(it["amount"]), it["proration"])


@dataclass(frozen=True)
class Preview:
    """What another tier would cost now. `due` includes the tax and what is credited."""

    due: Money
    subtotal: Money
    tax: Money
    lines: tuple[PreviewLine, ...]

    @classmethod
    def read(cls, it: Json) -> Preview:
        due, subtotal, tax = (Money.read(it[name]) for name in ("due", "subtotal", "tax"))
        return cls(due, subtotal, tax, tuple(map(PreviewLine.read, it["lines"])))


@dataclass(frozen=True)
class Invoice:
    """A bill. `page_url`, where it is shown and paid, and `pdf_url` let in whoever has them, so they
    are in no `repr`; both are None while it is a draft."""

    id: str
    status: str
    total: Money
    tax: Money
    paid: Money
    created_at: datetime
    number: str | None = None
    paid_at: datetime | None = None
    page_url: str | None = field(default=None, repr=False)
    pdf_url: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, it: Json) -> Invoice:
        return cls(
            id=it["id"],
            status=it["status"],
            total=Money.read(it["total"]),
            tax=Money.read(it["tax"]),
            paid=Money.read(it["paid"]),
            created_at=instant(it["created_at"]),
            number=it.get("number"),
            paid_at=maybe_instant(it.get("paid_at")),
            page_url=it.get("page_url"),
            pdf_url=it.get("pdf_url"),
        )


@dataclass(frozen=True)
class BillingStatus:
    """What the account pays for. A limit of None is none. `ends_at` is set once it was cancelled,
    `change` waits, and `problem` is what the payment provider refused last."""

    tier: str
    tier_version: int
    access: Access
    period_start: datetime
    period_end: datetime
    limits: Mapping[str, int | None]
    ends_at: datetime | None = None
    change: PlanChange | None = None
    problem: BillingProblem | None = None

    @classmethod
    def read(cls, it: Json) -> BillingStatus:
        change, problem = it.get("change"), it.get("problem")
        return cls(
            tier=it["tier"],
            tier_version=it["tier_version"],
            access=Access.read(it["access"]),
            period_start=instant(it["period_start"]),
            period_end=instant(it["period_end"]),
            limits=dict(it["limits"]),
            ends_at=maybe_instant(it.get("ends_at")),
            change=None if change is None else PlanChange.read(change),
            problem=None if problem is None else BillingProblem.read(problem),
        )


@dataclass(frozen=True)
class OpenedPage:
    """A page of the payment provider. `url` is None while the provider still opens it: make the
    same call again with the same idempotency key."""

    url: str | None
    expires_at: datetime | None

    @classmethod
    def read(cls, it: Json) -> OpenedPage:
        return cls(it.get("url"), maybe_instant(it.get("expires_at")))


@dataclass(frozen=True)
class Counter:
    """How much of one allowance is used. `held` is set aside for what runs; a limit of None is
    none. Bought packs are counted beside it and used after it."""

    used: int
    held: int
    limit: int | None
    breakdown: Mapping[str, int]
    used_of_packs: int = 0
    left_of_packs: int = 0

    @classmethod
    def read(cls, it: Json) -> Counter:
        return cls(
            it["used"],
            it["held"],
            it.get("limit"),
            dict(it.get("breakdown") or {}),
            it.get("used_of_packs", 0),
            it.get("left_of_packs", 0),
        )


@dataclass(frozen=True)
class Usage:
    """What was used in the present period: `counters["posts"]`, `["api_calls"]`,
    `["ai_credits"]`."""

    period_start: datetime
    resets_at: datetime
    counters: Mapping[str, Counter]

    @classmethod
    def read(cls, it: Json) -> Usage:
        counters = {each["counter"]: Counter.read(each) for each in it["counters"]}
        return cls(instant(it["period_start"]), instant(it["resets_at"]), counters)
