//! Who vouches for people: which identity providers are configured, and how they are reached.

use super::{ConfigError, read::switch, source::Source};
use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use herald_application::settings::{IdentityRules, Mode};
use secrecy::SecretString;
use std::net::SocketAddr;
use url::Url;

/// The secret with which the sandbox's Clerk signs its webhooks. It opens nothing but a sandbox.
pub(crate) const SANDBOX_CLERK_WEBHOOK_SECRET: &str =
    "whsec_aGVyYWxkLXNhbmRib3gtY2xlcmstd2ViaG9vay0x";

/// Every identity provider's settings; an absent one is not configured.
#[derive(Debug, Clone, Default)]
pub(crate) struct Identity {
    /// Google.
    pub(crate) google: Option<Application>,
    /// GitHub.
    pub(crate) github: Option<GitHub>,
    /// Clerk.
    pub(crate) clerk: Option<Clerk>,
    /// A Cognito user pool.
    pub(crate) cognito: Option<Cognito>,
    /// Are Cognito's passwords taken at `/auth`? Else a link is mailed, as where there is none.
    pub(crate) passwords: bool,
    /// Any other OIDC issuers.
    pub(crate) issuers: Vec<Issuer>,
}

/// An application that is registered at a provider.
#[derive(Debug, Clone)]
pub(crate) struct Application {
    /// Its public name.
    pub(crate) id: String,
    /// Its secret.
    pub(crate) secret: SecretString,
    /// The issuer, where it is not the provider's own.
    pub(crate) issuer: Option<String>,
}

/// How GitHub is reached.
#[derive(Debug, Clone)]
pub(crate) struct GitHub {
    /// Our application there.
    pub(crate) application: Application,
    /// Where its API is.
    pub(crate) api: Url,
    /// Where its pages are.
    pub(crate) web: Url,
    /// Only active members of this organisation may sign in.
    pub(crate) organisation: Option<String>,
    /// Whether people are asked for their repositories too.
    pub(crate) repositories: bool,
}

/// How Clerk is reached.
#[derive(Debug, Clone)]
pub(crate) struct Clerk {
    /// The instance's Frontend API, as tokens name it.
    pub(crate) issuer: String,
    /// Where the Backend API is.
    pub(crate) api: Url,
    /// What opens it; without, the directory is not read.
    pub(crate) secret_key: Option<SecretString>,
    /// What its webhooks are signed with; without, none is taken.
    pub(crate) webhook_secrets: Vec<SecretString>,
    /// Origins whose session tokens are believed, beside our own.
    pub(crate) parties: Vec<String>,
    /// Our application there, for its hosted page.
    pub(crate) application: Option<Application>,
}

/// How a Cognito user pool is reached.
#[derive(Debug, Clone)]
pub(crate) struct Cognito {
    /// Where the service is.
    pub(crate) endpoint: Url,
    /// The pool's region.
    pub(crate) region: String,
    /// The pool.
    pub(crate) pool: String,
    /// The application client's public name.
    pub(crate) client_id: String,
    /// Its secret.
    pub(crate) client_secret: Option<SecretString>,
    /// AWS credentials for the directory: key id, secret, and a session's token.
    pub(crate) credentials: Option<(String, SecretString, Option<SecretString>)>,
    /// Whether the pool has hosted pages.
    pub(crate) hosted: bool,
}

/// Any OIDC issuer.
#[derive(Debug, Clone)]
pub(crate) struct Issuer {
    /// In routes and on buttons.
    pub(crate) name: String,
    /// Our application there.
    pub(crate) application: Application,
}

pub(super) fn identity(
    source: &Source,
    mode: Mode,
    sandbox: SocketAddr,
) -> Result<Identity, ConfigError> {
    let passwords = switch(source, "HERALD_PASSWORDS", true)?;
    let repositories = switch(source, "HERALD_GITHUB_REPOSITORIES", false)?;
    match mode {
        Mode::Sandbox => Ok(Identity { passwords, ..stand_ins(sandbox, repositories)? }),
        Mode::Production => Ok(Identity {
            google: application(source, "GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET")?,
            github: github(source, repositories)?,
            clerk: clerk(source)?,
            cognito: cognito(source)?,
            passwords,
            issuers: issuers(source)?,
        }),
    }
}

