//! Which form of answer a client takes.

use axum::http::{HeaderMap, header::ACCEPT};

/// The forms in which an answer can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `application/graphql-response+json`: the status line tells the kind of answer.
    GraphqlResponse,
    /// `application/json`: every well-formed request is answered with 200.
    Json,
    /// `text/event-stream`: one event per result.
    Events,
}

impl Format {
    const ALL: [Self; 3] = [Self::Json, Self::GraphqlResponse, Self::Events];

    /// The media type, with its encoding.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::Events => "text/event-stream; charset=utf-8",
        }
    }

    const fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::GraphqlResponse => ("application", "graphql-response+json"),
            Self::Json => ("application", "json"),
            Self::Events => ("text", "event-stream"),
        }
    }
}

/// Chooses the form that the client likes best; `None` when it takes none of ours.
///
/// Who says nothing, or takes anything, gets `application/json`: old clients know no other.
#[must_use]
pub fn negotiate(headers: &HeaderMap) -> Option<Format> {
    let wishes: Vec<Wish> = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(Wish::parse)
        .collect();
    if !headers.contains_key(ACCEPT) {
        return Some(Format::Json);
    }
    let mut best: Option<(Format, u16, u8)> = None;
    for format in Format::ALL {
        let liking = wishes.iter().filter_map(|wish| wish.covers(format)).max_by_key(|l| l.1);
        let Some((quality, precision)) = liking.filter(|(quality, _)| *quality > 0) else {
            continue;
        };
        // Of equally liked forms the one that was named outright is meant; then the richer one.
        let better = best.is_none_or(|(_, q, p)| {
            quality > q
                || quality == q && precision > p
                || quality == q && precision == p && p == 2 && format != Format::Events
        });
        if better {
            best = Some((format, quality, precision));
        }
    }
    best.map(|(format, _, _)| format)
}

struct Wish {
    kind: String,
    form: String,
    utf8: bool,
    thousandths: u16,
}

impl Wish {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';');
        let range = parts.next()?.trim().to_ascii_lowercase();
        let (kind, form) = range.split_once('/')?;
        let mut wish =
            Self { kind: kind.to_owned(), form: form.to_owned(), utf8: true, thousandths: 1_000 };
        for parameter in parts {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => wish.thousandths = quality(value),
                "charset" => wish.utf8 = value.eq_ignore_ascii_case("utf-8"),
                _ => {}
            }
        }
        Some(wish)
    }

    /// How well `format` is liked, and how precisely it was named.
    fn covers(&self, format: Format) -> Option<(u16, u8)> {
        let (kind, form) = format.parts();
        let precision = match (self.kind.as_str(), self.form.as_str()) {
            ("*", "*") => 0,
            (k, "*") if k == kind => 1,
            (k, f) if k == kind && f == form => 2,
            _ => return None,
        };
        // A stream is for those who ask for it by name.
        let named = precision == 2 || format != Format::Events;
        (self.utf8 && named).then_some((self.thousandths, precision))
    }
}

fn quality(text: &str) -> u16 {
    let Some((whole, rest)) = text.split_once('.') else {
        return if text == "0" { 0 } else { 1_000 };
    };
    if whole != "0" {
        return 1_000;
    }
    let digits: String = rest.chars().take_while(char::is_ascii_digit).take(3).collect();
    format!("{digits:0<3}").parse().unwrap_or(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn chosen(accept: &str) -> Option<Format> {
        let value = HeaderValue::from_str(accept).unwrap();
        negotiate(&HeaderMap::from_iter([(ACCEPT, value)]))
    }

    #[test]
    fn each_client_gets_the_form_that_it_likes_best() {
        let table = [
            ("application/json", Some(Format::Json)),
            ("application/graphql-response+json", Some(Format::GraphqlResponse)),
            ("application/graphql-response+json; charset=utf-8", Some(Format::GraphqlResponse)),
            (
                "application/graphql-response+json, application/json;q=0.9",
                Some(Format::GraphqlResponse),
            ),
            ("application/json, application/graphql-response+json", Some(Format::GraphqlResponse)),
            ("application/json, application/graphql-response+json;q=0.5", Some(Format::Json)),
            ("*/*", Some(Format::Json)),
            ("application/*", Some(Format::Json)),
            ("*/*;q=0.1, application/graphql-response+json", Some(Format::GraphqlResponse)),
            ("text/event-stream", Some(Format::Events)),
            ("text/*", None),
            ("text/html", None),
            ("application/json;q=0", None),
            ("application/json; charset=latin1", None),
            ("", None),
            (";;;,/,a/b/c,*", None),
        ];
        for (accept, expected) in table {
            assert_eq!(chosen(accept), expected, "{accept:?}");
        }
    }

    #[test]
    fn who_names_no_form_gets_json() {
        assert_eq!(negotiate(&HeaderMap::new()), Some(Format::Json));
    }
}
