//! Any OIDC issuer behind the ports for proving tokens and for signing in.
//!
//! **Invariant:** a token is believed by its issuer's published keys alone, by the algorithm of the
//! key and never by the token's word; what is not understood is refused.
//!
//! **Invariant:** tokens cause no network calls beyond [`Pace`]: however many come in with unknown
//! keys, the issuer is asked at most once in a pause.
//!
//! **Invariant:** the token endpoint is reached only through [`herald_http_client::Commit`].

mod endpoints;
mod health;
mod jwt;
mod key_set;
mod keys;
mod settings;
mod sign_in;
mod strict;
mod trusted;
mod verifier;
mod wire;

pub use settings::{
    ClientAuth, Endpoints, GooglePlaces, Issuer, KeySource, Pace, Profile, ProviderSettings,
    Unusable,
};
pub use sign_in::Provider;
pub use verifier::Verifier;
