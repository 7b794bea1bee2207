//! Trades a consent's code for tokens, once, and finds out whose they are.

use super::{
    JobFailure, Next,
    access_token::{TokenSets, load, not_taken},
    payload, tell,
};
use crate::{
    commands::connection::{
        EstablishConnection, OnConnection, RecordExchangeFailure, RecordTokens, code_purpose,
        keep_code, redirect_uri, verifier,
    },
    desk::Desk,
    failure::Failure,
    jobs::Network,
    ports::{ClaimedJob, ExchangeFailure, ExchangeRequest, ProviderAccount},
    vault::Name,
};
use herald_kernel::{ConnectionId, Instant, Text};
use herald_social_connection::{
    ConsentPhase, ExchangeFailure as Recorded, ProviderCode, SocialConnection, TokenOrigin,
};
use secrecy::SecretString;
use serde::Deserialize;
use std::{sync::Arc, time::Duration};

/// How long a code lives, at the network that gives it the least time.
const CODE_LIFE: Duration = Duration::from_secs(30);

#[derive(Deserialize, Clone, Copy)]
struct Subject {
    connection: ConnectionId,
    attempt: u32,
    since: Instant,
}

pub(super) async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    let subject: Subject = payload(job)?;
    let run = Run { desk, job, subject };
    let state = run.load().await?;
    let Some(network) = state.network() else { return Ok(Next::Done) };
    let network = desk.networks.get(network)?;
    if state.consent().is_some_and(|it| run.is_at(it, ConsentPhase::Exchanging)) {
        run.exchange(network, &state).await?;
    }
    let state = run.load().await?;
    if state.consent().is_some_and(|it| run.is_at(it, ConsentPhase::Exchanged)) {
        run.identify(network, &state).await?;
    }
    Ok(Next::Done)
}

struct Run<'r> {
    desk: &'r Arc<Desk>,
    job: &'r ClaimedJob,
    subject: Subject,
}