/// What an operator may set about people.
pub(super) fn rules(source: &Source) -> Result<IdentityRules, ConfigError> {
    let open_accounts = switch(source, "HERALD_OPEN_ACCOUNTS", false)?;
    let mut rules = IdentityRules { open_accounts, ..IdentityRules::default() };
    for (name, place) in [
        ("HERALD_WAIT_REDIRECT", &mut rules.redirect),
        ("HERALD_WAIT_RENEWED_SESSION", &mut rules.renewed_session),
        ("HERALD_WAIT_SIGN_IN_LOG", &mut rules.log),
        ("HERALD_WAIT_FORGET_MEMBER", &mut rules.forget_after),
    ] {
        if let Some(text) = source.get(name) {
            *place = super::read::duration(name, text)?;
        }
    }
    Ok(rules)
}

/// The sandbox's own credentials and addresses: nothing real is ever mixed in.
fn stand_ins(sandbox: SocketAddr, repositories: bool) -> Result<Identity, ConfigError> {
    let at = |path: &str| address("HERALD_SANDBOX_LISTEN", &format!("http://{sandbox}/{path}"));
    let own = |id: &str, text: &str, issuer: Option<&str>| Application {
        id: id.to_owned(),
        secret: SecretString::from(text.to_owned()),
        issuer: issuer.map(|path| format!("http://{sandbox}/{path}")),
    };
    let key = |text: &str| SecretString::from(text.to_owned());
    Ok(Identity {
        google: Some(own(
            herald_sandbox::GOOGLE_CLIENT_ID,
            herald_sandbox::GOOGLE_CLIENT_SECRET,
            Some("google"),
        )),
        github: Some(GitHub {
            application: own(
                herald_sandbox::GITHUB_CLIENT_ID,
                herald_sandbox::GITHUB_CLIENT_SECRET,
                None,
            ),
            api: at("github/api/")?,
            web: at("github/")?,
            organisation: None,
            repositories,
        }),
        clerk: Some(Clerk {
            issuer: format!("http://{sandbox}/clerk"),
            api: at("clerk/v1/")?,
            secret_key: Some(key(herald_sandbox::CLERK_SECRET_KEY)),
            webhook_secrets: vec![key(SANDBOX_CLERK_WEBHOOK_SECRET)],
            parties: Vec::new(),
            application: Some(own(
                herald_sandbox::CLERK_CLIENT_ID,
                herald_sandbox::CLERK_CLIENT_SECRET,
                Some("clerk"),
            )),
        }),
        cognito: Some(Cognito {
            endpoint: at("cognito/")?,
            region: "eu-central-1".to_owned(),
            pool: herald_sandbox::COGNITO_POOL_ID.to_owned(),
            client_id: herald_sandbox::COGNITO_CLIENT_ID.to_owned(),
            client_secret: Some(key(herald_sandbox::COGNITO_CLIENT_SECRET)),
            credentials: Some((
                herald_sandbox::AWS_ACCESS_KEY_ID.to_owned(),
                key(herald_sandbox::AWS_SECRET_ACCESS_KEY),
                None,
            )),
            hosted: false,
        }),
        passwords: true,
        issuers: Vec::new(),
    })
}

/// Both halves or neither.
fn application(
    source: &Source,
    id: &'static str,
    secret: &'static str,
) -> Result<Option<Application>, ConfigError> {
    match (source.get(id), super::read::secret(source, secret)) {
        (None, None) => Ok(None),
        (Some(id), Some(secret)) => {
            Ok(Some(Application { id: id.to_owned(), secret, issuer: None }))
        }
        (Some(_), None) => Err(missing(secret, id)),
        (None, Some(_)) => Err(missing(id, secret)),
    }
}

fn missing(name: &'static str, beside: &'static str) -> ConfigError {
    ConfigError::wrong(name, format!("{beside} is set and this is not"), "set both or neither")
}

fn github(source: &Source, repositories: bool) -> Result<Option<GitHub>, ConfigError> {
    let found = application(source, "GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET")?;
    let Some(application) = found else { return Ok(None) };
    Ok(Some(GitHub {
        application,
        api: address("GITHUB_CLIENT_ID", "https://api.github.com/")?,
        web: address("GITHUB_CLIENT_ID", "https://github.com/")?,
        organisation: source.get("HERALD_GITHUB_ORGANISATION").map(ToOwned::to_owned),
        repositories,
    }))
}

