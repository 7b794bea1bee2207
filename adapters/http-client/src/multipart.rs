//! A form with files, as bytes that can be sent again.

use bytes::Bytes;
use std::fmt;

/// A `multipart/form-data` body, built whole so that a retry sends the same bytes.
#[derive(Clone)]
pub struct Multipart {
    boundary: String,
    body: Vec<u8>,
}

impl Multipart {
    /// An empty form. The boundary is drawn at random so that no content can contain it.
    #[must_use]
    pub fn new() -> Self {
        let boundary = format!("herald-{:032x}", rand::random::<u128>());
        Self { boundary, body: Vec::new() }
    }

    /// Adds a plain field.
    #[must_use]
    pub fn text(self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{}\"", quoted(name)), None, value.as_bytes())
    }

    /// Adds a file.
    #[must_use]
    pub fn file(self, name: &str, file_name: &str, media_type: &str, content: &[u8]) -> Self {
        let disposition = format!("name=\"{}\"; filename=\"{}\"", quoted(name), quoted(file_name));
        self.part(&disposition, Some(media_type), content)
    }

    fn part(mut self, disposition: &str, media_type: Option<&str>, content: &[u8]) -> Self {
        let head = format!(
            "--{}\r\nContent-Disposition: form-data; {disposition}\r\n{}\r\n",
            self.boundary,
            media_type
                .map_or_else(String::new, |kind| format!("Content-Type: {}\r\n", plain(kind))),
        );
        self.body.extend_from_slice(head.as_bytes());
        self.body.extend_from_slice(content);
        self.body.extend_from_slice(b"\r\n");
        self
    }

    pub(crate) fn finish(mut self) -> (String, Bytes) {
        self.body.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        (format!("multipart/form-data; boundary={}", self.boundary), self.body.into())
    }
}

impl Default for Multipart {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Multipart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "multipart form of {} bytes", self.body.len())
    }
}

/// Quotes and line breaks would end the header early.
fn quoted(text: &str) -> String {
    text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_end_its_header() {
        let (kind, body) = Multipart::new()
            .text("media_category", "tweet_image")
            .file("media", "a\"\r\nX: y.png", "image/png", b"\x89PNG")
            .finish();
        let boundary = kind.split_once("boundary=").expect("has one").1;
        let body = String::from_utf8_lossy(&body);
        assert_eq!(body.matches(&format!("--{boundary}\r\n")).count(), 2);
        assert!(body.ends_with(&format!("--{boundary}--\r\n")));
        assert!(
            body.contains("filename=\"a%22%0D%0AX: y.png\"\r\nContent-Type: image/png\r\n\r\n")
        );
    }
}
