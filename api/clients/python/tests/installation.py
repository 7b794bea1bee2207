"""A real server in sandbox mode, with a folder and ports of its own, and somebody who lives there."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import httpx

T = TypeVar("T")

#: Seconds that anything may take before a test gives up on it.
PATIENCE = 40.0

#: Short waits and wide limits, so that nobody waits in a test. `docs/configuration.md` says what
#: they mean.
WAITS = {
    "HERALD_WAIT_POLL": "100ms",
    "HERALD_WAIT_RETRY": "50ms",
    "HERALD_WAIT_LEASE": "2s",
    "HERALD_WAIT_COMMIT": "2s",
    "HERALD_WAIT_READ": "10s",
    "HERALD_LIMIT_KEY": "6000",
}


def until(what: str, found: Callable[[], T | None]) -> T:
    """Asks again and again until there is an answer, and not for ever."""
    deadline = time.monotonic() + PATIENCE
    while True:
        answer = found()
        if answer is not None:
            return answer
        assert time.monotonic() < deadline, f"this never came: {what}"
        time.sleep(0.02)


class Installation:
    """A running `herald`. It ends with `stop`."""

    def __init__(self, binary: Path, folder: Path, **settings: str) -> None:
        listen, sandbox = free_ports()
        self.url = f"http://127.0.0.1:{listen}"
        self.printed = ""
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HERALD_MODE": "sandbox",
            "HERALD_LISTEN": f"127.0.0.1:{listen}",
            "HERALD_SANDBOX_LISTEN": f"127.0.0.1:{sandbox}",
            "HERALD_DATA_DIR": str(folder),
            **WAITS,
            **settings,
        }
        self._process = subprocess.Popen(
            [binary],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.printed += line

    def link(self) -> str:
        """The link to sign in with that a start prints."""

        def printed() -> str | None:
            ended = self._process.poll()
            assert ended is None, f"herald ended with {ended}; it printed:\n{self.printed}"
            found = re.search(r"15 minutes: (http\S+)\n", self.printed)
            return found and found[1]

        return until("a link to sign in with", printed)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(timeout=5)


class Resident:
    """The person who runs an installation. Does over GraphQL and in a browser what REST leaves to
    people: opening an account, and connecting X."""

    def __init__(self, house: Installation) -> None:
        # No proxy: everything is on this machine.
        self._http = httpx.Client(base_url=house.url, trust_env=False, timeout=PATIENCE)
        self._link = house.link
        self._headers: dict[str, str] = {}
        self.session = self.account = ""

    def move_in(self) -> None:
        """Signs in by the link that was printed, and opens an account."""
        answer = self._http.post(self._link(), headers={"Accept": "application/json"})
        assert answer.status_code == 200, answer.text
        self.session = answer.json()["token"]
        self._headers["Authorization"] = f"Bearer {self.session}"
        opened = self._tell(
            "openAccount",
            "OpenAccountInput",
            {"businessName": "Corner Bakery", "name": "Ada", "zone": "Europe/Berlin"},
            "account { id }",
        )
        self.account = opened["account"]["id"]
        self._headers["Herald-Account"] = self.account

    def connect(self) -> str:
        """Connects X as the sandbox's bakery, and answers the connection's id."""
        wanted = "connection { id } authorizationUrl"
        begun = self._tell("beginConnection", "BeginConnectionInput", {"network": "X"}, wanted)
        page = begun["authorizationUrl"]
        clicked = self._http.post(page, data={"decision": "allow", "handle": "sandbox_bakery"})
        assert clicked.status_code == 302, clicked.text
        back = self._http.get(clicked.headers["location"], headers=self._headers)
        assert back.status_code < 400, back.text
        connection: str = begun["connection"]["id"]
        return connection

    def begin_plan(self, connection: str) -> str:
        """Says what the business is about, begins a plan for it, and answers the plan's id."""
        profile = {
            "name": "Corner Bakery",
            "sells": "sourdough bread",
            "audience": "people nearby",
            "tone": "warm",
            "goals": ["more breakfasts"],
        }
        self._tell("updateBusinessProfile", "UpdateBusinessProfileInput", profile, "account { id }")
        wish = {
            "brief": {"goal": "more people come for breakfast", "topics": ["bread", "mornings"]},
            "from": "2031-03-03",
            "to": "2031-03-09",
            "zone": "Europe/Berlin",
            "connections": [connection],
            "postsPerWeek": 2,
        }
        wanted = "contentPlan { id }"
        begun = self._tell("createContentPlan", "CreateContentPlanInput", wish, wanted)
        plan: str = begun["contentPlan"]["id"]
        return plan

    def hand_in(self, plan: str, items: Iterable[str]) -> None:
        """Accepts the items of a plan, and hands it in for approval."""
        for item in items:
            chosen = {"plan": plan, "item": item}
            self._tell("acceptPlanItem", "PlanItemInput", chosen, "item { status }")
        self._tell("submitContentPlan", "PlanInput", {"plan": plan}, "contentPlan { id }")

    def close(self) -> None:
        self._http.close()

    def _tell(self, mutation: str, kind: str, given: dict[str, Any], wanted: str) -> Any:
        given = {**given, "idempotencyKey": str(uuid.uuid4())}
        document = (
            f"mutation Tell($input: {kind}!) {{ {mutation}(input: $input) "
            f"{{ {wanted} userErrors {{ code message }} }} }}"
        )
        answer = self._http.post(
            "/graphql",
            json={"query": document, "variables": {"input": given}},
            headers=self._headers,
        )
        told = answer.json()
        assert not told.get("errors"), told
        payload = told["data"][mutation]
        assert payload["userErrors"] == [], payload
        return payload


def free_ports() -> tuple[int, int]:
    """Two ports that are free now: held side by side, so that they differ."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
