"""What goes wrong, each kind with a class of its own and a stable code."""

from __future__ import annotations


class HeraldError(Exception):
    """Why a call was not followed.

    Attributes:
        code: Stable; programs decide by it. `docs/errors.md` of Herald lists them.
        detail: For people.
        status: Of the HTTP answer; None when there was none.
        field: The field of the input at fault, where one is.
        retryable: Is the same call worth another try later?
        retry_after: Seconds until then, where the server said so.
        policies: The limits that were reached: `burst` of a minute, `month` of the tier.
        request_id: Name it when you report the error; the server's log has it.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        status: int | None = None,
        field: str | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
        policies: tuple[str, ...] = (),
        request_id: str | None = None,
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.status = status
        self.field = field
        self.retryable = retryable
        self.retry_after = retry_after
        self.policies = policies
        self.request_id = request_id

    def __str__(self) -> str:
        field = f" ({self.field})" if self.field else ""
        request = f" [request {self.request_id}]" if self.request_id else ""
        return f"{self.code}{field}: {self.detail}{request}"


class Unauthenticated(HeraldError):
    """The key is not good, or not any more (401)."""


class PaymentRequired(HeraldError):
    """The account's tier does not carry it (402)."""


class Forbidden(HeraldError):
    """The key or its issuer may not do it (403)."""


class NotFound(HeraldError):
    """There is nothing of this id in the account (404)."""


class Conflict(HeraldError):
    """It contradicts where the object stands at present (409)."""


class Invalid(HeraldError):
    """The input makes no sense; `field` names the part at fault (400, 413, 415, 422)."""


class RateLimited(HeraldError):
    """Too many calls (429); `retry_after` says in how many seconds the next one is welcome."""


class Unavailable(HeraldError):
    """No answer, or none of use: the network, a timeout, a server in trouble (408, 5xx)."""


_BY_STATUS: dict[int, tuple[type[HeraldError], str]] = {
    400: (Invalid, "BAD_REQUEST"),
    401: (Unauthenticated, "UNAUTHENTICATED"),
    402: (PaymentRequired, "PAYMENT_REQUIRED"),
    403: (Forbidden, "FORBIDDEN"),
    404: (NotFound, "NOT_FOUND"),
    408: (Unavailable, "TIMEOUT"),
    409: (Conflict, "CONFLICT"),
    413: (Invalid, "PAYLOAD_TOO_LARGE"),
    415: (Invalid, "UNSUPPORTED_MEDIA_TYPE"),
    422: (Invalid, "VALIDATION"),
    429: (RateLimited, "RATE_LIMITED"),
}


def kind_of(status: int) -> tuple[type[HeraldError], str]:
    """The class of a status, and the code of an answer that names none."""
    if status >= 500:
        return Unavailable, "UNAVAILABLE"
    return _BY_STATUS.get(status, (HeraldError, "UNEXPECTED_ANSWER"))
