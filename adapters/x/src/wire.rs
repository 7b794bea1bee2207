//! X's JSON, in both of its vocabularies, read leniently: what we do not need is not looked at.

use herald_http_client::{Answer, Failure, redact};
use serde::{Deserialize, Deserializer, Serialize};

/// `POST /2/tweets`.
#[derive(Debug, Serialize)]
pub(crate) struct CreatePost<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply: Option<Reply<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) media: Option<Attached<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) made_with_ai: Option<bool>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Reply<'a> {
    pub(crate) in_reply_to_tweet_id: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct Attached<'a> {
    pub(crate) media_ids: &'a [String],
}

/// Whatever X answers with.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope<T> {
    pub(crate) data: Option<T>,
    #[serde(default = "Vec::new", deserialize_with = "nullable")]
    pub(crate) errors: Vec<Problem>,
    pub(crate) meta: Option<Meta>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Meta {
    pub(crate) next_token: Option<String>,
}

/// A created post.
#[derive(Debug, Deserialize)]
pub(crate) struct Created {
    pub(crate) id: String,
}

/// A person.
#[derive(Debug, Deserialize)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) subscription_type: Option<String>,
}

/// An upload in any of its stages.
#[derive(Debug, Deserialize)]
pub(crate) struct Media {
    pub(crate) id: String,
    pub(crate) expires_after_secs: Option<u64>,
    pub(crate) processing_info: Option<Processing>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Processing {
    pub(crate) state: String,
    pub(crate) check_after_secs: Option<u64>,
}

/// A post.
#[derive(Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "these are X's names")]
pub(crate) struct Post {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) text: String,
    pub(crate) created_at: Option<String>,
    pub(crate) entities: Option<Entities>,
    #[serde(alias = "note_tweet")]
    pub(crate) note_post: Option<Note>,
    pub(crate) attachments: Option<Attachments>,
    #[serde(default, alias = "referenced_tweets", deserialize_with = "nullable")]
    pub(crate) referenced_posts: Vec<Reference>,
    pub(crate) public_metrics: Option<PublicMetrics>,
}

/// The whole of a text that is longer than 280.
#[derive(Debug, Deserialize)]
pub(crate) struct Note {
    pub(crate) text: String,
    pub(crate) entities: Option<Entities>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Entities {
    #[serde(default, deserialize_with = "nullable")]
    pub(crate) urls: Vec<Link>,
}

/// A link as it stands in the text, and where it leads.
#[derive(Debug, Deserialize)]
pub(crate) struct Link {
    pub(crate) url: Option<String>,
    pub(crate) expanded_url: Option<String>,
    pub(crate) media_key: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Attachments {
    #[serde(default, deserialize_with = "nullable")]
    pub(crate) media_keys: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Reference {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) id: String,
}

#[derive(Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "these are X's names")]
pub(crate) struct PublicMetrics {
    #[serde(alias = "retweet_count")]
    pub(crate) repost_count: Option<i64>,
    pub(crate) reply_count: Option<i64>,
    pub(crate) like_count: Option<i64>,
    pub(crate) quote_count: Option<i64>,
    pub(crate) bookmark_count: Option<i64>,
    pub(crate) impression_count: Option<i64>,
}

/// How a repeatable call failed, in the three ways that X's callers tell apart.
pub(crate) enum No<'a> {
    /// The token is not accepted.
    Unauthorized(&'a Answer),
    /// X understood and said no.
    Refused(&'a Answer),
    /// It may work later, or never told.
    Trouble(&'a Failure),
}

impl<'a> From<&'a Failure> for No<'a> {
    fn from(failure: &'a Failure) -> Self {
        match failure {
            Failure::Authentication(answer) => Self::Unauthorized(answer),
            Failure::Refusal(answer) => Self::Refused(answer),
            Failure::Network(_)
            | Failure::Timeout
            | Failure::RateLimited { .. }
            | Failure::Outage(_)
            | Failure::InvalidAnswer { .. }
            | Failure::BreakerOpen { .. }
            | Failure::TooLarge { .. }
            | Failure::Unsendable { .. } => Self::Trouble(failure),
        }
    }
}

/// What the token endpoint grants.
#[derive(Deserialize)]
pub(crate) struct Granted {
    pub(crate) access_token: String,
    pub(crate) expires_in: u64,
    pub(crate) refresh_token: Option<String>,
    pub(crate) scope: Option<String>,
}

/// What the token endpoint refuses with.
#[derive(Debug, Deserialize)]
pub(crate) struct NotGranted {
    pub(crate) error: String,
}

/// One problem, in any of the shapes that X has used.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Problem {
    #[serde(default)]
    pub(crate) title: Option<String>,
    #[serde(default)]
    pub(crate) detail: Option<String>,
    #[serde(default, rename = "type")]
    pub(crate) kind: Option<String>,
    #[serde(default)]
    pub(crate) message: Option<String>,
    #[serde(default)]
    pub(crate) code: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
struct Refusal {
    #[serde(flatten)]
    whole: Problem,
    #[serde(default, deserialize_with = "nullable")]
    errors: Vec<Problem>,
}

impl Problem {
    /// The last part of the problem's type, such as `invalid-request`.
    pub(crate) fn slug(&self) -> Option<&str> {
        self.kind.as_deref()?.rsplit_once("/problems/").map(|(_, slug)| slug)
    }

    /// The number that X's older interface put here.
    pub(crate) fn number(&self) -> Option<i64> {
        self.code.as_ref()?.as_i64()
    }

    /// Its words.
    pub(crate) fn words(&self) -> &str {
        [&self.detail, &self.message, &self.title].into_iter().flatten().next().map_or("", |s| s)
    }
}

/// Every problem that an answer names, the overall one first; empty when it is not X's JSON.
pub(crate) fn problems(answer: &Answer) -> Vec<Problem> {
    let Ok(refusal) = answer.json::<Refusal>() else { return Vec::new() };
    let mut problems = vec![refusal.whole];
    problems.extend(refusal.errors);
    problems
}

/// A refusal's code and redacted words, for people.
pub(crate) fn explain(answer: &Answer) -> (String, String) {
    let problems = problems(answer);
    let slug = problems.iter().find_map(Problem::slug).map(str::to_owned);
    let code = slug.unwrap_or_else(|| format!("http-{}", answer.status.as_u16()));
    let mut words: Vec<&str> = problems.iter().map(Problem::words).collect();
    words.retain(|text| !text.is_empty());
    words.dedup();
    let detail = if words.is_empty() { answer.excerpt() } else { redact(&words.join(" ")) };
    (code, detail)
}

/// X writes `null` where it means "none".
fn nullable<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
