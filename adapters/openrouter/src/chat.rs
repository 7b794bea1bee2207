//! One chat endpoint: the request in its dialect, the answer read.

use crate::{
    Settings, TokenLimit,
    answer::{self, Miss},
    wire::{Ask, Format, Named, Said},
};
use herald_application::ports::{Draft, DraftRequest, MessageRole};
use herald_http_client::{
    Client, Environment, HeaderName, InvalidSettings, Method, RealEnvironment, Request,
};
use std::sync::Arc;

const OPERATION: &str = "chat";
/// Roughly so many characters are one token.
const CHARACTERS_PER_TOKEN: usize = 4;

/// A chat endpoint, reached over HTTP.
#[derive(Debug, Clone)]
pub struct Chat {
    pub(crate) settings: Arc<Settings>,
    pub(crate) client: Client,
    /// The models that health checks look for.
    pub(crate) watched: Vec<String>,
}

impl Chat {
    /// An endpoint in real time. `watched` are the models that its health depends on.
    pub fn try_new(settings: Settings, watched: Vec<String>) -> Result<Self, InvalidSettings> {
        Self::try_new_in(settings, watched, Arc::new(RealEnvironment))
    }

    /// An endpoint with time and chance from `environment`.
    pub fn try_new_in(
        settings: Settings,
        watched: Vec<String>,
        environment: Arc<dyn Environment>,
    ) -> Result<Self, InvalidSettings> {
        let client = Client::try_new_in(settings.http(), environment)?;
        Ok(Self { settings: Arc::new(settings), client, watched })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.settings.name
    }

    /// Asks this endpoint and no other.
    pub(crate) async fn ask(&self, request: &DraftRequest) -> Result<Draft, Miss> {
        let call = self
            .signed(Request::new(OPERATION, Method::POST, ["chat", "completions"]))
            .json(&self.body(request, &self.settings.model(&request.model)))
            .tokens(estimate(request))
            .correlation(&request.correlation_id);
        let sent = self.client.send(&call).await;
        let answer = sent.map_err(|error| answer::missed(&error.failure))?;
        let draft = answer::read(self.name(), &answer)?;
        self.client.cost(OPERATION, u64::try_from(draft.usage.cost.nano()).unwrap_or_default());
        Ok(draft)
    }

    /// `request` with our key and our name.
    pub(crate) fn signed(&self, request: Request) -> Request {
        let mut request = match &self.settings.key {
            Some(key) => request.bearer(key),
            None => request,
        };
        if let Some(referer) = &self.settings.referer {
            request = request.header(HeaderName::from_static("http-referer"), referer);
        }
        if let Some(organization) = &self.settings.organization {
            let name = HeaderName::from_static("openai-organization");
            request = request.header(name, organization);
        }
        if let Some(title) = &self.settings.title {
            request = request.header(HeaderName::from_static("x-title"), title);
        }
        request
    }

    fn body<'a>(&self, request: &'a DraftRequest, model: &'a crate::ModelEntry) -> Ask<'a> {
        let said = |message: &'a herald_application::ports::Message| Said {
            role: match message.role {
                MessageRole::System => "system",
                MessageRole::User => "user",
                MessageRole::Assistant => "assistant",
            },
            content: &message.content,
        };
        let format = request.json_schema.as_ref().map(|(name, schema)| {
            if self.settings.schemas {
                Format::JsonSchema { json_schema: Named { name, schema } }
            } else {
                Format::JsonObject
            }
        });
        let limit = |kind| (model.limit == kind).then_some(request.max_tokens);
        Ask {
            model: &model.name,
            messages: request.messages.iter().map(said).collect(),
            max_tokens: limit(TokenLimit::MaxTokens),
            max_completion_tokens: limit(TokenLimit::MaxCompletionTokens),
            temperature: model
                .temperature
                .then(|| f64::from(request.temperature_hundredths) / 100.0),
            response_format: format,
        }
    }
}

/// What the call may take of the tokens-per-minute budget.
fn estimate(request: &DraftRequest) -> u32 {
    let characters: usize = request.messages.iter().map(|said| said.content.len()).sum();
    u32::try_from(characters / CHARACTERS_PER_TOKEN)
        .unwrap_or(u32::MAX)
        .saturating_add(request.max_tokens)
}
