//! The phrases that posts are made of, and the care that none is said twice.

use std::collections::HashSet;

use super::brief::{Brief, Moment, short};
use crate::x::weight;

const POSTS: [&str; 7] = [
    "{day}, {time}, at {name}: {topic}, and the door is open. Come in, ask, stay.",
    "One thing about {topic} that {audience} keep asking us. The short answer for {day}: it \
     takes longer than you think, and that is the point.",
    "Behind the scenes on {day}: {topic}. No filter, a few mistakes, a lot of patience.",
    "We changed our mind about {topic}, and it took three mistakes to get there. More on {day}.",
    "If you try {offer} for the first time this {time}, {day}: start small, take your time, tell us \
     how it went.",
    "A small promise from {name}: on {topic} we do not cut corners. Hold us to it, on {day} or any \
     other day.",
    "{Topic}: what {audience} told us this week, and what we will do about it from {day} on.",
];

const SEGMENTS: [&str; 2] = [
    "What people get wrong about {topic}: they look for the trick. There is none, only time. \
     ({day})",
    "If you take one thing with you into {day}: ask. That is what {name} is there for.",
];

const COMMENT: &str = "What would you like to know about {topic}? We answer until {day} is over.";

/// What one post is about, and when.
#[derive(Debug)]
pub(crate) struct About<'t> {
    pub(crate) topic: &'t str,
    pub(crate) moment: Moment,
}

/// Somebody who speaks for a business and never repeats a sentence.
#[derive(Debug)]
pub(crate) struct Voice {
    name: String,
    audience: String,
    offer: String,
    said: HashSet<String>,
}

impl Voice {
    pub(crate) fn new(brief: &Brief) -> Self {
        Self {
            name: brief.name(),
            audience: brief.audience(),
            offer: brief.offer(),
            said: HashSet::new(),
        }
    }

    /// The post itself, from the phrase at this place.
    pub(crate) fn post(&mut self, about: &About<'_>, place: usize) -> String {
        let phrase = POSTS.iter().cycle().nth(place % POSTS.len()).copied().unwrap_or_default();
        self.say(phrase, about)
    }

    /// What follows it in a thread.
    pub(crate) fn segments(&mut self, about: &About<'_>) -> Vec<String> {
        SEGMENTS.iter().map(|phrase| self.say(phrase, about)).collect()
    }

    /// What stands below it.
    pub(crate) fn comment(&mut self, about: &About<'_>) -> String {
        self.say(COMMENT, about)
    }

    fn say(&mut self, phrase: &str, About { topic, moment }: &About<'_>) -> String {
        let filled = phrase
            .replace("{Topic}", &capital(topic))
            .replace("{topic}", topic)
            .replace("{name}", &self.name)
            .replace("{audience}", &self.audience)
            .replace("{offer}", &self.offer)
            .replace("{day}", &moment.day)
            .replace("{time}", moment.time);
        let mut text = fit(&filled);
        while !self.said.insert(text.clone()) {
            text = format!("{} ({})", short(&text, 120), self.said.len());
        }
        text
    }
}

/// A text with a capital letter in front.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Words go from the end until X would take the text.
fn fit(text: &str) -> String {
    let mut text = text.to_owned();
    while weight(&text) > 270 {
        match text.trim_end().rfind(' ') {
            Some(at) => text.truncate(at),
            None => text = short(&text, 130),
        }
    }
    text
}
