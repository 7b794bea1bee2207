"""Google, GitHub, Clerk and Resend as npm's `emulate` plays them, under their own names.

Herald has no setting for where these four are, or needs none. So all of this runs in a network of its
own (`unshare`), in which their names lead to this machine and a certificate authority of ours vouches
for them: Herald is configured as it would be in earnest.
"""

import fcntl
import html
import json
import os
import pathlib
import re
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import urllib.parse

import trustme

from house import Herald, call, expect, serving, until
from people import Browser, viewer
from recorder import Recorder

CLERK = "clerk.example.com"
# Who answers to which name, and at which path where emulate has another.
HOSTS = {
    "accounts.google.com": ("google", {}),
    "oauth2.googleapis.com": ("google", {"/token": "/oauth2/token"}),
    "www.googleapis.com": ("google", {}),
    "github.com": ("github", {}),
    "api.github.com": ("github", {}),
    CLERK: ("clerk", {"/.well-known/jwks.json": "/v1/jwks"}),
    "api.clerk.com": ("clerk", {}),
    "api.resend.com": ("resend", {}),
}
PORTS = {"google": 4001, "github": 4002, "clerk": 4003, "resend": 4004}
OWN = {"google": "https://accounts.google.com", "github": "https://github.com", "clerk": f"https://{CLERK}",
       "resend": "https://api.resend.com"}
CLERK_KEY = "sk_test_of_the_peers"


class Names(Recorder):
    """Everybody's front door."""

    def __init__(self, tls):
        super().__init__(None, 443, tls)

    def answer(self, asked):
        host = asked.headers["host"]
        service, elsewhere = HOSTS[host]
        path = elsewhere.get(asked.path, asked.path)
        asked.address = path + asked.address[len(asked.path):]
        self.there = f"http://127.0.0.1:{PORTS[service]}"
        return super().answer(asked)


def seed(herald):
    def app(name):
        return {"client_id": "herald", "client_secret": "a-secret-of-the-peer", "name": "Herald",
                "redirect_uris": [f"{herald.url}/auth/{name}/callback"]}

    return {
        "tokens": {CLERK_KEY: {"login": "herald", "scopes": []}},
        "google": {
            "oauth_clients": [app("google")],
            "users": [{"email": "ada@example.org", "name": "Ada Baker"},
                      {"email": "eve@example.org", "name": "Eve", "email_verified": False}],
        },
        "github": {
            "oauth_apps": [app("github")],
            "users": [{"login": name, "email": f"{name}@example.org"} for name in ("ada", "bob")],
        },
        "clerk": {
            "oauth_applications": [app("clerk")],
            "users": [{"clerk_id": "user_ada", "first_name": "Ada", "email_addresses": ["ada@example.org"]}],
        },
        "resend": {"domains": [{"name": "example.org"}]},
    }


def emulating(folder, service):
    modules = pathlib.Path(os.environ["HERALD_PEERS"]) / "node_modules"
    return serving(
        [str(modules / ".bin/node"), str(modules / "emulate/dist/index.js"), "start", "--service", service,
         "--port", str(PORTS[service]), "--seed", "seed.yaml", "--base-url", OWN[service]],
        f"http://127.0.0.1:{PORTS[service]}/", folder)


def choose(browser, url, page, who):
    """Presses the button with that name on a page of emulate's."""
    for form in re.findall(r"<form.*?</form>", page, re.S):
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
        if who in fields.values():
            action = re.search(r'action="([^"]+)"', form)[1]
            return browser.go(urllib.parse.urljoin(url, action),
                              {name: html.unescape(value) for name, value in fields.items()})
    raise AssertionError(f"nobody is called {who}: {page[-2000:]}")


def session(herald, browser):
    return browser.cookies.get(f"127.0.0.1:{herald.port}", {}).get("herald_session")


def signs_in(herald, name, where, who, issuer):
    browser = Browser()
    url, status, page = browser.go(f"{herald.url}/auth/{name}/start")
    expect(status == 200 and url.startswith(where), f"{name}: the way out leads to {where}")
    url, status, _ = choose(browser, url, page, who)
    expect(url.startswith(herald.url) and session(herald, browser),
           f"{name}: the way back ends in a session ({url} {status})")
    expect(viewer(herald, session(herald, browser))[0] == 200, f"{name}: the session opens the API")
    expect(vouching(herald, browser) == {issuer: True}, f"{name}: {issuer} vouches")
    return browser


