//! The one way in which anything changes: authorise, load, decide, append, and on a conflict again.
//!
//! The first attempt may take streams from memory; every further one loads them.

use crate::{
    bridge::{StreamKind, Streamed},
    caller::{Caller, Standing},
    desk::Desk,
    failure::Failure,
    keys,
    log::{Decided, EventMeta, JournalError, Loaded, Sight, Writing, canonical},
    token::Token,
};
use async_trait::async_trait;
use herald_account::Action;
use herald_kernel::{AccountId, CommandId, ConnectionId, Id, Instant, Kind};
use rand::Rng as _;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// How often a person's command is decided anew because somebody else was first.
const PEOPLES_PATIENCE: u32 = 5;
/// The same for a job: nobody waits for it, and the targets of one post write to one stream.
const JOBS_PATIENCE: u32 = 64;

/// Who may carry out a use case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Members whose role allows this action, and the operator.
    Members(Action),
    /// Any signed-in person.
    Anyone(&'static str),
    /// Background jobs only.
    Jobs(&'static str),
    /// The operator only.
    Operator(&'static str),
}

impl Who {
    /// The operation's name, as the API and the idempotency scope spell it.
    #[must_use]
    pub const fn operation(self) -> &'static str {
        match self {
            Self::Members(action) => action.name(),
            Self::Anyone(name) | Self::Jobs(name) | Self::Operator(name) => name,
        }
    }

    fn admits(self, caller: &Caller) -> bool {
        let (by_person, by_job) = match caller.standing {
            Standing::Member { .. } | Standing::Person(_) => (true, false),
            Standing::Job(_) => (false, true),
            // What is for any signed-in person is for people: a key opens and joins no account.
            Standing::Key { .. } | Standing::Service(_) | Standing::Operator(_) => (false, false),
        };
        match self {
            Self::Members(action) => caller.may(action),
            Self::Anyone(_) => by_person,
            Self::Jobs(_) => by_job,
            Self::Operator(_) => matches!(caller.standing, Standing::Operator(_)),
        }
    }
}

/// One thing that can be asked for. Its fields are the input; serialised, they are the fingerprint.
#[async_trait]
pub trait UseCase: serde::Serialize + Send + Sync + 'static {
    /// Who may ask.
    const WHO: Who;
    /// What the caller gets to know.
    type Answer: Send + 'static;

    /// The object that an idempotency key is scoped to; `None` for what creates one.
    fn object(&self) -> Option<Uuid>;

    /// Decides, once per attempt. Loads through `work`, which also remembers what to append.
    async fn attempt(&self, work: &mut Work<'_>) -> Result<Self::Answer, Failure>;

    /// The answer when the same request was followed before. Must not repeat a secret.
    fn replayed(&self, naming: Naming) -> Self::Answer;
}

/// How a request wants to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The same key and input again change nothing.
    pub idempotency_key: String,
    /// The version that the caller has seen, if they care.
    pub expected_version: Option<i64>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt<A> {
    /// What the use case answers.
    pub answer: A,
    /// A mark of what was written; `None` when it was already so.
    pub token: Option<Token>,
    /// The command, for support and logs.
    pub command: CommandId,
    /// The same request had been followed before.
    pub replayed: bool,
}

/// Ids that follow from a command, so that a repetition meets its own stream.
#[derive(Debug, Clone, Copy)]
pub struct Naming(CommandId);

impl Naming {
    /// The command itself.
    #[must_use]
    pub const fn command(self) -> CommandId {
        self.0
    }

    /// The id of the one object that the command creates.
    #[must_use]
    pub fn created<K: Kind>(self) -> Id<K> {
        Id::derived(self.0.uuid(), K::PREFIX)
    }
}

/// One attempt at a use case: what it has loaded under which rules, and what it will append.
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Work<'d> {
    /// The ports.
    pub desk: &'d Desk,
    /// On whose behalf.
    pub caller: &'d Caller,
    /// The present instant, the same through one attempt.
    pub now: Instant,
    command: CommandId,
    fingerprint: &'d str,
    expected_version: Option<i64>,
    writings: Vec<Writing>,
    /// May streams come from memory?
    trust: bool,
    sight: Mutex<Sight>,
}

