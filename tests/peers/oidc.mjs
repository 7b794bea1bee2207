// An OIDC server that is not ours (npm oidc-provider): discovery, PKCE, a consent page, ID tokens.
import { Provider } from "oidc-provider";

const [port, callback] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "herald", client_secret: "a-secret-of-the-peer", redirect_uris: [callback],
    grant_types: ["authorization_code"], response_types: ["code"] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.org`, email_verified: true, name: "Ada" }) }),
});
provider.on("server_error", (_, error) => console.error(error));
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
