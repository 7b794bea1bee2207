//! A request for a completion, read and checked as the house would.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::models;
use super::wire::House;

/// What is read of a request; the rest is checked by nobody here.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    model: Option<String>,
    #[serde(default)]
    models: Vec<String>,
    messages: Vec<Message>,
    max_tokens: Option<u32>,
    max_completion_tokens: Option<u32>,
    temperature: Option<f64>,
    response_format: Option<Format>,
    #[serde(default)]
    pub(crate) stream: bool,
}

#[derive(Debug, Deserialize)]
struct Message {
    role: Role,
    content: Option<Content>,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Role {
    System,
    Developer,
    User,
    Assistant,
    Tool,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Debug, Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Format {
    Text,
    JsonObject,
    JsonSchema { json_schema: Named },
}

#[derive(Debug, Deserialize)]
struct Named {
    #[serde(rename = "name")]
    _name: String,
    #[serde(default)]
    schema: Option<Value>,
}

impl Message {
    fn text(&self) -> String {
        match &self.content {
            None => String::new(),
            Some(Content::Text(text)) => text.clone(),
            Some(Content::Parts(parts)) => {
                parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join("\n")
            }
        }
    }
}

/// A refusal: status, message, and the parameter at fault.
pub(crate) type Refusal = (StatusCode, String, Option<&'static str>);

fn bad(message: impl Into<String>, parameter: &'static str) -> Refusal {
    (StatusCode::BAD_REQUEST, message.into(), Some(parameter))
}

impl Request {
    pub(crate) fn read(house: House, body: &[u8]) -> Result<Self, Refusal> {
        let request: Self = serde_json::from_slice(body)
            .map_err(|error| (StatusCode::BAD_REQUEST, error.to_string(), None))?;
        request.check(house)?;
        Ok(request)
    }

    /// Every message's text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = String> {
        self.messages.iter().map(Message::text)
    }

    /// What the user said, message by message.
    pub(crate) fn asked(&self) -> Vec<String> {
        let users = self.messages.iter().filter(|message| message.role == Role::User);
        users.map(Message::text).collect()
    }

    /// The longest answer that is wanted.
    pub(crate) fn most_tokens(&self) -> u32 {
        self.max_completion_tokens.or(self.max_tokens).unwrap_or(16_384)
    }

    fn check(&self, house: House) -> Result<(), Refusal> {
        if self.messages.is_empty() {
            return Err(bad("Input required: specify \"messages\"", "messages"));
        }
        if self.max_tokens == Some(0) || self.max_completion_tokens == Some(0) {
            return Err(bad("max_tokens must be at least 1", "max_tokens"));
        }
        if self.temperature.is_some_and(|heat| !(0.0..=2.0).contains(&heat)) {
            return Err(bad("temperature must be between 0 and 2", "temperature"));
        }
        match house {
            House::OpenRouter => self.check_router(),
            House::OpenAi => self.check_openai(),
        }
    }

    fn check_router(&self) -> Result<(), Refusal> {
        let all = self.model.iter().chain(&self.models);
        match all.into_iter().find(|model| !model.contains('/')) {
            Some(model) => Err(bad(format!("{model} is not a valid model ID"), "model")),
            None => Ok(()),
        }
    }

    fn check_openai(&self) -> Result<(), Refusal> {
        let Some(model) = &self.model else {
            return Err(bad("you must provide a model parameter", "model"));
        };
        if model.contains('/') || models::gone(model) {
            let message =
                format!("The model `{model}` does not exist or you do not have access to it.");
            return Err((StatusCode::NOT_FOUND, message, Some("model")));
        }
        if self.max_tokens.is_some() && models::reasons(model) {
            let message = "Unsupported parameter: 'max_tokens' is not supported with this model. \
                           Use 'max_completion_tokens' instead.";
            return Err(bad(message, "max_tokens"));
        }
        Ok(())
    }

    /// The model that answers: the first that was named.
    pub(crate) fn model(&self) -> &str {
        let first = self.model.as_ref().or_else(|| self.models.first());
        first.map_or("openai/gpt-6-luna", String::as_str)
    }

    /// The schema that the answer must follow.
    pub(crate) fn schema(&self) -> Option<&Value> {
        match self.response_format.as_ref()? {
            Format::JsonSchema { json_schema } => json_schema.schema.as_ref(),
            Format::Text | Format::JsonObject => None,
        }
    }

    /// Whether the answer must be JSON at all.
    pub(crate) fn wants_json(&self) -> bool {
        match self.response_format {
            Some(Format::JsonObject | Format::JsonSchema { .. }) => true,
            Some(Format::Text) | None => false,
        }
    }
}
