//! The consent page of a network: where it is, and whose answer comes back from it.
//!
//! The state that goes through the person's browser names the connection and the attempt, and ends
//! with a MAC over both, the member and the network. So an answer can be tied to who asked without
//! storing anything, and one that was made up is recognised. The PKCE verifier follows from the
//! same key: it is computed again when it is needed and never stored.

use crate::{
    caller::Caller, desk::Desk, failure::Failure, ports::AuthorizationRequest, settings::Settings,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use herald_kernel::{AccountId, ConnectionId, MemberId, Network};
use herald_social_connection::{Consent, SocialConnection};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};
use url::Url;

/// What comes back from a consent page, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) connection: ConnectionId,
    pub(super) attempt: u32,
    mac: [u8; 32],
}

impl State {
    /// Takes a state apart; says nothing about whether it is ours.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let parsed = || {
            let mut parts = text.split('.');
            let connection = parts.next()?.parse().ok()?;
            let attempt = parts.next()?.parse().ok()?;
            let mac = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?.try_into().ok()?;
            parts.next().is_none().then_some(Self { connection, attempt, mac })
        };
        parsed().ok_or_else(not_ours)
    }

    /// Refuses a state that this installation did not make for this consent.
    pub(super) fn check(&self, desk: &Desk, state: &SocialConnection) -> Result<(), Failure> {
        let (Some(consent), Some(network)) = (state.consent(), state.network()) else {
            return Err(not_ours());
        };
        let ours = mac(desk, self.connection, self.attempt, consent.by, network);
        if same(&ours, &self.mac) { Ok(()) } else { Err(not_ours()) }
    }
}

fn not_ours() -> Failure {
    Failure::Refused {
        code: "CONSENT_NOT_AWAITED",
        message: "this answer belongs to no consent that you were asked for; connect again"
            .to_owned(),
        path: Some("state".to_owned()),
        retryable: false,
    }
}

fn mac(
    desk: &Desk,
    connection: ConnectionId,
    attempt: u32,
    member: MemberId,
    network: Network,
) -> [u8; 32] {
    let (connection, attempt, member) =
        (connection.to_string(), attempt.to_string(), member.to_string());
    desk.oauth_key.mac(&["state", &connection, &attempt, &member, network.as_str()])
}

/// Compares in a time that does not tell where two values differ.
fn same(ours: &[u8; 32], theirs: &[u8; 32]) -> bool {
    ours.iter().zip(theirs).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

/// The PKCE verifier of one attempt: 43 characters that only this installation can compute.
#[must_use]
pub fn verifier(desk: &Desk, connection: ConnectionId, attempt: u32) -> SecretString {
    let mac = desk.oauth_key.mac(&["verifier", &connection.to_string(), &attempt.to_string()]);
    SecretString::from(URL_SAFE_NO_PAD.encode(mac))
}

/// Where a network sends people back to.
pub fn redirect_uri(settings: &Settings, network: Network) -> Result<Url, Failure> {
    let base = settings.public_url.as_str().trim_end_matches('/');
    format!("{base}/oauth/{network}/callback")
        .parse()
        .map_err(|error| Failure::Internal(format!("the public URL is no base: {error}")))
}

/// The network's consent page for one attempt. Building an address calls nobody.
pub(super) fn page(
    desk: &Desk,
    connection: ConnectionId,
    network: Network,
    consent: &Consent,
) -> Result<Url, Failure> {
    let Consent { attempt, by, .. } = *consent;
    let mac = URL_SAFE_NO_PAD.encode(mac(desk, connection, attempt, by, network));
    let verifier = verifier(desk, connection, attempt);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret()));
    let request = AuthorizationRequest {
        state: format!("{connection}.{attempt}.{mac}"),
        code_challenge: challenge,
        redirect_uri: redirect_uri(&desk.settings, network)?,
    };
    Ok(desk.networks.get(network)?.authorization.authorization_url(&request))
}

/// The page at which the caller is still to consent; `None` when nobody waits for that any more.
///
/// It is always the same for one attempt, so a repeated request can be answered with it again.
pub async fn consent_page(
    desk: &Desk,
    caller: &Caller,
    connection: ConnectionId,
) -> Result<Option<Url>, Failure> {
    let loaded = desk.journal.load::<SocialConnection>(connection.uuid()).await?;
    if loaded.account != Some(caller.account) {
        return Err(Failure::NotFound);
    }
    let awaited = |consent: &&Consent| {
        Some(consent.by) == caller.member() && desk.clock.now() < consent.expires_at
    };
    match (loaded.state.pending_consent().filter(awaited), loaded.state.network()) {
        (Some(consent), Some(network)) => page(desk, connection, network, consent).map(Some),
        (_, _) => Ok(None),
    }
}

/// The account to which a consent page's answer belongs, so that a callback, which knows only the
/// person, can act in it. Refuses a state that this installation did not make, and one that came back
/// by the address of another network than its own, `came_by`: whoever mixes networks up would have us
/// hand one network's code to the other (RFC 9700, 4.4). Nothing is used up by asking.
pub async fn account_of_state(
    desk: &Desk,
    came_by: &str,
    state: &str,
) -> Result<AccountId, Failure> {
    let state = State::parse(state)?;
    let loaded = desk.journal.load::<SocialConnection>(state.connection.uuid()).await?;
    state.check(desk, &loaded.state)?;
    if loaded.state.network().is_none_or(|network| network.as_str() != came_by) {
        return Err(Failure::Refused {
            code: "CONSENT_OF_ANOTHER_NETWORK",
            message: "this answer came back by the address of another network than you were sent \
                      to; connect again"
                .to_owned(),
            path: Some("state".to_owned()),
            retryable: false,
        });
    }
    loaded.account.ok_or_else(not_ours)
}