impl Run<'_> {
    fn is_at(&self, consent: &herald_social_connection::Consent, phase: ConsentPhase) -> bool {
        consent.attempt == self.subject.attempt && consent.phase == phase
    }

    async fn load(&self) -> Result<SocialConnection, Failure> {
        load(self.desk, self.job.account, self.subject.connection).await
    }

    fn sets(&self) -> TokenSets<'_> {
        let (account, connection) = (self.job.account, self.subject.connection);
        TokenSets { desk: self.desk, account, connection }
    }

    async fn exchange(
        &self,
        network: &Network,
        state: &SocialConnection,
    ) -> Result<(), JobFailure> {
        let Subject { connection, attempt, .. } = self.subject;
        let origin = TokenOrigin::Consent(attempt);
        // An earlier run may have got as far as the vault.
        let tokens = match self.sets().stored(origin).await? {
            Some(tokens) => tokens,
            None => match self.trade(network, state).await? {
                Ok(tokens) => self.sets().keep(origin, &tokens, state).await?,
                Err(failure) => return self.fail(failure).await,
            },
        };
        let record = OnConnection(RecordTokens { connection, attempt, tokens });
        match tell(self.desk, self.job, format!("{attempt}/tokens"), record).await {
            Ok(_) => Ok(()),
            Err(refusal @ Failure::Refused { .. }) => {
                let (account, authorization) = (self.job.account, network.authorization.as_ref());
                Ok(not_taken(self.desk, account, connection, authorization, refusal).await?)
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// Takes the code out of the vault *before* it is sent: who finds none knows that somebody has
    /// sent it, or was about to, and that its answer is lost.
    async fn trade(
        &self,
        network: &Network,
        state: &SocialConnection,
    ) -> Result<Result<crate::ports::TokenSet, Recorded>, JobFailure> {
        let Subject { connection, attempt, .. } = self.subject;
        let Some(code) = self.take_code().await? else { return Ok(Err(Recorded::Unknown)) };
        let name = state.network().ok_or(Failure::NotFound)?;
        let request = ExchangeRequest {
            code: code.clone(),
            code_verifier: verifier(self.desk, connection, attempt),
            redirect_uri: redirect_uri(&self.desk.settings, name)?,
        };
        match network.authorization.exchange(&request).await {
            Ok(tokens) => Ok(Ok(tokens)),
            Err(ExchangeFailure::Refused { code }) => {
                Ok(Err(Recorded::Refused { code: ProviderCode::new(&code) }))
            }
            Err(ExchangeFailure::NotSent { cause }) => self.not_sent(&code, cause).await,
            Err(ExchangeFailure::Unknown { .. }) => Ok(Err(Recorded::Unknown)),
        }
    }

    async fn take_code(&self) -> Result<Option<SecretString>, Failure> {
        let owner = self.subject.connection.to_string();
        let purpose = code_purpose(self.subject.attempt);
        let name = Name { account: self.job.account, owner: &owner, purpose: &purpose };
        let Some(stored) = self.desk.vault.get(name).await? else { return Ok(None) };
        self.desk.vault.remove(name).await?;
        Ok(Some(stored.secret))
    }

    /// It never left: while the code lives, it is put back for another try.
    async fn not_sent<T>(
        &self,
        code: &SecretString,
        cause: String,
    ) -> Result<Result<T, Recorded>, JobFailure> {
        let Subject { connection, attempt, since } = self.subject;
        if self.desk.clock.now().since(since) >= CODE_LIFE {
            return Ok(Err(Recorded::NotSent));
        }
        keep_code(self.desk, self.job.account, (connection, attempt), code).await?;
        Err(JobFailure::Retry(cause))
    }

    /// Asking whose tokens these are may be repeated, but not for ever.
    async fn identify(
        &self,
        network: &Network,
        state: &SocialConnection,
    ) -> Result<(), JobFailure> {
        let set = match state.candidate_version() {
            Some(version) => self.sets().version(version).await?,
            None => None,
        };
        let Some(set) = set else { return self.fail(Recorded::Unknown).await };
        match network.authorization.identify(&set.access()).await {
            Ok(owner) => self.establish(owner).await,
            Err(ExchangeFailure::Refused { code }) => {
                self.fail(Recorded::Refused { code: ProviderCode::new(&code) }).await
            }
            Err(ExchangeFailure::NotSent { cause } | ExchangeFailure::Unknown { cause }) => {
                if self.job.attempts < self.desk.settings.job_attempts {
                    return Err(JobFailure::Retry(cause));
                }
                self.fail(Recorded::Unknown).await
            }
        }
    }

    async fn establish(&self, owner: ProviderAccount) -> Result<(), JobFailure> {
        let Subject { connection, attempt, .. } = self.subject;
        let (Some(id), Some(handle)) = (fitting(&owner.id), fitting(&owner.handle)) else {
            let code = ProviderCode::new("owner_unreadable");
            return self.fail(Recorded::Refused { code }).await;
        };
        let display_name = fitting(&owner.name).or_else(|| fitting(&owner.handle));
        let Some(display_name) = display_name else { return Ok(()) };
        let text_limit = owner.text_limit;
        let establish =
            EstablishConnection { connection, owner: id, handle, display_name, text_limit };
        tell(self.desk, self.job, format!("{attempt}/establish"), establish).await?;
        Ok(())
    }

    async fn fail(&self, failure: Recorded) -> Result<(), JobFailure> {
        let Subject { connection, attempt, .. } = self.subject;
        let record = OnConnection(RecordExchangeFailure { connection, attempt, failure });
        tell(self.desk, self.job, format!("{attempt}/failed"), record).await?;
        Ok(())
    }
}

/// As much of a network's text as we keep of it; `None` when nothing of it can be kept.
fn fitting<const MAX: usize>(text: &str) -> Option<Text<MAX>> {
    let kept: String = text.chars().filter(|c| !c.is_control()).take(MAX).collect();
    kept.try_into().ok()
}

#[cfg(test)]
mod tests;