def vouching(herald, browser):
    """Who vouches for the person in that browser, and as whom they are signed in."""
    herald.session = session(herald, browser)
    found = herald.gql("{ identities { issuer current } }")["identities"]
    return {it["issuer"]: it["current"] for it in found}


def refused(herald, name, who, code, why):
    browser = Browser()
    url, _, page = browser.go(f"{herald.url}/auth/{name}/start")
    url, status, page = choose(browser, url, page, who)
    expect(not session(herald, browser) and code in herald.said(), f"{name}: {why} ({status}, {code})")


def google(herald, names):
    issuer = "https://accounts.google.com"
    browser = signs_in(herald, "google", f"{issuer}/o/oauth2/v2/auth?", "ada@example.org", issuer)
    traded = dict(names.last("POST", "/token").form())
    expect(traded["code_verifier"] and traded["grant_type"] == "authorization_code",
           "google: the code is traded with its verifier")
    refused(herald, "google", "eve@example.org", "SIGN_IN_EMAIL_NOT_VERIFIED",
            "whose address is not verified does not come in")
    return browser


def github(herald, names):
    signs_in(herald, "github", "https://github.com/login/oauth/authorize?", "ada", "https://github.com")
    asked = names.last("GET", "/user/emails")
    expect(asked.headers["authorization"].startswith("Bearer gho_"),
           "github: addresses are read with the person's token")
    again = next(it for it in names.asked if it.path == "/login/oauth/access_token")
    kept = {"accept": "application/json", "content-type": again.kind}
    status, _, said = call("POST", f"https://github.com{again.path}", again.body, kept)
    expect(status == 200 and json.loads(said)["error"] == "bad_verification_code", "github: its code was used up")


def linked(herald, browser):
    """Somebody of Google's proves that they are somebody of GitHub's as well."""
    herald.session = session(herald, browser)
    opened = herald.gql('mutation { openAccount(input: { businessName: "Two Names", name: "Ada",'
                        ' idempotencyKey: "two" }) { account { id } userErrors { code } } }')
    herald.account = opened["openAccount"]["account"]["id"]
    begun = herald.gql('mutation { linkIdentity(input: { provider: "github", idempotencyKey: "link" })'
                       " { url userErrors { code } } }")["linkIdentity"]["url"]
    url, _, page = browser.go(begun)
    choose(browser, url, page, "bob")
    both = {"https://accounts.google.com": True, "https://github.com": False}
    until("both vouch", lambda: vouching(herald, browser) == both)
    print("  ok: google and github: one person by two identities, once both were proven")
    herald.session = herald.account = None


def clerk(herald):
    """emulate's tokens are signed well and lack what tells for whom they are."""
    opens = {"authorization": f"Bearer {CLERK_KEY}", "content-type": "application/json"}
    made = json.loads(call("POST", "https://api.clerk.com/v1/sessions", b'{"user_id":"user_ada"}', opens)[2])
    token = json.loads(call("POST", f"https://api.clerk.com/v1/sessions/{made['id']}/tokens", b"{}", opens)[2])["jwt"]

    def counts(reason):
        return herald.counted("herald_token_refused_total", reason=reason)

    until("clerk: its keys are read", lambda: viewer(herald, token)[0] == 401 and counts("TOKEN_AUTHORIZED_PARTY") > 0)
    print("  ok: clerk: a session token is proven by the published keys, and refused since no party is named")
    changed = token[:-8] + ("AAAA" if token[-8:-4] != "AAAA" else "BBBB") + token[-4:]
    before = counts("TOKEN_SIGNATURE")
    expect(viewer(herald, changed)[0] == 401 and counts("TOKEN_SIGNATURE") == before + 1,
           "clerk: a changed one for its signature")
    refused(herald, "clerk", "user_ada", "TOKEN_NONCE", "an ID token without our nonce signs nobody in")
    code, said = herald.command("import", "users", "--from", "clerk", "--dry-run")
    expect(code == 1, f"clerk: a list of people that is no list is no list: {said.strip().splitlines()[-1]}")


