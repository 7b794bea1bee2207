//! The binary as its users meet it: how soon it is there, what it takes, and how quickly it answers
//! at half of what it can.

use crate::report::{Report, percentile};
use anyhow::{Context as _, Result, bail, ensure};
use hmac::{Hmac, Mac as _};
use reqwest::{Client, RequestBuilder, header};
use serde_json::{Value, json};
use sha2::Sha256;
use std::{
    fmt::Write as _,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    task::JoinSet,
};

/// Clients that ask side by side to find out how much can be answered.
const CLIENTS: u64 = 16;
/// Accounts in which is asked by turns: of two who write to one account at once, one waits.
const ACCOUNTS: u64 = 64;
/// How long everything is asked.
const SPAN: Duration = Duration::from_secs(4);
/// How long it rests before its memory is looked at.
const REST: Duration = Duration::from_secs(2);
/// The secret of the sandbox's webhooks.
const WEBHOOKS: &str = "whsec_herald_sandbox";
/// Nobody is held up by how often they may call.
const SETTINGS: [(&str, &str); 5] = [
    ("HERALD_BILLING", "on"),
    ("HERALD_LIMIT_SESSION", "100000000"),
    ("HERALD_LIMIT_WEBHOOK", "100000000"),
    ("HERALD_LIMIT_NOBODY", "100000000"),
    ("HERALD_LOG", "warn"),
];

/// The binary that was built beside this one, if there is one.
pub(crate) fn binary() -> Option<PathBuf> {
    // TLS is never spoken here, yet a client is not built without a provider for it. One that is
    // there already is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let binary = std::env::current_exe().ok()?.with_file_name("herald");
    binary.exists().then_some(binary)
}

/// One round of everything, on SQLite in a new folder within `parent`.
pub(crate) async fn round(binary: &Path, parent: &Path, report: &mut Report) -> Result<()> {
    let title = "the binary";
    let (served, ready) = Served::start(binary, parent).await?;
    report.add(title, "start to ready, ms", milliseconds(ready));
    tokio::time::sleep(REST).await;
    report.add(title, "memory at rest, MiB", served.resident_mebibytes()?);
    report.add(title, "size, MB", f64::from(u32::try_from(binary.metadata()?.len())?) / 1e6);
    for question in [Question::Read, Question::Mutation, Question::Webhook] {
        let title = question.title();
        let most = served.at_most(question).await?;
        report.add(title, "answers/s, 16 clients", most);
        let waited = served.at_half(question, most / 2.0).await?;
        report.add(title, "at half of that: p50, ms", percentile(&waited, 50));
        report.add(title, "at half of that: p95, ms", percentile(&waited, 95));
        report.add(title, "at half of that: p99, ms", percentile(&waited, 99));
    }
    Ok(())
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
enum Question {
    Read,
    Mutation,
    Webhook,
}

impl Question {
    const fn title(self) -> &'static str {
        match self {
            Self::Read => "GraphQL: the account, its members and its first ten posts",
            Self::Mutation => "GraphQL: the business described, durably",
            Self::Webhook => "a signed webhook of Stripe, kept durably",
        }
    }
}

/// A running `herald` with one person in some accounts. It ends with the value.
struct Served {
    child: Child,
    base: String,
    http: Client,
    session: String,
    accounts: Vec<String>,
    number: AtomicU64,
    /// Deleted in the end.
    _folder: TempDir,
}

impl Served {
    async fn start(binary: &Path, parent: &Path) -> Result<(Arc<Self>, Duration)> {
        let folder = tempfile::Builder::new().prefix("herald-served-").tempdir_in(parent)?;
        let (listen, sandbox) = (free_port()?, free_port()?);
        let base = format!("http://127.0.0.1:{listen}");
        let began = Instant::now();
        let mut command = Command::new(binary);
        command.env_clear().envs(SETTINGS).stdin(Stdio::null()).stdout(Stdio::piped());
        command.env("HERALD_LISTEN", format!("127.0.0.1:{listen}"));
        command.env("HERALD_SANDBOX_LISTEN", format!("127.0.0.1:{sandbox}"));
        command.env("HERALD_DATA_DIR", folder.path());
        let mut child = command.stderr(Stdio::null()).kill_on_drop(true).spawn()?;
        #[expect(clippy::disallowed_methods, reason = "a client, and no provider's")]
        let http = Client::builder().no_proxy().build()?;
        let ready = format!("{base}/health/ready");
        while !http.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success()) {
            ensure!(began.elapsed() < Duration::from_secs(30), "herald does not become ready");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let took = began.elapsed();
        let link = printed_link(&mut child).await?;
        let answer = http.post(link).header(header::ACCEPT, "application/json").send().await?;
        let session: Value = answer.json().await?;
        let session = text(&session, "/token").context("a sign-in answers a token")?;
        let (accounts, number) = (Vec::new(), AtomicU64::default());
        let mut this = Self { child, base, http, session, accounts, number, _folder: folder };
        for number in 0..ACCOUNTS {
            let opened = this.open_account(number).await?;
            this.accounts.push(opened);
        }
        Ok((Arc::new(this), took))
    }