fn clerk(source: &Source) -> Result<Option<Clerk>, ConfigError> {
    let name = "CLERK_PUBLISHABLE_KEY";
    let Some(publishable) = source.get(name) else {
        return match source.get("CLERK_SECRET_KEY") {
            Some(_) => Err(missing(name, "CLERK_SECRET_KEY")),
            None => Ok(None),
        };
    };
    let host = frontend(publishable).ok_or_else(|| {
        let fix = "copy it from Clerk's dashboard: it begins with pk_live_ or pk_test_";
        ConfigError::wrong(name, "it is no publishable key", fix)
    })?;
    let issuer = format!("https://{host}");
    let hosted = application(source, "CLERK_CLIENT_ID", "CLERK_CLIENT_SECRET")?;
    let secrets = source.get("CLERK_WEBHOOK_SECRET").unwrap_or_default();
    let secrets = secrets.split(',').map(str::trim).filter(|text| !text.is_empty());
    let parties = source.get("HERALD_CLERK_PARTIES").unwrap_or_default();
    let parties = parties.split(',').map(str::trim).filter(|text| !text.is_empty());
    Ok(Some(Clerk {
        api: address("CLERK_SECRET_KEY", "https://api.clerk.com/v1/")?,
        secret_key: super::read::secret(source, "CLERK_SECRET_KEY"),
        webhook_secrets: secrets.map(|text| SecretString::from(text.to_owned())).collect(),
        parties: parties.map(ToOwned::to_owned).collect(),
        application: hosted.map(|it| Application { issuer: Some(issuer.clone()), ..it }),
        issuer,
    }))
}

/// The host that a publishable key carries: base64 of the host and a dollar sign.
fn frontend(publishable: &str) -> Option<String> {
    let lenient =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, lenient);
    let coded =
        ["pk_live_", "pk_test_"].into_iter().find_map(|mark| publishable.strip_prefix(mark))?;
    let host = String::from_utf8(engine.decode(coded).ok()?).ok()?;
    let host = host.strip_suffix('$')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    (!host.is_empty() && host.chars().all(plain)).then(|| host.to_owned())
}

fn cognito(source: &Source) -> Result<Option<Cognito>, ConfigError> {
    let (pool, client) = ("AWS_COGNITO_USER_POOL_ID", "AWS_COGNITO_CLIENT_ID");
    let (pool_id, client_id) = match (source.get(pool), source.get(client)) {
        (None, None) => return Ok(None),
        (Some(pool), Some(client)) => (pool, client),
        (Some(_), None) => return Err(missing(client, pool)),
        (None, Some(_)) => return Err(missing(pool, client)),
    };
    let fix = "give the pool's id, such as eu-central-1_aBcDeFgHi";
    let own = pool_id.split_once('_').map(|(region, _)| region);
    let own = own.ok_or_else(|| ConfigError::wrong(pool, format!("`{pool_id}`"), fix))?;
    let region = source.get("AWS_REGION").unwrap_or(own);
    let key = application(source, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")?;
    let session = super::read::secret(source, "AWS_SESSION_TOKEN");
    let own = format!("https://cognito-idp.{region}.amazonaws.com/");
    Ok(Some(Cognito {
        endpoint: super::providers::https(source, "HERALD_COGNITO_BASE_URL", &own)?,
        region: region.to_owned(),
        pool: pool_id.to_owned(),
        client_id: client_id.to_owned(),
        client_secret: super::read::secret(source, "AWS_COGNITO_CLIENT_SECRET"),
        credentials: key.map(|key| (key.id, key.secret, session)),
        hosted: switch(source, "HERALD_COGNITO_HOSTED", false)?,
    }))
}

/// `name=issuer|client id` each, and the secrets apart as `name=secret`.
fn issuers(source: &Source) -> Result<Vec<Issuer>, ConfigError> {
    let (list, secrets) = ("HERALD_OIDC_ISSUERS", "HERALD_OIDC_SECRETS");
    let split = |text: &'static str| {
        let parts = source.get(text).unwrap_or_default().split(',').map(str::trim);
        parts.filter(|part| !part.is_empty()).map(|part| part.split_once('='))
    };
    let secrets: Vec<_> = split(secrets).flatten().collect();
    let fix = "give name=https://issuer|client-id, with commas between";
    let taken = ["google", "github", "clerk", "cognito"];
    split(list)
        .map(|part| {
            let wrong = || ConfigError::wrong(list, "an issuer is not of its form", fix);
            let (name, rest) = part.ok_or_else(wrong)?;
            let (issuer, id) = rest.split_once('|').ok_or_else(wrong)?;
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            let good = !name.is_empty() && name.chars().all(plain) && !taken.contains(&name);
            let safe = Url::parse(issuer).is_ok_and(|url| super::providers::is_safe(&url));
            if !good || !safe || id.is_empty() {
                return Err(wrong());
            }
            let secret = secrets.iter().find(|(of, _)| *of == name).map(|(_, secret)| *secret);
            let secret = secret.ok_or_else(|| {
                ConfigError::wrong("HERALD_OIDC_SECRETS", format!("{name} has none"), "add it")
            })?;
            let secret = SecretString::from(secret.to_owned());
            let issuer = Some(issuer.to_owned());
            let application = Application { id: id.to_owned(), secret, issuer };
            Ok(Issuer { name: name.to_owned(), application })
        })
        .collect()
}

