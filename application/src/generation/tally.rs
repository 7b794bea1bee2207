//! What the answers of a run were, and what they took.

use super::{MAX_ANSWER, clip};
use crate::ports::{Draft, Message, MessageRole};
use herald_content_plan::{Outcome, Profile};
use herald_kernel::{NanoUsd, RunId};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// One question and its answer, as the content store keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptDraft {
    /// Where it is kept; not part of what is kept.
    #[serde(skip)]
    pub reference: String,
    /// What was asked, word for word.
    pub question: String,
    /// What was answered.
    pub content: String,
    /// Who answered.
    pub provider: String,
    /// The model that answered.
    pub model: String,
    /// The provider's id of the answer.
    pub request_id: String,
    /// Why the model stopped, in the provider's word.
    pub finish_reason: String,
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written.
    pub completion_tokens: u32,
    /// What it cost.
    pub cost: NanoUsd,
}

impl KeptDraft {
    /// A question as it is kept: the same in one run is the same text.
    #[must_use]
    pub fn question(run: RunId, profile: &Profile, messages: &[Message]) -> String {
        let said = messages.iter().map(|message| {
            let role = match message.role {
                MessageRole::System => "system",
                MessageRole::User => "user",
                MessageRole::Assistant => "assistant",
            };
            json!({ "role": role, "content": message.content })
        });
        let said: Vec<_> = said.collect();
        json!({ "run": run, "profile": profile, "messages": said }).to_string()
    }

    /// The answer to `question`, no longer than anybody will look at.
    #[must_use]
    pub fn new(draft: Draft, question: String) -> Self {
        Self {
            reference: String::new(),
            question,
            // One character too many stays, so that it is still found too long.
            content: draft.content.chars().take(MAX_ANSWER + 1).collect(),
            provider: draft.provider,
            model: draft.model,
            request_id: draft.request_id,
            finish_reason: draft.finish_reason,
            prompt_tokens: draft.usage.prompt_tokens,
            completion_tokens: draft.usage.completion_tokens,
            cost: draft.usage.cost,
        }
    }

    /// Did the model run out of tokens?
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.finish_reason == "length"
    }

    /// Did the provider's rules end the answer?
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        self.finish_reason == "content_filter"
    }
}

/// What a run took so far, over all of its answers, the unusable ones included.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    model: String,
    finish_reason: String,
    prompt_tokens: u32,
    completion_tokens: u32,
    cost: NanoUsd,
    repairs: u8,
    answers: Vec<String>,
}

impl Tally {
    /// Counts an answer that came after so many repairs.
    pub fn add(&mut self, draft: &KeptDraft, repairs: u8) {
        self.model.clone_from(&draft.model);
        self.finish_reason.clone_from(&draft.finish_reason);
        self.prompt_tokens = self.prompt_tokens.saturating_add(draft.prompt_tokens);
        self.completion_tokens = self.completion_tokens.saturating_add(draft.completion_tokens);
        self.cost = self.cost.plus(draft.cost);
        self.repairs = self.repairs.max(repairs);
        self.answers.push(draft.reference.clone());
    }

    /// Where the answers are kept, in order.
    #[must_use]
    pub fn answers(&self) -> &[String] {
        &self.answers
    }

    /// The outcome of a run whose every answer could be used in the end. The repairs are those of
    /// the answer that took the most.
    #[must_use]
    pub fn outcome(&self, output: &str) -> Outcome {
        Outcome {
            model: clip(&self.model),
            prompt_tokens: self.prompt_tokens,
            completion_tokens: self.completion_tokens,
            cost: self.cost,
            finish_reason: clip(&self.finish_reason),
            output_ref: clip(output),
            schema_valid: true,
            repairs: self.repairs,
        }
    }
}
