//! What is configured about X: addresses, the application's credentials, the vocabulary of the day.

use herald_http_client::{Settings as Http, Url};
use secrecy::SecretString;
use std::time::Duration;

/// Which of X's two sets of names is sent. Both are always understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Vocabulary {
    /// `post.fields`, `referenced_posts`: the published interface since August 2026.
    #[default]
    Posts,
    /// `tweet.fields`, `referenced_tweets`: what came before.
    Tweets,
}

/// How X is reached, and as which application.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the API begins: `https://api.x.com/`.
    pub api: Url,
    /// Where people are: `https://x.com/`.
    pub web: Url,
    /// The application's public name.
    pub client_id: String,
    /// The application's secret; without one it is a public client.
    pub client_secret: Option<SecretString>,
    /// What people are asked for.
    pub scopes: Vec<String>,
    /// Which names are sent.
    pub vocabulary: Vocabulary,
    /// Refuse anything but TLS.
    pub https_only: bool,
    /// The longest wait for an answer.
    pub timeout: Duration,
    /// The longest that a connection may wait between being opened and being written to, by the
    /// monotonic clock: far shorter than what reconciliation waits before it calls a post absent.
    pub commit_window: Duration,
    /// The longest wait for X to process a picture.
    pub processing_patience: Duration,
    /// Pause after a first failed try of a repeatable call.
    pub base_delay: Duration,
}

/// Without `offline.access` the connection ends after two hours, without `media.write` no picture
/// goes along.
const SCOPES: [&str; 5] =
    ["tweet.read", "tweet.write", "users.read", "offline.access", "media.write"];

impl Settings {
    /// The settings for an application at `api` and `web`, everything else by default.
    #[must_use]
    pub fn new(
        api: Url,
        web: Url,
        client_id: impl Into<String>,
        client_secret: Option<SecretString>,
    ) -> Self {
        Self {
            api,
            web,
            client_id: client_id.into(),
            client_secret,
            scopes: SCOPES.map(str::to_owned).to_vec(),
            vocabulary: Vocabulary::default(),
            https_only: false,
            timeout: Duration::from_secs(30),
            commit_window: Duration::from_secs(60),
            processing_patience: Duration::from_secs(60),
            base_delay: Duration::from_secs(1),
        }
    }

    pub(crate) fn http(&self) -> Http {
        Http {
            timeout: self.timeout,
            base_delay: self.base_delay,
            https_only: self.https_only,
            // A page of a hundred posts with everything that we ask for stays below this.
            max_response_bytes: 2 * 1024 * 1024,
            ..Http::new("x", self.api.clone())
        }
    }
}

impl Vocabulary {
    /// The parameter that lists a post's fields.
    pub(crate) const fn fields(self) -> &'static str {
        match self {
            Self::Posts => "post.fields",
            Self::Tweets => "tweet.fields",
        }
    }

    /// The fields that reconciliation needs. The newer names reach references by an expansion only.
    pub(crate) const fn lookup(self) -> (&'static str, &'static str) {
        match self {
            Self::Posts => ("attachments,created_at,entities,note_post,text", "referenced_posts"),
            Self::Tweets => (
                "attachments,created_at,entities,note_tweet,referenced_tweets,text",
                "referenced_tweets.id",
            ),
        }
    }
}
