//! The command line: what a stranger reads first.

#![expect(clippy::doc_markdown, reason = "these comments are the help text, not Markdown")]

use clap::{Args, Parser, Subcommand};
use std::{net::SocketAddr, path::PathBuf};

/// Plans, writes, approves, publishes and measures social content, and can prove everything that
/// ever happened.
///
/// Without a command, `herald` serves: on SQLite, with a sandbox in place of every network, at
/// http://127.0.0.1:8080. Nothing real is published unless HERALD_MODE=production is set.
#[derive(Debug, Parser)]
#[command(name = "herald", version, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    /// What to do; `serve` when left out.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Settings that every command takes.
    #[command(flatten)]
    pub(crate) settings: Flags,
}

const AFTER_HELP: &str = "\
Settings are read from flags, then from the environment, then from a TOML file.
docs/configuration.md lists every one of them with its default.

Try first:
  herald demo      plays the whole main job against a fresh database
  herald           serves, and prints a link to sign in with
  herald doctor    says what is configured, what is not, and what to do about it";

/// What `herald` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the API, and work: publish what is due, fold the log, refresh tokens
    Serve,
    /// Run the stand-in for the networks on its own (http://127.0.0.1:8090)
    Sandbox,
    /// Play the whole main job, from sign-in to a published post and its audit trail
    Demo,
    /// Create or update the database's tables
    Migrate {
        /// Take over a database that was restored into another PostgreSQL cluster
        #[arg(long)]
        adopt: bool,
    },
    /// Print a new sign-in link
    SignIn {
        /// For a new person instead of the installation's own
        #[arg(long)]
        new: bool,
    },
    /// Read and prove the log
    #[command(subcommand)]
    Audit(Audit),
    /// See how far the views have read, and rebuild one
    #[command(subcommand)]
    Projections(Projections),
    /// See, end and issue API keys, as the operator; wrap data keys anew
    #[command(subcommand)]
    Keys(Keys),
    /// Set the payment provider up as the catalogue has it
    #[command(subcommand)]
    Stripe(Setup),
    /// Give accounts a tier for nothing, more time, or other limits
    #[command(subcommand)]
    Accounts(Accounts),
    /// Give money back
    Refund(RefundArgs),
    /// Finalize, void or resend an account's invoice
    #[command(subcommand)]
    Invoices(Invoices),
    /// Say what is earned per month
    Revenue(RevenueArgs),
    /// See what webhooks came, and apply some once more
    #[command(subcommand)]
    Webhooks(Webhooks),
    /// See how many addresses get no more mail, and let it go to one again
    #[command(subcommand)]
    Mail(MailWish),
    /// Take over people and customers that providers already have; once more, it changes nothing
    #[command(subcommand)]
    Import(Import),
    /// Check settings, storage and providers, and say what to do about what is not well
    Doctor,
}

/// The payment provider.
#[derive(Debug, Subcommand)]
pub(crate) enum Setup {
    /// Make what is missing: products, prices, meters, the portal, the webhook; deletes nothing
    Setup {
        /// Only say what differs
        #[arg(long)]
        dry_run: bool,
    },
}

/// What providers already have.
#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Open an account for everybody in a directory who takes part in none
    Users {
        /// Whose list: clerk or cognito
        #[arg(long, value_name = "DIRECTORY")]
        from: String,
        /// Only say what would happen
        #[arg(long)]
        dry_run: bool,
    },
    /// Tie Stripe's customers to their accounts, and take in what they pay for
    Customers {
        /// Only say what would happen
        #[arg(long)]
        dry_run: bool,
    },
}

/// Accounts, as the operator sees them.
#[derive(Debug, Subcommand)]
pub(crate) enum Accounts {
    /// Give accounts a tier version for nothing, until a date or for ever
    Grandfather {
        /// A file with account ids, one a line
        #[arg(long)]
        file: Option<PathBuf>,
        /// An account (acc_…); may be given several times
        #[arg(long)]
        account: Vec<String>,
        /// The tier's name
        #[arg(long)]
        tier: String,
        /// Its version; the newest when left out
        #[arg(long)]
        version: Option<u32>,
        /// Until when, as 2027-11-21T09:00:00Z; for ever when left out
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        /// Why; kept in the log
        #[arg(long)]
        reason: String,
        /// Only say what would be given
        #[arg(long)]
        dry_run: bool,
    },
    /// Let everything work for longer although a payment failed
    ExtendGrace {
        /// The account (acc_…)
        #[arg(long)]
        account: String,
        /// Until when, as 2027-11-21T09:00:00Z; within 60 days of the failure
        #[arg(long, value_name = "TIME")]
        until: String,
        /// Why; kept in the log
        #[arg(long)]
        reason: String,
    },
    /// Override one entitlement of an account
    Override {
        /// The account (acc_…)
        #[arg(long)]
        account: String,
        /// What: seats, posts_per_month, teams …
        #[arg(long)]
        entitlement: String,
        /// To what: a number or unlimited; standard or premium; daily or hourly; on or off
        #[arg(long)]
        value: String,
        /// Until when, as 2027-11-21T09:00:00Z; until it is lifted when left out
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        /// Why; kept in the log
        #[arg(long)]
        reason: String,
    },
    /// Let the tier decide again about an entitlement
    Lift {
        /// The account (acc_…)
        #[arg(long)]
        account: String,
        /// About what: seats, posts_per_month, teams …
        #[arg(long)]
        entitlement: String,
    },
}

