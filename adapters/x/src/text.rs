//! A post's text as its author wrote it: X's short links opened, its escapes undone.

use crate::wire::{Entities, Post};

/// The text with X's own replacements taken back.
pub(crate) fn original(post: &Post) -> String {
    let (text, entities) = post.note_post.as_ref().map_or_else(
        || (&post.text, post.entities.as_ref()),
        |note| (&note.text, note.entities.as_ref().or(post.entities.as_ref())),
    );
    // Entities first: an expanded link may contain what looks like an escape.
    let opened = entities.map_or_else(|| unescape(text), |entities| open_links(text, entities));
    opened.trim_end().to_owned()
}

fn open_links(text: &str, entities: &Entities) -> String {
    let mut opened = unescape(text);
    for link in &entities.urls {
        let (Some(short), Some(long)) = (&link.url, &link.expanded_url) else { continue };
        // The link to its own picture is X's addition.
        let own_picture = link.media_key.is_some() || is_picture(long);
        opened = opened.replacen(short.as_str(), if own_picture { "" } else { long }, 1);
    }
    opened
}

fn is_picture(link: &str) -> bool {
    let path = link.split_once("/status/").map_or("", |(_, path)| path);
    path.contains("/photo/") || path.contains("/video/")
}

/// X escapes these three and nothing else. The ampersand comes last, or `&amp;lt;` becomes `<`.
fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(json: &serde_json::Value) -> String {
        original(&serde_json::from_value(json.clone()).expect("a post"))
    }

    #[test]
    fn short_links_are_opened_and_the_link_to_the_picture_is_dropped() {
        let post = serde_json::json!({
            "id": "1",
            "text": "Tea &amp; cake: https://t.co/abc https://t.co/pic",
            "entities": { "urls": [
                { "start": 16, "end": 32, "url": "https://t.co/abc",
                  "expanded_url": "https://example.org/?a=1&lt=2" },
                { "start": 33, "end": 49, "url": "https://t.co/pic", "media_key": "3_1",
                  "expanded_url": "https://x.com/ada/status/1/photo/1" }
            ]}
        });
        assert_eq!(read(&post), "Tea & cake: https://example.org/?a=1&lt=2");
    }

    #[test]
    fn a_long_text_is_read_from_its_note_in_either_vocabulary() {
        for name in ["note_post", "note_tweet"] {
            let post = serde_json::json!({ "id": "1", "text": "beg…", name: { "text": "begin" } });
            assert_eq!(read(&post), "begin");
        }
    }

    proptest! {
        #[test]
        fn what_x_escapes_is_read_back(text in "[a-z<>&;ltgamp ]{0,40}") {
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            prop_assert_eq!(unescape(&escaped), text);
        }
    }
}
