//! What is configured about an issuer, and about signing in through one.

use herald_http_client::{InvalidSettings, Url};
use secrecy::SecretString;
use std::time::Duration;

/// Whose tokens are believed, and which of them.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// The provider's name in metrics and logs.
    pub name: &'static str,
    /// The `iss` claim, letter by letter; identities are kept under it.
    pub issuer: String,
    /// Other spellings of `iss` that the provider documents.
    pub aliases: Vec<String>,
    /// Where its keys are.
    pub keys: KeySource,
    /// How its tokens are read.
    pub profile: Profile,
    /// The `aud` (for Cognito's access tokens `client_id`) that tokens must be made for.
    pub audiences: Vec<String>,
    /// The `azp` that tokens must name, when any is listed.
    pub authorized_parties: Vec<String>,
    /// Refuse anything but TLS.
    pub https_only: bool,
    /// The longest wait for keys.
    pub timeout: Duration,
    /// When keys are read again.
    pub pace: Pace,
}

/// Where an issuer publishes its keys.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// Named in `{issuer}/.well-known/openid-configuration`.
    Discovery,
    /// Here.
    At(Url),
}

/// How an issuer's tokens are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// OIDC ID tokens, and access tokens as RFC 9068 shapes them.
    Oidc,
    /// Clerk's session tokens, versions 1 and 2.
    Clerk,
    /// Cognito's ID tokens.
    CognitoId,
    /// Cognito's access tokens.
    CognitoAccess,
}

/// When keys are read again.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Keys older than this are read anew.
    pub fresh: Duration,
    /// While the issuer does not answer, keys are used up to this age.
    pub usable: Duration,
    /// Between two attempts lies at least this, whatever tokens come in.
    pub pause: Duration,
    /// As `pause`, as long as there are no keys at all.
    pub first_pause: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            fresh: Duration::from_secs(60 * 60),
            usable: Duration::from_secs(24 * 60 * 60),
            pause: Duration::from_secs(30),
            first_pause: Duration::from_secs(2),
        }
    }
}

impl Issuer {
    /// Any OIDC provider that publishes a discovery document.
    pub fn oidc(issuer: impl Into<String>, audiences: Vec<String>) -> Self {
        Self {
            name: "oidc",
            issuer: issuer.into(),
            aliases: Vec::new(),
            keys: KeySource::Discovery,
            profile: Profile::Oidc,
            audiences,
            authorized_parties: Vec::new(),
            https_only: false,
            timeout: Duration::from_secs(5),
            pace: Pace::default(),
        }
    }

    /// Google. `certs` is `https://www.googleapis.com/oauth2/v3/certs`; Google documents both
    /// spellings of its issuer.
    #[must_use]
    pub fn google(certs: Url, client_id: &str) -> Self {
        Self {
            name: "google",
            aliases: vec!["accounts.google.com".to_owned()],
            keys: KeySource::At(certs),
            ..Self::oidc(GOOGLE, vec![client_id.to_owned()])
        }
    }

    /// A Clerk instance: `frontend_api` as in `iss`, such as `https://clerk.example.com`, and the
    /// origins whose sessions are believed.
    pub fn clerk(
        frontend_api: &str,
        authorized_parties: Vec<String>,
    ) -> Result<Self, url::ParseError> {
        let keys = KeySource::At(well_known_keys(frontend_api)?);
        let issuer = Self::oidc(frontend_api, Vec::new());
        Ok(Self { name: "clerk", keys, profile: Profile::Clerk, authorized_parties, ..issuer })
    }

    /// A Cognito pool: `pool` as in `iss`, `https://cognito-idp.{region}.amazonaws.com/{pool id}`,
    /// and the application clients. One for ID tokens, one for access tokens.
    pub fn cognito(pool: &str, clients: &[String]) -> Result<[Self; 2], url::ParseError> {
        let keys = KeySource::At(well_known_keys(pool)?);
        let issuer = Self { name: "cognito", keys, ..Self::oidc(pool, clients.to_vec()) };
        Ok([
            Self { profile: Profile::CognitoId, ..issuer.clone() },
            Self { profile: Profile::CognitoAccess, ..issuer },
        ])
    }
}

pub(crate) const GOOGLE: &str = "https://accounts.google.com";

fn well_known_keys(issuer: &str) -> Result<Url, url::ParseError> {
    format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/')).parse()
}

