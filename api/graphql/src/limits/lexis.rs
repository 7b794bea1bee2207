//! Measures a document's text before a parser sees it.

/// A document that is too large to be parsed at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Overgrown {
    /// More tokens than allowed.
    #[error("the document has more than {0} tokens")]
    Tokens(usize),
    /// Brackets within brackets, further than allowed.
    #[error("the document nests brackets more than {0} deep")]
    Nesting(usize),
}

/// Counts tokens and the nesting of brackets, as far as the bounds.
///
/// It is no lexer: what is malformed is left to the parser. It only has to be right about where
/// strings and comments end, since brackets within them do not count.
pub fn measure(text: &str, most_tokens: usize, most_nesting: usize) -> Result<(), Overgrown> {
    let mut rest = text.chars().peekable();
    let (mut tokens, mut nesting) = (0_usize, 0_usize);
    while let Some(first) = rest.next() {
        match first {
            '#' => while rest.next_if(|c| *c != '\n' && *c != '\r').is_some() {},
            '"' => {
                tokens += 1;
                skip_string(&mut rest);
            }
            ' ' | '\t' | '\n' | '\r' | ',' | '\u{feff}' => {}
            '{' | '[' | '(' => {
                tokens += 1;
                nesting += 1;
            }
            '}' | ']' | ')' => {
                tokens += 1;
                nesting = nesting.saturating_sub(1);
            }
            c if is_word(c) => {
                tokens += 1;
                while rest.next_if(|c| is_word(*c)).is_some() {}
            }
            _ => tokens += 1,
        }
        if tokens > most_tokens {
            return Err(Overgrown::Tokens(most_tokens));
        }
        if nesting > most_nesting {
            return Err(Overgrown::Nesting(most_nesting));
        }
    }
    Ok(())
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+')
}

/// Leaves `rest` behind the closing quote; the opening one is already taken.
fn skip_string(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    if rest.next_if_eq(&'"').is_some() {
        if rest.next_if_eq(&'"').is_some() {
            skip_block(rest);
        }
        return;
    }
    while let Some(c) = rest.next() {
        match c {
            '"' | '\n' | '\r' => return,
            '\\' => drop(rest.next()),
            _ => {}
        }
    }
}

fn skip_block(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let mut quotes = 0_u8;
    let mut escaped = false;
    for c in rest.by_ref() {
        if c == '"' {
            // `\"""` is a quotation within the block, not its end.
            quotes = if escaped { 0 } else { quotes + 1 };
            if quotes == 3 {
                return;
            }
        } else {
            quotes = 0;
            escaped = false;
        }
        escaped = escaped && c == '"' || c == '\\';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_counted_without_blanks_commas_and_comments() {
        let text = "query Q($a: Int) { # a comment { { {\n a(b: $a, c: \"}}}\") }";
        // query Q ( $ a : Int ) { a ( b : $ a c : "" ) }
        assert_eq!(measure(text, 20, 9), Ok(()));
        assert_eq!(measure(text, 19, 9), Err(Overgrown::Tokens(19)));
    }

    #[test]
    fn brackets_in_strings_do_not_nest() {
        let text = r#"{ a(b: "[[[[\"[[[[", c: """ [[[ \""" [[[ """) }"#;
        assert_eq!(measure(text, 100, 2), Ok(()));
    }

    #[test]
    fn deep_nesting_is_refused_wherever_it_stands() {
        for open in ["{a", "[", "(a:["] {
            let text = open.repeat(100);
            assert_eq!(measure(&text, 1_000, 64), Err(Overgrown::Nesting(64)), "{open}");
        }
    }
}
