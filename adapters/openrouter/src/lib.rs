//! Any OpenAI-compatible chat endpoint behind the writer port: OpenRouter first, OpenAI behind it,
//! or a model on one's own machine.
//!
//! **Invariant:** what a provider refused because of its contents is never taken to another one.

mod answer;
mod chat;
mod cost;
mod health;
mod settings;
mod wire;

pub use chat::Chat;
pub use settings::{Dialect, ModelEntry, Settings, TokenLimit};

use answer::Miss;
use async_trait::async_trait;
use herald_application::ports::{Draft, DraftFailure, DraftRequest, Writer};

/// Writing by the first endpoint that can, in order. Without endpoints it is not configured.
#[derive(Debug, Clone, Default)]
pub struct Writing {
    chain: Vec<Chat>,
}

impl Writing {
    /// Asks `chain` from its beginning.
    #[must_use]
    pub const fn new(chain: Vec<Chat>) -> Self {
        Self { chain }
    }
}

#[async_trait]
impl Writer for Writing {
    async fn draft(&self, request: &DraftRequest) -> Result<Draft, DraftFailure> {
        let mut seen: Vec<String> = Vec::new();
        let mut last = None;
        for chat in &self.chain {
            let miss = match chat.ask(request).await {
                Ok(draft) => return Ok(draft),
                Err(miss) => miss,
            };
            seen.push(format!("{}: {}", chat.name(), miss.detail));
            tracing::warn!(provider = chat.name(), cause = %miss.detail, "no draft");
            let elsewhere = miss.elsewhere;
            last = Some(miss);
            if !elsewhere {
                break;
            }
        }
        let story = seen.join("; ");
        Err(last.map_or(DraftFailure::NotConfigured, |miss: Miss| miss.told(story)))
    }
}
