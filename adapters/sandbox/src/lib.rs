//! A local stand-in for the providers: their real HTTP, with faults on demand.
//!
//! The sandbox answers under one prefix per provider (`/x/…`, `/openrouter/api/v1/…`,
//! `/openai/v1/…`), keeps a ledger of every effect that really happened (`/_ledger`), shows
//! what was "published" (`/`) and misbehaves when it is told to (`/_control`). It knows nothing
//! of Herald: it reads only what a provider would read, so that it can be the oracle.
//!
//! # Consent without a browser
//!
//! `POST /x/i/oauth2/authorize?<the query of the authorization link>` with the form
//! `decision=allow&handle=sandbox_bakery` answers the redirect that a click would.
//!
//! # Paying without a browser
//!
//! `POST /stripe/c/pay/{session}` with the form `card=4242424242424242` answers the redirect that a
//! click would; a card that asks takes `authentication=complete` or `authentication=fail` beside.
//! `POST /stripe/p/session/{id}` takes `action=switch&price=…`, `action=cancel`, `action=resume` and
//! `action=card&card=…`; `POST /stripe/i/{invoice}` pays an open invoice. Signed events go to
//! [`StripeSettings::endpoint`] and to every endpoint made by the API.
//! `POST /_control/stripe/deliveries {"paused":true}` (or `delay_ms`, `twice`, `shuffle_ms`,
//! `drop_next` with `drop_types`) makes them misbehave, `{}` behave again; `latency_ms` slows the
//! API down. `/_control/stripe/redeliver`, `/rotate` and `/disputes` do what they say.
//!
//! `/google`, `/github`, `/clerk` (`oauth/authorize` and `sign-in`) work the same with
//! `decision=allow&person=ada`; `GET /_control/people` lists everybody.
//!
//! # Mail and codes
//!
//! `/resend/` shows every mail, `/_control/resend/mails` lists them as JSON. Cognito's codes are at
//! `/_control/cognito/mailbox` and `/_control/cognito/codes`. `POST /_control/cognito/factor
//! {"user":"ada@bakery.example","kind":"sms"}` (or `totp`, `none`) asks for a second factor from then
//! on, `POST /_control/cognito/temporary {"user":"…","password":"…"}` for a new password.
//!
//! # Webhooks
//!
//! `POST /_control/svix/{clerk|resend} {"url":"http://…","secret":"whsec_…"}` says where webhooks
//! go; `hold`, `copies` and `delay_ms` how; `POST /_control/svix/{…}/deliver` delivers by hand, in
//! any order, several times, with another time or a forged signature.
//!
//! # Faults
//!
//! `POST /_control/faults` takes one rule, for example
//! `{"provider":"x","operation":"create_post","kind":"cut","when":"after_effect","times":1}`.
//! `GET /_control` lists the operations and the rules in force; [`Kind`] says what each kind takes,
//! [`Rule`] when it strikes. `after` lets that many matching requests pass first, `contains` waits
//! for certain words in the body. `POST /_control/chaos {"seed":7,"rate":0.05,"kinds":["cut"]}`
//! draws faults for every operation, the same for the same seed.
//!
//! A fault may lie in ways that a provider does not: a 401, a 429 or a 403 about duplicates *with*
//! the effect contradicts what those statuses prove. Ask for it only to see that proof is needed.
//!
//! # Time
//!
//! `POST /_control/clock {"advance_seconds":7200}` moves the sandbox's clock, by which tokens
//! expire, limits reset, duplicates are forgotten and listings stop lagging.

// Stripe's objects have many members, and each is a step of the macro that writes them.
#![recursion_limit = "512"]

mod chat;
mod clerk;
mod clock;
mod cognito;
mod control;
mod faults;
mod github;
mod google;
mod identity;
mod inject;
mod kinds;
mod ledger;
mod operations;
mod page;
mod resend;
mod server;
mod state;
mod stripe;
mod svix;
mod world;
mod x;

pub use cognito::AppClient;
pub use faults::Rule;
pub use identity::settings::*;
pub use kinds::{Cut, Effect, Kind};
pub use ledger::{Entry, LedgerError};
pub use resend::{RESEND_API_KEY, RESEND_SENDING_KEY, ResendSettings};
pub use server::{Running, Sandbox, Settings, StartError, router};
pub use state::State;
pub use stripe::{STRIPE_SECRET_KEY, StripeEndpoint, StripeKey, StripeSettings};
pub use svix::Endpoint;
pub use world::Vocabulary;
pub use x::oauth::{CLIENT_ID, CLIENT_SECRET, Client, PUBLIC_CLIENT_ID};
