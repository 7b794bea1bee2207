//! The one way of a mutation, and the one shape of its answer.

use crate::{
    limits::Run,
    schema::{
        fault::{Result, UserError},
        reads::catch_up,
        visitor::{caller, caller_in, desk, person},
    },
};
use async_graphql::{Context, ID};
use herald_application::{
    caller::Caller,
    execute::{Receipt, Request, UseCase, Who},
    failure::Failure,
    reading::require,
    token::Token,
};
use herald_kernel::{AccountId, CommandId};
use std::sync::Arc;

/// An input of a mutation: all of them carry these two.
pub(crate) trait Keyed: Send {
    fn idempotency_key(&self) -> &ID;
    fn expected_version(&self) -> Option<i32>;
}

/// What came of a mutation.
#[derive(Debug)]
pub(crate) struct Outcome<A> {
    answer: Option<A>,
    token: Option<Token>,
    command: Option<CommandId>,
    replayed: bool,
    errors: Vec<UserError>,
    seen: Seen,
}

/// As whom the answer is looked at.
#[derive(Debug, Clone)]
enum Seen {
    /// As the one who asked, where the request acts.
    There,
    /// As the one who asked, in another account.
    In(AccountId),
    /// As somebody who is known.
    By(Box<Caller>),
}

/// Carries a use case out for whoever asks. `read` makes it of the input.
pub(crate) async fn carry<I: Keyed, U: UseCase>(
    ctx: &Context<'_>,
    input: I,
    read: impl FnOnce(I) -> Result<U, Failure>,
) -> Result<Outcome<U::Answer>> {
    let caller = caller(ctx).await?;
    // Who may not ask learns nothing about what they asked.
    if let Who::Members(action) = U::WHO {
        require(&caller, action)?;
    }
    carry_as(ctx, &caller, input, read).await
}

/// The same; `read` also tells what the answer is to name beside the use case's own.
pub(crate) async fn carry_naming<I: Keyed, U: UseCase, X>(
    ctx: &Context<'_>,
    input: I,
    read: impl FnOnce(I) -> Result<(U, X), Failure>,
) -> Result<Outcome<(U::Answer, X)>> {
    let mut named = None;
    let outcome = carry(ctx, input, |input| {
        let (use_case, name) = read(input)?;
        named = Some(name);
        Ok(use_case)
    });
    let outcome = outcome.await?;
    // Only what was refused while it was read has no name, and that has no answer either.
    Ok(outcome.and_with(named))
}

/// The same for a caller who is already known.
pub(crate) async fn carry_as<I: Keyed, U: UseCase>(
    ctx: &Context<'_>,
    caller: &Caller,
    input: I,
    read: impl FnOnce(I) -> Result<U, Failure>,
) -> Result<Outcome<U::Answer>> {
    let request = Request {
        idempotency_key: input.idempotency_key().to_string(),
        expected_version: input.expected_version().map(i64::from),
    };
    let use_case = match read(input) {
        Ok(use_case) => use_case,
        Err(failure) => return Outcome::refused(failure),
    };
    match desk(ctx)?.carry_out(caller, request, use_case).await {
        Ok(receipt) => {
            if receipt.replayed
                && let Some(run) = ctx.data_opt::<Arc<Run>>()
            {
                run.note("idempotentReplay", true);
            }
            Ok(Outcome::of(receipt))
        }
        Err(failure) => Outcome::refused(failure),
    }
}

impl<A> Outcome<A> {
    fn of(receipt: Receipt<A>) -> Self {
        let Receipt { answer, token, command, replayed } = receipt;
        let (answer, command) = (Some(answer), Some(command));
        Self { answer, token, command, replayed, errors: Vec::new(), seen: Seen::There }
    }

    /// What was done without a command.
    pub(crate) fn plain(answer: A) -> Self {
        Self {
            answer: Some(answer),
            token: None,
            command: None,
            replayed: false,
            errors: Vec::new(),
            seen: Seen::There,
        }
    }

    /// What was not done: told to the caller where they can mend it, else a fault.
    pub(crate) fn refused(failure: Failure) -> Result<Self> {
        let errors = vec![UserError::of(failure)?];
        let (answer, token, command, seen) = (None, None, None, Seen::There);
        Ok(Self { answer, token, command, replayed: false, errors, seen })
    }

    /// The same outcome with another answer.
    pub(crate) fn map<B>(self, to: impl FnOnce(A) -> B) -> Outcome<B> {
        let Self { answer, token, command, replayed, errors, seen } = self;
        Outcome { answer: answer.map(to), token, command, replayed, errors, seen }
    }

