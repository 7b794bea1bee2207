//! Which applications and keys the identity providers know from the start.

use crate::cognito::AppClient;
use crate::svix::Endpoint;
use crate::x::oauth::Client;

/// Google's client id of the sandbox's application.
pub const GOOGLE_CLIENT_ID: &str = "herald-sandbox.apps.googleusercontent.com";
/// The secret of that application. It opens nothing but a sandbox.
pub const GOOGLE_CLIENT_SECRET: &str = "GOCSPX-herald-sandbox-secret";
/// GitHub's client id of an OAuth app, whose tokens do not expire.
pub const GITHUB_CLIENT_ID: &str = "Ov23heraldsandbox";
/// GitHub's client id of a GitHub App, whose tokens expire and can be refreshed.
pub const GITHUB_APP_CLIENT_ID: &str = "Iv23heraldsandbox";
/// The secret of both. It opens nothing but a sandbox.
pub const GITHUB_CLIENT_SECRET: &str = "herald-sandbox-github-secret";
/// Clerk's client id of the sandbox's OAuth application.
pub const CLERK_CLIENT_ID: &str = "herald-sandbox-clerk";
/// The secret of that application. It opens nothing but a sandbox.
pub const CLERK_CLIENT_SECRET: &str = "herald-sandbox-clerk-secret";
/// The secret key of Clerk's Backend API.
pub const CLERK_SECRET_KEY: &str = "sk_test_herald_sandbox";
/// The user pool.
pub const COGNITO_POOL_ID: &str = "eu-central-1_Sandbox01";
/// The pool's app client that has a secret.
pub const COGNITO_CLIENT_ID: &str = "heraldsandboxcognitoclient";
/// The secret of that app client. It opens nothing but a sandbox.
pub const COGNITO_CLIENT_SECRET: &str = "herald-sandbox-cognito-secret-of-an-app-client";
/// The pool's app client without a secret; its refresh tokens rotate.
pub const COGNITO_PUBLIC_CLIENT_ID: &str = "heraldsandboxcognitopublic";
/// The access key that signs administrative requests.
pub const AWS_ACCESS_KEY_ID: &str = "AKIAHERALDSANDBOX000";
/// Its secret. It opens nothing but a sandbox.
pub const AWS_SECRET_ACCESS_KEY: &str = "herald/sandbox/secret/access/key";
/// The password of everybody who is in the pool from the start.
pub const COGNITO_PASSWORD: &str = "Sandbox-1234";

/// What the identity providers know from the start.
#[derive(Debug, Clone)]
pub struct IdentitySettings {
    /// Applications registered at Google.
    pub google_clients: Vec<Client>,
    /// Applications registered at GitHub; an id that begins with `Iv` is a GitHub App's.
    pub github_clients: Vec<Client>,
    /// OAuth applications registered at Clerk.
    pub clerk_clients: Vec<Client>,
    /// The Backend API's secret keys, each as the secret of a nameless application.
    pub clerk_keys: Vec<Client>,
    /// Where Clerk sends its webhooks.
    pub clerk_webhook: Option<Endpoint>,
    /// The id of the user pool; its region is what precedes the underscore.
    pub cognito_pool: String,
    /// The pool's app clients.
    pub cognito_clients: Vec<AppClient>,
    /// Access keys of AWS: id and secret.
    pub aws_keys: Vec<Client>,
}

impl Default for IdentitySettings {
    fn default() -> Self {
        let client =
            |id: &str, secret: &str| Client { id: id.to_owned(), secret: Some(secret.to_owned()) };
        Self {
            google_clients: vec![client(GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET)],
            github_clients: vec![
                client(GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET),
                client(GITHUB_APP_CLIENT_ID, GITHUB_CLIENT_SECRET),
            ],
            clerk_clients: vec![client(CLERK_CLIENT_ID, CLERK_CLIENT_SECRET)],
            clerk_keys: vec![client("", CLERK_SECRET_KEY)],
            clerk_webhook: None,
            cognito_pool: COGNITO_POOL_ID.to_owned(),
            cognito_clients: vec![
                AppClient {
                    client: client(COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET),
                    rotates: false,
                },
                AppClient {
                    client: Client { id: COGNITO_PUBLIC_CLIENT_ID.to_owned(), secret: None },
                    rotates: true,
                },
            ],
            aws_keys: vec![client(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)],
        }
    }
}
