//! How a plan's facts are stored, for ever.

use super::*;
use crate::{PlanCommand as Command, PlanEvent as Event, *};
use herald_kernel::{Decider, Fact, NanoUsd};
use std::collections::BTreeSet;

/// A life that contains every kind of fact.
fn full_life() -> Vec<Event> {
    let attempt = Command::RecordAttempt {
        run: run(2),
        purpose: Purpose::Strategy,
        provider: text("openrouter"),
        model: text("better/model"),
        request_id: text("gen-1"),
        usage: Usage { prompt_tokens: 900, completion_tokens: 400, cost: NanoUsd::new(1_500) },
    };
    let commands = vec![
        create(),
        request(1),
        failed(1),
        request(2),
        attempt,
        generated(2, vec![proposed(1), proposed(2)]),
        edit(1, "Other words.", 2),
        reject(2, 3),
        accept(1, 4),
        submit(),
        send_back(),
        submit(),
        approve(bob(), 4, 4),
        materialize(),
        Command::Complete,
    ];
    let (mut plan, mut history) = (ContentPlan::default(), Vec::new());
    for command in commands {
        for event in when(&plan, command).expect("the command is followed") {
            plan.evolve(&event);
            history.push(event);
        }
    }
    history.push(Event::Archived { by: ada() });
    history
}

#[test]
fn every_fact_reads_back_as_it_was_written_under_its_own_name() {
    for event in full_life() {
        let json = serde_json::to_value(&event).expect("serialises");
        assert_eq!(json["type"], event.name());
        let text = json.to_string();
        assert_eq!(serde_json::from_str::<Event>(&text).expect("reads back"), event, "{text}");
        assert_eq!(event.version(), 1);
    }
}

#[test]
fn the_list_of_names_is_complete_and_has_nothing_else() {
    let used: BTreeSet<_> = full_life().iter().map(Fact::name).collect();
    let listed: BTreeSet<_> = Event::NAMES.iter().copied().collect();
    assert_eq!(used, listed);
    assert_eq!(listed.len(), Event::NAMES.len());
    assert_eq!(ContentPlan::STREAM, "plan");
}

#[test]
fn what_people_and_models_wrote_is_marked_as_personal() {
    let mut marked = 0;
    for event in full_life() {
        let mut json = serde_json::to_value(&event).expect("serialises");
        marked += strip_personal(&mut json);
        let rest = json.to_string();
        for words in ["bakery", "bread", "rye", "Other words", "weekday", "Shorter", "nobody"] {
            assert!(!rest.contains(words), "{rest}");
        }
    }
    assert!(marked >= 8, "{marked}");
}

fn strip_personal(json: &mut serde_json::Value) -> usize {
    match json {
        serde_json::Value::Object(fields) if fields.contains_key("$personal") => {
            fields.clear();
            1
        }
        serde_json::Value::Object(fields) => fields.values_mut().map(strip_personal).sum(),
        serde_json::Value::Array(values) => values.iter_mut().map(strip_personal).sum(),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => 0,
    }
}

#[test]
fn a_history_whose_key_was_destroyed_still_folds() {
    let mut json = serde_json::to_value(full_life()).expect("serialises");
    forget(&mut json);
    let history: Vec<Event> = serde_json::from_value(json).expect("reads back");
    let plan = ContentPlan::fold(&history);
    assert_eq!(plan.status(), Status::Archived);
    assert_eq!(plan.brief().and_then(|brief| brief.known()), None);
    assert_eq!(plan.items().len(), 2);
}

fn forget(json: &mut serde_json::Value) {
    if let Some(fields) = json.as_object_mut() {
        if fields.remove("$personal").is_some() {
            fields.insert("$forgotten".to_owned(), serde_json::Value::Null);
        }
        fields.values_mut().for_each(forget);
    }
    if let Some(values) = json.as_array_mut() {
        values.iter_mut().for_each(forget);
    }
}
