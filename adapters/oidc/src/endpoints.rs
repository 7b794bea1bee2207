//! Where an issuer is: as configured, or as its discovery document says (OIDC Discovery).

use crate::{
    Unusable,
    settings::{Endpoints, Issuer, KeySource},
};
use herald_http_client::{Client, Environment, InvalidSettings, Request, Settings as Http, Url};
use serde::Deserialize;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// Discovery documents and key sets stay far below this.
const LARGEST: usize = 256 * 1024;
/// Addresses older than this are read again before they are used again.
const REREAD: Duration = Duration::from_secs(24 * 60 * 60);

/// An issuer's addresses, each behind a client of its own.
#[derive(Debug)]
pub(crate) struct Places {
    pub(crate) keys: Client,
    pub(crate) authorization: Option<Url>,
    pub(crate) token: Option<Client>,
    pub(crate) userinfo: Option<Client>,
    /// Whether the issuer always names itself when it sends people back (RFC 9207).
    pub(crate) names_itself: bool,
}

/// Finds them.
#[derive(Debug)]
pub(crate) struct Finder {
    issuer: Issuer,
    configured: Option<Endpoints>,
    environment: Arc<dyn Environment>,
    /// Where the discovery document is; none when everything is configured.
    discovery: Option<Client>,
    found: Mutex<Option<(Arc<Places>, Instant)>>,
}

/// The discovery document, as far as it matters.
#[derive(Debug, Deserialize)]
struct Document {
    issuer: String,
    jwks_uri: Url,
    authorization_endpoint: Option<Url>,
    token_endpoint: Option<Url>,
    userinfo_endpoint: Option<Url>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Finder {
    /// Fails on addresses that cannot be called, before the first call.
    pub(crate) fn try_new(
        issuer: &Issuer,
        configured: Option<Endpoints>,
        environment: Arc<dyn Environment>,
    ) -> Result<Self, Unusable> {
        let mut finder = Self {
            issuer: issuer.clone(),
            configured,
            environment,
            discovery: None,
            found: Mutex::new(None),
        };
        if let KeySource::At(keys) = &issuer.keys {
            let document = Document {
                issuer: issuer.issuer.clone(),
                jwks_uri: keys.clone(),
                authorization_endpoint: None,
                token_endpoint: None,
                userinfo_endpoint: None,
                authorization_response_iss_parameter_supported: false,
            };
            let places = Arc::new(finder.places(document)?);
            let now = finder.environment.monotonic();
            finder.found = Mutex::new(Some((places, now)));
        } else {
            let base = issuer.issuer.parse().map_err(|_| Unusable::Issuer(issuer.name))?;
            finder.discovery = Some(finder.client(base)?);
        }
        Ok(finder)
    }

    /// The addresses. Reads the document at the first call and once a day; one that cannot be read
    /// again leaves what is known.
    pub(crate) async fn find(&self) -> Result<Arc<Places>, String> {
        let mut found = self.found.lock().await;
        let now = self.environment.monotonic();
        let known = found.as_ref().map(|(places, _)| Arc::clone(places));
        let Some(discovery) = &self.discovery else {
            return known.ok_or_else(|| "no address is configured".to_owned());
        };
        let recent = |(_, at): &(_, Instant)| now.saturating_duration_since(*at) < REREAD;
        if let Some(places) = known.clone().filter(|_| found.as_ref().is_some_and(recent)) {
            return Ok(places);
        }
        match self.discover(discovery).await {
            Ok(places) => {
                let places = Arc::new(places);
                *found = Some((Arc::clone(&places), now));
                Ok(places)
            }
            Err(cause) => {
                tracing::warn!(provider = self.issuer.name, cause, "discovery failed");
                known.ok_or(cause)
            }
        }
    }

    async fn discover(&self, discovery: &Client) -> Result<Places, String> {
        let request = Request::get("discover", [".well-known", "openid-configuration"]).tries(1);
        let answer = discovery.send(&request).await.map_err(|error| error.failure.to_string())?;
        let document: Document =
            answer.json().map_err(|_| "the discovery document cannot be read".to_owned())?;
        if document.issuer != self.issuer.issuer {
            return Err("the discovery document is another issuer's".to_owned());
        }
        self.places(document).map_err(|error| error.to_string())
    }

    fn places(&self, document: Document) -> Result<Places, InvalidSettings> {
        let named = self.configured.clone();
        let (authorization, token, userinfo) = match named {
            Some(Endpoints { authorization, token, userinfo }) => {
                (Some(authorization), Some(token), userinfo)
            }
            None => (
                document.authorization_endpoint,
                document.token_endpoint,
                document.userinfo_endpoint,
            ),
        };
        // Browsers are sent there with our client's name: it must be as trustworthy as the rest.
        if let Some(page) = &authorization {
            let mut origin = page.clone();
            origin.set_query(None);
            drop(self.client(origin)?);
        }
        Ok(Places {
            keys: self.client(document.jwks_uri)?,
            authorization,
            token: token.map(|url| self.client(url)).transpose()?,
            userinfo: userinfo.map(|url| self.client(url)).transpose()?,
            names_itself: document.authorization_response_iss_parameter_supported,
        })
    }

    /// A client of one address: requests to it have an empty path.
    fn client(&self, base: Url) -> Result<Client, InvalidSettings> {
        let settings = Http {
            timeout: self.issuer.timeout,
            https_only: self.issuer.https_only,
            max_response_bytes: LARGEST,
            base_delay: Duration::from_millis(200),
            ..Http::new(self.issuer.name, base)
        };
        Client::try_new_in(settings, Arc::clone(&self.environment))
    }
}