fn address(name: &'static str, text: &str) -> Result<Url, ConfigError> {
    Url::parse(text).map_err(|error| ConfigError::wrong(name, error.to_string(), "give an address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publishable_key_names_the_issuer() {
        // base64 of `clerk.example.com$`
        let host = frontend("pk_live_Y2xlcmsuZXhhbXBsZS5jb20k");
        assert_eq!(host.as_deref(), Some("clerk.example.com"));
        for wrong in ["", "pk_live_", "sk_live_Y2xlcmsuZXhhbXBsZS5jb20k", "pk_test_%%%"] {
            assert_eq!(frontend(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn half_of_a_providers_credentials_is_an_error_and_not_a_provider() {
        let source = Source::of(&[("GOOGLE_CLIENT_ID", "id")]);
        let sandbox = "127.0.0.1:1".parse().expect("an address");
        let error = identity(&source, Mode::Production, sandbox).expect_err("half");
        assert!(error.to_string().contains("GOOGLE_CLIENT_SECRET"), "{error}");
    }

    #[test]
    fn an_issuer_needs_a_name_of_its_own_and_a_secret() {
        let sandbox = "127.0.0.1:1".parse().expect("an address");
        let read = |list: &str, secrets: &str| {
            let given = [("HERALD_OIDC_ISSUERS", list), ("HERALD_OIDC_SECRETS", secrets)];
            identity(&Source::of(&given), Mode::Production, sandbox).map(|it| it.issuers.len())
        };
        assert_eq!(read("corp=https://id.corp.example|herald", "corp=s").ok(), Some(1));
        assert_eq!(read("near=http://127.0.0.1:9000|herald", "near=s").ok(), Some(1));
        for (list, secrets) in [
            ("google=https://id.corp.example|herald", "google=s"),
            ("corp=http://id.corp.example|herald", "corp=s"),
            ("corp=https://id.corp.example", "corp=s"),
            ("corp=localhost|herald", "corp=s"),
            ("corp=https://id.corp.example|herald", ""),
        ] {
            assert!(read(list, secrets).is_err(), "{list}");
        }
    }

    #[test]
    fn a_pool_may_be_elsewhere_and_without_tls_on_this_machine_alone() {
        let sandbox = "127.0.0.1:1".parse().expect("an address");
        let read = |address: &str| {
            let pool = ("AWS_COGNITO_USER_POOL_ID", "eu-central-1_aBcDeFgHi");
            let given =
                [pool, ("AWS_COGNITO_CLIENT_ID", "c"), ("HERALD_COGNITO_BASE_URL", address)];
            let identity = identity(&Source::of(&given), Mode::Production, sandbox);
            identity.map(|it| it.cognito.expect("a pool").endpoint.to_string())
        };
        assert_eq!(read("http://127.0.0.1:9").ok().as_deref(), Some("http://127.0.0.1:9/"));
        let error = read("http://cognito.example").expect_err("in the clear").to_string();
        assert!(error.starts_with("HERALD_COGNITO_BASE_URL"), "{error}");
    }
}
