//! From a typed request of `async-stripe` to one of ours, and from an answer to a value.

use crate::{
    Stripe,
    failure::{failed, unreadable},
    settings::Lane,
};
use herald_application::ports::payments::{IdempotencyKey, PaymentFailure};
use herald_http_client::{CacheKey, HeaderName, Method, Request};
use serde::de::DeserializeOwned;
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};

/// A call to Stripe.
pub(crate) struct Call {
    pub(crate) operation: &'static str,
    pub(crate) request: RequestBuilder,
    lane: Lane,
    key: Option<IdempotencyKey>,
    cache: Option<CacheKey>,
}

impl Call {
    /// A call that a job makes.
    pub(crate) fn new(operation: &'static str, request: &impl StripeRequest) -> Self {
        Self { operation, request: request.build(), lane: Lane::Job, key: None, cache: None }
    }

    /// Makes it an effect.
    pub(crate) fn keyed(mut self, key: &IdempotencyKey) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// Says that a person waits for it.
    pub(crate) const fn urgent(mut self) -> Self {
        self.lane = Lane::Person;
        self
    }

    /// Keeps a good answer for a while, among those of `owner`.
    pub(crate) fn kept(mut self, owner: &str, name: &str) -> Self {
        self.lane = Lane::Person;
        self.cache = Some(CacheKey::new(owner, name));
        self
    }
}

impl Stripe {
    /// Sends a call, again where that may help, and reads its answer.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, call: Call) -> Result<T, PaymentFailure> {
        if !self.settings.is_configured() {
            return Err(PaymentFailure::NotConfigured);
        }
        let client = self.client(call.lane);
        let answer = client.send(&self.request(call)).await.map_err(|error| failed(&error))?;
        answer.json().map_err(|error| unreadable(&error))
    }

    fn request(&self, call: Call) -> Request {
        let Call { operation, request, key, cache, .. } = call;
        let method = match request.method {
            StripeMethod::Get => Method::GET,
            StripeMethod::Post => Method::POST,
            StripeMethod::Delete => Method::DELETE,
        };
        let path = std::iter::once("v1").chain(request.path.split('/').filter(|it| !it.is_empty()));
        let mut ours = self.signed(Request::new(operation, method, path));
        for (name, value) in pairs(request.query.as_deref()) {
            ours = ours.query(&name, value);
        }
        if let Some(body) = request.body.as_deref() {
            let fields = pairs(Some(body));
            let fields: Vec<_> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            ours = ours.form(&fields);
        }
        if let Some(key) = key {
            ours = ours.header(HeaderName::from_static("idempotency-key"), key.as_str());
        }
        match cache {
            Some(cache) => ours.cached(cache),
            None => ours,
        }
    }

    /// A request that carries our key and says which version we speak.
    pub(crate) fn signed(&self, request: Request) -> Request {
        let version = HeaderName::from_static("stripe-version");
        request.bearer(&self.settings.secret_key).header(version, &self.settings.version)
    }
}

/// The parameters in one order: a map inside has a random one, and Stripe compares what comes with
/// a key to what came with it before. Members of lists carry their numbers, so nothing is lost.
fn pairs(encoded: Option<&str>) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> =
        url::form_urlencoded::parse(encoded.unwrap_or_default().as_bytes()).into_owned().collect();
    pairs.sort();
    pairs
}

/// A name that goes into an address: letters, digits and `_`, `-`, `.`, as all of Stripe's are.
/// Anything else is the name of nothing.
pub(crate) fn id(name: &str) -> Result<&str, PaymentFailure> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let whole = !name.is_empty() && name.bytes().all(fits) && name.bytes().any(|it| it != b'.');
    if whole { Ok(name) } else { Err(missing("id", "Stripe has nothing of that name")) }
}

/// The refusal that Stripe gives for a name that it does not know.
pub(crate) fn missing(param: &str, message: &str) -> PaymentFailure {
    PaymentFailure::Refused {
        code: "resource_missing".to_owned(),
        param: Some(param.to_owned()),
        message: message.to_owned(),
    }
}