/// Signing in through an OIDC provider.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// The provider's name in routes and on buttons.
    pub name: String,
    /// Whose ID tokens prove who the person is; its audience becomes `client_id`.
    pub issuer: Issuer,
    /// Where the provider is; discovered when not set.
    pub endpoints: Option<Endpoints>,
    /// The application's public name.
    pub client_id: String,
    /// The application's secret; without one it is a public client.
    pub client_secret: Option<SecretString>,
    /// How the secret is sent.
    pub client_auth: ClientAuth,
    /// What the person is asked for.
    pub scopes: Vec<String>,
    /// What else the authorisation address says, such as `prompt` or `hd`.
    pub parameters: Vec<(String, String)>,
    /// Whether a person without a verified address is turned away.
    pub verified_email: bool,
    /// The longest wait for an answer.
    pub timeout: Duration,
}

/// Where a provider is.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// Where browsers go.
    pub authorization: Url,
    /// Where codes are traded.
    pub token: Url,
    /// Where the person is described, should the ID token be silent.
    pub userinfo: Option<Url>,
}

/// How the application proves itself at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientAuth {
    /// `Authorization: Basic`.
    #[default]
    Basic,
    /// In the form.
    Post,
}

impl ProviderSettings {
    /// Any OIDC provider that publishes a discovery document.
    pub fn oidc(
        name: impl Into<String>,
        issuer: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: Option<SecretString>,
    ) -> Self {
        let client_id = client_id.into();
        Self {
            name: name.into(),
            issuer: Issuer::oidc(issuer, vec![client_id.clone()]),
            endpoints: None,
            client_id,
            client_secret,
            client_auth: ClientAuth::default(),
            scopes: ["openid", "email", "profile"].map(str::to_owned).to_vec(),
            parameters: Vec::new(),
            verified_email: true,
            timeout: Duration::from_secs(15),
        }
    }

    /// Google at its documented addresses: `accounts` `https://accounts.google.com/`, `oauth2`
    /// `https://oauth2.googleapis.com/`, `apis` `https://www.googleapis.com/`, `openid`
    /// `https://openidconnect.googleapis.com/`.
    pub fn google(
        places: &GooglePlaces,
        client_id: impl Into<String>,
        client_secret: SecretString,
    ) -> Result<Self, url::ParseError> {
        let settings = Self::oidc("google", GOOGLE, client_id, Some(client_secret));
        Ok(Self {
            issuer: Issuer::google(under(&places.apis, "oauth2/v3/certs")?, &settings.client_id),
            endpoints: Some(Endpoints {
                authorization: under(&places.accounts, "o/oauth2/v2/auth")?,
                token: under(&places.oauth2, "token")?,
                userinfo: Some(under(&places.openid, "v1/userinfo")?),
            }),
            client_auth: ClientAuth::Post,
            parameters: vec![("prompt".to_owned(), "select_account".to_owned())],
            ..settings
        })
    }

    /// As it is, or with TLS demanded of every address.
    #[must_use]
    pub const fn https_only(mut self, https_only: bool) -> Self {
        self.issuer.https_only = https_only;
        self
    }
}

/// The four hosts that Google's sign-in lives on.
#[derive(Debug, Clone)]
pub struct GooglePlaces {
    /// Where browsers go.
    pub accounts: Url,
    /// Where codes are traded.
    pub oauth2: Url,
    /// Where the keys are.
    pub apis: Url,
    /// Where the person is described.
    pub openid: Url,
}

impl GooglePlaces {
    /// Google itself.
    pub fn real() -> Result<Self, url::ParseError> {
        Ok(Self {
            accounts: "https://accounts.google.com/".parse()?,
            oauth2: "https://oauth2.googleapis.com/".parse()?,
            apis: "https://www.googleapis.com/".parse()?,
            openid: "https://openidconnect.googleapis.com/".parse()?,
        })
    }

    /// All four at one place, such as the sandbox.
    #[must_use]
    pub fn at(base: &Url) -> Self {
        let base = || base.clone();
        Self { accounts: base(), oauth2: base(), apis: base(), openid: base() }
    }
}

fn under(base: &Url, path: &str) -> Result<Url, url::ParseError> {
    format!("{}/{path}", base.as_str().trim_end_matches('/')).parse()
}

/// Settings with which no token could be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The address cannot be called.
    #[error(transparent)]
    Address(#[from] InvalidSettings),
    /// The issuer is no URL.
    #[error("the issuer of {0} must be its http or https URL")]
    Issuer(&'static str),
    /// Anybody's tokens would be believed.
    #[error("{0} needs an audience (for Clerk: an authorised party), or it believes every token")]
    NoAudience(&'static str),
    /// Two settings speak of the same tokens.
    #[error("the issuer {0} is configured twice for the same kind of token")]
    Twice(String),
}
