//! Connections as people see them; and, derived, what of them waits for a person.

mod documents;

pub use documents::{ConnectionDoc, ConsentDoc, ConsentStep};

use super::{Document, FoldError, attention::attention_row, write};
use crate::{
    bridge::StreamKind,
    desk::Desk,
    failure::Failure,
    occurred::{AnyEvent, Occurred},
    ports::ViewDocument,
};
use documents::Facets;
use herald_kernel::{AccountId, ConnectionId, Instant, Network, Personal};
use herald_social_connection::{
    ConnectionEvent, ExchangeFailure, PauseReason, Status, TextLimit, TokenFacts, TokenOrigin,
    media_scope, publishing_scopes,
};
use serde::Serialize;
use std::{collections::BTreeSet, time::Duration};

/// Connections.
pub const NAME: &str = "connections";
/// What of connections waits for a person.
pub const ATTENTION: &str = "attention_connections";

/// The live connections of an account, those that rest too, oldest first. The view may lag.
pub(crate) async fn live(desk: &Desk, account: AccountId) -> Result<Vec<ConnectionDoc>, Failure> {
    let live =
        [Status::Active, Status::Degraded, Status::NeedsReauth, Status::Paused, Status::Blocked];
    desk.all_documents(account, NAME, &live.map(Status::as_str)).await
}

/// How many places these take, and on which networks: what rests for want of one takes none.
pub(crate) fn places_taken<'d>(
    live: impl IntoIterator<Item = &'d ConnectionDoc>,
) -> (u32, BTreeSet<Network>) {
    let (mut places, mut networks) = (0, BTreeSet::new());
    for doc in live {
        if !doc.pauses.contains(&PauseReason::PlanLimit) {
            places += 1;
            networks.insert(doc.network);
        }
    }
    (places, networks)
}

impl Document for ConnectionDoc {
    type Fact = ConnectionEvent;

    const NAME: &'static str = NAME;
    const VERSION: i32 = 1;
    const READS: &'static [StreamKind] = &[StreamKind::Connection];
    const DERIVES: &'static [&'static str] = &[ATTENTION];

    fn told(event: &Occurred) -> Option<&ConnectionEvent> {
        let AnyEvent::Connection(fact) = &event.event else { return None };
        Some(fact)
    }

    fn key(event: &Occurred) -> Option<String> {
        Some(ConnectionId::new(event.stream).to_string())
    }

    fn before(fact: &ConnectionEvent, event: &Occurred) -> Option<Self> {
        begun(fact, event)
    }

    fn believe(&mut self, fact: &ConnectionEvent, event: &Occurred) {
        self.version = event.sequence;
        self.follow(fact, event.at);
        self.settle(event.at);
    }

    fn row(&self) -> Result<ViewDocument, FoldError> {
        Ok(ViewDocument {
            id: self.id.to_string(),
            account: Some(self.account),
            status: self.status.as_str().to_owned(),
            at: self.created_at,
            text: format!("{} {}", self.title(), self.display_name.as_deref().unwrap_or_default()),
            doc: write(self)?,
        })
    }

    fn derived(&self) -> Vec<(&'static str, ViewDocument)> {
        let row = || attention_row(self.account, &self.attention()?).ok();
        row().map(|row| (ATTENTION, row)).into_iter().collect()
    }
}

/// The document of a connection that has just begun.
fn begun(fact: &ConnectionEvent, event: &Occurred) -> Option<ConnectionDoc> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "nothing else begins a connection")]
    let (account, network, consent) = match fact {
        ConnectionEvent::ConsentRequested { account, network, attempt, by, expires_at } => {
            let (attempt, by, expires_at) = (*attempt, *by, *expires_at);
            let phase = ConsentStep::Requested;
            (*account, *network, ConsentDoc { attempt, by, expires_at, phase })
        }
        _ => return None,
    };
    Some(ConnectionDoc {
        id: ConnectionId::new(event.stream),
        account,
        network,
        status: Status::AwaitingConsent,
        status_reason: None,
        next_action: None,
        provider_account_id: None,
        handle: None,
        display_name: None,
        text_limit: None,
        scopes: Vec::new(),
        missing_scopes: Vec::new(),
        can_attach_media: false,
        access_expires_at: None,
        refresh_due: None,
        last_error: None,
        consent,
        pauses: Vec::new(),
        connected_by: consent.by,
        created_at: event.at,
        connected_at: None,
        since: event.at,
        version: 0,
        candidate: None,
        facets: Facets::default(),
    })
}

