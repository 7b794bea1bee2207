//! Resend's JSON.

use herald_application::ports::Mail;
use herald_http_client::Answer;
use serde::{Deserialize, Serialize};

/// `POST /emails`.
#[derive(Debug, Serialize)]
pub(crate) struct SendEmail<'m> {
    from: &'m str,
    to: [&'m str; 1],
    subject: &'m str,
    html: &'m str,
    text: &'m str,
    tags: Vec<Tag<'m>>,
}

/// Letters, digits, `_` and `-` only, on both sides.
#[derive(Debug, Serialize)]
struct Tag<'m> {
    name: &'m str,
    value: &'m str,
}

impl<'m> SendEmail<'m> {
    pub(crate) fn of(mail: &'m Mail, from: &'m str) -> Self {
        let tags = mail.tags.iter().map(|(name, value)| Tag { name, value });
        Self {
            from,
            to: [mail.to.as_str()],
            subject: &mail.subject,
            html: &mail.html,
            text: &mail.text,
            tags: tags.collect(),
        }
    }
}

/// The answer to it.
#[derive(Deserialize)]
pub(crate) struct Accepted {
    pub(crate) id: String,
}

#[derive(Deserialize)]
struct Refused {
    name: String,
}

/// A refusal's name. Its message may repeat an address and is not read.
pub(crate) fn name(answer: &Answer) -> Option<String> {
    answer.json::<Refused>().ok().map(|refused| refused.name)
}

/// Is the refusal about how much is sent in a day or a month?
pub(crate) fn is_quota(name: &str) -> bool {
    matches!(name, "daily_quota_exceeded" | "monthly_quota_exceeded")
}
