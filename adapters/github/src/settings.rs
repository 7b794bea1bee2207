//! What is configured about GitHub: addresses, the application's credentials, who may sign in.

use herald_http_client::{Settings as Http, Url};
use secrecy::SecretString;
use std::time::Duration;

/// How GitHub is reached, and as which OAuth app.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The provider's name in routes and on buttons.
    pub name: String,
    /// Where the API begins: `https://api.github.com/`.
    pub api: Url,
    /// Where people are: `https://github.com/`.
    pub web: Url,
    /// Under which name identities are kept: `https://github.com`.
    pub issuer: String,
    /// The application's public name.
    pub client_id: String,
    /// The application's secret. GitHub has no public clients.
    pub client_secret: SecretString,
    /// Only active members of this organisation may sign in.
    pub organisation: Option<String>,
    /// Ask for the person's repositories too, and hand on the token that opens them. Off by default:
    /// GitHub has no scope that reads private ones without writing.
    pub repositories: bool,
    /// Whether a person without a verified primary address is turned away.
    pub verified_email: bool,
    /// Refuse anything but TLS.
    pub https_only: bool,
    /// The longest wait for an answer.
    pub timeout: Duration,
    /// Pause after a first failed try of a repeatable call.
    pub base_delay: Duration,
}

impl Settings {
    /// The settings for an OAuth app at `api` and `web`, everything else by default.
    #[must_use]
    pub fn new(
        api: Url,
        web: Url,
        client_id: impl Into<String>,
        client_secret: SecretString,
    ) -> Self {
        Self {
            name: "github".to_owned(),
            api,
            web,
            issuer: "https://github.com".to_owned(),
            client_id: client_id.into(),
            client_secret,
            organisation: None,
            repositories: false,
            verified_email: true,
            https_only: false,
            timeout: Duration::from_secs(15),
            base_delay: Duration::from_millis(500),
        }
    }

    /// The least that is needed.
    pub(crate) fn scopes(&self) -> Vec<&'static str> {
        // Who somebody is, is public; their addresses are not.
        let mut scopes = vec!["user:email"];
        if self.organisation.is_some() {
            scopes.push("read:org");
        }
        if self.repositories {
            scopes.push("repo");
        }
        scopes
    }

    pub(crate) fn http(&self, base: &Url) -> Http {
        Http {
            timeout: self.timeout,
            base_delay: self.base_delay,
            https_only: self.https_only,
            ..Http::new("github", base.clone())
        }
    }
}
