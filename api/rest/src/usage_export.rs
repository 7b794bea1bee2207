//! What an account used, as a table for a spreadsheet.

use crate::{
    Rest,
    address::Query,
    asking::Asking,
    problem::{Answer, Problem},
};
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use herald_application::{views::usage, views::usage::UsageLine};
use herald_kernel::Instant;
use herald_subscription::Period;
use serde::Deserialize;

const HEAD: &str = "month,period_start,period_end,counter,key,operation,used\r\n";

/// Which months.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Months {
    /// The first one, such as `2026-01`; all when absent.
    from: Option<String>,
    /// The last one, included.
    to: Option<String>,
}

pub(crate) async fn export(
    State(rest): State<Rest>,
    asking: Asking,
    Query(months): Query<Months>,
) -> Answer<Response> {
    let from = months.from.as_deref().map(|text| month(text, "from")).transpose()?;
    let to = months.to.as_deref().map(|text| month(text, "to")).transpose()?;
    let (from, to) = (from.map(|month| month.start()), to.map(|month| month.end()));
    let lines = usage::lines(&rest.desk, &asking.caller, from, to).await?;
    let mut table = HEAD.to_owned();
    for line in &lines {
        table.push_str(&row(line));
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"herald-usage.csv\""),
    ];
    Ok((headers, table).into_response())
}

/// A month of the calendar, in UTC.
fn month(text: &str, parameter: &str) -> Answer<Period> {
    let first: Result<Instant, _> = format!("{text}-01T00:00:00Z").parse();
    let first = first.ok().filter(|_| text.len() == 7);
    let unfit = || Problem::invalid(parameter, "give a month such as 2026-11");
    first.map(Period::calendar_month).ok_or_else(unfit)
}

fn row(line: &UsageLine) -> String {
    let bound = |of: fn(&Period) -> Instant| line.period.as_ref().map(|it| of(it).to_string());
    let cells = [
        line.month.clone(),
        bound(Period::start).unwrap_or_default(),
        bound(Period::end).unwrap_or_default(),
        line.counter.to_string(),
        line.key.clone().unwrap_or_default(),
        line.operation.clone().unwrap_or_default(),
        line.used.to_string(),
    ];
    let mut row = cells.map(|cell| escaped(&cell)).join(",");
    row.push_str("\r\n");
    row
}

/// A cell as RFC 4180 has it. What a spreadsheet would take for a formula is quoted as text: names
/// of operations come from callers.
fn escaped(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use herald_subscription::Counter;

    #[test]
    fn a_cell_is_text_whatever_somebody_called_an_operation() {
        for (cell, is) in [
            ("GET /posts", "GET /posts"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)\n", "\"'@SUM(A1)\n\""),
        ] {
            assert_eq!(escaped(cell), is);
        }
    }

    #[test]
    fn a_row_says_whose_use_it_was_as_far_as_that_is_known() {
        let period = month("2026-11", "from").ok();
        let line = UsageLine {
            month: "2026-11".to_owned(),
            period,
            counter: Counter::ApiCalls,
            key: Some("key_1".to_owned()),
            operation: Some("GET /posts".to_owned()),
            used: 7,
        };
        let expected = "2026-11,2026-11-01T00:00:00.000000Z,2026-12-01T00:00:00.000000Z,\
            api_calls,key_1,GET /posts,7\r\n";
        assert_eq!(row(&line), expected);
        let rest = UsageLine { period: None, key: None, operation: None, ..line };
        assert_eq!(row(&rest), "2026-11,,,api_calls,,,7\r\n");
    }

    #[test]
    fn a_month_is_a_month_and_nothing_else() {
        assert!(month("2026-02", "from").is_ok());
        for text in ["2026", "2026-13", "2026-02-01", "02-2026", "2026-2"] {
            assert!(month(text, "from").is_err(), "{text}");
        }
    }
}
