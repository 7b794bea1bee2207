//! A key's text reads back, a slip is found, and nothing prints it.

use super::*;
use proptest::{collection::vec, prelude::*, string::string_regex};

fn environment() -> impl Strategy<Value = Environment> {
    prop::sample::select(Environment::ALL.to_vec())
}

fn parsed(text: &str) -> Result<String, InvalidKeyText> {
    KeyText::parse(text).map(|key| key.expose_secret().to_owned())
}

fn sample() -> KeyText {
    KeyText::compose(Environment::Live, &[7; 32])
}

/// `text` with the checksum that it must have.
fn sealed(text: &str) -> String {
    format!("{text}{}", base62::six_digits(crc32(text.as_bytes())))
}

#[test]
fn the_same_bytes_make_the_same_key_for_ever() {
    // Computed once with Python: int.from_bytes(b) mod 62**32, and zlib.crc32 of the text.
    let bytes: [u8; 32] = std::array::from_fn(|index| u8::try_from(index).expect("small"));
    let key = KeyText::compose(Environment::Dev, &bytes);
    assert_eq!(key.expose_secret(), "herald_sk_dev_flDIBkGwcRKRL9GXCgaFM3UNu2jQTClj30RyXi");
    assert_eq!(key.display(), "herald_sk_dev_…RyXi");
}

#[test]
fn a_key_is_never_printed_for_debugging() {
    let key = sample();
    assert_eq!(format!("{key:?}"), "[API key]");
    let shown = key.display();
    assert_eq!(shown.chars().count(), "herald_sk_live_…".chars().count() + 4);
    assert!(key.expose_secret().ends_with(key.last4().as_str()));
}

#[test]
fn text_of_another_form_is_refused_even_with_a_right_checksum() {
    let letters = "0".repeat(32);
    for (text, why) in [
        (sealed(&format!("herald_pk_live_{letters}")), InvalidKeyText::Prefix),
        (sealed(&format!("herald_sk_prod_{letters}")), InvalidKeyText::Prefix),
        (sealed(&format!("herald_sk_dev_0{letters}")), InvalidKeyText::Letter),
        (sealed(&format!("herald_sk_live_{}-", "0".repeat(31))), InvalidKeyText::Letter),
        (sealed(&format!("herald_sk_live_{}é", "0".repeat(30))), InvalidKeyText::Letter),
        (sealed("herald_sk_live_"), InvalidKeyText::Length),
        (String::new(), InvalidKeyText::Length),
        ("x".repeat(1 << 20), InvalidKeyText::Length),
        ("é".repeat(26), InvalidKeyText::Checksum),
        (format!("{}é00000", "x".repeat(46)), InvalidKeyText::Letter),
    ] {
        assert_eq!(parsed(&text), Err(why), "{text:.60}");
    }
}

#[test]
fn a_key_of_one_environment_cannot_be_relabelled_as_one_of_the_other() {
    let live = sample().expose_secret().replace("_live_", "_dev_");
    assert_eq!(parsed(&live), Err(InvalidKeyText::Checksum));
}

#[test]
fn an_ending_reads_back_and_nothing_else_is_one() {
    let ending = sample().last4();
    let json = serde_json::to_string(&ending).expect("serialises");
    assert_eq!(serde_json::from_str::<Last4>(&json).expect("reads back"), ending);
    for text in ["", "abc", "abcde", "ab-d", "äb"] {
        assert_eq!(Last4::try_from(text.to_owned()), Err(InvalidLast4), "{text}");
    }
}

proptest! {
    #[test]
    fn a_composed_key_reads_back(environment in environment(), random: [u8; 32]) {
        let key = KeyText::compose(environment, &random);
        prop_assert_eq!(parsed(key.expose_secret()), Ok(key.expose_secret().to_owned()));
        prop_assert_eq!(key.environment(), environment);
    }

    #[test]
    fn every_change_of_one_letter_is_found(
        environment in environment(), random: [u8; 32], letter in "[ -~]",
    ) {
        let key = KeyText::compose(environment, &random);
        let text = key.expose_secret();
        for place in 0..text.len() {
            let mut changed = text.to_owned();
            changed.replace_range(place..=place, &letter);
            let expected =
                if changed == text { Ok(changed.clone()) } else { Err(InvalidKeyText::Checksum) };
            prop_assert_eq!(parsed(&changed), expected);
        }
    }

    #[test]
    fn two_neighbouring_letters_swapped_are_found(random: [u8; 32], place in 0..52_usize) {
        let key = KeyText::compose(Environment::Live, &random);
        let mut bytes = key.expose_secret().as_bytes().to_vec();
        bytes.swap(place, place + 1);
        let swapped = String::from_utf8(bytes).expect("plain letters");
        if swapped != key.expose_secret() {
            prop_assert_eq!(parsed(&swapped), Err(InvalidKeyText::Checksum));
        }
    }

    #[test]
    fn what_scanners_look_for_has_the_form_of_a_key(
        text in string_regex(KEY_PATTERN).expect("a pattern"),
    ) {
        // The form is right, so nothing but a checksum that was not computed can be wrong.
        prop_assert!(matches!(parsed(&text), Ok(_) | Err(InvalidKeyText::Checksum)));
        let body = text.get(..text.len() - 6).expect("plain letters");
        prop_assert_eq!(parsed(&sealed(body)), Ok(sealed(body)));
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,60}", bytes in vec(any::<u8>(), 0..80)) {
        let _ = (parsed(&text), parsed(&String::from_utf8_lossy(&bytes)));
    }
}
