// Third-party clients and an audit against /graphql: npm graphql-http (audits), graphql-request (the
// README's walk-through), graphql-ws (subscriptions), and server-sent events over fetch.
import { serverAudits } from "graphql-http";
import { GraphQLClient } from "graphql-request";
import { createClient } from "graphql-ws";
import { randomUUID } from "node:crypto";
import WebSocket from "ws";

const url = process.env.HERALD_URL;
const token = process.env.HERALD_SESSION;
const account = process.env.HERALD_ACCOUNT;
const headers = { authorization: `Bearer ${token}`, "herald-account": account };

function expect(truth, what) {
  if (!truth) throw new Error(what);
  console.log(`  ok: ${what}`);
}

async function until(what, found) {
  for (const end = Date.now() + 40_000; Date.now() < end; ) {
    const answer = await found();
    if (answer) return answer;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`this never came: ${what}`);
}

async function audit() {
  const failed = { MUST: [], SHOULD: [], MAY: [] };
  const audits = serverAudits({ url: `${url}/graphql`, fetchFn: fetch });
  for (const audit of audits) {
    const result = await audit.fn();
    if (result.status !== "ok") failed[audit.name.split(" ")[0]]?.push(`${audit.id} ${audit.name}`);
  }
  console.log(`${audits.length} audits; MAY that are not: ${failed.MAY.length}`);
  for (const word of ["MUST", "SHOULD"]) expect(!failed[word].length, `no ${word} failed ${failed[word]}`);
}

const client = new GraphQLClient(`${url}/graphql`, { headers });

async function tell(name, input, wanted) {
  const kind = { publishPost: "PostInput", generateContentPlan: "PlanInput", submitContentPlan: "PlanInput",
    acceptPlanItem: "PlanItemInput" }[name] ?? name[0].toUpperCase() + name.slice(1) + "Input";
  const query = `mutation Tell($input: ${kind}!) { ${name}(input: $input) {
    ${wanted} userErrors { code message } } }`;
  const answer = await client.request(query, { input: { idempotencyKey: randomUUID(), ...input } });
  if (answer[name].userErrors.length) throw new Error(`${name}: ${JSON.stringify(answer)}`);
  return answer[name];
}

async function walk() {
  await tell("updateBusinessProfile", { name: "Crumb & Crust", sells: "Sourdough bread",
    audience: "People who live within a walk", tone: "Warm", goals: ["More regulars"] }, "account { id }");
  const begun = await tell("beginConnection", { network: "X" }, "connection { id } authorizationUrl");
  const clicked = await fetch(begun.authorizationUrl, { method: "POST", redirect: "manual",
    body: new URLSearchParams({ decision: "allow", handle: "sandbox_bakery" }) });
  const back = await fetch(clicked.headers.get("location"), { headers, redirect: "manual" });
  expect(back.status < 400, "the way back from the consent page is open");
  const connection = begun.connection.id;
  await until("the connection is active", async () => {
    const found = await client.request("{ connections(first: 5) { nodes { id status } } }");
    return found.connections.nodes.some((node) => node.id === connection && node.status === "ACTIVE");
  });
  const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
  const made = await tell("createContentPlan", { brief: { goal: "Fill the shop", topics: ["Bread", "Rolls"],
    dont: ["No discounts"] }, from: day(1), to: day(14), zone: "Europe/Berlin", connections: [connection],
    postsPerWeek: 3 }, "contentPlan { id }");
  const plan = made.contentPlan.id;
  await tell("generateContentPlan", { plan }, "contentPlan { status }");
  const items = await until("the plan is written", async () => {
    const found = await client.request(
      "query($plan: ID!) { contentPlan(id: $plan) { status items { id } } }", { plan });
    return found.contentPlan.items.length ? found.contentPlan.items : null;
  });
  expect(items.length === 6, "two weeks have six posts");
  await until("all items can be accepted", async () => {
    try {
      for (const { id } of items) {
        await tell("acceptPlanItem", { plan, item: id, idempotencyKey: id }, "item { status }");
      }
      return true;
    } catch { return false; }
  });
  const read = (await tell("submitContentPlan", { plan }, "contentPlan { revision contentHash }")).contentPlan;
  await tell("approveContentPlan", { plan, ...read }, "contentPlan { status }");
  const { posts } = await tell("materializeContentPlan", { plan }, "posts { id }");
  expect(posts.length === 6, "they are six posts");
  const followed = follow();
  const streamed = stream();
  await tell("publishPost", { post: posts[0].id }, "post { status }");
  await until("the post is out", async () => {
    const found = await client.request("query($post: ID!) { post(id: $post) { status } }", { post: posts[0].id });
    return found.post.status === "PUBLISHED";
  });
  expect((await followed).includes("post.publish_requested") || (await followed).length > 0,
    `graphql-ws heard of it: ${[...new Set(await followed)].slice(0, 4)}`);
  expect((await streamed).length > 0, `server-sent events told of it: ${(await streamed).slice(0, 2)}`);
  const why = await client.request(
    "query($post: ID!) { auditLog(object: $post, first: 20) { nodes { type why } } }", { post: posts[0].id });
  expect(why.auditLog.nodes.length > 3, "the audit log says why");
}

const changes = "subscription { changes { type } }";

async function follow() {
  const socket = createClient({ url: `${url.replace("http", "ws")}/graphql`, webSocketImpl: WebSocket,
    connectionParams: { authorization: headers.authorization, "herald-account": account }, retryAttempts: 0 });
  const heard = [];
  for await (const result of socket.iterate({ query: changes })) {
    if (result.errors) throw new Error(JSON.stringify(result.errors));
    heard.push(result.data.changes.type);
    if (heard.length >= 3) break;
  }
  await socket.dispose();
  return heard;
}

async function stream() {
  const answer = await fetch(`${url}/graphql`, { method: "POST", body: JSON.stringify({ query: changes }),
    headers: { ...headers, "content-type": "application/json", accept: "text/event-stream" } });
  expect(answer.headers.get("content-type").startsWith("text/event-stream"), "a stream of events is one");
  const heard = [];
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of answer.body) {
    rest += decoder.decode(chunk, { stream: true });
    for (let at; (at = rest.indexOf("\n\n")) >= 0; rest = rest.slice(at + 2)) {
      const data = rest.slice(0, at).split("\n").filter((line) => line.startsWith("data:"));
      if (data.length) heard.push(JSON.parse(data.map((line) => line.slice(5)).join("\n")).data.changes.type);
    }
    if (heard.length >= 2) break;
  }
  return heard;
}

await audit();
await walk();
process.exit(0);
