//! `/v1/customers/search`: clauses such as `email:'ada@example.org'` or `metadata['account']:'acc_1'`,
//! joined by `AND` or by `OR`, never by both.

use serde_json::{Value, json};

use super::api::Call;
use super::json::Json;
use super::refusal::Refusal;
use super::work::Work;

/// What a clause may ask for beside metadata.
const FIELDS: [&str; 3] = ["email", "name", "phone"];

struct Clause {
    negated: bool,
    /// A dotted path.
    field: String,
    /// Is a part of the text enough?
    part: bool,
    wanted: String,
}

/// Customers who fit, newest first.
pub(super) fn customers(work: &Work<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let query = call.params.required("query")?;
    let (any, clauses) = read(query).ok_or_else(|| {
        let message = "We were unable to parse your search query. Try using the format \
                       `metadata[\"key\"]:\"value\"` to query for metadata or key:\"value\" to \
                       query for other fields.";
        Refusal::invalid(message).param("query")
    })?;
    let limit = call.params.int("limit")?.unwrap_or(10);
    let limit = usize::try_from(limit).ok().filter(|limit| (1..=100).contains(limit));
    let limit = limit.ok_or_else(|| {
        let message = "Invalid integer: `limit` must be between 1 and 100";
        Refusal::invalid(message).code("parameter_invalid_integer").param("limit")
    })?;
    // A page is named by how many went before it.
    let first: usize = match call.params.text("page") {
        None => 0,
        Some(page) => page.parse().map_err(|_| {
            Refusal::invalid("Invalid `page`: use a `next_page` of an earlier answer").param("page")
        })?,
    };
    let fits = |customer: &&Value| {
        let fits = |clause: &Clause| clause.fits(customer);
        if any { clauses.iter().any(fits) } else { clauses.iter().all(fits) }
    };
    let all: Vec<&Value> = work.all("customer").into_iter().filter(fits).collect();
    let end = first.saturating_add(limit);
    let data: Vec<&Value> = all.iter().skip(first).take(limit).copied().collect();
    let more = end < all.len();
    Ok(json!({
        "object": "search_result", "data": data, "has_more": more,
        "next_page": more.then(|| end.to_string()), "url": call.path,
    }))
}

impl Clause {
    fn fits(&self, customer: &Value) -> bool {
        let (found, wanted) = (customer.text(&self.field).to_lowercase(), &self.wanted);
        let fits = if self.part { found.contains(wanted) } else { found == *wanted };
        (fits && !found.is_empty()) != self.negated
    }
}

/// Whether any clause is enough, and the clauses.
fn read(query: &str) -> Option<(bool, Vec<Clause>)> {
    let mut rest = query.trim();
    let (mut clauses, mut joint) = (Vec::new(), None);
    loop {
        let (clause, after) = clause(rest)?;
        clauses.push(clause);
        rest = after.trim_start();
        if rest.is_empty() {
            return Some((joint.unwrap_or(false), clauses));
        }
        let (any, after) = match (rest.strip_prefix("OR "), rest.strip_prefix("AND ")) {
            (Some(after), _) => (true, after),
            (None, Some(after)) => (false, after),
            // A blank joins as `AND` does.
            (None, None) => (false, rest),
        };
        if joint.is_some_and(|joint| joint != any) {
            return None;
        }
        (joint, rest) = (Some(any), after.trim_start());
    }
}

fn clause(text: &str) -> Option<(Clause, &str)> {
    let (negated, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text),
    };
    let (field, rest) = if let Some(rest) = text.strip_prefix("metadata[") {
        let (key, rest) = quoted(rest)?;
        (format!("metadata.{key}"), rest.strip_prefix(']')?)
    } else {
        let field = FIELDS.into_iter().find(|field| text.starts_with(field))?;
        (field.to_owned(), text.strip_prefix(field)?)
    };
    let (part, rest) = match rest.strip_prefix('~') {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix(':')?),
    };
    let (wanted, rest) = quoted(rest)?;
    Some((Clause { negated, field, part, wanted: wanted.to_lowercase() }, rest))
}

/// A text in single or double quotes, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|letter| matches!(letter, '\'' | '"'))?;
    text.strip_prefix(quote)?.split_once(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(query: &str) -> Option<bool> {
        let ada = json!({ "email": "Ada@example.org", "name": "Ada Baker", "phone": null,
            "metadata": { "account_id": "acc_1" } });
        let (any, clauses) = read(query)?;
        let fits = |clause: &Clause| clause.fits(&ada);
        Some(if any { clauses.iter().any(fits) } else { clauses.iter().all(fits) })
    }

    #[test]
    fn a_query_finds_what_its_clauses_say() {
        for query in [
            "email:'ada@example.org'",
            "email:\"ada@example.org\" AND metadata['account_id']:'acc_1'",
            "name~'bake'",
            "email:'eva@example.org' OR name~'ada'",
            "-email:'eva@example.org'",
        ] {
            assert_eq!(finds(query), Some(true), "{query}");
        }
        for query in [
            "email:'ada'",
            "metadata['account_id']:'acc_2'",
            "name~'ada' -email:'ada@example.org'",
            "phone:''",
        ] {
            assert_eq!(finds(query), Some(false), "{query}");
        }
    }

    #[test]
    fn what_is_no_query_is_told_from_one_that_finds_nothing() {
        for query in [
            "",
            "email",
            "email:ada",
            "email:'ada",
            "shoe:'9'",
            "metadata[k]:'v'",
            "email:'a' OR name:'b' AND phone:'c'",
        ] {
            assert_eq!(finds(query), None, "{query}");
        }
    }
}