    fn and_with<X>(self, name: Option<X>) -> Outcome<(A, X)> {
        let Self { answer, token, command, replayed, errors, seen } = self;
        Outcome { answer: answer.zip(name), token, command, replayed, errors, seen }
    }

    /// The same outcome, to be seen in `account`.
    pub(crate) fn seen_in(self, account: AccountId) -> Self {
        Self { seen: Seen::In(account), ..self }
    }

    /// The same outcome, to be seen by `caller`.
    pub(crate) fn seen_by(self, caller: Caller) -> Self {
        Self { seen: Seen::By(Box::new(caller)), ..self }
    }

    /// The same outcome; an input's field goes by another name than the use case's.
    pub(crate) fn renaming(mut self, from: &str, to: &str) -> Self {
        let paths = self.errors.iter_mut().filter_map(|error| error.path.as_mut());
        for first in paths.filter_map(|path| path.first_mut()).filter(|first| *first == from) {
            to.clone_into(first);
        }
        self
    }

    pub(crate) fn token(&self) -> Option<String> {
        self.token.map(|token| token.to_string())
    }

    pub(crate) fn command_id(&self) -> Option<ID> {
        self.command.map(|command| command.to_string().into())
    }

    pub(crate) const fn replayed(&self) -> bool {
        self.replayed
    }

    pub(crate) fn errors(&self) -> &[UserError] {
        &self.errors
    }

    /// The answer, once the views show it, and who may look at it. Called only for what the client
    /// selects, so nobody waits for what they do not want to see.
    pub(crate) async fn visible(&self, ctx: &Context<'_>) -> Result<Option<(Caller, &A)>> {
        let Some(answer) = &self.answer else { return Ok(None) };
        let desk = desk(ctx)?;
        match self.token {
            Some(token) => desk.await_token(token).await?,
            // The first answer may still be on its way into the views.
            None if self.replayed => catch_up(desk).await?,
            None => {}
        }
        let caller = match &self.seen {
            Seen::There => caller(ctx).await?,
            Seen::In(account) => {
                let (visitor, person) = person(ctx)?;
                caller_in(desk, visitor, person, Some(*account)).await?
            }
            Seen::By(caller) => Caller::clone(caller),
        };
        Ok(Some((caller, answer)))
    }
}

/// Declares inputs: each carries its key and the expected version beside its own fields.
macro_rules! inputs {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, async_graphql::InputObject)]
        pub(crate) struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            /// Of your choice, 1 to 255 characters, one for each wish. The same key with the same
            /// input again changes nothing and answers how the object stands now; with another
            /// input it is refused.
            pub(crate) idempotency_key: async_graphql::ID,
            /// The `version` that you have seen: the mutation is refused when it has changed since.
            pub(crate) expected_version: Option<i32>,
        }

        impl super::Keyed for $name {
            fn idempotency_key(&self) -> &async_graphql::ID {
                &self.idempotency_key
            }

            fn expected_version(&self) -> Option<i32> {
                self.expected_version
            }
        }
    )*};
}

/// Declares payloads: each has its own fields, found by a function of who asks and of the answer,
/// and what all of them have.
macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident($answer:ty) {
        $($(#[$field_doc:meta])* $field:ident: $type:ty = $find:expr;)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name(super::Outcome<$answer>);

        $(#[$doc])*
        #[async_graphql::Object]
        impl $name {
            $(
                $(#[$field_doc])*
                async fn $field(
                    &self,
                    ctx: &async_graphql::Context<'_>,
                ) -> crate::schema::fault::Result<Option<$type>> {
                    match self.0.visible(ctx).await? {
                        Some((caller, answer)) => ($find)(ctx, caller, answer).await,
                        None => Ok(None),
                    }
                }
            )*

            /// A mark of what was written: hand it to a read or to `changes` as `after`. `null`
            /// when nothing was, because it was refused, already so, or done before.
            async fn token(&self) -> Option<String> {
                self.0.token()
            }

            /// Names the command in the audit log.
            async fn command_id(&self) -> Option<async_graphql::ID> {
                self.0.command_id()
            }

            /// Had the same request been followed before?
            async fn replayed(&self) -> bool {
                self.0.replayed()
            }

            /// Why nothing was done, where you can mend it. Empty when it was done.
            async fn user_errors(&self) -> &[crate::schema::fault::UserError] {
                self.0.errors()
            }
        }
    )*};
}

pub(crate) use {inputs, payloads};
