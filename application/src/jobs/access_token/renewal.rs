//! Renewing a connection's tokens, once, whoever asks: intent, one call, successor, outcome.

use super::{TokenSets, load, not_taken};
use crate::{
    caller::Caller,
    commands::connection::{IntendRefresh, OnConnection, RecordRefresh, RecordRefreshFailure},
    desk::Desk,
    execute::UseCase,
    failure::Failure,
    jobs::tell_as,
    ports::{RefreshFailure, SocialAuthorization, TokenSet},
};
use herald_kernel::ConnectionId;
use herald_social_connection::{
    OpenRefresh, ProviderCode, RefreshFailure as Recorded, SocialConnection, TokenFacts,
    TokenOrigin, Trouble,
};
use std::sync::Arc;

/// How often a successor is stored again before it counts as lost.
const TRIES: u32 = 8;

/// How a renewal ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::jobs) enum Renewal {
    /// The connection has new tokens.
    Renewed,
    /// Another worker is at it.
    Busy,
    /// There is nothing to renew with, or the network rejected it.
    NotPossible,
    /// It did not work this time.
    Trouble(String),
}

/// Renews the tokens of `connection`. `fence` names the job that asks, for the log.
pub(in crate::jobs) async fn renew(
    desk: &Arc<Desk>,
    caller: &Caller,
    connection: ConnectionId,
    fence: i64,
) -> Result<Renewal, Failure> {
    let state = load(desk, caller.account, connection).await?;
    let Some(network) = state.network() else { return Ok(Renewal::NotPossible) };
    let authorization = Arc::clone(&desk.networks.get(network)?.authorization);
    let run = Run { desk, caller, connection };
    if run.recover(&state).await? {
        return Ok(Renewal::Renewed);
    }
    // A key of its own: what an earlier run has intended is that run's.
    let key = format!("intend/{}", desk.ids.uuid());
    match run.tell(key, IntendRefresh { connection, fence }).await {
        Ok(Some(open)) => run.ask(authorization.as_ref(), open).await,
        Err(Failure::Refused { code: "REFRESH_IN_PROGRESS", .. }) => Ok(Renewal::Busy),
        Ok(None) | Err(Failure::Refused { .. }) => Ok(Renewal::NotPossible),
        Err(failure) => Err(failure),
    }
}

struct Run<'r> {
    desk: &'r Arc<Desk>,
    caller: &'r Caller,
    connection: ConnectionId,
}

impl Run<'_> {
    fn sets(&self) -> TokenSets<'_> {
        let (account, connection) = (self.caller.account, self.connection);
        TokenSets { desk: self.desk, account, connection }
    }

    /// A successor that was stored before a crash is the only token that still works: the log
    /// learns of it, and the network is not asked.
    async fn recover(&self, state: &SocialConnection) -> Result<bool, Failure> {
        let Some(open) = state.open_refresh() else { return Ok(false) };
        let origin = TokenOrigin::Refresh(open.n);
        let Some(tokens) = self.sets().stored(origin).await? else { return Ok(false) };
        self.record(open.n, tokens).await.map(|()| true)
    }

    async fn ask(
        &self,
        authorization: &dyn SocialAuthorization,
        open: OpenRefresh,
    ) -> Result<Renewal, Failure> {
        let set = self.sets().version(open.secret_version).await?;
        let Some(refresh) = set.and_then(|set| set.refresh()) else {
            let code = ProviderCode::new("no_refresh_token_stored");
            self.fail(open.n, Recorded::Rejected { code }).await?;
            return Ok(Renewal::NotPossible);
        };
        match authorization.refresh(&refresh).await {
            Ok(tokens) => self.succeed(authorization, open.n, &tokens).await,
            Err(RefreshFailure::Rejected { code }) => {
                let code = ProviderCode::new(&code);
                self.fail(open.n, Recorded::Rejected { code }).await?;
                Ok(Renewal::NotPossible)
            }
            Err(RefreshFailure::Transient { cause }) => {
                let trouble = Recorded::Transient { cause: Trouble::Unreachable };
                self.fail(open.n, trouble).await?;
                Ok(Renewal::Trouble(cause))
            }
            Err(RefreshFailure::Unknown { cause }) => {
                self.fail(open.n, Recorded::Unknown).await?;
                Ok(Renewal::Trouble(cause))
            }
        }
    }

    /// The successor is in the vault before the log names it. While it is in neither, a storage
    /// that does not answer is asked again: the old refresh token is used up.
    async fn succeed(
        &self,
        authorization: &dyn SocialAuthorization,
        n: u32,
        tokens: &TokenSet,
    ) -> Result<Renewal, Failure> {
        let mut pause = self.desk.settings.waits.retry;
        for _ in 0..TRIES {
            let state = load(self.desk, self.caller.account, self.connection).await;
            let kept = match state {
                Ok(state) => self.sets().keep(TokenOrigin::Refresh(n), tokens, &state).await,
                Err(failure) => Err(failure),
            };
            match kept {
                Ok(facts) => {
                    return match self.record(n, facts).await {
                        Ok(()) => Ok(Renewal::Renewed),
                        Err(refusal @ Failure::Refused { .. }) => {
                            let (account, connection) = (self.caller.account, self.connection);
                            not_taken(self.desk, account, connection, authorization, refusal)
                                .await
                                .map(|()| Renewal::NotPossible)
                        }
                        Err(failure) => Err(failure),
                    };
                }
                Err(failure) if failure.retryable() => tokio::time::sleep(pause).await,
                Err(failure) => return Err(failure),
            }
            pause *= 2;
        }
        self.fail(n, Recorded::Unknown).await?;
        Ok(Renewal::Trouble("the new tokens could not be stored".to_owned()))
    }

    async fn record(&self, n: u32, tokens: TokenFacts) -> Result<(), Failure> {
        let connection = self.connection;
        let record = OnConnection(RecordRefresh { connection, n, tokens });
        self.tell(format!("refresh/{n}/stored"), record).await.map(|_| ())
    }

    async fn fail(&self, n: u32, failure: Recorded) -> Result<(), Failure> {
        let record = OnConnection(RecordRefreshFailure { connection: self.connection, n, failure });
        match self.tell(format!("refresh/{n}/failed"), record).await {
            // Somebody has given this refresh up meanwhile.
            Err(Failure::Refused { code: "REFRESH_NOT_AWAITED", .. }) => Ok(()),
            told => told.map(|_| ()),
        }
    }

    async fn tell<U: UseCase>(&self, key: String, use_case: U) -> Result<U::Answer, Failure> {
        tell_as(self.desk, self.caller, key, use_case).await
    }
}
