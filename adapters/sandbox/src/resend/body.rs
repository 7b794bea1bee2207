//! The body of a mail, read as strictly as Resend's published schema has it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::wire::Refused;
use super::world::Mail;
use crate::clock::Millis;

/// One address or several.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(untagged)]
enum Addresses {
    One(String),
    Many(Vec<String>),
    #[default]
    None,
}

impl Addresses {
    fn list(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
            Self::None => Vec::new(),
        }
    }
}

/// A mail as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    from: Option<String>,
    to: Option<Addresses>,
    subject: Option<String>,
    #[serde(default)]
    cc: Addresses,
    #[serde(default)]
    bcc: Addresses,
    #[serde(default, alias = "replyTo")]
    reply_to: Addresses,
    html: Option<String>,
    text: Option<String>,
    template: Option<Value>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    attachments: Vec<Attachment>,
    #[serde(alias = "scheduledAt")]
    scheduled_at: Option<String>,
    #[serde(rename = "topic_id")]
    _topic_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tag {
    name: String,
    #[serde(default)]
    value: String,
}

#[derive(Debug, Deserialize)]
struct Attachment {
    filename: Option<String>,
    content: Option<Value>,
    path: Option<String>,
}

/// Reads one mail and applies every rule that needs no memory.
pub(crate) fn read(
    value: Value,
    id: String,
    key: Option<&str>,
    at: Millis,
) -> Result<Mail, Refused> {
    let sent: Sent =
        serde_json::from_value(value).map_err(|error| Refused::invalid(error.to_string()))?;
    let from = sent.from.ok_or_else(|| Refused::missing("from"))?;
    if !mailbox(&from) {
        let text = "Invalid `from` field. The email address needs to follow the \
                    `email@example.com` or `Name <email@example.com>` format.";
        return Err(Refused::invalid(text));
    }
    let to = sent.to.ok_or_else(|| Refused::missing("to"))?.list();
    let subject = sent.subject.ok_or_else(|| Refused::missing("subject"))?;
    if to.is_empty() || to.len() > 50 {
        return Err(Refused::invalid("The `to` field must hold between 1 and 50 addresses."));
    }
    let (cc, bcc, reply_to) = (sent.cc.list(), sent.bcc.list(), sent.reply_to.list());
    for (name, list) in [("to", &to), ("cc", &cc), ("bcc", &bcc), ("reply_to", &reply_to)] {
        if !list.iter().all(|address| mailbox(address)) {
            return Err(Refused::invalid(format!(
                "Invalid `{name}` field. The email address needs to follow the \
                 `email@example.com` or `Name <email@example.com>` format."
            )));
        }
    }
    if sent.template.is_some() && (sent.html.is_some() || sent.text.is_some()) {
        return Err(Refused::invalid("`template` excludes `html` and `text`."));
    }
    if sent.html.is_none() && sent.text.is_none() && sent.template.is_none() {
        return Err(Refused::new(422, "missing_required_field", "Missing `html` or `text` field."));
    }
    Ok(Mail {
        id,
        from,
        to,
        cc,
        bcc,
        reply_to,
        subject,
        html: sent.html,
        text: sent.text,
        headers: sent.headers,
        tags: tags(sent.tags)?,
        attachments: attachments(sent.attachments)?,
        last_event: if sent.scheduled_at.is_some() { "scheduled" } else { "sent" }.to_owned(),
        scheduled_at: sent.scheduled_at,
        idempotency_key: key.map(str::to_owned),
        at,
    })
}

fn tags(tags: Vec<Tag>) -> Result<BTreeMap<String, String>, Refused> {
    let plain = |text: &str| {
        text.len() <= 256
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
    };
    if let Some(tag) =
        tags.iter().find(|tag| tag.name.is_empty() || !plain(&tag.name) || !plain(&tag.value))
    {
        return Err(Refused::invalid(format!(
            "Tag `{}` should only contain ASCII letters, numbers, underscores, or dashes.",
            tag.name
        )));
    }
    Ok(tags.into_iter().map(|tag| (tag.name, tag.value)).collect())
}

fn attachments(attachments: Vec<Attachment>) -> Result<Vec<String>, Refused> {
    attachments
        .into_iter()
        .map(|one| {
            if one.content.is_none() && one.path.is_none() {
                let text = "Attachment must have either a `content` or `path`.";
                return Err(Refused::new(422, "invalid_attachment", text));
            }
            Ok(one.filename.or(one.path).unwrap_or_else(|| "attachment".to_owned()))
        })
        .collect()
}

/// `email@example.com` or `Name <email@example.com>`, as strictly as Resend says it.
fn mailbox(text: &str) -> bool {
    let bare = match text.split_once('<') {
        Some((_, rest)) => match rest.strip_suffix('>') {
            Some(bare) => bare,
            None => return false,
        },
        None => text,
    };
    let Some((local, domain)) = bare.rsplit_once('@') else { return false };
    !local.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !bare.contains([' ', ',', '\n', '\r', '<'])
}

/// The bare address of a mailbox.
pub(crate) fn bare(text: &str) -> &str {
    text.split_once('<').map_or(text, |(_, rest)| rest.trim_end_matches('>')).trim()
}
