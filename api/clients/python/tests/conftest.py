from collections.abc import Iterator

import pytest
from standin import StandIn, stand_in


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the surroundings decides: neither keys nor proxies."""
    for name in ("HERALD_API_KEY", "HERALD_API_BASE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def server() -> Iterator[StandIn]:
    with stand_in() as it:
        yield it
