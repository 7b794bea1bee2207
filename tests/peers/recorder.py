"""Stands between a client and a server, passes everything on, and remembers what was asked."""

import http.server
import json
import threading
import urllib.parse

from house import call

# What belongs to one connection, not to the request.
HOPS = {"host", "connection", "content-length", "accept-encoding", "transfer-encoding"}


class Asked:
    """One request, as it went over the wire."""

    def __init__(self, method, address, headers, body):
        parts = urllib.parse.urlsplit(address)
        self.method, self.address, self.path = method, address, parts.path
        self.query = sorted(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.kind = self.headers.get("content-type", "").split(";")[0]
        self.body = body

    def json(self):
        return json.loads(self.body)

    def form(self):
        """Names and values, sorted; list members may be numbered or not, as Stripe allows both."""
        return sorted(urllib.parse.parse_qsl(self.body.decode(), keep_blank_values=True))


class Recorder:
    """`there` is where it passes requests on to."""

    def __init__(self, there, port=0, tls=None):
        recorder = self
        self.there, self.asked = there, []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                asked = Asked(self.command, self.path, self.headers, body)
                recorder.asked.append(asked)
                try:
                    status, headers, said = recorder.answer(asked)
                except OSError:  # cut over there is cut here
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() not in HOPS:
                        self.send_header(name, value)
                self.send_header("content-length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = pass_on

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, asked):
        """What is answered: what they say over there."""
        own = {name: value for name, value in asked.headers.items() if name not in HOPS}
        return call(asked.method, self.there + asked.address, asked.body or None, own)

    def last(self, method, path_ends):
        found = [it for it in self.asked if it.method == method and it.path.endswith(path_ends)]
        return found[-1] if found else None

    def close(self):
        self.server.shutdown()
