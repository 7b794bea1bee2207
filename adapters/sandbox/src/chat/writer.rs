//! The pen: strategies and posts from templates, the same for the same brief.

use serde_json::{Value, json};

use super::brief::{Brief, Moment};
use super::phrases::{About, Voice, capital};
use super::schema;
use crate::x::hash;

/// The answer to what the user asked: JSON where a brief or a schema asks for it, else prose.
pub(crate) fn write(
    asked: &[String],
    schema: Option<&Value>,
    wants_json: bool,
    most_tokens: u32,
) -> String {
    let brief = asked.iter().rev().find_map(|text| Brief::find(text));
    let answer = brief.as_ref().map(|brief| brief.answer(most_tokens));
    match (answer, schema) {
        (answer, Some(schema)) => schema::conform(answer, schema).to_string(),
        (Some(answer), None) => answer.to_string(),
        (None, None) if wants_json => json!({ "answer": prose(asked) }).to_string(),
        (None, None) => prose(asked),
    }
}

fn prose(asked: &[String]) -> String {
    let subject: Vec<&str> =
        asked.last().map(|text| text.split_whitespace().take(12).collect()).unwrap_or_default();
    format!(
        "This is the sandbox writing, from templates and not from a model. You asked: “{}”. \
         A good answer would begin with the people you want to reach, say one useful thing, \
         and stop.",
        subject.join(" ")
    )
}

impl Brief {
    /// Both halves, unless the brief names the one it wants.
    fn answer(&self, most_tokens: u32) -> Value {
        match self.purpose() {
            Some("strategy") => json!({ "strategy": self.strategy() }),
            Some("posts") => json!({ "items": self.items(most_tokens) }),
            _ => json!({ "strategy": self.strategy(), "items": self.items(most_tokens) }),
        }
    }

    fn strategy(&self) -> Value {
        let reasons = [
            "It shows what nobody else can show.",
            "It answers what people ask before they buy.",
            "It gives people a reason to come back this week.",
            "It lets customers speak, which convinces more than we can.",
        ];
        let pillars: Vec<Value> = self
            .topics()
            .iter()
            .take(4)
            .zip(reasons)
            .map(|(topic, why)| json!({ "name": capital(topic), "why": why }))
            .collect();
        let count = self.slots().len();
        json!({
            "summary": format!(
                "{name} speaks to {audience} about {offer}: concrete, generous, and never louder \
                 than needed. Everything serves one goal: {goal}.",
                name = self.name(), audience = self.audience(),
                offer = self.offer(), goal = self.goal(),
            ),
            "pillars": pillars,
            "cadence_note": format!(
                "{count} posts, spread so that no two on one topic follow each other."
            ),
        })
    }

    fn items(&self, most_tokens: u32) -> Vec<Value> {
        let (topics, slots) = (self.topics(), self.slots());
        // Where the answer must be short, extras go before posts do.
        let room = u32::try_from(slots.len()).unwrap_or(u32::MAX).saturating_mul(150) < most_tokens;
        let start = first_place(&self.whole());
        let mut voice = Voice::new(self);
        slots
            .into_iter()
            .enumerate()
            .zip(topics.iter().cycle())
            .map(|((slot, when), topic)| {
                let about = About { topic, moment: Moment::of(when) };
                item(&mut voice, &about, slot, start, room)
            })
            .collect()
    }
}

/// One post of the calendar: now and then a thread, now and then with a first comment.
fn item(voice: &mut Voice, about: &About<'_>, slot: usize, start: usize, room: bool) -> Value {
    let text = voice.post(about, start.wrapping_add(slot));
    let segments = if room && slot % 4 == 3 { voice.segments(about) } else { Vec::new() };
    let comment = (room && slot % 4 == 1).then(|| voice.comment(about));
    let topic = capital(about.topic);
    let rationale =
        if room { format!("{topic}, in a form that invites an answer.") } else { topic };
    json!({
        "slot": slot, "text": text, "segments": segments,
        "first_comment": comment, "rationale": rationale,
    })
}

/// Another brief begins with another template.
fn first_place(brief: &str) -> usize {
    hash(brief).bytes().take(4).map(usize::from).sum()
}

#[cfg(test)]
mod tests {
    use super::write;
    use crate::x::weight;
    use serde_json::{Value, json};

    fn brief(slots: usize, purpose: &str) -> String {
        let slots: Vec<Value> = (0..slots)
            .map(|n| {
                json!({ "connection": "conn_1", "network": "x",
                "local": format!("2026-12-{:02}T09:00:00", n % 28 + 1) })
            })
            .collect();
        let brief = json!({ "herald_brief": {
            "business": { "name": "Crumb & Co", "audience": "early risers" },
            "goal": "sell out by noon", "topics": ["sourdough", "the oven"],
            "purpose": purpose, "slots": slots,
        } });
        format!("Plan {{this}} please.\n```json\n{brief}\n```\nAnswer with JSON only.")
    }

    #[test]
    fn every_slot_gets_its_own_words_and_all_of_them_fit() {
        let answer: Value =
            serde_json::from_str(&write(&[brief(40, "posts")], None, true, 9_000)).unwrap();
        let items = answer["items"].as_array().unwrap();
        let mut texts: Vec<&str> =
            items.iter().map(|item| item["text"].as_str().unwrap()).collect();
        assert!(texts.iter().all(|text| weight(text) <= 280));
        texts.sort_unstable();
        texts.dedup();
        assert_eq!((texts.len(), answer.get("strategy")), (40, None));
    }

    #[test]
    fn the_same_brief_reads_the_same() {
        let once = write(&[brief(5, "both")], None, true, 4_000);
        assert_eq!(once, write(&[brief(5, "both")], None, true, 4_000));
        assert!(once.contains("pillars") && once.contains("Crumb & Co"));
    }

    #[test]
    fn without_a_brief_it_is_prose() {
        let text = write(&["Hello {you}".to_owned()], None, false, 100);
        assert!(text.contains("sandbox") && text.contains("Hello {you}"));
    }
}
