//! What X takes.

use super::{content, picture, pictures, remote, step, thread};
use crate::{
    Content, MediaKind, MediaRef, StepContent,
    rules::{remote_of, violations, x::weighted_length},
};
use herald_kernel::Network;
use proptest::prelude::*;

fn codes(content: &Content) -> Vec<(&'static str, String)> {
    let found = violations(Network::X, 280, content);
    found.into_iter().map(|violation| (violation.code, violation.path)).collect()
}

#[test]
fn latin_letters_count_one_and_most_others_two() {
    for (text, length) in [
        ("", 0),
        ("hello", 5),
        ("Straße", 6),
        ("здравствуйте", 12),
        ("ქართული", 7),
        ("日本語", 6),
        ("한국어", 6),
        ("\u{201c}quoted\u{201d} \u{2014} it\u{2019}s", 15),
        ("and so on\u{2026}", 11),
        ("a\u{200d}b", 3),
    ] {
        assert_eq!(weighted_length(text), length, "{text}");
    }
}

#[test]
fn a_letter_and_its_accent_count_as_the_one_letter_that_they_are() {
    assert_eq!(weighted_length("cafe\u{301}"), 4);
}

#[test]
fn an_emoji_counts_two_however_many_code_points_it_is_made_of() {
    for text in [
        "🙂",
        "👍🏽",
        "👨‍👩‍👧‍👦",
        "🏳️‍🌈",
        "🇩🇪",
        "❤️",
        "1️⃣",
        "#⃣",
        "👩🏿‍⚕️",
        "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
        "©️",
    ] {
        assert_eq!(weighted_length(text), 2, "{text}");
        assert_eq!(weighted_length(&format!("a{text}{text}1")), 6, "{text}");
    }
    for (text, length) in [("1", 1), ("#", 1), ("©", 1), ("🇩", 2), ("😀\u{200d}", 3)] {
        assert_eq!(weighted_length(text), length, "{text}");
    }
}

#[test]
fn a_link_counts_twenty_three_whatever_its_length() {
    let long = format!("https://example.org/{}", "x".repeat(200));
    for (text, length) in [
        ("https://a.de", 23),
        (long.as_str(), 23),
        ("example.com/a?b=c", 23),
        ("see http://example.com.", 4 + 23 + 1),
        ("a.com b.com", 23 + 1 + 23),
        ("ada@example.com", 15),
        ("日本語 https://example.jp/日", 6 + 1 + 23 + 2),
    ] {
        assert_eq!(weighted_length(text), length, "{text}");
    }
}

#[test]
fn a_text_may_be_as_long_as_its_connection_may_publish_and_not_longer() {
    assert_eq!(codes(&content(&"x".repeat(280))), []);
    let too_long = [("TEXT_TOO_LONG", "root.text".to_owned())];
    assert_eq!(codes(&content(&"x".repeat(281))), too_long);
    assert_eq!(codes(&content(&"日".repeat(140))), []);
    assert_eq!(codes(&content(&"日".repeat(141))), too_long);
    assert_eq!(violations(Network::X, 25_000, &content(&"x".repeat(4_001))), []);
    assert_eq!(violations(Network::X, 4_000, &content(&"x".repeat(4_001))).len(), 1);
}

#[test]
fn a_step_without_text_needs_a_picture() {
    assert_eq!(codes(&content(" \n ")), [("EMPTY", "root.text".to_owned())]);
    let only_picture = StepContent { media: vec![picture(1)], ..step("") };
    assert_eq!(codes(&Content { root: only_picture, ..Content::default() }), []);
    let mut empty_comment = thread();
    empty_comment.first_comment = Some(step(""));
    assert_eq!(codes(&empty_comment), [("EMPTY", "firstComment.text".to_owned())]);
}

/// A root, and one more step that shows `media`.
fn showing(media: Vec<MediaRef>) -> Content {
    let segments = vec![StepContent { media, ..step("second") }];
    Content { segments, ..content("root") }
}

#[test]
fn x_takes_four_pictures_of_five_mebibytes_in_a_step() {
    assert_eq!(codes(&showing(pictures(&[5 * 1024 * 1024; 4]))), []);
    let five = showing(pictures(&[1; 5]));
    assert_eq!(codes(&five), [("TOO_MANY_PICTURES", "segments[0].media".to_owned())]);
    let large = showing(pictures(&[1, 5 * 1024 * 1024 + 1]));
    assert_eq!(codes(&large), [("PICTURE_TOO_LARGE", "segments[0].media[1]".to_owned())]);
    assert_eq!(violations(Network::X, 280, &large)[0].step, 1);
}

#[test]
fn x_takes_a_picture_once_in_a_step() {
    let again = showing([pictures(&[1, 1]), pictures(&[1])].concat());
    assert_eq!(codes(&again), [("PICTURE_REPEATED", "segments[0].media[2]".to_owned())]);
}

#[test]
fn x_takes_a_larger_gif_and_takes_it_alone() {
    let gif = |bytes| MediaRef { kind: MediaKind::Gif, ..picture(bytes) };
    assert_eq!(codes(&showing(vec![gif(15 * 1024 * 1024)])), []);
    let large = showing(vec![gif(15 * 1024 * 1024 + 1)]);
    assert_eq!(codes(&large), [("PICTURE_TOO_LARGE", "segments[0].media[0]".to_owned())]);
    let beside = showing([vec![gif(1)], pictures(&[1])].concat());
    assert_eq!(codes(&beside), [("GIF_NOT_ALONE", "segments[0].media".to_owned())]);
}

#[test]
fn a_thread_has_at_most_twenty_five_segments() {
    let of = |segments: usize| Content { segments: vec![step("x"); segments], ..content("root") };
    assert_eq!(codes(&of(25)), []);
    assert_eq!(codes(&of(26)), [("TOO_MANY_SEGMENTS", "segments".to_owned())]);
}

#[test]
fn a_pasted_address_names_a_post_on_x() {
    let id = remote(0).remote_id;
    for url in [
        format!("https://x.com/herald/status/{id}"),
        format!("https://twitter.com/herald/status/{id}?s=20"),
        format!(" https://www.x.com/i/web/status/{id}/photo/1 "),
    ] {
        assert_eq!(remote_of(Network::X, &url), Some(remote(0)), "{url}");
    }
    for url in [
        "https://x.com/herald",
        "https://x.com/herald/status/",
        "https://x.com/herald/status/12a",
        "https://example.com/herald/status/12",
        "x.com/herald/status/12",
        "https://x.com.example.org/a/status/12",
    ] {
        assert_eq!(remote_of(Network::X, url), None, "{url}");
    }
}

proptest! {
    #[test]
    fn counting_never_panics_and_no_letter_counts_more_than_two(text in "\\PC{0,200}") {
        use unicode_normalization::UnicodeNormalization;
        let letters = u32::try_from(text.nfc().count()).expect("small");
        // A short link counts more than it has letters; everything else at most twice.
        let links = u32::try_from(text.matches('.').count()).expect("small");
        prop_assert!(weighted_length(&text) <= letters * 2 + links * 23);
    }

    #[test]
    fn plain_words_count_letter_by_letter(text in "[a-z ]{0,300}") {
        prop_assert_eq!(weighted_length(&text), u32::try_from(text.len()).expect("small"));
    }
}
