"""What Herald sends to X, to models and to Stripe, against what their official libraries send.

Each request of Herald's is recorded; the library is then asked for the same, and what it sends is
compared field by field. A field that a library does not know fails the check.
"""

import base64
import contextlib
import json
import os
import re
import subprocess

import oauthlib.oauth2
import openai
import requests
import stripe
import xdk
from stripe.params._customer_create_params import CustomerCreateParams
from stripe.params.checkout._session_create_params import SessionCreateParams
from xdk.media.models import CreateMetadataRequest, UploadRequest
from xdk.oauth2_auth import OAuth2PKCEAuth
from xdk.posts.models import CreateRequest

from house import BINARY, Herald, call, expect, free_port, until
from recorder import Recorder

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # nothing here leaves this machine
STRIPE_KEY = "sk_test_herald_sandbox"
PIXEL = base64.b64encode(
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\0IEND\xaeB`\x82"
).decode()


class Sandbox:
    """The stand-in alone: Herald meets it in production mode, through the recorder."""

    def __enter__(self):
        self.herald = Herald()
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        environment = self.herald.environment | {
            "HERALD_SANDBOX_LISTEN": f"127.0.0.1:{port}", "HERALD_BILLING": "on",
        }
        self.process = subprocess.Popen(
            [BINARY, "sandbox"], env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )

        def up():
            try:
                return call("GET", f"{self.url}/_control")[0] == 200
            except OSError:
                return False

        until("the sandbox is up", up)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.herald.folder.cleanup()


def settings(url):
    return {
        "HERALD_MODE": "production",
        "HERALD_WAIT_COMMIT": "2s",
        "HERALD_WAIT_SETTLE": "1s",
        "HERALD_WAIT_FIRST_LOOKUP": "100ms",
        "HERALD_WAIT_BETWEEN_LOOKUPS": "200ms",
        "HERALD_BILLING": "on",
        "HERALD_AUTOMATIC_TAX": "off",
        "HERALD_X_BASE_URL": f"{url}/x/",
        "HERALD_X_WEB_URL": f"{url}/x/",
        "X_CLIENT_ID": "herald-sandbox-client",
        "X_CLIENT_SECRET": "herald-sandbox-secret",
        "OPENROUTER_API_KEY": "sk-or-v1-herald-sandbox",
        "HERALD_OPENROUTER_BASE_URL": f"{url}/openrouter/api/v1/",
        "STRIPE_SECRET_KEY": STRIPE_KEY,
        "STRIPE_WEBHOOK_SECRET": "whsec_herald_sandbox",
        "HERALD_STRIPE_BASE_URL": f"{url}/stripe/",
    }


def same(what, ours, theirs, body):
    expect(theirs is not None, f"{what}: the library asked")
    expect(
        (ours.method, ours.path, ours.kind) == (theirs.method, theirs.path, theirs.kind),
        f"{what}: {ours.method} {ours.path} {ours.kind} (theirs: {theirs.method} {theirs.path} {theirs.kind})",
    )
    if body(ours) != body(theirs):
        print(f"      ours   {body(ours)}\n      theirs {body(theirs)}")
    expect(body(ours) == body(theirs), f"{what}: the same body")
    scheme = lambda asked: asked.headers.get("authorization", "").split(" ")[0]
    expect(scheme(ours) == scheme(theirs), f"{what}: {scheme(ours) or 'no'} authorization")


def connect(herald):
    begun = herald.gql(
        "mutation($input: BeginConnectionInput!) { beginConnection(input: $input) {"
        " connection { id } authorizationUrl userErrors { code message } } }",
        {"input": {"network": "X", "idempotencyKey": "x"}},
    )["beginConnection"]
    form = b"decision=allow&handle=sandbox_bakery"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    back = call("POST", begun["authorizationUrl"], form, kind)[1]["location"]
    call("GET", back, headers={name: herald.headers()[name] for name in ("authorization", "herald-account")})
    until("the connection is active", lambda: herald.gql(
        "{ connections(first: 1) { nodes { status } } }")["connections"]["nodes"][0]["status"] == "ACTIVE")
    return begun["connection"]["id"]


def write_to_x(herald, connection, sandbox):
    media = herald.gql(
        "mutation($input: UploadMediaInput!) { uploadMedia(input: $input) { media { id } userErrors { code message } } }",
        {"input": {"name": "bread.png", "alt": "a loaf", "base64": PIXEL, "idempotencyKey": "m"}},
    )["uploadMedia"]["media"]["id"]
    content = {"root": {"text": "fresh rolls", "media": [{"media": media}]}, "segments": [{"text": "and more"}]}
    post = herald.gql(
        "mutation($input: CreatePostInput!) { createPost(input: $input) { post { id } userErrors { code message } } }",
        {"input": {"content": content, "connections": [connection], "idempotencyKey": "p"}},
    )["createPost"]["post"]["id"]
    # The first answer is lost, so that the post has to be looked up.
    fault = {"operation": "create_post", "kind": "cut", "when": "after_effect"}
    call("POST", f"{sandbox.url}/_control/faults", json.dumps(fault).encode())
    herald.gql(
        "mutation($input: PostInput!) { publishPost(input: $input) { post { id } userErrors { code message } } }",
        {"input": {"post": post, "idempotencyKey": "out"}},
    )
    until("it is out", lambda: herald.gql(
        "query($id: ID!) { post(id: $id) { status } }", {"id": post})["post"]["status"] == "PUBLISHED")


def quietly(ask, *wish):
    """What was sent counts, not that the stand-in finds it a duplicate or a stranger's."""
    with contextlib.suppress(requests.RequestException, oauthlib.oauth2.OAuth2Error):
        ask(*wish)


def of_x(herald, ours, theirs, sandbox):
    connection = connect(herald)
    write_to_x(herald, connection, sandbox)
    token = ours.last("POST", "/2/tweets").headers["authorization"].split(" ")[1]
    client = xdk.Client(base_url=f"{theirs.url}/x", access_token=token)
    posts = [it for it in ours.asked if it.method == "POST" and it.path.endswith("/2/tweets")]
    expect(len(posts) == 2, "a root with a picture, and a reply")
    for what, asked in zip(("a post with a picture", "a reply"), posts):
        quietly(client.posts.create, CreateRequest(**asked.json()))
        same(f"X, {what}", asked, theirs.last("POST", "/2/tweets"), lambda it: it.json())
        expect(set(asked.json()) <= set(CreateRequest.model_fields), f"X, {what}: the library knows every field")
    asked = ours.last("POST", "/2/media/metadata")
    client.media.create_metadata(CreateMetadataRequest(**asked.json()))
    same("X, the words beside a picture", asked, theirs.last("POST", "/2/media/metadata"), lambda it: it.json())
    upload(client, ours, theirs)
    timeline(client, ours, theirs)
    auth = OAuth2PKCEAuth(
        base_url=f"{theirs.url}/x", client_id="herald-sandbox-client", client_secret="herald-sandbox-secret",
        redirect_uri=f"{herald.url}/oauth/x/callback", token={"access_token": "a", "refresh_token": "r", "token_type": "bearer"},
    )
    quietly(auth.refresh_token)
    asked = ours.last("POST", "/2/oauth2/token")
    refresh = theirs.last("POST", "/2/oauth2/token")
    expect((asked.method, asked.path, asked.kind) == (refresh.method, refresh.path, refresh.kind),
           "X, tokens: the same address and form")
    expect(asked.headers["authorization"] == refresh.headers["authorization"], "X, tokens: the same Basic credentials")
    print("      the library's refresh:", [name for name, _ in refresh.form()], "ours (exchange):", [name for name, _ in asked.form()])


def upload(client, ours, theirs):
    """The library sends JSON with base64, we send the bytes as a form: X's document allows both."""
    asked = ours.last("POST", "/2/media/upload")
    names = {name.decode() for name in re.findall(rb'form-data; name="([^"]+)"', asked.body)}
    wish = UploadRequest(media=PIXEL, media_category="tweet_image", media_type="image/png")
    quietly(client.media.upload, wish)
    other = theirs.last("POST", "/2/media/upload")
    expect(asked.path == other.path, "X, a picture: the same address")
    expect({"media", "media_category"} <= names <= set(other.json()) , f"X, a picture: fields {sorted(names)}")


def timeline(client, ours, theirs):
    """A lost answer is looked up in the author's listing."""
    asked = ours.last("GET", "/tweets")
    user = asked.path.split("/")[-2]
    query = {name: value for name, value in asked.query}
    wish = {name.replace(".", "_"): value.split(",") if "." in name or name in ("exclude", "expansions") else value
            for name, value in query.items()}
    quietly(lambda: list(client.users.get_posts(user, **wish)))
    other = theirs.last("GET", asked.path)
    expect(other is not None, "X, a listing: the same address")
    expect(asked.query == other.query, f"X, a listing: the same query {asked.query} theirs {other.query}")


def of_models(herald, ours, theirs):
    day = "2031-03-{:02}".format
    plan = herald.gql(
        "mutation($input: CreateContentPlanInput!) { createContentPlan(input: $input) { contentPlan { id } userErrors { code message } } }",
        {"input": {"brief": {"goal": "Fill the shop", "topics": ["Bread"]}, "from": day(1), "to": day(7),
                   "zone": "Europe/Berlin", "postsPerWeek": 2, "idempotencyKey": "plan",
                   "connections": [herald.gql("{ connections(first: 1) { nodes { id } } }")["connections"]["nodes"][0]["id"]]}},
    )["createContentPlan"]["contentPlan"]["id"]
    herald.gql(
        "mutation($input: PlanInput!) { generateContentPlan(input: $input) { contentPlan { id } userErrors { code message } } }",
        {"input": {"plan": plan, "idempotencyKey": "write"}},
    )
    asked = until("a model is asked", lambda: ours.last("POST", "/chat/completions"))
    body = asked.json()
    known = {name: value for name, value in body.items() if name not in ("provider", "usage", "models", "transforms")}
    print("      beyond OpenAI's own:", sorted(set(body) - set(known)))
    expect(body["response_format"]["type"] == "json_schema", "a model: it is asked for a JSON schema")
    key = asked.headers["authorization"].split(" ")[1]
    client = openai.OpenAI(base_url=f"{theirs.url}/openrouter/api/v1/", api_key=key, max_retries=0)
    client.chat.completions.create(**known, extra_body={name: body[name] for name in set(body) - set(known)} or None)
    same("a model", asked, theirs.last("POST", "/chat/completions"), lambda it: it.json())
    print("      headers of ours:", {k: v for k, v in asked.headers.items() if k not in ("authorization", "host")})


def unfolded(form):
    """A form as Stripe's library takes it: nested, lists by their numbers."""
    whole = {}
    for name, value in form:
        head, *rest = name.replace("]", "").split("[")
        place = whole
        for step, after in zip([head, *rest], [*rest, None]):
            if after is None:
                place[step] = value
            else:
                place = place.setdefault(step, {})

    def lists(value):
        if not isinstance(value, dict):
            return value
        value = {name: lists(member) for name, member in value.items()}
        return list(value.values()) if value and all(name == "" or name.isdigit() for name in value) else value

    return lists(whole)


def of_stripe(herald, ours, theirs):
    herald.gql('mutation { startCheckout(input: { tier: "starter", interval: MONTH, idempotencyKey: "s" }) { checkoutUrl userErrors { code message } } }')
    page = until("a page", lambda: ours.last("POST", "/v1/checkout/sessions"))
    client = stripe.StripeClient(STRIPE_KEY, base_addresses={"api": f"{theirs.url}/stripe"})
    calls = {
        "/v1/customers": (client.v1.customers.create, CustomerCreateParams),
        "/v1/checkout/sessions": (client.v1.checkout.sessions.create, SessionCreateParams),
    }
    for path, (create, known) in calls.items():
        asked = ours.last("POST", path)
        key = asked.headers["idempotency-key"]
        create(unfolded(asked.form()), {"idempotency_key": key + "-theirs"})
        other = theirs.last("POST", path)
        same(f"Stripe, {path}", asked, other, lambda it: it.form())
        fields = {name.split("[")[0] for name, _ in asked.form()}
        unknown = fields - set(known.__annotations__)
        expect(not unknown, f"Stripe, {path}: the library knows every field {sorted(unknown)}")
        print("      Stripe-Version", asked.headers.get("stripe-version"), "theirs", other.headers.get("stripe-version"))
    url = herald.gql('mutation { startCheckout(input: { tier: "starter", interval: MONTH, idempotencyKey: "s" }) { checkoutUrl userErrors { code message } } }')["startCheckout"]["checkoutUrl"]
    status = call("POST", url, b"card=4242424242424242&email=ada@example.org", {"content-type": "application/x-www-form-urlencoded"})[0]
    expect(status == 303, "the page is paid")
    herald.gql('mutation { syncSubscription(input: { idempotencyKey: "look" }) { userErrors { code message } } }')
    until("the tier is there", lambda: herald.gql("{ subscription { tier } }")["subscription"]["tier"] == "starter")
    herald.gql('mutation { cancelSubscription(input: { idempotencyKey: "c" }) { userErrors { code message } } }')
    asked = until("the end is told", lambda: next((it for it in ours.asked if it.method == "POST" and "/v1/subscriptions/" in it.path), None))
    client.v1.subscriptions.update(asked.path.rsplit("/", 1)[1], unfolded(asked.form()))
    same("Stripe, an end of a subscription", asked, theirs.last("POST", asked.path), lambda it: it.form())


def main():
    print(f"xdk {xdk.__version__}, openai {openai.__version__}, stripe {stripe.VERSION}")
    with Sandbox() as sandbox:
        ours, theirs = Recorder(sandbox.url), Recorder(sandbox.url)
        with Herald(**settings(ours.url)) as herald:
            herald.sign_in()
            of_x(herald, ours, theirs, sandbox)
            of_models(herald, ours, theirs)
            of_stripe(herald, ours, theirs)


if __name__ == "__main__":
    main()
