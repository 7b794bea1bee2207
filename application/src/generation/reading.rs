//! What is left of a model's answer once it was checked. Nothing of it is believed.

use super::{Slot, item};
use herald_content_plan::{ItemContent, Pillar, Strategy};
use herald_kernel::Text;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The longest answer that is looked at, in characters; what was asked for has a fraction of it.
pub const MAX_ANSWER: usize = 200_000;

/// The most problems that are told at once, and how long each may be.
const MAX_PROBLEMS: usize = 30;
const MAX_PROBLEM: usize = 300;

/// One post as a model wrote it, for the slot of this number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenPost {
    /// The slot's number in its batch.
    pub slot: usize,
    /// What it says.
    pub content: ItemContent,
    /// Why.
    pub rationale: Option<Text<2000>>,
}

/// The strategy in an answer, or everything that is wrong with it.
pub fn strategy(answer: &str) -> Result<Strategy, Vec<String>> {
    let mut reader = Reader::default();
    let found = reader.object(answer).and_then(|json| reader.strategy(&json));
    reader.end(found)
}

/// The posts in an answer, one for each slot and in the slots' order, or everything that is wrong.
pub fn posts(answer: &str, slots: &[Slot]) -> Result<Vec<WrittenPost>, Vec<String>> {
    let mut reader = Reader::default();
    let found = reader.object(answer).and_then(|json| reader.posts(&json, slots));
    reader.end(found)
}

/// Walks an answer and collects what is wrong with it.
#[derive(Debug, Default)]
struct Reader {
    problems: Vec<String>,
}

impl Reader {
    fn end<T>(self, found: Option<T>) -> Result<T, Vec<String>> {
        match found {
            Some(found) if self.problems.is_empty() => Ok(found),
            None if self.problems.is_empty() => Err(vec!["it is empty".to_owned()]),
            Some(_) | None => Err(self.problems),
        }
    }