/// Money that goes back. The same arguments again do nothing: for another refund of the same payment
/// give another reason or amount.
#[derive(Debug, Args)]
pub(crate) struct RefundArgs {
    /// The account that paid (acc_…)
    #[arg(long)]
    pub(crate) account: String,
    /// The payment (pi_…)
    #[arg(long, required_unless_present = "invoice", conflicts_with = "invoice")]
    pub(crate) payment: Option<String>,
    /// The bill that it settled (in_…)
    #[arg(long)]
    pub(crate) invoice: Option<String>,
    /// How much, in the currency's smallest unit, such as cents; all of it when left out
    #[arg(long, value_name = "NUMBER")]
    pub(crate) amount: Option<i64>,
    /// End the subscription with it, now
    #[arg(long)]
    pub(crate) end_subscription: bool,
    /// Why; kept in the log
    #[arg(long)]
    pub(crate) reason: String,
}

/// Bills, as the operator moves them on.
#[derive(Debug, Subcommand)]
pub(crate) enum Invoices {
    /// Make a draft due
    Finalize(InvoiceArgs),
    /// Withdraw a bill that is due
    Void(InvoiceArgs),
    /// Have a bill mailed once more
    Send(InvoiceArgs),
}

/// A bill of an account.
#[derive(Debug, Args)]
pub(crate) struct InvoiceArgs {
    /// The account that is billed (acc_…)
    #[arg(long)]
    pub(crate) account: String,
    /// The bill (in_…)
    #[arg(long)]
    pub(crate) invoice: String,
}

/// What is earned.
#[derive(Debug, Args)]
pub(crate) struct RevenueArgs {
    /// At which instant; now when left out
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// What moved from this instant on
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Until just before this one; now when left out
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
}

/// Addresses that bounced for good or complained.
#[derive(Debug, Subcommand)]
pub(crate) enum MailWish {
    /// List the latest hundred: since when and why; of the address, only a mark is kept
    Suppressed {
        /// Only this address
        #[arg(long)]
        address: Option<String>,
    },
    /// Let mail go to an address again
    Lift {
        /// The address
        address: String,
    },
}

/// Webhooks that came.
#[derive(Debug, Subcommand)]
pub(crate) enum Webhooks {
    /// List the newest hundred
    List {
        /// Only this provider's
        #[arg(long)]
        source: Option<String>,
        /// Only in this state: received, processing, applied, ignored, failed or dead
        #[arg(long)]
        state: Vec<String>,
    },
    /// Apply one, a range, or all since a time, once more
    Replay {
        /// The provider, such as stripe
        #[arg(long)]
        source: String,
        /// The provider's id of the event
        #[arg(long)]
        event: Option<String>,
        /// The first number of a range, as `list` prints it
        #[arg(long, value_name = "NUMBER", requires = "last")]
        first: Option<i64>,
        /// The last number of the range
        #[arg(long, value_name = "NUMBER", requires = "first")]
        last: Option<i64>,
        /// Everything that came at or after this instant
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
    },
}

/// Reading and proving the log.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Print what happened, newest last
    Log {
        /// Only this account (acc_…)
        #[arg(long)]
        account: Option<String>,
        /// Only the last so many events
        #[arg(long, default_value_t = 50)]
        last: u32,
    },
    /// Recompute every digest and the chain; exits with 1 when the log is not as it was written
    Verify,
    /// Write every event as JSON Lines to standard output
    Export,
}

/// The views.
#[derive(Debug, Subcommand)]
pub(crate) enum Projections {
    /// List every projection with its version, position and error
    List,
    /// Build a view anew beside the live one, and switch
    Rebuild {
        /// The view's name, as `list` prints it
        name: String,
    },
}

/// API keys, as the operator sees them.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// List the keys of an account, or of services; never their texts
    List {
        /// This account (acc_…); the installation's services when left out
        #[arg(long)]
        account: Option<String>,
    },
    /// End a key, for ever
    Revoke {
        /// The key (key_…)
        key: String,
    },
    /// Wrap every data key by the master key in force, so that former ones can be put away
    Rewrap {
        /// Only open every key, and say how many would be wrapped anew
        #[arg(long)]
        dry_run: bool,
    },
    /// Issue a service its key: it starts checkouts for any account and does nothing else
    IssueService {
        /// What it is called
        #[arg(long)]
        name: String,
        /// Who issues it: your sign-in name in the installation
        #[arg(long)]
        operator: String,
        /// A network that its calls come from, such as 192.0.2.0/24; may be given several times
        #[arg(long, required = true, value_name = "NETWORK")]
        from: Vec<String>,
        /// When it expires, as 2027-11-21T09:00:00Z; never when left out
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
    },
}

/// Settings that every command takes; each overrides the environment and the file.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Flags {
    /// A TOML file with settings [default: herald.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where to listen [env: HERALD_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Where everything is kept [env: HERALD_DATABASE_URL] [default: SQLite in the data directory]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// Where files are kept [env: HERALD_DATA_DIR] [default: .herald]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Where the sandbox listens [env: HERALD_SANDBOX_LISTEN] [default: 127.0.0.1:8090]
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) sandbox_listen: Option<SocketAddr>,
    /// From where webhooks may come, such as stripe=192.0.2.0/24 [env: HERALD_WEBHOOK_SOURCES]
    /// [default: anywhere]
    #[arg(long, global = true, value_name = "NETWORKS")]
    pub(crate) webhook_sources: Option<String>,
    /// `sandbox` or `production` [env: HERALD_MODE] [default: sandbox]
    #[arg(long, global = true, value_name = "MODE")]
    pub(crate) mode: Option<String>,
}
