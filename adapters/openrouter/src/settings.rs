//! What is configured about a chat endpoint: where, whose key, which names its models go by.

use herald_http_client::{Answer, HeaderName, Settings as Http, Url};
use secrecy::SecretString;
use std::{collections::BTreeMap, time::Duration};

/// Whose rules an endpoint follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `openrouter.ai`: models are `vendor/name`, answers say what they cost.
    OpenRouter,
    /// `api.openai.com`: models are bare names.
    OpenAi,
    /// Another server that speaks the same protocol, such as one on one's own machine.
    Compatible,
}

/// The name of the parameter that bounds an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenLimit {
    /// `max_tokens`: the older name; reasoning models of OpenAI refuse it.
    MaxTokens,
    /// `max_completion_tokens`.
    MaxCompletionTokens,
}

/// How one model is asked for at one endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelEntry {
    /// Its name there.
    pub name: String,
    /// The name of its token limit there.
    pub limit: TokenLimit,
    /// Whether it takes a temperature.
    pub temperature: bool,
}

/// One chat endpoint.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The name in metrics, logs and drafts.
    pub name: &'static str,
    /// Whose rules it follows.
    pub dialect: Dialect,
    /// Where the API begins: `https://openrouter.ai/api/v1/`.
    pub base: Url,
    /// The key, where one is needed.
    pub key: Option<SecretString>,
    /// The model that stands in for one that this endpoint does not have.
    pub default_model: String,
    /// Models by the name that callers use; an unlisted one follows the dialect's rule.
    pub models: BTreeMap<String, ModelEntry>,
    /// Whether the endpoint takes a JSON schema; otherwise it is asked for JSON only.
    pub schemas: bool,
    /// The address that OpenRouter lists us under.
    pub referer: Option<String>,
    /// The name that OpenRouter lists us under.
    pub title: Option<String>,
    /// The organisation that OpenAI bills.
    pub organization: Option<String>,
    /// The longest wait for one answer.
    pub timeout: Duration,
    /// How often a call is tried in all.
    pub tries: u32,
    /// The pause after the first failed try.
    pub base_delay: Duration,
    /// Our own budget of calls.
    pub requests_per_minute: Option<u32>,
    /// Our own budget of tokens.
    pub tokens_per_minute: Option<u32>,
    /// Refuse anything but TLS.
    pub https_only: bool,
}

/// Names that documents and habits still use for models that have been switched off.
const GONE: [&str; 4] = ["gpt-4-turbo", "gpt-4-turbo-preview", "gpt-4-32k", "gpt-3.5-turbo"];
/// What replaces them.
const SUCCESSOR: &str = "gpt-6-luna";

impl Settings {
    /// OpenRouter, or what stands in for it, at `base`.
    #[must_use]
    pub fn openrouter(base: Url, key: SecretString) -> Self {
        let default_model = format!("openai/{SUCCESSOR}");
        Self::new("openrouter", Dialect::OpenRouter, base, Some(key), default_model)
    }

    /// OpenAI, or what stands in for it, at `base`.
    #[must_use]
    pub fn openai(base: Url, key: SecretString) -> Self {
        Self::new("openai", Dialect::OpenAi, base, Some(key), SUCCESSOR.to_owned())
    }

    /// Another server of the same protocol, whose one model is `model`.
    #[must_use]
    pub fn compatible(base: Url, key: Option<SecretString>, model: String) -> Self {
        Self::new("compatible", Dialect::Compatible, base, key, model)
    }

    fn new(
        name: &'static str,
        dialect: Dialect,
        base: Url,
        key: Option<SecretString>,
        default_model: String,
    ) -> Self {
        Self {
            name,
            dialect,
            base,
            key,
            default_model,
            models: BTreeMap::new(),
            schemas: true,
            referer: None,
            organization: None,
            title: None,
            timeout: Duration::from_secs(30),
            tries: 3,
            base_delay: Duration::from_secs(1),
            requests_per_minute: None,
            tokens_per_minute: None,
            https_only: false,
        }
    }