def resend(herald, names):
    def mails(subject=""):
        there = json.loads(call("GET", "https://api.resend.com/emails")[2])["data"]
        return [it for it in there if "ada@example.org" in it["to"] and subject in it["subject"]]

    status, _ = herald.rest("POST", "/auth/login", {"email": "ada@example.org"})
    expect(status in (200, 202), "resend: somebody asks for a link to sign in with")
    mail = until("a mail in the inbox", lambda: mails() and mails()[0])
    link = re.search(r"http://\S+/sign-in/\S+", mail["text"])[0]
    expect(mail["from"] == "Herald <hello@example.org>", f"resend: it is in the inbox: {mail['subject']}")
    status, _, body = call("POST", link, b"", {"accept": "application/json"})
    expect(status == 200, "resend: and its link signs in")
    herald.session = json.loads(body)["token"]
    herald.gql('mutation { openAccount(input: { businessName: "Corner Bakery", name: "Ada",'
               ' email: "ada@example.org", idempotencyKey: "peers" }) { userErrors { code } } }')
    welcome = until("the welcome", lambda: len(mails()) > 1 and mails()[-1])
    expect(welcome["tags"] == [{"name": "notice", "value": "welcome"}],
           f"resend: a notice comes too: {welcome['subject']}")
    sent = [it for it in names.asked if it.method == "POST" and it.path == "/emails"]
    expect(len({it.headers["idempotency-key"] for it in sent}) == len(sent) == len(mails()),
           "resend: each under a key of its own")
    again = sent[-1]
    kept = {name: again.headers[name] for name in ("authorization", "idempotency-key", "content-type", "user-agent")}
    status, _, said = call("POST", "https://api.resend.com/emails", again.body, kept)
    expect(status == 200 and json.loads(said)["id"] == welcome["id"] and len(mails()) == len(sent),
           "resend: repeated, it is the same mail")
    status, _, said = call("POST", "https://api.resend.com/emails", again.body.replace(b"Ada", b"Eve"), kept)
    expect(status == 409 and len(mails()) == len(sent), "resend: and other words under that key are refused")


def well(herald):
    said = herald.command("doctor")[1]
    for name in ("google", "github", "clerk", "resend"):
        lines = [line for line in said.splitlines() if line.startswith(name + " ")]
        expect(lines and all(" healthy: " in line for line in lines), f"herald doctor: {' / '.join(lines)}")


def alone():
    """In the network of its own: this machine answers to every name."""
    with socket.socket() as any_socket:
        up = struct.pack("16sh14x", b"lo", 0x1 | 0x40)
        fcntl.ioctl(any_socket, 0x8914, up)
    folder = pathlib.Path(os.environ["HERALD_PEERS_ALONE"])
    (folder / "hosts").write_text("".join(f"127.0.0.1 {name}\n" for name in ("localhost", *HOSTS)))
    subprocess.run(["mount", "--bind", str(folder / "hosts"), "/etc/hosts"], check=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "chain.pem")
    names = Names(tls)
    settings = {
        "HERALD_MODE": "production", "SSL_CERT_FILE": str(folder / "ca.pem"),
        "GOOGLE_CLIENT_ID": "herald", "GOOGLE_CLIENT_SECRET": "a-secret-of-the-peer",
        "GITHUB_CLIENT_ID": "herald", "GITHUB_CLIENT_SECRET": "a-secret-of-the-peer",
        "CLERK_CLIENT_ID": "herald", "CLERK_CLIENT_SECRET": "a-secret-of-the-peer",
        "CLERK_PUBLISHABLE_KEY": "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k", "CLERK_SECRET_KEY": CLERK_KEY,
        "RESEND_API_KEY": "re_of_the_peers", "HERALD_MAIL_FROM": "Herald <hello@example.org>",
    }
    herald = Herald(**settings)
    (folder / "seed.yaml").write_text(json.dumps(seed(herald)))
    with (emulating(folder, "google"), emulating(folder, "github"), emulating(folder, "clerk"),
          emulating(folder, "resend"), herald):
        browser = google(herald, names)
        github(herald, names)
        linked(herald, browser)
        clerk(herald)
        resend(herald, names)
        well(herald)


def main():
    if "HERALD_PEERS_ALONE" in os.environ:
        return alone()
    with tempfile.TemporaryDirectory(prefix="herald-peers-") as folder:
        folder = pathlib.Path(folder)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / "ca.pem")
        authority.issue_cert(*HOSTS).private_key_and_cert_chain_pem.write_to_path(folder / "chain.pem")
        own = os.environ | {"HERALD_PEERS_ALONE": str(folder), "SSL_CERT_FILE": str(folder / "ca.pem")}
        # Needs Linux, and the right to make namespaces of users, which some machines give to root alone.
        command = ["unshare", "--map-root-user", "--mount", "--net", sys.executable, __file__]
        sys.exit(subprocess.run(command, env=own, check=False).returncode)


if __name__ == "__main__":
    main()
