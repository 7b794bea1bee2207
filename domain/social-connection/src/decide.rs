//! Which command leads where: one file for each part of a connection's life.

mod consent;
mod control;
mod health;
mod refresh;

use crate::{
    ConnectionCommand as Command, ConnectionEvent, ConnectionRefusal as Refusal, Context,
    SocialConnection, Status,
};
use herald_kernel::Decider;

type Decision = Result<Vec<ConnectionEvent>, Refusal>;

impl Decider for SocialConnection {
    const STREAM: &'static str = "connection";
    type Context = Context;
    type Command = Command;
    type Event = ConnectionEvent;
    type Refusal = Refusal;

    fn decide(&self, command: Command, context: &Context) -> Decision {
        if let Command::Begin { account, network, by, expires_at } = command {
            return self.begin(account, network, (by, expires_at), context);
        }
        match (self.status(), &command) {
            (Status::Absent, _) => return Err(Refusal::NotFound),
            (Status::Disconnected, Command::Disconnect { .. }) => return Ok(Vec::new()),
            (Status::Disconnected, _) => return Err(self.not_now()),
            _ => {}
        }
        match command {
            Command::Begin { .. } => Err(Refusal::AlreadyBegun),
            Command::BeginReauth { by, expires_at } => self.begin_again((by, expires_at), context),
            Command::ReceiveConsent { attempt, by } => {
                self.receive_consent(attempt, by, context.now)
            }
            Command::ReceiveDenial { attempt, by, reason } => {
                self.receive_denial(attempt, by, reason)
            }
            Command::RecordTokens { attempt, tokens } => {
                self.record_tokens(attempt, tokens, context.now)
            }
            Command::RecordExchangeFailure { attempt, kind } => {
                self.record_exchange_failure(attempt, kind)
            }
            Command::Establish { identity, capability } => self.establish(identity, capability),
            Command::IntendRefresh { fence } => self.intend_refresh(fence, context.now),
            Command::RecordRefresh { n, tokens } => self.record_refresh(n, tokens, context.now),
            Command::RecordRefreshFailure { n, kind } => {
                self.record_refresh_failure(n, kind, context.now)
            }
            Command::ObserveProbe { probe } => self.observe(probe, context.now),
            Command::RecordQuota { quota } => self.record_quota(quota),
            Command::Pause { reason, by } => Ok(self.stop(reason, by)),
            Command::Resume { reason, by } => self.resume(reason, by, context),
            Command::Block { reason } => self.forbid(reason),
            Command::Disconnect { by } => Ok(Self::disconnect(by)),
        }
    }

    fn evolve(&mut self, event: &ConnectionEvent) {
        self.believe(event);
    }
}

impl SocialConnection {
    fn not_now(&self) -> Refusal {
        Refusal::InvalidState { status: self.status() }
    }

    fn established(&self) -> Result<(), Refusal> {
        if self.is_established() { Ok(()) } else { Err(self.not_now()) }
    }
}
