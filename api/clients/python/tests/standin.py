"""A stand-in for the server: answers what a test laid out, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from herald_client import Herald

KEY = "herald_sk_dev_" + "A1" * 19


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Answer:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    #: Close the connection instead of answering.
    hang_up: bool = False


class StandIn:
    def __init__(self) -> None:
        self.answers: deque[Answer] = deque()
        self.asked: list[Asked] = []
        self.slept: list[float] = []
        self.url = ""

    def will(self, *answers: Answer) -> StandIn:
        """Lays out what is answered, in this order."""
        self.answers.extend(answers)
        return self

    def client(self, **options: Any) -> Herald:
        """A client that notes its pauses instead of making them."""
        herald = Herald(KEY, self.url, **options)
        herald._wire.sleep = self.slept.append
        herald._wire.chance = lambda: 1.0
        return herald


@contextmanager
def stand_in() -> Iterator[StandIn]:
    it = StandIn()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            split = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(split.query))
            it.asked.append(
                Asked(self.command, split.path, query, headers, json.loads(body) if body else None)
            )
            answer = it.answers.popleft() if it.answers else Answer(599, {"detail": "not laid out"})
            if answer.hang_up:
                self.close_connection = True
                return
            whole = not isinstance(answer.body, str)
            text = json.dumps(answer.body) if whole and answer.body is not None else answer.body
            payload = (text or "").encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_DELETE = handle_any

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    it.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield it
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def post(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A post as the server writes it."""
    return {
        "id": f"post_{number}",
        "status": "draft",
        "text": "Fresh rolls",
        "scheduled_at": None,
        "targets": [
            {"id": "tgt_1", "connection": "con_1", "network": "x", "status": "idle"},
        ],
        "created_at": "2026-11-21T09:00:00.000001Z",
        "updated_at": "2026-11-21T09:00:00.000001Z",
        **fields,
    }


def problem(status: int, code: str, **fields: Any) -> Answer:
    """A refusal as the server writes it."""
    body = {"title": "No", "status": status, "code": code, "detail": "because", "retryable": False}
    headers = {"Content-Type": "application/problem+json", "X-Request-Id": "req-7"}
    return Answer(status, {**body, **fields}, headers)
