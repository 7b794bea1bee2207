//! A call that must not happen twice: one connection, one write, and an honest verdict.
//!
//! The connection is made first, TLS included, so that "not reached" is known before anybody writes
//! down an intent. Then one request is written, if its deadline has not passed. What ends otherwise
//! than with a whole answer or with proof that nothing was sent is unknown, and stays unknown here.

use crate::{Answer, Client, Commit, Error, Failure, client::Inner, telemetry, wire};
use bytes::Bytes;
use connection::{Connection, Sender};
use http::{HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::{body::Incoming, client::conn::TrySendError};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

mod connection;

/// How a commit ended.
#[derive(Debug, Clone)]
#[must_use]
pub enum CommitAnswer {
    /// Proven: not a byte of it reached the provider.
    NotSent {
        /// Why not.
        cause: UnsentCause,
    },
    /// The provider answered, whatever it said. What the answer proves is the adapter's table.
    Answered(Answer),
    /// It may or may not have happened.
    Unknown {
        /// What is known.
        cause: LostCause,
    },
}

/// Why nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnsentCause {
    /// The deadline was over before the write.
    #[error("the deadline had passed before anything was sent")]
    DeadlinePassed,
    /// The provider had closed the waiting connection.
    #[error("the connection was closed before anything was sent")]
    ConnectionClosed,
}

/// Why the end was not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LostCause {
    /// No whole answer in time.
    #[error("no complete answer in the time allowed")]
    Timeout,
    /// The connection broke, or what came was no HTTP.
    #[error("the connection broke before the answer began")]
    NoAnswer,
    /// The status came, the rest did not.
    #[error("the answer {status} broke off")]
    Torn {
        /// The status line, which came whole.
        status: StatusCode,
    },
    /// The answer is larger than we read.
    #[error("the answer {status} was too large")]
    TooLarge {
        /// The status line.
        status: StatusCode,
    },
}

/// Until when a commit may be written.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    /// By the calendar, as the intent records it.
    pub wall: SystemTime,
    /// By the monotonic clock, counted from when the connection was opened: a machine that was
    /// stopped, or a calendar that was set back, must not let an old intent out.
    pub after_open: Duration,
}

/// A connection that waits for its one request.
pub struct OpenCommit {
    client: Arc<Inner>,
    operation: &'static str,
    request: http::Request<Full<Bytes>>,
    timeout: Duration,
    sender: Sender,
    connection: Connection,
    opened: Instant,
}

impl fmt::Debug for OpenCommit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a connection to {} for {}", self.client.settings.name, self.operation)
    }
}

impl Client {
    /// Connects for `commit` without sending anything. A failure here happened before the world
    /// could change, so it is safe to try the whole thing again.
    pub async fn open_commit(&self, commit: Commit) -> Result<OpenCommit, Error> {
        let inner = self.inner();
        let operation = commit.0.operation;
        inner.open(commit).await.map_err(|failure| inner.error(operation, 0, failure))
    }
}

impl Inner {
    async fn open(self: &Arc<Self>, commit: Commit) -> Result<OpenCommit, Failure> {
        let Commit(request) = commit;
        request.sound()?;
        let (operation, timeout) = (request.operation, request.timeout);
        let url = request.url(&self.settings.base)?;
        self.budget_now(&request)?;
        let leave = self.leave()?;
        let opened = self.environment.monotonic();
        let limit = self.settings.connect_timeout;
        let connected = match tokio::time::timeout(limit, connection::open(&url)).await {
            Ok(connected) => connected,
            Err(_) => Err(Failure::Network(crate::NetworkCause::Connect)),
        };
        let (sender, connection) = match connected {
            Ok(connected) => connected,
            Err(failure) => {
                self.settle(leave, operation, opened, Some(&failure));
                return Err(failure);
            }
        };
        drop(leave);
        Ok(OpenCommit {
            client: Arc::clone(self),
            operation,
            request: on_the_wire(request, &url, &self.settings)?,
            timeout: timeout.unwrap_or(self.settings.timeout),
            sender,
            connection,
            opened: self.environment.monotonic(),
        })
    }
}

