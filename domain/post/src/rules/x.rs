//! What X takes: weighted text, four pictures a step, twenty-five steps a thread.
//!
//! Counting follows the configuration that X publishes with `twitter-text` (version 3): text in
//! normal form C; code points of the Latin-like ranges weigh 100, all others and whole emoji
//! sequences 200, links 2,300 whatever their length; 100 is one character.

use super::{Violation, links};
use crate::{
    content::{Content, MediaKind, StepContent, StepKind},
    outcome::Remote,
};
use unicode_normalization::UnicodeNormalization;

/// Pictures in one step.
const PICTURES: usize = 4;
/// Bytes of one picture.
const PICTURE_BYTES: u64 = 5 * 1024 * 1024;
/// Bytes of a GIF, which moves.
const GIF_BYTES: u64 = 15 * 1024 * 1024;
/// Later parts of a thread.
const SEGMENTS: usize = 25;
/// What 100 of weight counts as.
const SCALE: u32 = 100;
/// What a link weighs, as X replaces each by one of 23 characters.
const LINK: u32 = 23 * SCALE;
const LIGHT: u32 = SCALE;
const HEAVY: u32 = 2 * SCALE;

/// How long X finds a text, in its own unit: 280 fit into a plain account's post.
#[must_use]
pub fn weighted_length(text: &str) -> u32 {
    let text: String = text.nfc().collect();
    let mut weight: u32 = 0;
    for part in links::split(&text) {
        weight = weight.saturating_add(match part {
            links::Part::Link(_) => LINK,
            links::Part::Words(words) => words_weight(words),
        });
    }
    weight / SCALE
}

fn words_weight(words: &str) -> u32 {
    let mut weight: u32 = 0;
    let mut rest = words;
    while let Some(first) = rest.chars().next() {
        let (taken, more) = match emoji_bytes(rest) {
            0 => (first.len_utf8(), char_weight(first)),
            bytes => (bytes, HEAVY),
        };
        weight = weight.saturating_add(more);
        rest = rest.get(taken..).unwrap_or("");
    }
    weight
}

const fn char_weight(letter: char) -> u32 {
    match letter {
        '\u{0}'..='\u{10ff}'
        | '\u{2000}'..='\u{200d}'
        | '\u{2010}'..='\u{201f}'
        | '\u{2032}'..='\u{2037}' => LIGHT,
        _ => HEAVY,
    }
}

/// The bytes of the emoji sequence that `text` begins with; 0 when it begins with none.
///
/// A sequence counts as one, however many code points it is made of: a base with modifiers
/// (variation selector, skin tone, keycap, tags), joined to others by zero-width joiners; or two
/// regional indicators, which are a flag.
fn emoji_bytes(text: &str) -> usize {
    let mut letters = text.char_indices().peekable();
    let Some((_, first)) = letters.next() else { return 0 };
    let mut end = first.len_utf8();
    if is_regional(first) {
        return match letters.next() {
            Some((at, second)) if is_regional(second) => at + second.len_utf8(),
            Some(_) | None => end,
        };
    }
    if is_keycap_base(first) {
        return keycap_bytes(text);
    }
    if matches!(first, '\u{a9}' | '\u{ae}') {
        // © and ® are letters until a variation selector makes them pictures.
        return letters.next().map_or(0, |(at, next)| if next == '\u{fe0f}' { at + 3 } else { 0 });
    }
    if !is_pictograph(first) {
        return 0;
    }
    while let Some((at, letter)) = letters.next() {
        if is_modifier(letter) {
            end = at + letter.len_utf8();
        } else if letter == '\u{200d}' {
            match letters.next() {
                Some((at, joined)) if is_pictograph(joined) => end = at + joined.len_utf8(),
                Some(_) | None => break,
            }
        } else {
            break;
        }
    }
    end
}

/// `1` and `#` are plain letters unless a keycap is put over them.
fn keycap_bytes(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1);
    let (mut at, mut letter) = letters.next().unwrap_or((0, ' '));
    if letter == '\u{fe0f}' {
        (at, letter) = letters.next().unwrap_or((0, ' '));
    }
    if letter == '\u{20e3}' { at + letter.len_utf8() } else { 0 }
}

const fn is_keycap_base(letter: char) -> bool {
    matches!(letter, '0'..='9' | '#' | '*')
}

const fn is_regional(letter: char) -> bool {
    matches!(letter, '\u{1f1e6}'..='\u{1f1ff}')
}

