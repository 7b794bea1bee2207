//! The machine-readable part of a prompt: whose posts, about what, and for which days.

use chrono::NaiveDate;
use serde_json::Value;

/// Braces that are tried as the beginning of a brief.
const TRIES: usize = 200;

/// What a message says machine-readably about the work.
#[derive(Debug)]
pub(crate) struct Brief(Value);

impl Brief {
    /// A message carries a JSON object with the key `herald_brief`, somewhere.
    pub(crate) fn find(text: &str) -> Option<Self> {
        let braces = text.match_indices('{').take(TRIES);
        braces.map(|(at, _)| at).find_map(|at| {
            let mut values =
                serde_json::Deserializer::from_str(text.get(at..)?).into_iter::<Value>();
            let mut value = values.next()?.ok()?;
            value.get_mut("herald_brief").map(Value::take).map(Self)
        })
    }

    fn text(&self, names: &[&str], otherwise: &str) -> String {
        let business = self.0.get("business");
        let found = names.iter().find_map(|name| business?.get(*name));
        let text = match found {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(all)) => {
                all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" and ")
            }
            _ => String::new(),
        };
        let text = text.trim().trim_end_matches('.').to_owned();
        if text.is_empty() { otherwise.to_owned() } else { short(&text, 60) }
    }

    /// Which half is wanted, if only one is.
    pub(crate) fn purpose(&self) -> Option<&str> {
        self.0.get("purpose").and_then(Value::as_str)
    }

    /// The brief as it was written.
    pub(crate) fn whole(&self) -> String {
        self.0.to_string()
    }

    pub(crate) fn name(&self) -> String {
        self.text(&["name", "business_name", "title"], "our shop")
    }

    pub(crate) fn offer(&self) -> String {
        let names =
            ["sells", "what_it_sells", "offer", "offering", "products", "description", "industry"];
        self.text(&names, "what we make")
    }

    pub(crate) fn audience(&self) -> String {
        self.text(&["audience", "target_audience", "customers"], "our neighbours")
    }

    pub(crate) fn goal(&self) -> String {
        let own = self.0.get("goal").and_then(Value::as_str).map(|goal| short(goal, 80));
        own.unwrap_or_else(|| self.text(&["goals", "goal"], "be remembered"))
    }

    pub(crate) fn topics(&self) -> Vec<String> {
        let given = self.0.get("topics").and_then(Value::as_array);
        let topics: Vec<String> = given
            .into_iter()
            .flatten()
            .filter_map(|topic| topic.as_str().or_else(|| topic.get("name")?.as_str()))
            .map(|topic| short(topic.trim(), 40))
            .filter(|topic| !topic.is_empty())
            .collect();
        if topics.is_empty() {
            vec!["the craft".into(), "the people behind it".into()]
        } else {
            topics
        }
    }

    pub(crate) fn slots(&self) -> Vec<&Value> {
        self.0.get("slots").and_then(Value::as_array).into_iter().flatten().collect()
    }
}

/// A day and a time of day, as one says them.
#[derive(Debug)]
pub(crate) struct Moment {
    pub(crate) day: String,
    pub(crate) time: &'static str,
}

impl Moment {
    pub(crate) fn of(slot: &Value) -> Self {
        let local = slot.get("local").and_then(Value::as_str).unwrap_or_default();
        let date = local.get(..10).and_then(|date| date.parse::<NaiveDate>().ok());
        let hour = local.get(11..13).and_then(|hour| hour.parse::<u8>().ok()).unwrap_or(9);

        let time = match hour {
            0..=11 => "morning",
            12..=16 => "afternoon",
            _ => "evening",
        };
        let day =
            date.map_or_else(|| "today".to_owned(), |date| date.format("%A, %-d %B").to_string());
        Self { day, time }
    }
}

/// The first so many letters.
pub(crate) fn short(text: &str, most: usize) -> String {
    text.chars().take(most).collect::<String>().trim_end().to_owned()
}
