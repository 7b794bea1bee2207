"""A running Herald for checks by peers that are not ours, and what they ask of it."""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

BINARY = os.environ.get("HERALD_BINARY", str(pathlib.Path(__file__).parents[2] / "target/debug/herald"))
PATIENCE = 40


class Failed(Exception):
    """What was expected did not come true."""


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def expect(truth, what):
    """A check that can fail; its sentence is printed when it holds."""
    if not truth:
        raise Failed(what)
    print(f"  ok: {what}")


def until(what, found):
    """Asks until there is an answer, and not for ever."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        answer = found()
        if answer:
            return answer
        time.sleep(0.05)
    raise Failed(f"this never came: {what}")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay)


def call(method, url, body=None, headers=None):
    """One request: status, headers and body, whatever the status."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with _OPENER.open(request, timeout=PATIENCE) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read()


@contextlib.contextmanager
def serving(arguments, url, folder=None, surroundings=None):
    """A server that is not ours, from when on it answers at `url`. It ends with the block."""
    process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, cwd=folder, env=surroundings,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def up():
        try:
            return call("GET", url)[0] < 500
        except OSError:
            return False

    try:
        until(f"{arguments[0]} serves", up)
        yield
    finally:
        process.terminate()
        process.wait()


class Herald:
    """The binary with its own ports, database and files. It ends with the block."""

    def __init__(self, **settings):
        self.folder = tempfile.TemporaryDirectory(prefix="herald-peers-")
        self.port, sandbox = free_port(), free_port()
        self.url, self.sandbox = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{sandbox}"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HERALD_LISTEN": f"127.0.0.1:{self.port}",
            "HERALD_SANDBOX_LISTEN": f"127.0.0.1:{sandbox}",
            "HERALD_DATA_DIR": self.folder.name,
            "HERALD_WAIT_POLL": "100ms",
            "HERALD_WAIT_RETRY": "100ms",
            **settings,
        }
        self.session = self.account = None

    def __enter__(self):
        self.output = open(pathlib.Path(self.folder.name) / "output", "wb+")
        self.process = subprocess.Popen(
            [BINARY, "serve"], env=self.environment, stdin=subprocess.DEVNULL,
            stdout=self.output, stderr=subprocess.STDOUT,
        )
        until("herald is ready", self._ready)
        return self

    def __exit__(self, kind, *_):
        self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.process.kill()
        self.process.wait()
        said = self.said()
        if kind is None and ("panicked" in said or "a resolver failed" in said):
            raise Failed(f"herald panicked:\n{said[-4000:]}")
        if kind is not None:
            print("the last that herald said:\n" + said[-4000:])
        self.output.close()
        self.folder.cleanup()

    def _ready(self):
        if self.process.poll() is not None:
            raise Failed(f"herald ended:\n{self.said()[-4000:]}")
        with contextlib.suppress(OSError):
            return call("GET", f"{self.url}/health/ready")[0] == 200

    def said(self):
        return pathlib.Path(self.output.name).read_text(errors="replace")

    def sign_in(self):
        """Signs the person in who runs it, and opens an account for them."""
        links = re.findall(r"http://\S+/sign-in/\S+", self.said())
        if not links:  # in production mode it is shown at a terminal alone
            shown = subprocess.run(
                ["script", "-qec", f"'{BINARY}' sign-in", "/dev/null"], env=self.environment,
                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
            )
            links = re.findall(r"http://\S+/sign-in/\S+", shown.stdout)
        status, _, body = call("POST", links[-1], b"", {"accept": "application/json"})
        expect(status == 200, "the link signs in")
        self.session = json.loads(body)["token"]
        opened = self.gql(
            'mutation { openAccount(input: { businessName: "Corner Bakery", name: "Ada",'
            ' email: "ada@example.org", idempotencyKey: "peers" }) { account { id }'
            " userErrors { code message } } }"
        )
        self.account = opened["openAccount"]["account"]["id"]

    def command(self, *words):
        """Runs `herald …` beside the server: its exit code and all that it printed."""
        done = subprocess.run([BINARY, *words], env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def headers(self):
        headers = {"content-type": "application/json"}
        if self.session:
            headers["authorization"] = f"Bearer {self.session}"
        if self.account:
            headers["herald-account"] = self.account
        return headers

    def ask(self, query, variables=None):
        body = json.dumps({"query": query, "variables": variables or {}}).encode()
        return json.loads(call("POST", f"{self.url}/graphql", body, self.headers())[2])

    def gql(self, query, variables=None):
        answer = self.ask(query, variables)
        if "errors" in answer or any(
            isinstance(part, dict) and part.get("userErrors") for part in answer["data"].values()
        ):
            raise Failed(f"{query}: {answer}")
        return answer["data"]

    def rest(self, method, path, body=None):
        sent = None if body is None else json.dumps(body).encode()
        status, _, said = call(method, f"{self.url}{path}", sent, self.headers())
        return status, json.loads(said or b"null")

    def counted(self, name, **labels):
        """The value of a counter of `/metrics`; 0 before it first counts."""
        total = 0.0
        for line in call("GET", f"{self.url}/metrics")[2].decode().splitlines():
            found = re.fullmatch(rf"{name}\{{(.*)\}} (\S+)", line)
            if found and all(f'{key}="{value}"' in found[1] for key, value in labels.items()):
                total += float(found[2])
        return total
