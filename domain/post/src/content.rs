//! What a post says: a root, the segments of a thread, a first comment, and the pictures of each.

use herald_kernel::{InvalidText, MediaId, Text};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::fmt;

/// The most characters that any network takes in one step.
pub const BODY_MAX: usize = 25_000;

/// The text of one step: at most [`BODY_MAX`] characters, no control characters but line breaks and
/// tabs. It may be empty where a picture speaks for itself; the networks' rules decide that.
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct Body(String);

impl Body {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Is there nothing to read?
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl TryFrom<String> for Body {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, InvalidText> {
        // Browsers send line breaks as CRLF; networks count and show one character.
        let text = text.replace("\r\n", "\n");
        let length = text.chars().count();
        if length > BODY_MAX {
            return Err(InvalidText::TooLong { length, max: BODY_MAX });
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
            return Err(InvalidText::ControlCharacter);
        }
        Ok(Self(text))
    }
}
impl TryFrom<&str> for Body {
    type Error = InvalidText;

    fn try_from(text: &str) -> Result<Self, InvalidText> {
        Self::try_from(text.to_owned())
    }
}
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What people typed may be personal: its length is enough for a log.
        write!(f, "[{} characters]", self.0.chars().count())
    }
}
impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// The format of a picture, as its bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `image/webp`
    Webp,
    /// `image/gif`
    Gif,
}

impl MediaKind {
    /// The media type, such as `image/png`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
        }
    }

    /// The format of a media type, if a network may take it.
    #[must_use]
    pub fn of(content_type: &str) -> Option<Self> {
        [Self::Jpeg, Self::Png, Self::Webp, Self::Gif]
            .into_iter()
            .find(|kind| kind.content_type() == content_type)
    }

    /// The format that the first bytes of a file show, if a network may take it.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
            Some(Self::Gif)
        } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            Some(Self::Webp)
        } else {
            None
        }
    }
}

/// A picture in a step, with what a rule needs to know about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaRef {
    /// The uploaded picture.
    pub media: MediaId,
    /// What people who do not see the picture are told.
    pub alt: Option<Text<1000>>,
    /// Its format.
    pub kind: MediaKind,
    /// Its size.
    pub bytes: u64,
}

/// One step: what becomes one post on a network.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StepContent {
    /// The text.
    pub text: Body,
    /// The pictures, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<MediaRef>,
}

/// Everything that a post says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Content {
    /// The post itself.
    pub root: StepContent,
    /// The rest of the thread, each a reply to the one before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<StepContent>,
    /// A comment under the root, made once the thread stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_comment: Option<StepContent>,
    /// Is any of it written or drawn by a machine?
    #[serde(default)]
    pub made_with_ai: bool,
}

/// Which part of the content a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// The post itself.
    Root,
    /// A later part of a thread.
    Segment,
    /// The comment under the root.
    FirstComment,
}

impl Content {
    /// The steps in the order in which they are published.
    pub fn steps(&self) -> impl Iterator<Item = (StepKind, &StepContent)> {
        std::iter::once((StepKind::Root, &self.root))
            .chain(self.segments.iter().map(|segment| (StepKind::Segment, segment)))
            .chain(self.first_comment.iter().map(|comment| (StepKind::FirstComment, comment)))
    }

    /// How many steps there are, at least one.
    #[must_use]
    pub fn step_count(&self) -> u16 {
        u16::try_from(self.steps().count()).unwrap_or(u16::MAX)
    }

    /// One step; 0 is the root.
    #[must_use]
    pub fn step(&self, index: u16) -> Option<(StepKind, &StepContent)> {
        self.steps().nth(usize::from(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_may_be_empty_but_not_endless_nor_hold_a_control_character() {
        assert!(Body::try_from("").expect("valid").is_blank());
        assert_eq!(Body::try_from("a\r\nb").expect("valid").as_str(), "a\nb");
        assert_eq!(Body::try_from("a\u{0}"), Err(InvalidText::ControlCharacter));
        let endless = "x".repeat(BODY_MAX + 1);
        assert!(matches!(Body::try_from(endless), Err(InvalidText::TooLong { .. })));
    }

    #[test]
    fn a_body_is_never_printed_into_a_log() {
        let body = Body::try_from("our secret launch").expect("valid");
        assert_eq!(format!("{body:?}"), "[17 characters]");
    }

    #[test]
    fn steps_run_from_the_root_over_the_thread_to_the_first_comment() {
        let step =
            |text: &str| StepContent { text: text.try_into().expect("valid"), media: vec![] };
        let content = Content {
            root: step("root"),
            segments: vec![step("second"), step("third")],
            first_comment: Some(step("comment")),
            made_with_ai: false,
        };
        let kinds: Vec<_> = content.steps().map(|(kind, _)| kind).collect();
        let segment = StepKind::Segment;
        assert_eq!(kinds, [StepKind::Root, segment, segment, StepKind::FirstComment]);
        assert_eq!(content.step(2).map(|(_, step)| step.text.as_str()), Some("third"));
        assert_eq!(content.step(4), None);
    }

    #[test]
    fn a_format_is_known_by_its_media_type() {
        assert_eq!(MediaKind::of("image/webp"), Some(MediaKind::Webp));
        assert_eq!(MediaKind::of("image/svg+xml"), None);
    }
}