impl Work<'_> {
    /// The account that is acted in.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.caller.account
    }

    /// Ids that follow from this command.
    #[must_use]
    pub fn naming(&self) -> Naming {
        Naming(self.command)
    }

    /// Loads a stream of the caller's account. Another account's stream does not exist here.
    pub async fn load<D: Streamed>(&self, id: Uuid) -> Result<Loaded<D>, Failure> {
        let loaded = self.load_any::<D>(id).await?;
        if loaded.version == 0 || loaded.account != Some(self.caller.account) {
            return Err(Failure::NotFound);
        }
        Ok(loaded)
    }

    /// As [`Self::load`], if the stream is as the caller has seen it.
    pub async fn load_seen<D: Streamed>(&self, id: Uuid) -> Result<Loaded<D>, Failure> {
        let loaded = self.load::<D>(id).await?;
        self.expect_version(loaded.events())?;
        Ok(loaded)
    }

    /// Loads a stream that this command is to create, or one that belongs to no account (a claim).
    pub async fn load_any<D: Streamed>(&self, id: Uuid) -> Result<Loaded<D>, Failure> {
        // For a key that is bound to some connections the others are not there.
        if D::KIND == StreamKind::Connection && !self.caller.reaches(ConnectionId::new(id)) {
            return Err(Failure::NotFound);
        }
        let loaded = self.desk.journal.recall::<D>(id, self.trust, &self.sight).await?;
        match loaded.commands.get(&self.command) {
            // A claim released by one account and taken by another: not this command's.
            Some(_) if loaded.account != Some(self.caller.account) => Ok(loaded),
            Some(handled) if *handled.fingerprint == *self.fingerprint => {
                Err(Failure::AlreadyHandled)
            }
            Some(_) => Err(Failure::IdempotencyKeyReused),
            None => Ok(loaded),
        }
    }

    /// Decides and remembers what to append.
    pub async fn decide<D: Streamed>(
        &mut self,
        loaded: &mut Loaded<D>,
        command: D::Command,
        context: &D::Context,
    ) -> Result<(), Failure> {
        match loaded.decide(command, context).await {
            Ok(writing) => {
                self.writings.extend(writing);
                Ok(())
            }
            Err(Decided::Refused(refusal)) => Err(refusal.into()),
            Err(Decided::Unwritable) => Err(Failure::Internal("an event has no JSON form".into())),
        }
    }

    /// Compares the version that the caller has seen with the present one.
    pub fn expect_version(&self, current: i64) -> Result<(), Failure> {
        match self.expected_version {
            Some(seen) if seen != current => Err(Failure::VersionConflict { current }),
            _ => Ok(()),
        }
    }
}

impl Desk {
    /// Carries a use case out, to its end, also when the caller goes away.
    pub async fn carry_out<U: UseCase>(
        self: &Arc<Self>,
        caller: &Caller,
        request: Request,
        use_case: U,
    ) -> Result<Receipt<U::Answer>, Failure> {
        if !U::WHO.admits(caller) {
            return Err(self.turned_away(caller, U::WHO).await);
        }
        check_key(&request.idempotency_key)?;
        let desk = Arc::clone(self);
        let caller = caller.clone();
        let run = async move { desk.execute(&caller, &request, &use_case).await };
        let joined = self.commands.spawn(run).await;
        joined.unwrap_or_else(|error| Err(Failure::Internal(format!("a command died: {error}"))))
    }

    /// Why `caller` is not admitted. A key that would be, were no payment owed, is told so.
    async fn turned_away(&self, caller: &Caller, who: Who) -> Failure {
        let owing = match who {
            Who::Members(action) => keys::owing(self, caller, action).await,
            Who::Anyone(_) | Who::Jobs(_) | Who::Operator(_) => Ok(None),
        };
        let forbidden = Failure::Forbidden { action: who.operation() };
        owing.map_or_else(|failure| failure, |owing| owing.unwrap_or(forbidden))
    }

