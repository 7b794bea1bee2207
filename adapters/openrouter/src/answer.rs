//! What an answer is worth: a draft, a refusal for good, or a reason to ask elsewhere.

use crate::{
    cost::nano_usd,
    wire::{Answered, Choice, Failed, Trouble, Used},
};
use herald_application::ports::{Draft, DraftFailure, Usage};
use herald_http_client::{Answer, Failure, redact};
use herald_kernel::NanoUsd;

/// Why an endpoint gave no draft.
#[derive(Debug)]
pub(crate) struct Miss {
    pub(crate) kind: MissKind,
    /// The provider's words, redacted.
    pub(crate) detail: String,
    /// Whether another endpoint may be asked.
    pub(crate) elsewhere: bool,
}

/// The kinds of failure that callers act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MissKind {
    Safety,
    Refused,
    Quota,
    Unavailable,
}

/// Statuses after which another provider may do better. Not among them: 400, 403 and 422, which
/// are about what was asked, and 401, 404 and 413, which are about us.
const ELSEWHERE: [u16; 9] = [402, 408, 429, 500, 502, 503, 504, 524, 529];

impl Miss {
    /// For the caller, with the whole story of who was asked.
    pub(crate) fn told(self, detail: String) -> DraftFailure {
        match self.kind {
            MissKind::Safety => DraftFailure::Safety { detail },
            MissKind::Refused => DraftFailure::Refused { detail },
            MissKind::Quota => DraftFailure::Quota { detail },
            MissKind::Unavailable => DraftFailure::Unavailable { detail },
        }
    }

    fn unavailable(detail: impl Into<String>) -> Self {
        Self { kind: MissKind::Unavailable, detail: detail.into(), elsewhere: true }
    }

    fn safety(detail: &str) -> Self {
        Self { kind: MissKind::Safety, detail: redact(detail), elsewhere: false }
    }

    /// What `status` with `trouble` means.
    fn of(status: u16, trouble: &Trouble) -> Self {
        let kind = match (status, trouble.name().as_deref()) {
            (_, Some("insufficient_quota")) | (402, _) => MissKind::Quota,
            (_, Some("content_policy_violation" | "content_filter")) => MissKind::Safety,
            (403, _) if moderated(trouble) => MissKind::Safety,
            _ if ELSEWHERE.contains(&status) => MissKind::Unavailable,
            _ => MissKind::Refused,
        };
        let elsewhere = kind != MissKind::Safety && ELSEWHERE.contains(&status);
        Self { kind, detail: format!("{status} {}", redact(&trouble.message)), elsewhere }
    }
}

/// OpenRouter's moderation says what it found; a key without rights has nothing to say.
fn moderated(trouble: &Trouble) -> bool {
    let found = trouble.metadata.as_ref().and_then(serde_json::Value::as_object);
    let message = trouble.message.to_ascii_lowercase();
    found.is_some_and(|found| {
        ["reasons", "patterns", "flagged_input"].iter().any(|key| found.contains_key(*key))
    }) || ["moderation", "flagged", "blocked"].iter().any(|word| message.contains(word))
}

/// A call that failed at the latest try.
pub(crate) fn missed(failure: &Failure) -> Miss {
    if let Some(answer) = failure.answer() {
        let status = answer.status.as_u16();
        let trouble = answer.json::<Failed>().map_or_else(
            |_| Trouble { message: answer.excerpt(), ..Trouble::default() },
            |failed| failed.error,
        );
        return Miss::of(status, &trouble);
    }
    let elsewhere = !matches!(failure, Failure::Unsendable { .. });
    Miss { elsewhere, ..Miss::unavailable(failure.to_string()) }
}

/// A draft out of an answer with status 200, if there is one.
pub(crate) fn read(provider: &str, answer: &Answer) -> Result<Draft, Miss> {
    let Ok(answered) = answer.json::<Answered>() else {
        return Err(Miss::unavailable("the answer cannot be read"));
    };
    let Answered { id, model, choices, usage, error } = answered;
    if let Some(trouble) = error {
        return Err(inside(&trouble));
    }
    let choice = choices.into_iter().next();
    let choice = choice.ok_or_else(|| Miss::unavailable("the answer has no content"))?;
    let finish_reason = choice.finish_reason.clone().unwrap_or_default();
    Ok(Draft {
        content: content(choice)?,
        provider: provider.to_owned(),
        model: model.unwrap_or_default(),
        request_id: id.unwrap_or_default(),
        finish_reason,
        usage: usage.as_ref().map_or_else(Usage::default, used),
    })
}

fn content(choice: Choice) -> Result<String, Miss> {
    if let Some(trouble) = &choice.error {
        return Err(inside(trouble));
    }
    let written = choice.message.unwrap_or(crate::wire::Written { content: None, refusal: None });
    if let Some(refusal) = written.refusal.filter(|words| !words.is_empty()) {
        return Err(Miss::safety(&refusal));
    }
    let content = written.content.filter(|content| !content.trim().is_empty());
    match (choice.finish_reason.as_deref(), content) {
        (Some("content_filter"), _) => Err(Miss::safety("the answer was filtered")),
        (Some("error"), _) => Err(Miss::unavailable("the model broke off with an error")),
        (_, Some(content)) => Ok(content),
        (_, None) => Err(Miss::unavailable("the answer has no content")),
    }
}

/// A failure that came with status 200. Without a code it counts as a bad gateway.
fn inside(trouble: &Trouble) -> Miss {
    Miss::of(trouble.status().unwrap_or(502), trouble)
}

fn used(usage: &Used) -> Usage {
    let cost = usage.cost.as_ref().and_then(nano_usd).unwrap_or_default();
    Usage {
        prompt_tokens: usage.prompt_tokens,
        completion_tokens: usage.completion_tokens,
        cost: NanoUsd::new(cost),
    }
}
