//! What a mutation answers, so that the next read can ask to see what was written.

use crate::ports::Position;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// An opaque mark of what was written. Callers hand it back and never look inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token(pub Position);

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(format!("1.{}", self.0.0)))
    }
}

/// Text that no mutation answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a token that a mutation or a change answered")]
pub struct InvalidToken;

impl std::str::FromStr for Token {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidToken)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| InvalidToken)?;
        let number = text.strip_prefix("1.").ok_or(InvalidToken)?;
        let position = number.parse().map_err(|_| InvalidToken)?;
        if position < 0 { Err(InvalidToken) } else { Ok(Self(Position(position))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_nothing_else_does() {
        let token = Token(Position(42));
        assert_eq!(token.to_string().parse(), Ok(token));
        for text in ["", "42", "MS4tMQ", "%%%", "MS4"] {
            assert_eq!(text.parse::<Token>(), Err(InvalidToken), "{text}");
        }
    }
}
