//! Any OpenAI-compatible chat endpoint behind the writer port.