impl ConnectionDoc {
    fn follow(&mut self, fact: &ConnectionEvent, at: Instant) {
        use ConnectionEvent as E;
        match fact {
            E::ConsentRequested { .. }
            | E::ConsentDenied { .. }
            | E::TokenExchangeIntended { .. }
            | E::TokenExchangeFailed { .. }
            | E::TokenExchangeUnknown { .. } => self.follow_consent(fact),
            E::TokenStored { origin: TokenOrigin::Consent(_), tokens, at } => {
                self.consent.phase = ConsentStep::Exchanged;
                self.candidate = Some((tokens.clone(), *at));
            }
            E::TokenStored { origin: TokenOrigin::Refresh(_), tokens, at } => {
                self.use_tokens(tokens, *at);
            }
            E::Established { provider_account_id, handle, display_name, text_limit } => {
                self.provider_account_id = Some(provider_account_id.to_string());
                self.connected_at = Some(at);
                self.facets.established = true;
                self.belong_to(handle, display_name, *text_limit);
            }
            E::Reauthorized { handle, display_name, text_limit } => {
                self.belong_to(handle, display_name, *text_limit);
            }
            E::RefreshIntended { .. } | E::QuotaObserved { .. } => {}
            E::RefreshFailedTransient { cause, .. } => self.last_error = word(cause),
            E::RefreshRejected { code, .. } => self.last_error = Some(code.to_string()),
            E::RefreshOutcomeUnknown { .. } => {
                self.last_error = Some("refresh_outcome_unknown".to_owned());
            }
            E::Degraded { cause, .. } => self.facets.trouble = Some(*cause),
            E::Recovered => {
                self.facets.trouble = None;
                self.facets.reauth = None;
                self.last_error = None;
            }
            E::ReauthRequired { reason } => self.facets.reauth = Some(*reason),
            E::CapabilityLost { scope } => self.scopes.retain(|granted| granted != scope),
            E::Paused { reason, .. } => self.pauses.push(*reason),
            E::Resumed { reason, .. } => self.pauses.retain(|pause| pause != reason),
            E::Blocked { reason } => self.facets.block = Some(*reason),
            E::Disconnected { .. } => self.facets.disconnected = true,
            E::SecretShredded => {
                self.candidate = None;
                self.scopes.clear();
                self.facets.refreshable = false;
                (self.access_expires_at, self.refresh_due) = (None, None);
            }
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "`follow` has told the events apart")]
    fn follow_consent(&mut self, fact: &ConnectionEvent) {
        use ConnectionEvent as E;
        match fact {
            E::ConsentRequested { attempt, by, expires_at, .. } => {
                let (attempt, by, expires_at) = (*attempt, *by, *expires_at);
                let phase = ConsentStep::Requested;
                self.consent = ConsentDoc { attempt, by, expires_at, phase };
                self.candidate = None;
            }
            E::ConsentDenied { reason, .. } => {
                self.consent.phase = ConsentStep::Denied;
                self.last_error = Some(reason.to_string());
            }
            E::TokenExchangeIntended { .. } => self.consent.phase = ConsentStep::Exchanging,
            E::TokenExchangeFailed { failure, .. } => {
                self.consent.phase = ConsentStep::Failed;
                self.candidate = None;
                self.last_error = Some(match failure {
                    ExchangeFailure::Refused { code } => code.to_string(),
                    ExchangeFailure::NotSent => "not_sent".to_owned(),
                    ExchangeFailure::Unknown => "exchange_outcome_unknown".to_owned(),
                });
            }
            E::TokenExchangeUnknown { .. } => {
                self.consent.phase = ConsentStep::Unknown;
                self.candidate = None;
                self.last_error = Some("exchange_outcome_unknown".to_owned());
            }
            _ => {}
        }
    }

    /// A fresh consent replaces everything that came before, troubles included.
    fn belong_to<A: ToString, B: ToString>(
        &mut self,
        handle: &Personal<A>,
        display_name: &Personal<B>,
        text_limit: TextLimit,
    ) {
        self.handle = handle.known().map(ToString::to_string);
        self.display_name = display_name.known().map(ToString::to_string);
        self.text_limit = Some(text_limit.0);
        self.connected_by = self.consent.by;
        self.consent.phase = ConsentStep::Completed;
        self.last_error = None;
        self.facets = Facets { established: true, ..self.facets.clone() };
        (self.facets.block, self.facets.reauth, self.facets.trouble) = (None, None, None);
        if let Some((tokens, at)) = self.candidate.take() {
            self.use_tokens(&tokens, at);
        }
    }

    fn use_tokens(&mut self, tokens: &TokenFacts, at: Instant) {
        self.scopes.clone_from(&tokens.scopes);
        self.access_expires_at = Some(tokens.access_expires_at);
        self.facets.refreshable |= tokens.has_refresh;
        // Ahead by a tenth of the token's life or a quarter of an hour, as the domain says.
        let life = tokens.access_expires_at.since(at);
        let lead = (life / 10).max(Duration::from_secs(15 * 60)).min(life / 2);
        let due = tokens.access_expires_at.minus(lead);
        self.refresh_due = self.facets.refreshable.then_some(due);
    }

    /// Derives what follows from the rest.
    fn settle(&mut self, at: Instant) {
        let needed = publishing_scopes(self.network).iter();
        let granted = |scope: &str| self.scopes.iter().any(|granted| granted == scope);
        let missing = needed.filter(|_| self.facets.established).filter(|scope| !granted(scope));
        let missing = missing.map(ToString::to_string).collect();
        let can_attach_media = granted(media_scope(self.network));
        (self.missing_scopes, self.can_attach_media) = (missing, can_attach_media);
        let status = self.current_status();
        if status != self.status {
            self.since = at;
        }
        self.status = status;
        let (reason, action) = self.explanation();
        (self.status_reason, self.next_action) = (reason, action.map(ToOwned::to_owned));
    }
}

/// The stored name of a reason.
fn word<T: Serialize>(reason: &T) -> Option<String> {
    serde_json::to_value(reason).ok()?.as_str().map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests;
