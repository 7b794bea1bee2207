//! How each fact changes what a social connection is.

use crate::state::{Health, Owner, StoredTokens};
use crate::{
    ConnectionEvent as Event, Consent, ConsentPhase, OpenRefresh, SocialConnection, TokenFacts,
    TokenOrigin,
};
use herald_kernel::Instant;

impl SocialConnection {
    pub(crate) fn believe(&mut self, event: &Event) {
        match event {
            Event::ConsentRequested { .. }
            | Event::ConsentDenied { .. }
            | Event::TokenExchangeIntended { .. }
            | Event::TokenExchangeFailed { .. }
            | Event::TokenExchangeUnknown { .. }
            | Event::Established { .. }
            | Event::Reauthorized { .. } => self.believe_consent(event),
            Event::TokenStored { origin, tokens, at } => self.store_tokens(*origin, tokens, *at),
            Event::RefreshIntended { .. }
            | Event::RefreshFailedTransient { .. }
            | Event::RefreshRejected { .. }
            | Event::RefreshOutcomeUnknown { .. } => self.believe_refresh(event),
            Event::Degraded { cause, .. } => self.health = Health::Degraded(*cause),
            Event::Recovered => self.health = Health::Active,
            Event::ReauthRequired { reason } => self.health = Health::NeedsReauth(*reason),
            Event::CapabilityLost { scope } => {
                if let Some(tokens) = &mut self.tokens {
                    tokens.facts.scopes.retain(|granted| granted != scope);
                }
            }
            Event::QuotaObserved { quota } => {
                self.quotas.insert(quota.window.clone(), quota.clone());
            }
            Event::Paused { reason, .. } => {
                self.pauses.insert(*reason);
            }
            Event::Resumed { reason, .. } => {
                self.pauses.remove(reason);
            }
            Event::Blocked { reason } => self.block = Some(*reason),
            Event::Disconnected { .. } => self.disconnected = true,
            Event::SecretShredded => self.forget_secrets(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "`believe` has told the events apart")]
    fn believe_consent(&mut self, event: &Event) {
        match event {
            Event::ConsentRequested { account, network, attempt, by, expires_at } => {
                self.account = Some(*account);
                self.network = Some(*network);
                self.candidate = None;
                self.consent = Some(Consent {
                    attempt: *attempt,
                    by: *by,
                    expires_at: *expires_at,
                    phase: ConsentPhase::Requested,
                });
            }
            Event::ConsentDenied { .. } => self.reach(ConsentPhase::Denied),
            Event::TokenExchangeIntended { .. } => self.reach(ConsentPhase::Exchanging),
            Event::TokenExchangeFailed { .. } => {
                self.candidate = None;
                self.reach(ConsentPhase::Failed);
            }
            Event::TokenExchangeUnknown { .. } => {
                self.candidate = None;
                self.reach(ConsentPhase::Unknown);
            }
            Event::Established { provider_account_id, handle, display_name, text_limit } => {
                self.owner = Some(Owner {
                    id: provider_account_id.clone(),
                    handle: handle.clone(),
                    display_name: display_name.clone(),
                    text_limit: *text_limit,
                });
                self.take_candidate();
            }
            Event::Reauthorized { handle, display_name, text_limit } => {
                if let Some(owner) = &mut self.owner {
                    owner.handle = handle.clone();
                    owner.display_name = display_name.clone();
                    owner.text_limit = *text_limit;
                }
                self.take_candidate();
            }
            _ => {}
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "`believe` has told the events apart")]
    fn believe_refresh(&mut self, event: &Event) {
        self.open_refresh = None;
        match event {
            Event::RefreshIntended { n, fence, secret_version, at } => {
                let (n, fence, secret_version, at) = (*n, *fence, *secret_version, *at);
                self.refreshes = n;
                self.open_refresh = Some(OpenRefresh { n, fence, secret_version, at });
            }
            Event::RefreshOutcomeUnknown { n } => {
                self.lost_refreshes.insert(*n);
            }
            _ => {}
        }
    }

    fn store_tokens(&mut self, origin: TokenOrigin, tokens: &TokenFacts, at: Instant) {
        let stored = StoredTokens { facts: tokens.clone(), at };
        match origin {
            TokenOrigin::Consent(_) => {
                self.candidate = Some(stored);
                self.reach(ConsentPhase::Exchanged);
            }
            TokenOrigin::Refresh(n) => {
                if self.open_refresh.is_some_and(|open| open.n == n) {
                    self.open_refresh = None;
                }
                self.lost_refreshes.clear();
                self.use_tokens(stored);
            }
        }
    }

    /// Tokens of a fresh consent replace all that came before, doubts about refreshes included.
    fn take_candidate(&mut self) {
        if let Some(tokens) = self.candidate.take() {
            self.use_tokens(tokens);
        }
        self.open_refresh = None;
        self.lost_refreshes.clear();
        self.health = Health::Active;
        self.block = None;
        self.reach(ConsentPhase::Completed);
    }

    /// A missing refresh token says nothing about the one that is stored.
    fn use_tokens(&mut self, tokens: StoredTokens) {
        if tokens.facts.has_refresh {
            self.refreshable = true;
            self.refresh_expires_at = tokens.facts.refresh_expires_at;
        }
        self.tokens = Some(tokens);
    }

    fn forget_secrets(&mut self) {
        self.candidate = None;
        self.tokens = None;
        self.refreshable = false;
        self.refresh_expires_at = None;
        self.open_refresh = None;
        self.lost_refreshes.clear();
    }

    fn reach(&mut self, phase: ConsentPhase) {
        if let Some(consent) = &mut self.consent {
            consent.phase = phase;
        }
    }
}
