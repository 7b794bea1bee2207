//! Which of X's answers prove that a post was not published. The list is the whole list.
//!
//! A bare 4xx proves nothing: proxies and half-failed backends answer so too. Each row names what X
//! documents, or what it has been seen to answer, for a post that does not exist afterwards.

use crate::wire::{self, Problem};
use herald_application::ports::Proof;
use herald_http_client::{Answer, StatusCode};

/// One answer that proves a refusal.
struct Row {
    status: u16,
    sign: Sign,
    proof: Proof,
}

/// By what an answer is recognised.
enum Sign {
    /// The status alone: X did not even look at the content.
    Status,
    /// The problem's type.
    Type(&'static str),
    /// The number of the older interface.
    Number(i64),
    /// Words, in lower case.
    Words(&'static str),
}

const fn row(status: u16, sign: Sign, proof: Proof) -> Row {
    Row { status, sign, proof }
}

/// Looked up from the top: the more telling rows come first.
const TABLE: &[Row] = &[
    row(401, Sign::Status, Proof::Unauthorized),
    row(429, Sign::Status, Proof::RateLimited),
    row(402, Sign::Type("credits"), Proof::RateLimited),
    row(403, Sign::Type("usage-capped"), Proof::RateLimited),
    row(403, Sign::Number(187), Proof::Duplicate),
    row(403, Sign::Words("duplicate content"), Proof::Duplicate),
    row(403, Sign::Number(186), Proof::Invalid),
    row(403, Sign::Number(326), Proof::Policy),
    row(403, Sign::Number(226), Proof::Policy),
    row(403, Sign::Number(64), Proof::Policy),
    row(403, Sign::Words("reply to a tweet that is deleted"), Proof::Invalid),
    row(403, Sign::Words("reply to a post that is deleted"), Proof::Invalid),
    row(403, Sign::Words("reply to this conversation is not allowed"), Proof::Policy),
    row(403, Sign::Words("your account is temporarily locked"), Proof::Policy),
    row(403, Sign::Words("your account is suspended"), Proof::Policy),
    row(403, Sign::Type("client-forbidden"), Proof::Forbidden),
    row(403, Sign::Type("unsupported-authentication"), Proof::Forbidden),
    row(403, Sign::Type("oauth1-permissions"), Proof::Forbidden),
    row(403, Sign::Type("not-authorized-for-resource"), Proof::Forbidden),
    row(403, Sign::Words("you are not permitted to perform this action"), Proof::Forbidden),
    row(400, Sign::Type("invalid-request"), Proof::Invalid),
];

/// What `answer` proves, if anything.
pub(crate) fn proven(answer: &Answer) -> Option<Proof> {
    let problems = wire::problems(answer);
    TABLE
        .iter()
        .find(|row| {
            StatusCode::from_u16(row.status).is_ok_and(|status| status == answer.status)
                && shows(&row.sign, &problems)
        })
        .map(|row| row.proof)
}

fn shows(sign: &Sign, problems: &[Problem]) -> bool {
    match sign {
        Sign::Status => true,
        Sign::Type(slug) => problems.iter().any(|problem| problem.slug() == Some(slug)),
        Sign::Number(number) => problems.iter().any(|problem| problem.number() == Some(*number)),
        Sign::Words(words) => problems.iter().any(|problem| says(problem, words)),
    }
}

fn says(problem: &Problem, words: &str) -> bool {
    [&problem.detail, &problem.message, &problem.title]
        .into_iter()
        .flatten()
        .any(|text| text.to_ascii_lowercase().contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use herald_http_client::HeaderMap;

    fn answer(status: u16, body: &str) -> Answer {
        let status = StatusCode::from_u16(status).expect("a status");
        Answer { status, headers: HeaderMap::new(), body: body.to_owned().into() }
    }

    fn problem(slug: &str, detail: &str) -> String {
        let kind = format!("https://api.x.com/2/problems/{slug}");
        serde_json::json!({ "title": "t", "type": kind, "detail": detail }).to_string()
    }

    #[test]
    fn an_answer_on_the_list_proves_its_refusal() {
        let duplicate = r#"{"detail":"You are not allowed to create a Tweet with duplicate content.",
            "type":"about:blank","title":"Forbidden","status":403}"#;
        let older = r#"{"errors":[{"code":187,"message":"Status is a duplicate."}]}"#;
        for (status, body, proof) in [
            (401, String::new(), Proof::Unauthorized),
            (429, "<html>".to_owned(), Proof::RateLimited),
            (402, problem("credits", "no credits"), Proof::RateLimited),
            (403, duplicate.to_owned(), Proof::Duplicate),
            (403, older.to_owned(), Proof::Duplicate),
            (403, problem("client-forbidden", "…"), Proof::Forbidden),
            (400, problem("invalid-request", "too long"), Proof::Invalid),
        ] {
            assert_eq!(proven(&answer(status, &body)), Some(proof), "{status} {body}");
        }
    }

    #[test]
    fn an_answer_that_is_not_on_the_list_proves_nothing() {
        for (status, body) in [
            (400, String::new()),
            (400, "{}".to_owned()),
            (400, problem("resource-not-found", "…")),
            (402, String::new()),
            (403, r#"{"title":"Forbidden","type":"about:blank","detail":"Forbidden"}"#.to_owned()),
            (403, "<html>duplicate content</html>".to_owned()),
            (404, problem("invalid-request", "…")),
            (408, problem("invalid-request", "…")),
            (422, problem("invalid-request", "…")),
            (500, problem("invalid-request", "…")),
            (503, r#"{"errors":[{"code":187}]}"#.to_owned()),
        ] {
            assert_eq!(proven(&answer(status, &body)), None, "{status} {body}");
        }
    }
}