    pub(crate) fn http(&self) -> Http {
        Http {
            timeout: self.timeout,
            tries: self.tries,
            base_delay: self.base_delay,
            requests_per_minute: self.requests_per_minute,
            tokens_per_minute: self.tokens_per_minute,
            https_only: self.https_only,
            // The list of all models that OpenRouter offers is long.
            max_response_bytes: 8 * 1024 * 1024,
            correlation_header: match self.dialect {
                Dialect::OpenAi => Some(HeaderName::from_static("x-client-request-id")),
                Dialect::OpenRouter | Dialect::Compatible => None,
            },
            is_final: is_quota,
            ..Http::new(self.name, self.base.clone())
        }
    }

    /// How the model that callers name `wanted` is asked for here.
    pub(crate) fn model(&self, wanted: &str) -> ModelEntry {
        if let Some(entry) = self.models.get(wanted) {
            return entry.clone();
        }
        let name = self.own_name(wanted);
        let limit = match self.dialect {
            Dialect::OpenRouter | Dialect::OpenAi => TokenLimit::MaxCompletionTokens,
            Dialect::Compatible => TokenLimit::MaxTokens,
        };
        let temperature = self.dialect != Dialect::OpenAi || !reasons(&name);
        ModelEntry { name, limit, temperature }
    }

    fn own_name(&self, wanted: &str) -> String {
        let bare = wanted.strip_prefix("openai/").unwrap_or(wanted);
        let living = if GONE.contains(&bare) { SUCCESSOR } else { bare };
        match self.dialect {
            Dialect::OpenRouter if living.contains('/') => living.to_owned(),
            Dialect::OpenRouter => format!("openai/{living}"),
            // OpenAI has only its own.
            Dialect::OpenAi if living.contains('/') => self.default_model.clone(),
            Dialect::OpenAi => living.to_owned(),
            Dialect::Compatible => self.default_model.clone(),
        }
    }
}

/// OpenAI's reasoning models choose their own temperature and refuse another.
fn reasons(model: &str) -> bool {
    ["o1", "o3", "o4", "gpt-5", "gpt-6"].iter().any(|family| model.starts_with(family))
}

/// A 429 that says that the money is gone does not pass by waiting.
pub(crate) fn is_quota(answer: &Answer) -> bool {
    let code = answer.json::<crate::wire::Failed>().ok().and_then(|failed| failed.error.name());
    code.is_some_and(|code| code == "insufficient_quota")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        "https://example.org/v1/".parse().expect("a URL")
    }

    #[test]
    fn a_model_goes_by_the_name_that_each_endpoint_knows() {
        let router = Settings::openrouter(base(), "k".into());
        let direct = Settings::openai(base(), "k".into());
        for (wanted, at_router, at_openai) in [
            ("openai/gpt-4o", "openai/gpt-4o", "gpt-4o"),
            ("gpt-4o-mini", "openai/gpt-4o-mini", "gpt-4o-mini"),
            ("gpt-4-turbo", "openai/gpt-6-luna", "gpt-6-luna"),
            ("anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4.5", "gpt-6-luna"),
        ] {
            assert_eq!(router.model(wanted).name, at_router);
            assert_eq!(direct.model(wanted).name, at_openai);
        }
        let own = Settings::compatible(base(), None, "qwen3".to_owned());
        assert_eq!(own.model("openai/gpt-4o").name, "qwen3");
        assert_eq!(own.model("openai/gpt-4o").limit, TokenLimit::MaxTokens);
    }

    #[test]
    fn a_listed_model_is_asked_for_as_listed() {
        let mut settings = Settings::openai(base(), "k".into());
        let entry = ModelEntry {
            name: "ft:mine".to_owned(),
            limit: TokenLimit::MaxTokens,
            temperature: true,
        };
        settings.models.insert("house-style".to_owned(), entry.clone());
        assert_eq!(settings.model("house-style"), entry);
        assert!(!settings.model("openai/gpt-5-mini").temperature);
    }
}
