//! A letter as mail: plain text, and the same words as a small page.

use super::letters::Letter;
use std::fmt::Write as _;

/// Around the words: whom, where to, and why it came.
#[derive(Debug, Clone)]
pub(crate) struct Envelope<'e> {
    /// What the person is called.
    pub(crate) name: Option<&'e str>,
    /// Where the action is.
    pub(crate) link: &'e str,
    /// The account's name.
    pub(crate) business: Option<&'e str>,
    /// What the person is in it.
    pub(crate) role: &'e str,
    /// Can they do without mails of this kind?
    pub(crate) optional: bool,
}

impl Envelope<'_> {
    fn greeting(&self) -> String {
        self.name.map_or_else(|| "Hello,".to_owned(), |name| format!("Hello {name},"))
    }

    fn why(&self) -> String {
        let business = self.business.unwrap_or("an account");
        let mut why = format!("You receive this because you are {} of {business}.", self.role());
        why.push_str(if self.optional {
            " You can do without mails of this kind in your settings."
        } else {
            " This concerns your contract or your security; it cannot be switched off."
        });
        why
    }

    fn role(&self) -> &str {
        match self.role {
            "billing" => "a billing contact",
            "owner" => "an owner",
            "admin" => "an admin",
            other => other,
        }
    }
}

/// The words alone.
pub(crate) fn text(letter: &Letter, envelope: &Envelope<'_>) -> String {
    let mut text = format!("{}\n\n", envelope.greeting());
    for line in &letter.says {
        let _ = write!(text, "{line}\n\n");
    }
    let _ = write!(text, "{}: {}\n\n-- \n{}\n", letter.action, envelope.link, envelope.why());
    text
}

/// The words on a page without pictures, scripts or addresses of others.
pub(crate) fn html(letter: &Letter, envelope: &Envelope<'_>) -> String {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><body style=\"font-family:sans-serif;line-height:1.5;\
         max-width:36em;margin:2em auto;padding:0 1em\"><h1 style=\"font-size:1.3em\">{}</h1>\
         <p>{}</p>",
        escaped(&letter.subject),
        escaped(&envelope.greeting())
    );
    for line in &letter.says {
        let _ = write!(page, "<p>{}</p>", escaped(line));
    }
    let _ = write!(
        page,
        "<p><a href=\"{}\">{}</a></p><p style=\"color:#666;font-size:.85em\">{}</p></body></html>",
        escaped(envelope.link),
        escaped(letter.action),
        escaped(&envelope.why())
    );
    page
}

/// People choose their names; none of them may be markup.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