    async fn open_account(&self, number: u64) -> Result<String> {
        let document = "mutation($input: OpenAccountInput!) { openAccount(input: $input) { \
                        account { id } userErrors { code } } }";
        let input = json!({ "input": {
            "businessName": "Corner Bakery", "name": "Ada", "email": "ada@example.org",
            "idempotencyKey": format!("open-{number}"),
        } });
        let answer = self.graphql(None, document, &input).send().await?;
        let answer: Value = answer.json().await?;
        let id = text(&answer, "/data/openAccount/account/id");
        id.with_context(|| format!("no account was opened: {answer}"))
    }

    fn graphql(
        &self,
        account: Option<&String>,
        document: &str,
        variables: &Value,
    ) -> RequestBuilder {
        let body = json!({ "query": document, "variables": variables });
        let request = self.http.post(format!("{}/graphql", self.base)).bearer_auth(&self.session);
        let request = request.json(&body);
        match account {
            Some(account) => request.header("herald-account", account),
            None => request,
        }
    }

    fn request(&self, question: Question) -> Result<RequestBuilder> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let account = self.accounts.get(usize::try_from(number % ACCOUNTS)?);
        Ok(match question {
            Question::Read => self.graphql(
                account,
                "{ account { id businessName onboarding members { name role } } \
                 posts(first: 10) { nodes { id status } } }",
                &Value::Null,
            ),
            Question::Mutation => {
                let input = json!({ "input": {
                    "name": "Corner Bakery", "sells": format!("bread, {number} kinds"),
                    "audience": "people nearby", "tone": "warm", "goals": ["more breakfasts"],
                    "idempotencyKey": number.to_string(),
                } });
                let document = "mutation($input: UpdateBusinessProfileInput!) { \
                                updateBusinessProfile(input: $input) { account { id } \
                                userErrors { code } } }";
                self.graphql(account, document, &input)
            }
            Question::Webhook => self.webhook(number)?,
        })
    }

    /// An event about something that is not sold here: kept, looked at, and passed over.
    fn webhook(&self, number: u64) -> Result<RequestBuilder> {
        let at = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let event = json!({
            "id": format!("evt_{number}"), "object": "event", "api_version": "2025-09-30.clover",
            "created": at, "livemode": false, "pending_webhooks": 1, "type": "product.updated",
            "data": { "object": { "id": "prod_1", "object": "product" } },
        });
        let event = event.to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(WEBHOOKS.as_bytes())?;
        mac.update(format!("{at}.{event}").as_bytes());
        let mut signature = format!("t={at},v1=");
        for byte in mac.finalize().into_bytes() {
            write!(signature, "{byte:02x}")?;
        }
        let request = self.http.post(format!("{}/webhooks/stripe", self.base)).body(event);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        Ok(request.header("stripe-signature", signature))
    }

    /// Asks once and makes sure that it was done.
    async fn ask(&self, question: Question) -> Result<()> {
        let answer = self.request(question)?.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        let done = match question {
            Question::Read => text.contains("Corner Bakery"),
            Question::Mutation => text.contains(r#""userErrors":[]"#),
            Question::Webhook => true,
        };
        ensure!(status.is_success() && done, "{question:?}: {status} {text}");
        Ok(())
    }

    /// Answers a second when each client asks again as soon as it was answered.
    async fn at_most(self: &Arc<Self>, question: Question) -> Result<f64> {
        let began = Instant::now();
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            let this = Arc::clone(self);
            clients.spawn(async move {
                let mut answers = 0_u32;
                while began.elapsed() < SPAN {
                    this.ask(question).await?;
                    answers += 1;
                }
                anyhow::Ok(answers)
            });
        }
        let mut answers = 0;
        while let Some(client) = clients.join_next().await {
            answers += client??;
        }
        Ok(f64::from(answers) / began.elapsed().as_secs_f64())
    }

    /// Asks `rate` times a second, whether or not the answers have come; how long each took, in
    /// milliseconds, from when it was due.
    async fn at_half(self: &Arc<Self>, question: Question, rate: f64) -> Result<Vec<f64>> {
        let mut asked = JoinSet::new();
        let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / rate));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
        let began = Instant::now();
        while began.elapsed() < SPAN {
            let due = ticks.tick().await.into_std();
            let this = Arc::clone(self);
            asked.spawn(async move {
                this.ask(question).await?;
                anyhow::Ok(milliseconds(due.elapsed()))
            });
        }
        let mut waited = Vec::new();
        while let Some(one) = asked.join_next().await {
            waited.push(one??);
        }
        Ok(waited)
    }

    /// What it keeps in memory, by the system's own account.
    fn resident_mebibytes(&self) -> Result<f64> {
        let process = self.child.id().context("it runs")?;
        let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix("kB"));
        let kibibytes: u32 = kibibytes.context("a figure in kB")?.trim().parse()?;
        Ok(f64::from(kibibytes) / 1024.0)
    }
}

async fn printed_link(child: &mut Child) -> Result<String> {
    let output = child.stdout.take().context("its output is piped")?;
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some((_, link)) = line.split_once("15 minutes: ") {
            // What is printed later must have somewhere to go.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(link.trim().to_owned());
        }
    }
    bail!("herald printed no link to sign in")
}

fn text(answer: &Value, pointer: &str) -> Option<String> {
    Some(answer.pointer(pointer)?.as_str()?.to_owned())
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn milliseconds(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}
