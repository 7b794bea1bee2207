//! The chat protocol's JSON, as OpenAI defined it and OpenRouter extended it.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// `POST /chat/completions`.
#[derive(Debug, Serialize)]
pub(crate) struct Ask<'a> {
    pub(crate) model: &'a str,
    pub(crate) messages: Vec<Said<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) response_format: Option<Format<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Said<'a> {
    pub(crate) role: &'static str,
    pub(crate) content: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Format<'a> {
    JsonObject,
    JsonSchema { json_schema: Named<'a> },
}

#[derive(Debug, Serialize)]
pub(crate) struct Named<'a> {
    pub(crate) name: &'a str,
    pub(crate) schema: &'a Value,
}

/// What came back with status 200, which may be a failure all the same.
#[derive(Debug, Deserialize)]
pub(crate) struct Answered {
    pub(crate) id: Option<String>,
    pub(crate) model: Option<String>,
    #[serde(default)]
    pub(crate) choices: Vec<Choice>,
    pub(crate) usage: Option<Used>,
    pub(crate) error: Option<Trouble>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Choice {
    pub(crate) message: Option<Written>,
    pub(crate) finish_reason: Option<String>,
    pub(crate) error: Option<Trouble>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Written {
    pub(crate) content: Option<String>,
    pub(crate) refusal: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Used {
    #[serde(default)]
    pub(crate) prompt_tokens: u32,
    #[serde(default)]
    pub(crate) completion_tokens: u32,
    pub(crate) cost: Option<Number>,
}

/// A failure's body.
#[derive(Debug, Deserialize)]
pub(crate) struct Failed {
    pub(crate) error: Trouble,
}

/// What went wrong, in either house's form.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Trouble {
    #[serde(default)]
    pub(crate) message: String,
    /// A status at OpenRouter, a name at OpenAI.
    pub(crate) code: Option<Value>,
    pub(crate) metadata: Option<Value>,
}

impl Trouble {
    /// OpenRouter's code: an HTTP status.
    pub(crate) fn status(&self) -> Option<u16> {
        self.code.as_ref()?.as_u64().and_then(|code| u16::try_from(code).ok())
    }

    /// OpenAI's code: a name.
    pub(crate) fn name(&self) -> Option<String> {
        self.code.as_ref()?.as_str().map(str::to_owned)
    }
}

/// `GET /models`.
#[derive(Debug, Deserialize)]
pub(crate) struct Models {
    pub(crate) data: Vec<Model>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Model {
    pub(crate) id: String,
    /// The day on which it is switched off, as either house calls it.
    #[serde(alias = "shutdown_date")]
    pub(crate) expiration_date: Option<String>,
}

/// OpenRouter's `GET /key`.
#[derive(Debug, Deserialize)]
pub(crate) struct Key {
    pub(crate) data: Credit,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Credit {
    pub(crate) limit_remaining: Option<f64>,
}