    /// Notes a problem. Always answers `None`, so that a look-up can end with it.
    fn problem<T>(&mut self, problem: impl Into<String>) -> Option<T> {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem.into().chars().take(MAX_PROBLEM).collect());
        }
        None
    }

    /// The JSON object in an answer, also inside of a fence or after a greeting.
    fn object(&mut self, answer: &str) -> Option<Value> {
        // A character has a byte at least: bytes are the cheaper bound, and never the looser one.
        if answer.len() > MAX_ANSWER * 4 || answer.chars().count() > MAX_ANSWER {
            return self.problem("the answer is far too long");
        }
        let object = answer.find('{').zip(answer.rfind('}'));
        let Some(object) = object.and_then(|(from, to)| answer.get(from..=to)) else {
            return self.problem("the answer holds no complete JSON object");
        };
        match serde_json::from_str(object) {
            Ok(json) => Some(json),
            Err(error) => self.problem(format!("the answer is not JSON: {error}")),
        }
    }

    fn strategy(&mut self, json: &Value) -> Option<Strategy> {
        let Some(strategy) = json.get("strategy").filter(|it| it.is_object()) else {
            return self.problem("`strategy` must be an object");
        };
        let summary = self.text::<8000>(strategy, "summary", "strategy");
        let pillars = self.pillars(strategy);
        let note = self.optional::<1000>(strategy, "cadence_note", "strategy");
        let summary = summary?;
        // A note that does not fit is no reason to ask again.
        let with_note = note.and_then(|it| Text::try_from(format!("{summary}\n\n{it}")).ok());
        Some(Strategy { summary: with_note.unwrap_or(summary), pillars })
    }

    fn pillars(&mut self, strategy: &Value) -> Vec<Pillar> {
        let Some(entries) = strategy.get("pillars").and_then(Value::as_array) else {
            self.problem::<()>("`strategy.pillars` must be an array");
            return Vec::new();
        };
        if entries.len() > Strategy::MAX_PILLARS {
            let most = Strategy::MAX_PILLARS;
            self.problem::<()>(format!("`strategy.pillars` has more than {most} entries"));
            return Vec::new();
        }
        let read = |(index, pillar): (usize, &Value)| {
            let path = format!("strategy.pillars[{index}]");
            let name = self.text(pillar, "name", &path);
            let description = self.text(pillar, "why", &path);
            Some(Pillar { name: name?, description: description? })
        };
        entries.iter().enumerate().filter_map(read).collect()
    }

    fn posts(&mut self, json: &Value, slots: &[Slot]) -> Option<Vec<WrittenPost>> {
        let Some(entries) = json.get("items").and_then(Value::as_array) else {
            return self.problem("`items` must be an array");
        };
        let (mut written, mut seen, mut said) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        for (index, entry) in entries.iter().enumerate().take(slots.len() + MAX_PROBLEMS) {
            let path = format!("items[{index}]");
            let Some((number, slot)) = self.slot(entry, &path, slots) else { continue };
            if !seen.insert(number) {
                self.problem::<()>(format!("slot {number} has more than one item"));
            }
            let Some(post) = self.post(entry, &path, number, slot) else { continue };
            // X refuses a text that it has just published.
            if !said.insert((slot.connection, post.content.text.clone())) {
                self.problem::<()>(format!("`{path}.text` says the same as an earlier item"));
            }
            written.insert(number, post);
        }
        if entries.len() > slots.len() {
            self.problem::<()>(format!("there are {} slots and more items", slots.len()));
        }
        for number in (0..slots.len()).filter(|number| !seen.contains(number)) {
            self.problem::<()>(format!("slot {number} has no item"));
        }
        Some(written.into_values().collect())
    }

    fn slot<'s>(
        &mut self,
        entry: &Value,
        path: &str,
        slots: &'s [Slot],
    ) -> Option<(usize, &'s Slot)> {
        let number = entry.get("slot").and_then(Value::as_u64);
        let number = number.and_then(|number| usize::try_from(number).ok());
        let found = number.and_then(|number| Some((number, slots.get(number)?)));
        if found.is_none() {
            let last = slots.len().saturating_sub(1);
            return self.problem(format!("`{path}.slot` must be a number from 0 to {last}"));
        }
        found
    }

    fn post(
        &mut self,
        entry: &Value,
        path: &str,
        number: usize,
        slot: &Slot,
    ) -> Option<WrittenPost> {
        let text = self.text(entry, "text", path);
        let segments = self.segments(entry, path);
        let first_comment = self.optional(entry, "first_comment", path);
        let rationale = self.optional(entry, "rationale", path);
        let content = ItemContent { text: text?, segments, first_comment };
        for (place, message) in item::problems(slot.network, slot.text_limit, &content) {
            self.problem::<()>(format!("`{path}` ({place}): {message}"));
        }
        Some(WrittenPost { slot: number, content, rationale })
    }

    fn segments(&mut self, entry: &Value, path: &str) -> Vec<Text<25_000>> {
        let entries = match entry.get("segments") {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(entries)) if entries.len() <= ItemContent::MAX_SEGMENTS => entries,
            Some(_) => {
                let most = ItemContent::MAX_SEGMENTS;
                self.problem::<()>(format!("`{path}.segments` must be an array of at most {most}"));
                return Vec::new();
            }
        };
        let read =
            |(index, segment)| self.take(Some(segment), &format!("{path}.segments[{index}]"));
        entries.iter().enumerate().filter_map(read).collect()
    }

    fn text<const MAX: usize>(&mut self, from: &Value, key: &str, path: &str) -> Option<Text<MAX>> {
        self.take(from.get(key), &format!("{path}.{key}"))
    }

    /// Absent, null and blank are all "nothing".
    fn optional<const MAX: usize>(
        &mut self,
        from: &Value,
        key: &str,
        path: &str,
    ) -> Option<Text<MAX>> {
        match from.get(key) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.trim().is_empty() => None,
            Some(value) => self.take(Some(value), &format!("{path}.{key}")),
        }
    }

    fn take<const MAX: usize>(&mut self, value: Option<&Value>, path: &str) -> Option<Text<MAX>> {
        let Some(text) = value.and_then(Value::as_str) else {
            return self.problem(format!("`{path}` must be a text"));
        };
        match Text::try_from(text) {
            Ok(text) => Some(text),
            Err(error) => self.problem(format!("`{path}`: {error}")),
        }
    }
}