    async fn execute<U: UseCase>(
        &self,
        caller: &Caller,
        request: &Request,
        use_case: &U,
    ) -> Result<Receipt<U::Answer>, Failure> {
        let command = command_id::<U>(caller, request, use_case);
        let fingerprint = self.fingerprint(caller.account, use_case).await?;
        let patience = match caller.standing {
            Standing::Job(_) => JOBS_PATIENCE,
            Standing::Member { .. }
            | Standing::Person(_)
            | Standing::Key { .. }
            | Standing::Service(_)
            | Standing::Operator(_) => PEOPLES_PATIENCE,
        };
        let (mut conflicts, mut trust) = (0, true);
        loop {
            let mut work = Work {
                desk: self,
                caller,
                now: self.clock.now(),
                command,
                fingerprint: &fingerprint,
                expected_version: request.expected_version,
                writings: Vec::new(),
                trust,
                sight: Mutex::default(),
            };
            let attempted = use_case.attempt(&mut work).await;
            let (writings, now) = (work.writings, work.now);
            let sight = work.sight.into_inner().unwrap_or_else(PoisonError::into_inner);
            let remembered = sight.rests_on_memory();
            trust = false;
            let answer = match attempted {
                // Whatever changes nothing is told from a fresh load only.
                Err(_) if remembered => continue,
                Ok(_) if remembered && writings.is_empty() => continue,
                Ok(answer) => answer,
                Err(Failure::AlreadyHandled) => {
                    let answer = use_case.replayed(Naming(command));
                    return Ok(Receipt { answer, token: None, command, replayed: true });
                }
                Err(failure) => return Err(failure),
            };
            match self.write(caller, command, &fingerprint, now, &writings, &sight).await {
                Ok(token) => return Ok(Receipt { answer, token, command, replayed: false }),
                // It was memory that was out of date: nobody competes yet.
                Err(JournalError::Conflict) if remembered => {}
                Err(JournalError::Conflict) if conflicts < patience => {
                    pause(conflicts).await;
                    conflicts += 1;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn fingerprint<U: UseCase>(
        &self,
        account: AccountId,
        use_case: &U,
    ) -> Result<String, Failure> {
        let input = serde_json::to_value(use_case)
            .map_err(|error| Failure::Internal(format!("an input has no JSON form: {error}")))?;
        let key = self.journal.keyring().ensure(account).await?;
        Ok(key.fingerprint("request", &canonical::to_string(&input)))
    }

    async fn write(
        &self,
        caller: &Caller,
        command: CommandId,
        fingerprint: &str,
        now: Instant,
        writings: &[Writing],
        sight: &Sight,
    ) -> Result<Option<Token>, JournalError> {
        if writings.is_empty() {
            return Ok(None);
        }
        let meta = EventMeta {
            account: caller.account,
            actor: caller.actor(),
            command,
            fingerprint: fingerprint.to_owned(),
            correlation: caller.correlation,
            causation: caller.causation.clone(),
            occurred_at: now,
            via: caller.via,
        };
        let appended = self.journal.append_seen(writings, &meta, sight).await?;
        self.wake.notify_one();
        Ok(Some(Token(appended.position)))
    }
}

fn command_id<U: UseCase>(caller: &Caller, request: &Request, use_case: &U) -> CommandId {
    let object = use_case.object().map(|id| id.to_string()).unwrap_or_default();
    let scope = format!("{}\n{object}\n{}", U::WHO.operation(), request.idempotency_key);
    CommandId::derived(caller.account.uuid(), &scope)
}

fn check_key(key: &str) -> Result<(), Failure> {
    if key.is_empty() || key.len() > 255 || key.chars().any(char::is_control) {
        let message =
            "an idempotency key has 1 to 255 characters, none of them a control character";
        return Err(Failure::invalid("idempotencyKey", message));
    }
    Ok(())
}

/// A few milliseconds, doubling, with jitter: those who collided do not collide again.
async fn pause(attempt: u32) {
    let most = 4_u64 << attempt.min(5);
    let millis = rand::rng().random_range(0..=most);
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

#[cfg(test)]
mod tests;
