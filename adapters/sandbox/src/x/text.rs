//! How X reads a text: what it weighs, which links it shortens, what it returns.

use unicode_normalization::UnicodeNormalization;

use crate::world::Link;

/// The most a text may weigh.
pub(crate) const LIMIT: usize = 280;
const LINK_WEIGHT: usize = 23;
const ENDINGS: [&str; 24] = [
    "com", "org", "net", "edu", "gov", "io", "dev", "app", "shop", "store", "blog", "info", "biz",
    "de", "at", "ch", "uk", "eu", "fr", "nl", "it", "es", "co", "ai",
];

/// What a text weighs: most letters one, emoji and wide scripts two, a link twenty-three.
pub(crate) fn weight(text: &str) -> usize {
    let text: String = text.nfc().collect();
    pieces(&text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Plain(plain) => plain_weight(plain),
            Piece::Link(_) => LINK_WEIGHT,
        })
        .sum()
}

/// A stretch of text.
enum Piece<'t> {
    Plain(&'t str),
    Link(&'t str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    text.split_inclusive(char::is_whitespace).flat_map(word).collect()
}

/// A word may be a link with brackets or a full stop around it.
fn word(word: &str) -> Vec<Piece<'_>> {
    let opened = word.trim_start_matches(['(', '[', '"', '\'', '«', '„', '“']);
    let inner = opened.trim_end_matches(|letter: char| {
        letter.is_whitespace() || ".,;:!?)]\"'»”…".contains(letter)
    });
    let front = word.strip_suffix(opened).unwrap_or_default();
    let back = opened.strip_prefix(inner).unwrap_or_default();
    if is_link(inner) {
        vec![Piece::Plain(front), Piece::Link(inner), Piece::Plain(back)]
    } else {
        vec![Piece::Plain(word)]
    }
}

fn is_link(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let schemed = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    let host = schemed.unwrap_or(&lower).split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default();
    let Some((before, ending)) = name.rsplit_once('.') else { return false };
    let labels = !before.is_empty()
        && before.split('.').all(|label| {
            !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        });
    labels && (schemed.is_some_and(|_| ending.len() >= 2) || ENDINGS.contains(&ending))
}

fn plain_weight(text: &str) -> usize {
    let mut letters = text.chars().peekable();
    let mut total = 0_usize;
    while let Some(letter) = letters.next() {
        let pictured = pictures(letter)
            || letters.peek() == Some(&PICTURE_STYLE)
            || (flag(letter) && letters.next_if(|next| flag(*next)).is_some());
        total = total.saturating_add(if pictured { 2 } else { letter_weight(letter) });
        while pictured && let Some(joined) = letters.next_if(|next| joins(*next)) {
            if joined == JOINER {
                letters.next_if(|next| pictures(*next));
            }
        }
    }
    total
}

const PICTURE_STYLE: char = '\u{fe0f}';
const JOINER: char = '\u{200d}';

fn letter_weight(letter: char) -> usize {
    let narrow = matches!(u32::from(letter), 0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247);
    if narrow { 1 } else { 2 }
}

/// Signs that belong to the picture before them: joiner, style, skin, tag, keycap.
fn joins(letter: char) -> bool {
    matches!(u32::from(letter), 0x200d | 0xfe0f | 0x20e3 | 0x1f3fb..=0x1f3ff | 0xe0020..=0xe007f)
}

fn flag(letter: char) -> bool {
    matches!(u32::from(letter), 0x1f1e6..=0x1f1ff)
}

fn pictures(letter: char) -> bool {
    matches!(u32::from(letter), 0x2600..=0x27bf | 0x2b00..=0x2bff | 0x1f300..=0x1faff)
}

