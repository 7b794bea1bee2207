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
        self.method, self.path = method, parts.path
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

    def __init__(self, there):
        recorder = self
        self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                recorder.asked.append(Asked(self.command, self.path, self.headers, body))
                own = {name: value for name, value in self.headers.items() if name.lower() not in HOPS}
                try:
                    status, headers, said = call(self.command, there + self.path, body or None, own)
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

            do_GET = do_POST = do_DELETE = do_PUT = pass_on

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def last(self, method, path_ends):
        found = [it for it in self.asked if it.method == method and it.path.endswith(path_ends)]
        return found[-1] if found else None

    def close(self):
        self.server.shutdown()
