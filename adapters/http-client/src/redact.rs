//! What may be shown of a provider's words: an excerpt in which nothing looks like a secret.

use std::borrow::Cow;

const EXCERPT: usize = 400;
const HIDDEN: &str = "[hidden]";
/// A field whose name contains one of these has its value hidden.
const SECRET_NAMES: [&str; 9] = [
    "token",
    "secret",
    "password",
    "authorization",
    "api_key",
    "apikey",
    "code_verifier",
    "signature",
    "cookie",
];
/// Shorter runs are words, ids and times.
const OPAQUE: usize = 24;

/// An excerpt of `text` that is fit for a log or an error message.
///
/// Values of fields with secret-sounding names, `Bearer …`, query strings and long opaque runs are
/// replaced; so are control characters, which could forge a log line.
#[must_use]
pub fn redact(text: &str) -> String {
    let excerpt: String = text.chars().take(EXCERPT).collect();
    let mut shown = String::with_capacity(excerpt.len());
    let mut next = Next::Shown;
    for word in words(&excerpt) {
        shown.push_str(&redact_word(word, &mut next));
    }
    if text.chars().nth(EXCERPT).is_some() {
        shown.push('…');
    }
    shown
}

/// What happens to the next word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Shown,
    /// A secret-sounding name stood before: hidden if `:` or `=` follows.
    Suspect,
    /// The name of an authorisation code, which is also the name of an error's code.
    SuspectInQuery,
    Hidden,
}

/// Splits into runs of token characters and single other characters.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(|c: char| !is_token(c)).flat_map(|piece| {
        let end = piece.char_indices().last().filter(|(_, c)| !is_token(*c));
        let cut = end.map_or(piece.len(), |(at, _)| at);
        [piece.get(..cut), piece.get(cut..)].into_iter().flatten().filter(|part| !part.is_empty())
    })
}

const fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '~' | '+' | '/' | '%')
}

fn redact_word<'a>(word: &'a str, next: &mut Next) -> Cow<'a, str> {
    if word.chars().all(|c| !is_token(c)) {
        match (*next, word) {
            (Next::Suspect, ":" | "=") | (Next::SuspectInQuery, "=") => *next = Next::Hidden,
            _ => {}
        }
        return if word.chars().any(char::is_control) { " ".into() } else { word.into() };
    }
    let lower = word.to_ascii_lowercase();
    if lower == "bearer" || (*next == Next::Hidden && lower == "basic") {
        *next = Next::Hidden;
        return word.into();
    }
    let hidden = *next == Next::Hidden && !is_plain(word) || is_opaque(word);
    *next = match lower.as_str() {
        "code" => Next::SuspectInQuery,
        name if SECRET_NAMES.iter().any(|secret| name.contains(secret)) => Next::Suspect,
        _ => Next::Shown,
    };
    if hidden { HIDDEN.into() } else { word.into() }
}

/// Small numbers and literals after a secret-sounding name explain an error and give nothing away.
fn is_plain(word: &str) -> bool {
    matches!(word, "null" | "true" | "false")
        || (word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit()))
}

/// Letters and digits mixed over a long run: a key, a token, a signature.
fn is_opaque(word: &str) -> bool {
    let digits = word.bytes().any(|b| b.is_ascii_digit());
    let letters = word.bytes().any(|b| b.is_ascii_alphabetic());
    word.len() >= OPAQUE && digits && letters && !word.starts_with("http")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_keeps_the_reason_and_loses_the_secret() {
        let shown = redact(
            r#"{"title":"Unauthorized","access_token":"CANARY","detail":"Bearer CANARY-2 expired"}"#,
        );
        assert!(shown.contains("Unauthorized") && shown.contains("expired"), "{shown}");
        assert!(!shown.contains("CANARY"), "{shown}");
    }

    #[test]
    fn a_key_is_hidden_wherever_it_stands() {
        let shown = redact("you sent sk-or-v1-0123456789abcdef0123456789 to model openai/gpt-4o");
        assert!(!shown.contains("0123456789abcdef"), "{shown}");
        assert!(shown.contains("openai/gpt-4o"), "{shown}");
        assert!(!redact("?code=CANARY&state=1").contains("CANARY"));
        assert!(!redact("Authorization: Basic CANARY==").contains("CANARY"));
        let reason = r#"{"code":"rate_limit_exceeded","message":"too many tokens in this minute"}"#;
        assert_eq!(redact(reason), reason);
    }

    #[test]
    fn a_log_line_cannot_be_forged_and_stays_short() {
        let shown = redact(&format!("a\nb{}", " x".repeat(5_000)));
        assert!(!shown.contains('\n') && shown.chars().count() <= EXCERPT + 1);
    }
}