/// A text as X returns it, with the links it found.
pub(crate) fn shown(text: &str, post: u64) -> (String, Vec<Link>) {
    let mut shown = String::with_capacity(text.len());
    let mut links = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Plain(plain) => shown.push_str(&escaped(plain)),
            Piece::Link(link) => {
                let expanded = with_scheme(link);
                let display = display(&expanded);
                push_link(&mut shown, &mut links, post, (expanded, display, None));
            }
        }
    }
    (shown, links)
}

/// X appends one link for all pictures of a post.
pub(crate) fn append_media(
    shown: &mut String,
    links: &mut Vec<Link>,
    post: u64,
    handle: &str,
    media_keys: &[String],
) {
    let Some(first) = media_keys.first() else { return };
    if !shown.is_empty() {
        shown.push(' ');
    }
    let expanded = format!("https://x.com/{handle}/status/{post}/photo/1");
    let display = format!("pic.x.com/{}", short_code(post, links.len()));
    push_link(shown, links, post, (expanded.clone(), display, Some(first.clone())));
    if let Some(mut link) = links.last().cloned() {
        links.extend(media_keys.iter().skip(1).map(|key| {
            link.media_key = Some(key.clone());
            link.clone()
        }));
    }
}

fn push_link(
    shown: &mut String,
    links: &mut Vec<Link>,
    post: u64,
    (expanded, display, media_key): (String, String, Option<String>),
) {
    let short = format!("https://t.co/{}", short_code(post, links.len()));
    let start = shown.chars().count();
    shown.push_str(&short);
    let end = shown.chars().count();
    links.push(Link { start, end, short, expanded, display, media_key });
}

/// Ten letters, as t.co has them; the same post and place give the same code.
fn short_code(post: u64, place: usize) -> String {
    super::wire::hash(&format!("{post}/{place}")).chars().take(10).collect()
}

fn with_scheme(link: &str) -> String {
    if link.contains("://") { link.to_owned() } else { format!("http://{link}") }
}

fn display(link: &str) -> String {
    let bare = link.split_once("://").map_or(link, |(_, rest)| rest);
    let bare = bare.strip_prefix("www.").unwrap_or(bare).trim_end_matches('/');
    if bare.chars().count() <= 26 {
        return bare.to_owned();
    }
    bare.chars().take(26).chain(['…']).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{shown, weight};
    use proptest::prelude::*;

    #[test]
    fn a_text_weighs_what_x_says() {
        let table = [
            ("hello", 5),
            ("héllo", 5),
            ("日本語", 6),
            ("👩‍👩‍👧‍👦", 2),
            ("👍🏽 ok", 5),
            ("🇩🇪", 2),
            ("3️⃣", 2),
            ("see https://example.com/a/very/long/path?with=things", 27),
            ("see example.com.", 28),
            ("not.a.link.really", 17),
        ];
        for (text, expected) in table {
            assert_eq!(weight(text), expected, "{text}");
        }
    }

    #[test]
    fn links_are_shortened_and_signs_escaped() {
        let (text, links) = shown("Bread & butter (www.example.com/shop)", 7);
        let link = &links[0];
        assert!(text.starts_with("Bread &amp; butter (https://t.co/"), "{text}");
        assert!(text.ends_with(')'));
        assert_eq!(link.expanded, "http://www.example.com/shop");
        assert_eq!(
            text.chars().skip(link.start).take(link.end - link.start).collect::<String>(),
            link.short
        );
    }

    const SAID: &str = "(\\PC|https?://a\\.de/[a-z&]{0,9}|x\\.com| ){0,40}";

    proptest! {
        #[test]
        fn every_link_stands_where_it_says(text in SAID) {
            let (text, links) = shown(&text, 9);
            for link in links {
                let letters = text.chars().skip(link.start).take(link.end - link.start);
                let there: String = letters.collect();
                prop_assert_eq!(there, link.short);
            }
        }

        #[test]
        fn more_words_never_weigh_less(text in "\\PC{0,60}") {
            let longer = format!("{text} more");
            prop_assert!(weight(&longer) >= weight(&text));
        }
    }
}