impl OpenCommit {
    /// Writes the request, once, unless `deadline` is over, and waits for the answer.
    ///
    /// Dropping the returned future closes the connection and loses the verdict: callers let it run
    /// to its end.
    pub async fn send(self, deadline: Deadline) -> CommitAnswer {
        let (client, operation) = (Arc::clone(&self.client), self.operation);
        let started = client.environment.monotonic();
        let span =
            tracing::info_span!("provider_commit", provider = client.settings.name, operation);
        let answer = tracing::Instrument::instrument(self.write(deadline), span).await;
        let took = client.environment.monotonic().saturating_duration_since(started);
        let outcome = match &answer {
            CommitAnswer::Answered(answer) => {
                client.observe(operation, answer);
                if answer.status.is_success() { "ok" } else { "answered" }
            }
            CommitAnswer::NotSent { .. } => "not_sent",
            CommitAnswer::Unknown { .. } => "unknown",
        };
        telemetry::ended(client.settings.name, operation, outcome, took);
        client.commit_ended(&answer);
        answer
    }

    async fn write(self, deadline: Deadline) -> CommitAnswer {
        let Self { client, request, timeout, mut sender, mut connection, opened, .. } = self;
        let limit = client.settings.max_response_bytes;
        // One turn of the reactor, so that a farewell that has already arrived is seen.
        connection.drive(tokio::task::yield_now()).await;
        if connection.drive(sender.ready()).await.is_err() {
            return CommitAnswer::NotSent { cause: UnsentCause::ConnectionClosed };
        }
        let age = client.environment.monotonic().saturating_duration_since(opened);
        if client.environment.wall() >= deadline.wall || age >= deadline.after_open {
            return CommitAnswer::NotSent { cause: UnsentCause::DeadlinePassed };
        }
        // From here to the socket there is no other await: the connection is driven by this task.
        let mut head = None;
        let exchange = async {
            let incoming = match sender.try_send_request(request).await {
                Ok(incoming) => incoming,
                Err(error) => return unanswered(error),
            };
            head = Some(incoming.status());
            read(incoming, limit).await
        };
        let answer = tokio::time::timeout(timeout, connection.drive(exchange)).await;
        answer.unwrap_or_else(|_| CommitAnswer::Unknown {
            cause: head.map_or(LostCause::Timeout, |status| LostCause::Torn { status }),
        })
    }
}

impl Inner {
    fn commit_ended(&self, answer: &CommitAnswer) {
        let healthy = match answer {
            CommitAnswer::Answered(answer) => !answer.status.is_server_error(),
            CommitAnswer::Unknown { .. } => false,
            CommitAnswer::NotSent { .. } => return,
        };
        if let Ok(leave) = self.leave() {
            if healthy { leave.succeeded() } else { leave.failed(self.environment.monotonic()) }
        }
    }
}

/// hyper gives the request back only if it never began to write it; that is the proof.
fn unanswered(mut error: TrySendError<http::Request<Full<Bytes>>>) -> CommitAnswer {
    if error.take_message().is_some() {
        CommitAnswer::NotSent { cause: UnsentCause::ConnectionClosed }
    } else {
        CommitAnswer::Unknown { cause: LostCause::NoAnswer }
    }
}

async fn read(incoming: http::Response<Incoming>, limit: usize) -> CommitAnswer {
    let (head, body) = incoming.into_parts();
    let status = head.status;
    match Limited::new(body, limit).collect().await {
        Ok(body) => {
            CommitAnswer::Answered(Answer { status, headers: head.headers, body: body.to_bytes() })
        }
        Err(error) if error.is::<LengthLimitError>() => {
            CommitAnswer::Unknown { cause: LostCause::TooLarge { status } }
        }
        Err(_) => CommitAnswer::Unknown { cause: LostCause::Torn { status } },
    }
}

/// The request as HTTP/1.1 writes it: path first, host in a header, closed afterwards.
fn on_the_wire(
    request: crate::Request,
    url: &url::Url,
    settings: &crate::Settings,
) -> Result<http::Request<Full<Bytes>>, Failure> {
    let unsendable = |_| Failure::Unsendable { reason: "the request could not be put together" };
    let correlation = settings.correlation_header.clone().zip(wire::correlation(&request));
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let mut outgoing = http::Request::builder()
        .method(request.method)
        .uri(target)
        .body(Full::new(request.body))
        .map_err(unsendable)?;
    let headers = outgoing.headers_mut();
    headers.extend(request.headers);
    let host = HeaderValue::from_str(host)
        .map_err(|_| Failure::Unsendable { reason: "the host cannot be written as a header" })?;
    headers.insert(header::HOST, host);
    headers.insert(header::USER_AGENT, HeaderValue::from_static(wire::USER_AGENT));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    headers.extend(correlation);
    Ok(outgoing)
}
