//! From the wish to connect to an established connection, and the same again to renew it.

use super::Decision;
use crate::{
    ConnectionEvent as Event, ConnectionRefusal as Refusal, Consent, ConsentPhase, Context,
    ExchangeFailure, Identity, ProviderCode, SocialConnection, TextLimit, TokenFacts, TokenOrigin,
};
use herald_kernel::{AccountId, Instant, MemberId, Network};

impl SocialConnection {
    pub(super) fn begin(
        &self,
        account: AccountId,
        network: Network,
        consent: (MemberId, Instant),
        context: &Context,
    ) -> Decision {
        if self.account.is_some() {
            return Err(Refusal::AlreadyBegun);
        }
        seat_free(network, context)?;
        request(account, network, 1, consent, context)
    }

    pub(super) fn begin_again(&self, consent: (MemberId, Instant), context: &Context) -> Decision {
        let (Some(account), Some(network)) = (self.account, self.network) else {
            return Err(Refusal::NotFound);
        };
        // An established connection has its seat; one that never got that far has to find it free.
        if !self.is_established() {
            seat_free(network, context)?;
        }
        request(account, network, self.attempt().saturating_add(1), consent, context)
    }

    pub(super) fn receive_consent(&self, attempt: u32, by: MemberId, now: Instant) -> Decision {
        let consent = self.awaited(attempt, &[ConsentPhase::Requested])?;
        if consent.by != by {
            return Err(Refusal::ConsentOfAnother);
        }
        if now >= consent.expires_at {
            return Err(Refusal::ConsentExpired);
        }
        Ok(vec![Event::TokenExchangeIntended { attempt }])
    }

    pub(super) fn receive_denial(
        &self,
        attempt: u32,
        by: MemberId,
        reason: ProviderCode,
    ) -> Decision {
        let consent = self.awaited(attempt, &[ConsentPhase::Requested, ConsentPhase::Denied])?;
        if consent.by != by {
            return Err(Refusal::ConsentOfAnother);
        }
        if consent.phase == ConsentPhase::Denied {
            return Ok(Vec::new());
        }
        Ok(vec![Event::ConsentDenied { attempt, by, reason }])
    }

    pub(super) fn record_tokens(&self, attempt: u32, tokens: TokenFacts, now: Instant) -> Decision {
        // Tokens that turn up after all are as good as those that came in time.
        let phases = [ConsentPhase::Exchanging, ConsentPhase::Unknown, ConsentPhase::Exchanged];
        self.awaited(attempt, &phases)?;
        if let Some(candidate) = &self.candidate {
            let same = candidate.facts.fingerprint == tokens.fingerprint;
            return if same { Ok(Vec::new()) } else { Err(Refusal::ConsentNotAwaited) };
        }
        Ok(vec![Event::TokenStored { origin: TokenOrigin::Consent(attempt), tokens, at: now }])
    }

    pub(super) fn record_exchange_failure(
        &self,
        attempt: u32,
        failure: ExchangeFailure,
    ) -> Decision {
        let phases = [
            ConsentPhase::Exchanging,
            ConsentPhase::Exchanged,
            ConsentPhase::Unknown,
            ConsentPhase::Failed,
        ];
        let phase = self.awaited(attempt, &phases)?.phase;
        match failure {
            _ if phase == ConsentPhase::Failed => Ok(Vec::new()),
            ExchangeFailure::Unknown if phase == ConsentPhase::Unknown => Ok(Vec::new()),
            ExchangeFailure::Unknown => Ok(vec![Event::TokenExchangeUnknown { attempt }]),
            ExchangeFailure::Refused { .. } | ExchangeFailure::NotSent => {
                Ok(vec![Event::TokenExchangeFailed { attempt, failure }])
            }
        }
    }

    pub(super) fn establish(&self, identity: Identity, text_limit: TextLimit) -> Decision {
        let phases = [ConsentPhase::Exchanged, ConsentPhase::Completed];
        let phase = self.awaited(self.attempt(), &phases)?.phase;
        let Identity { provider_account_id, handle, display_name } = identity;
        let (handle, display_name) = (handle.into(), display_name.into());
        match self.provider_account_id() {
            Some(owner) if *owner != provider_account_id => Err(Refusal::IdentityMismatch),
            Some(_) if phase == ConsentPhase::Completed => Ok(Vec::new()),
            Some(_) => Ok(vec![Event::Reauthorized { handle, display_name, text_limit }]),
            None => Ok(vec![Event::Established {
                provider_account_id,
                handle,
                display_name,
                text_limit,
            }]),
        }
    }

    /// The consent of this attempt, if it is in one of these phases.
    fn awaited(&self, attempt: u32, phases: &[ConsentPhase]) -> Result<&Consent, Refusal> {
        self.consent
            .as_ref()
            .filter(|consent| consent.attempt == attempt && phases.contains(&consent.phase))
            .ok_or(Refusal::ConsentNotAwaited)
    }
}

fn request(
    account: AccountId,
    network: Network,
    attempt: u32,
    (by, expires_at): (MemberId, Instant),
    context: &Context,
) -> Decision {
    if expires_at <= context.now {
        return Err(Refusal::ConsentExpired);
    }
    Ok(vec![Event::ConsentRequested { account, network, attempt, by, expires_at }])
}

/// Does the tier include one more connection to this network?
pub(super) fn seat_free(network: Network, context: &Context) -> Result<(), Refusal> {
    let limit = context.entitlements.connections;
    if !limit.allows(context.live_connections) {
        return Err(Refusal::ConnectionLimit { limit });
    }
    let limit = context.entitlements.networks;
    let networks = u32::try_from(context.live_networks.len()).unwrap_or(u32::MAX);
    if !context.live_networks.contains(&network) && !limit.allows(networks) {
        return Err(Refusal::NetworkLimit { limit });
    }
    Ok(())
}