const fn is_modifier(letter: char) -> bool {
    matches!(letter, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{20e3}' | '\u{e0020}'..='\u{e007f}')
}

/// Code points that emoji sequences are made of, generously: a lone one of them weighs 200 anyway.
const fn is_pictograph(letter: char) -> bool {
    matches!(letter,
        '\u{1f000}'..='\u{1faff}' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}'
        | '\u{2460}'..='\u{24ff}' | '\u{25a0}'..='\u{27bf}' | '\u{2900}'..='\u{297f}'
        | '\u{2b00}'..='\u{2bff}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}')
}

/// Every way in which `content` breaks X's rules.
#[must_use]
pub fn violations(text_limit: u32, content: &Content) -> Vec<Violation> {
    let mut found = Vec::new();
    if content.segments.len() > SEGMENTS {
        found.push(Violation {
            code: "TOO_MANY_SEGMENTS",
            step: 0,
            path: "segments".to_owned(),
            message: format!(
                "a thread has at most {SEGMENTS} segments after its root; this one has {}",
                content.segments.len()
            ),
        });
    }
    for (step, index) in content.steps().zip(0_u16..) {
        let (kind, step) = step;
        let path = match kind {
            StepKind::Root => "root".to_owned(),
            StepKind::Segment => format!("segments[{}]", index.saturating_sub(1)),
            StepKind::FirstComment => "firstComment".to_owned(),
        };
        check_text(text_limit, index, &path, step, &mut found);
        check_pictures(index, &path, step, &mut found);
    }
    found
}

fn check_text(limit: u32, index: u16, path: &str, step: &StepContent, found: &mut Vec<Violation>) {
    let path = format!("{path}.text");
    if step.text.is_blank() && step.media.is_empty() {
        let message = "write something, or attach a picture".to_owned();
        found.push(Violation { code: "EMPTY", step: index, path, message });
        return;
    }
    let length = weighted_length(step.text.as_str());
    if length > limit {
        let message = format!(
            "X counts {length} characters and takes {limit}; links count 23, emoji and most \
             non-Latin letters 2"
        );
        found.push(Violation { code: "TEXT_TOO_LONG", step: index, path, message });
    }
}

fn check_pictures(index: u16, path: &str, step: &StepContent, found: &mut Vec<Violation>) {
    let mut complain = |code, path, message| {
        found.push(Violation { code, step: index, path, message });
    };
    let media = format!("{path}.media");
    let count = step.media.len();
    if count > PICTURES {
        let message =
            format!("X takes at most {PICTURES} pictures in a post; this one has {count}");
        complain("TOO_MANY_PICTURES", media.clone(), message);
    }
    if count > 1 && step.media.iter().any(|picture| picture.kind == MediaKind::Gif) {
        let message = "X takes a GIF only alone in a post".to_owned();
        complain("GIF_NOT_ALONE", media.clone(), message);
    }
    for (position, picture) in step.media.iter().enumerate() {
        let place = format!("{media}[{position}]");
        let earlier = step.media.iter().take(position);
        if earlier.into_iter().any(|earlier| earlier.media == picture.media) {
            let message = "X takes a picture only once in a post".to_owned();
            complain("PICTURE_REPEATED", place.clone(), message);
        }
        let most = most_bytes(picture.kind);
        if picture.bytes > most {
            let message = format!(
                "X takes at most {most} bytes of this kind; this one has {}",
                picture.bytes
            );
            complain("PICTURE_TOO_LARGE", place, message);
        }
    }
}

const fn most_bytes(kind: MediaKind) -> u64 {
    match kind {
        MediaKind::Jpeg | MediaKind::Png | MediaKind::Webp => PICTURE_BYTES,
        MediaKind::Gif => GIF_BYTES,
    }
}

/// The post that an address on X names, such as `https://x.com/herald/status/1`.
#[must_use]
pub fn remote_of(url: &str) -> Option<Remote> {
    let url = url.trim();
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let path = rest.split(['?', '#']).next()?;
    let mut parts = path.split('/');
    let host = parts.next()?;
    let host = host.strip_prefix("www.").or_else(|| host.strip_prefix("mobile.")).unwrap_or(host);
    if !matches!(host, "x.com" | "twitter.com") {
        return None;
    }
    let remote_id = parts.skip_while(|part| *part != "status").nth(1)?;
    let is_id =
        (1..=20).contains(&remote_id.len()) && remote_id.bytes().all(|b| b.is_ascii_digit());
    is_id.then(|| Remote {
        remote_id: remote_id.to_owned(),
        url: format!("https://x.com/i/status/{remote_id}"),
    })
}
