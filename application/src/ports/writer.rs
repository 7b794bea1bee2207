//! What writes text on request: a chat model behind an OpenAI-compatible endpoint.

use async_trait::async_trait;
use herald_kernel::NanoUsd;

/// Writes. Repeatable: a second call costs money, nothing else.
#[async_trait]
pub trait Writer: Send + Sync {
    /// Writes one draft, falling back to the second provider where the rule allows it.
    async fn draft(&self, request: &DraftRequest) -> Result<Draft, DraftFailure>;
}

/// What to write.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftRequest {
    /// The model's name; the fallback provider maps it to its own.
    pub model: String,
    /// The conversation.
    pub messages: Vec<Message>,
    /// The most tokens to write.
    pub max_tokens: u32,
    /// Hundredths: 70 means a temperature of 0.7.
    pub temperature_hundredths: u32,
    /// A JSON schema that the answer is to follow, with its name.
    pub json_schema: Option<(String, serde_json::Value)>,
    /// For our logs and the provider's.
    pub correlation_id: String,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who speaks.
    pub role: MessageRole,
    /// What they say.
    pub content: String,
}

/// Who speaks in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageRole {
    /// Instructions.
    System,
    /// The request.
    User,
    /// The model's earlier answer.
    Assistant,
}

/// A written text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The text.
    pub content: String,
    /// Who answered: `openrouter` or `openai`.
    pub provider: String,
    /// The model that answered.
    pub model: String,
    /// The provider's id of the answer.
    pub request_id: String,
    /// Why the model stopped, in the provider's word.
    pub finish_reason: String,
    /// What it took.
    pub usage: Usage,
}

/// What a draft took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written.
    pub completion_tokens: u32,
    /// What it cost; zero when the provider did not say.
    pub cost: NanoUsd,
}

/// Why there is no draft.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DraftFailure {
    /// No endpoint has credentials.
    #[error("no writing provider is configured; set OPENROUTER_API_KEY or OPENAI_API_KEY")]
    NotConfigured,
    /// The provider's rules forbid it.
    #[error("the provider refused the content: {detail}")]
    Safety {
        /// The provider's own words, redacted.
        detail: String,
    },
    /// The request is not acceptable; repeating it is pointless.
    #[error("the provider refused the request: {detail}")]
    Refused {
        /// The provider's own words, redacted.
        detail: String,
    },
    /// Credits or quota are used up.
    #[error("the provider's quota is used up: {detail}")]
    Quota {
        /// The provider's own words, redacted.
        detail: String,
    },
    /// Nobody answered in time, after every allowed try and fallback.
    #[error("the provider did not answer: {detail}")]
    Unavailable {
        /// What was seen.
        detail: String,
    },
}
