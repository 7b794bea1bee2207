//! The figures: collected over the rounds, printed as least, middle and most.

use std::fmt::Write as _;

/// Everything measured, in the order in which it first came.
#[derive(Debug, Default)]
pub(crate) struct Report {
    sections: Vec<Section>,
}

#[derive(Debug)]
struct Section {
    title: String,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: &'static str,
    values: Vec<f64>,
    failures: u32,
}

impl Report {
    /// Adds one value of one round.
    pub(crate) fn add(&mut self, title: &str, name: &'static str, value: f64) {
        self.row(title, name).values.push(value);
    }

    /// Adds failures of one round.
    pub(crate) fn add_failures(&mut self, title: &str, name: &'static str, failures: u32) {
        self.row(title, name).failures += failures;
    }

    fn row(&mut self, title: &str, name: &'static str) -> &mut Row {
        let known = self.sections.iter().position(|section| section.title == title);
        let at = known.unwrap_or_else(|| {
            self.sections.push(Section { title: title.to_owned(), rows: Vec::new() });
            self.sections.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "found or pushed just now")]
        let rows = &mut self.sections[at].rows;
        let known = rows.iter().position(|row| row.name == name);
        let at = known.unwrap_or_else(|| {
            rows.push(Row { name, values: Vec::new(), failures: 0 });
            rows.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "found or pushed just now")]
        &mut rows[at]
    }

    /// As Markdown tables; a ratio compares medians with the row named after a crate.
    pub(crate) fn to_markdown(&self) -> String {
        let mut out = String::new();
        for section in &self.sections {
            let crates = section.rows.iter().find(|row| is_crate(row.name));
            let crates = crates.map(|row| (row.name, middle(&row.values)));
            let against = crates.map_or("", |(name, _)| name);
            // Writing to a string cannot fail.
            let _ = writeln!(out, "\n| {} | min | median | max | × {against} |", section.title);
            out.push_str("|---|---:|---:|---:|---:|\n");
            for row in &section.rows {
                let (least, most) = (at(&row.values, 0), at(&row.values, row.values.len() - 1));
                let middle = middle(&row.values);
                let ratio =
                    crates.map_or(String::new(), |(_, base)| format!("{:.2}", middle / base));
                let _ = write!(out, "| {}", row.name);
                if row.failures > 0 {
                    let _ = write!(out, " ({} failed and were repeated)", row.failures);
                }
                let (least, middle, most) = (figure(least), figure(middle), figure(most));
                let _ = writeln!(out, " | {least} | {middle} | {most} | {ratio} |");
            }
        }
        out
    }
}

fn is_crate(name: &str) -> bool {
    name == "sqlite-es" || name == "postgres-es"
}

fn middle(values: &[f64]) -> f64 {
    at(values, values.len() / 2)
}

fn at(values: &[f64], index: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(index).copied().unwrap_or(f64::NAN)
}

/// The value at `percent` of sorted values.
pub(crate) fn percentile(values: &[f64], percent: usize) -> f64 {
    at(values, (values.len() * percent / 100).min(values.len().saturating_sub(1)))
}

fn figure(value: f64) -> String {
    if value < 100.0 { format!("{value:.2}") } else { format!("{value:.0}") }
}
