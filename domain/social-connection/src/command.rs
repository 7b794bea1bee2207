//! What one can ask of a social connection.

use crate::{
    BlockReason, ExchangeFailure, Identity, PauseReason, Probe, ProviderCode, QuotaWindow,
    RefreshFailure, TextLimit, TokenFacts,
};
use herald_kernel::{AccountId, Instant, MemberId, Network};

/// A wish or a report. Reports (`Record…`, `Observe…`, `Establish`) come from job handlers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionCommand {
    /// Start to connect: a seat must be free.
    Begin {
        /// Whose connection it will be.
        account: AccountId,
        /// To which network.
        network: Network,
        /// Who will consent.
        by: MemberId,
        /// Until when the consent page may come back.
        expires_at: Instant,
    },
    /// Ask for consent again: after a failed start, or to renew a connection. Takes no new seat.
    BeginReauth {
        /// Who will consent.
        by: MemberId,
        /// Until when the consent page may come back.
        expires_at: Instant,
    },
    /// The consent page came back with a code (which the vault holds). Taken once.
    ReceiveConsent {
        /// Of which attempt.
        attempt: u32,
        /// Whose browser brought it.
        by: MemberId,
    },
    /// The consent page came back with a refusal.
    ReceiveDenial {
        /// Of which attempt.
        attempt: u32,
        /// Whose browser brought it.
        by: MemberId,
        /// The network's own word for it.
        reason: ProviderCode,
    },
    /// The code was exchanged; the vault holds the tokens.
    RecordTokens {
        /// Of which attempt.
        attempt: u32,
        /// What is known of them.
        tokens: TokenFacts,
    },
    /// The exchange, or the look-up of the tokens' owner, failed for good.
    RecordExchangeFailure {
        /// Of which attempt.
        attempt: u32,
        /// How.
        kind: ExchangeFailure,
    },
    /// The tokens' owner is known: the connection is made, or renewed for the same owner.
    Establish {
        /// The owner.
        identity: Identity,
        /// What the owner may post.
        capability: TextLimit,
    },
    /// Write down that a refresh is about to be asked for. One at a time.
    ///
    /// When the events do not hold a `RefreshIntended`, nothing may be sent.
    IntendRefresh {
        /// The fence of the job that will ask.
        fence: i64,
    },
    /// A refresh worked; the vault holds the successor.
    RecordRefresh {
        /// Which refresh.
        n: u32,
        /// What is known of the new tokens.
        tokens: TokenFacts,
    },
    /// A refresh did not work, or nobody knows whether it did.
    RecordRefreshFailure {
        /// Which refresh.
        n: u32,
        /// How.
        kind: RefreshFailure,
    },
    /// Somebody looked whether the connection works.
    ObserveProbe {
        /// What was seen.
        probe: Probe,
    },
    /// The network said how much of its quota is used.
    RecordQuota {
        /// What it said.
        quota: QuotaWindow,
    },
    /// Stop publishing for a while.
    Pause {
        /// Why.
        reason: PauseReason,
        /// Who; `None` is the system.
        by: Option<MemberId>,
    },
    /// Lift one pause.
    Resume {
        /// Which one.
        reason: PauseReason,
        /// Who; `None` is the system.
        by: Option<MemberId>,
    },
    /// The network forbids the use of this account.
    Block {
        /// Why.
        reason: BlockReason,
    },
    /// End the connection for ever and destroy its secrets.
    Disconnect {
        /// Who; `None` is the system.
        by: Option<MemberId>,
    },
}
