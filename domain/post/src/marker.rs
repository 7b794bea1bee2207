//! Is a text that a network shows the one that we sent? Networks replace links, escape characters
//! and tidy white space; this undoes it on both sides.

use unicode_normalization::UnicodeNormalization;

/// A link as a network shows it and as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortLink {
    /// For example `https://t.co/abc`.
    pub short: String,
    /// What it leads to; `None` where the network put it there itself, as for attached pictures.
    pub expanded: Option<String>,
}

/// A text as a network shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RemoteText {
    /// The text.
    pub text: String,
    /// The links that were replaced in it.
    pub links: Vec<ShortLink>,
}

impl From<&str> for RemoteText {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), links: Vec::new() }
    }
}

/// Is `theirs` what `ours` became on the network?
#[must_use]
pub fn matches(ours: &str, theirs: &RemoteText) -> bool {
    let mut shown = theirs.text.clone();
    for link in &theirs.links {
        shown = shown.replace(&link.short, link.expanded.as_deref().unwrap_or(""));
    }
    normalised(ours) == normalised(&shown)
}

/// The text as both sides can be compared: without escapes, schemes, trailing slashes of links and
/// differences of white space, in normal form C. The marker of an intent is its fingerprint.
#[must_use]
pub fn normalised(text: &str) -> String {
    let plain: String = unescaped(text).nfc().collect();
    let words = plain.split_whitespace().map(|word| {
        let bare = strip_scheme(word);
        // Networks complete `example.org` to `https://example.org/`.
        if bare.contains('.') { bare.trim_end_matches('/') } else { bare }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn strip_scheme(word: &str) -> &str {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| {
        word.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    scheme.and_then(|scheme| word.get(scheme.len()..)).unwrap_or(word)
}

/// Undoes the five escapes that networks put into plain text. `&amp;` comes last, so that
/// `&amp;lt;` stays the `&lt;` that it stands for.
fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, links: &[(&str, Option<&str>)]) -> RemoteText {
        let link = |(short, expanded): &(&str, Option<&str>)| ShortLink {
            short: (*short).to_owned(),
            expanded: expanded.map(str::to_owned),
        };
        RemoteText { text: text.to_owned(), links: links.iter().map(link).collect() }
    }

    #[test]
    fn a_text_is_known_again_after_the_network_tidied_it() {
        assert!(matches("Tom & Jerry <3", &"Tom &amp; Jerry &lt;3".into()));
        assert!(matches(" two\n\n lines ", &"two lines".into()));
        assert!(matches("caf\u{e9}", &"cafe\u{301}".into()));
    }

    #[test]
    fn a_replaced_link_is_read_as_it_was_written() {
        let theirs =
            shown("see https://t.co/a1", &[("https://t.co/a1", Some("http://example.org/"))]);
        assert!(matches("see example.org", &theirs));
        assert!(matches("see https://example.org", &theirs));
        assert!(!matches("see example.com", &theirs));
    }

    #[test]
    fn a_link_that_the_network_adds_for_a_picture_does_not_count() {
        let theirs = shown("look https://t.co/p1", &[("https://t.co/p1", None)]);
        assert!(matches("look", &theirs));
    }

    #[test]
    fn another_text_is_another_text() {
        assert!(!matches("good morning", &"good morning!".into()));
        assert!(!matches("&lt;", &"<b>".into()));
    }
}
