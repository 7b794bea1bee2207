"""People, by servers that are not ours: npm's `oidc-provider` and `cognito-local`."""

import os
import pathlib
import re
import tempfile
import urllib.parse

import boto3

from house import Herald, call, expect, free_port, serving, until

FORM = {"content-type": "application/x-www-form-urlencoded"}


class Browser:
    """Follows redirects and keeps each host's cookies."""

    def __init__(self):
        self.cookies = {}

    def go(self, url, form=None):
        for _ in range(12):
            host = urllib.parse.urlsplit(url).netloc
            jar = self.cookies.setdefault(host, {})
            headers = {"cookie": "; ".join(f"{k}={v}" for k, v in jar.items()), "accept": "text/html"}
            body = None if form is None else urllib.parse.urlencode(form).encode()
            status, said, text = call("GET" if form is None else "POST", url, body, headers | (FORM if form else {}))
            for cookie in said.get_all("set-cookie") or []:
                name, _, value = cookie.split(";")[0].partition("=")
                jar[name] = value
            if status not in (302, 303):
                return url, status, text.decode(errors="replace")
            url, form = urllib.parse.urljoin(url, said["location"]), None
        raise AssertionError(f"round and round: {url}")


def viewer(herald, token):
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return call("POST", f"{herald.url}/graphql", b'{"query":"{ viewer { id } }"}', headers)


def by_redirect():
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    script = pathlib.Path(os.environ["HERALD_PEERS"]) / "oidc.mjs"
    script.write_text((pathlib.Path(__file__).parent / "oidc.mjs").read_text())
    settings = {
        "HERALD_MODE": "production", "HERALD_OIDC_ISSUERS": f"peer={issuer}|herald",
        "HERALD_OIDC_SECRETS": "peer=a-secret-of-the-peer",
    }
    with Herald(**settings) as herald:
        callback = f"{herald.url}/auth/peer/callback"
        with serving(["node", str(script), str(port), callback], f"{issuer}/.well-known/openid-configuration"):
            browser = Browser()
            url, status, page = browser.go(f"{herald.url}/auth/peer/start")
            expect(status == 200 and url.startswith(issuer), "the way out leads to the issuer's page")
            while url.startswith(issuer):
                action = re.search(r'action="([^"]+)"', page)[1]
                prompt = re.search(r'name="prompt" value="([^"]+)"', page)[1]
                url, status, page = browser.go(urllib.parse.urljoin(url, action),
                                               {"prompt": prompt, "login": "ada", "password": "any"})
            session = browser.cookies[f"127.0.0.1:{herald.port}"].get("herald_session")
            expect(session, f"the way back ends in a session ({url} {status})")
            expect(viewer(herald, session)[0] == 200, "the session opens the API")


def by_password():
    """Cognito, as npm's cognito-local plays it."""
    with tempfile.TemporaryDirectory(prefix="herald-peers-") as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        peers = pathlib.Path(os.environ["HERALD_PEERS"])
        surroundings = os.environ | {"HOST": "127.0.0.1", "PORT": str(port), "CODE": "123456"}
        with serving([str(peers / "node_modules/.bin/cognito-local")], f"{url}/health", folder, surroundings):
            client = boto3.client("cognito-idp", endpoint_url=url, region_name="local",
                                  aws_access_key_id="AKIAPEER", aws_secret_access_key="peer")
            pool = client.create_user_pool(PoolName="peers", AutoVerifiedAttributes=["email"],
                                           UsernameAttributes=["email"])["UserPool"]["Id"]
            app = client.create_user_pool_client(
                UserPoolId=pool, ClientName="herald",
                ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            )["UserPoolClient"]
            settings = {
                "HERALD_MODE": "production", "HERALD_COGNITO_BASE_URL": f"{url}/",
                "AWS_COGNITO_USER_POOL_ID": pool, "AWS_COGNITO_CLIENT_ID": app["ClientId"],
                "AWS_ACCESS_KEY_ID": "AKIAPEER", "AWS_SECRET_ACCESS_KEY": "peer",
            }
            with Herald(**settings) as herald:
                walk(herald, client, app["ClientId"])


def walk(herald, client, app):
    who = {"email": "ada@example.org", "password": "Sandbox-1234"}
    status, said = herald.rest("POST", "/auth/register", who | {"name": "Ada"})
    expect(status == 201 and said["next"] == "confirm", f"a person registers: {said}")
    status, said = herald.rest("POST", "/auth/login", who)
    expect(status in (401, 422), f"before the address is confirmed nobody signs in: {said}")
    client.confirm_sign_up(ClientId=app, Username=who["email"], ConfirmationCode="123456")
    status, said = herald.rest("POST", "/auth/login", who | {"password": "Wrong-1234"})
    # cognito-local calls it an invalid password, where AWS says "not authorized".
    expect(status in (401, 422), f"a wrong password is refused: {said['code']}")
    issued = client.initiate_auth(
        ClientId=app, AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": who["email"], "PASSWORD": who["password"]},
    )["AuthenticationResult"]
    tokens = {"id token": issued["IdToken"], "access token": issued["AccessToken"]}
    for name in tokens:
        until("the pool's keys are read", lambda: viewer(herald, tokens[name])[0] == 200)
        print(f"  ok: the {name} opens the API")
        changed = tokens[name][:-4] + ("AAAA" if tokens[name][-4:] != "AAAA" else "BBBB")
        expect(viewer(herald, changed)[0] == 401, f"a changed {name} opens nothing")
    status, session = herald.rest("POST", "/auth/login", who)
    expect(status == 200, f"name and password become a session: {session.get('code')}")
    expect(viewer(herald, session["access_token"])[0] == 200, "the session opens the API")


if __name__ == "__main__":
    by_redirect()
    by_password()
