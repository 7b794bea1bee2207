//! Where the links are in a text, as far as counting needs to know.
//!
//! A link is `http://` or `https://` with a host that has a dot, or a bare domain whose last label
//! is in the table below. X knows every top-level domain; ours knows the usual ones. A bare domain
//! that is not in the table counts letter by letter: up to 23 letters that is too little by a few,
//! beyond that too much, and X has the last word.

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'t> {
    /// A link, as written.
    Link(&'t str),
    /// Everything between links.
    Words(&'t str),
}

/// The last labels of bare domains that are taken for links.
const TOP_LEVEL: &[&str] = &[
    "ai", "app", "art", "at", "au", "be", "biz", "blog", "br", "ca", "cafe", "cc", "ch", "cloud",
    "club", "cn", "co", "com", "cz", "de", "dev", "dk", "edu", "es", "eu", "fi", "fm", "fr", "gg",
    "gov", "gr", "hu", "ie", "in", "info", "int", "io", "is", "it", "jobs", "jp", "kr", "live",
    "ly", "me", "mil", "mobi", "museum", "mx", "name", "net", "news", "nl", "no", "nz", "one",
    "online", "org", "page", "pl", "pro", "pt", "ro", "ru", "se", "sh", "shop", "site", "sk", "so",
    "social", "store", "studio", "tech", "to", "tools", "tr", "travel", "tv", "ua", "uk", "us",
    "vc", "website", "wiki", "work", "world", "xyz", "za",
];

/// Cuts a text into links and what stands between them; joined, the parts are the text.
pub(super) fn split(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut words, mut at) = (0, 0);
    let mut before: Option<char> = None;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let length = if may_begin(before) { link_bytes(rest) } else { 0 };
        if length > 0 {
            push_words(&mut parts, text.get(words..at));
            parts.extend(rest.get(..length).map(Part::Link));
            words = at + length;
        }
        let step = length.max(rest.chars().next().map_or(1, char::len_utf8));
        before = rest.get(..step).and_then(|taken| taken.chars().next_back());
        at += step;
    }
    push_words(&mut parts, text.get(words..));
    parts
}

fn push_words<'t>(parts: &mut Vec<Part<'t>>, words: Option<&'t str>) {
    parts.extend(words.filter(|words| !words.is_empty()).map(Part::Words));
}

/// A link does not begin inside of a word, a mention, a hashtag or an address.
fn may_begin(before: Option<char>) -> bool {
    before.is_none_or(|letter| !(letter.is_ascii_alphanumeric() || "@#$_-./".contains(letter)))
}

/// The bytes of the link that `text` begins with; 0 when it begins with none.
fn link_bytes(text: &str) -> usize {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| {
        text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    let skipped = scheme.map_or(0, str::len);
    let Some(rest) = text.get(skipped..) else { return 0 };
    let host: usize = host_bytes(rest);
    let name = rest.get(..host).unwrap_or("");
    let Some((label, last)) = name.rsplit_once('.') else { return 0 };
    let known = TOP_LEVEL.iter().any(|known| last.eq_ignore_ascii_case(known));
    let named =
        scheme.is_some() && last.len() >= 2 && last.bytes().all(|b| b.is_ascii_alphabetic());
    let after = rest.get(host..).unwrap_or("");
    // `ada@example.org` and `example.org@…` are no links.
    if label.is_empty() || !(known || named) || after.starts_with('@') {
        return 0;
    }
    skipped + host + tail_bytes(after)
}

/// Labels of letters, digits and hyphens, joined by dots.
fn host_bytes(text: &str) -> usize {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.');
    let all: &str = text.split(|letter| !allowed(letter)).next().unwrap_or("");
    let host = all.trim_end_matches(['.', '-']);
    if host.starts_with(['.', '-']) || host.contains("..") { 0 } else { host.len() }
}

/// Port, path, query and fragment, without the punctuation that ends a sentence.
fn tail_bytes(text: &str) -> usize {
    let port = text.strip_prefix(':').map_or(0, |rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 { digits + 1 } else { 0 }
    });
    let rest = text.get(port..).unwrap_or("");
    if !rest.starts_with(['/', '?', '#']) {
        return port;
    }
    let allowed = |letter: char| {
        letter.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%|".contains(letter)
    };
    let all = rest.split(|letter| !allowed(letter)).next().unwrap_or("");
    let mut end = all.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*']);
    // A closing bracket belongs to the link only where it was opened in it.
    while end.ends_with(')') && end.matches(')').count() > end.matches('(').count() {
        let inside = end.strip_suffix(')').unwrap_or("");
        end = inside.trim_end_matches(['.', ',', ';', ':', '!', '?']);
    }
    port + end.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Vec<&str> {
        let link = |part: &Part<'static>| -> Option<&'static str> {
            match part {
                Part::Link(link) => Some(link),
                Part::Words(_) => None,
            }
        };
        let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
        split(text).iter().filter_map(link).collect()
    }

    #[test]
    fn a_link_ends_where_its_sentence_goes_on() {
        assert_eq!(links("See https://example.org/a?b=1#c."), ["https://example.org/a?b=1#c"]);
        assert_eq!(links("(http://example.org/a_(b))"), ["http://example.org/a_(b)"]);
        assert_eq!(links("(see example.com/a), then"), ["example.com/a"]);
        assert_eq!(links("HTTPS://Example.ORG:8080/x"), ["HTTPS://Example.ORG:8080/x"]);
        assert_eq!(links("a.com and b.de!"), ["a.com", "b.de"]);
    }

    #[test]
    fn what_only_looks_like_a_link_is_text() {
        for text in [
            "write to ada@example.org",
            "version 1.2",
            "end.Then",
            "http://localhost/",
            "@example.com",
            "https://",
            "https://.com",
            "e.g. this",
            "file.rs",
            "...",
        ] {
            assert_eq!(links(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn nothing_of_a_text_is_lost_between_its_parts() {
        for text in ["", "a", "ü x.com ü", "x.com", "👍https://a.de/b c", "é.com"] {
            let joined: String = split(text)
                .iter()
                .map(|part| match part {
                    Part::Link(text) | Part::Words(text) => *text,
                })
                .collect();
            assert_eq!(joined, text);
        }
    }
}
