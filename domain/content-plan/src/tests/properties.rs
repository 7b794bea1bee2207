//! What holds in every history, whatever is asked in whichever order.

use super::*;
use crate::{PlanCommand as Command, PlanEvent as Event, *};
use herald_kernel::{Decider, Fact, MemberId};
use proptest::prelude::{Strategy as Draw, *};
use std::collections::BTreeSet;

fn member() -> impl Draw<Value = MemberId> {
    prop_oneof![Just(ada()), Just(bob())]
}

fn generation_step() -> impl Draw<Value = Command> {
    let n = || 1..4_u128;
    prop_oneof![
        3 => n().prop_map(request),
        3 => (n(), prop::collection::vec(1..5_u128, 0..4))
            .prop_map(|(n, items)| generated(n, items.into_iter().map(proposed).collect())),
        1 => n().prop_map(failed),
    ]
}

fn item_step() -> impl Draw<Value = Command> {
    let n = || 1..5_u128;
    let h = || 1..9_u32;
    prop_oneof![
        1 => (n(), h(), member()).prop_map(|(n, h, by)| Command::EditItem {
            item: item(n), content: content(&format!("Words {h}.")),
            local: at("2026-12-09T08:00:00"), by, hash: hash(h),
        }),
        3 => (n(), h()).prop_map(|(n, h)| accept(n, h)),
        1 => (n(), h()).prop_map(|(n, h)| reject(n, h)),
    ]
}

/// A command that fits the plan more often than chance alone would have it.
#[derive(Debug, Clone)]
enum Wish {
    Exactly(Box<Command>),
    ApproveAsRead(MemberId),
}

impl Wish {
    fn of(self, plan: &ContentPlan) -> Command {
        match self {
            Self::Exactly(command) => *command,
            Self::ApproveAsRead(by) => {
                let hash = plan.hash().cloned().unwrap_or_else(|| hash(0));
                Command::Approve { by, revision: plan.revision(), hash }
            }
        }
    }
}

fn wish() -> impl Draw<Value = Wish> {
    let exactly = prop_oneof![
        1 => Just(create()),
        8 => generation_step(),
        12 => item_step(),
        4 => member().prop_map(|by| Command::Submit { by }),
        1 => Just(send_back()),
        1 => (member(), 0..9_u32, 0..9_u32).prop_map(|(by, revision, h)| approve(by, revision, h)),
        5 => Just(materialize()),
        1 => Just(Command::Complete),
    ];
    prop_oneof![
        60 => exactly.prop_map(|command| Wish::Exactly(Box::new(command))),
        8 => member().prop_map(Wish::ApproveAsRead),
        1 => Just(Wish::Exactly(Box::new(archive()))),
    ]
}

/// Whatever may be asked of a draft, of a proposal, or of a plan that is ready to be materialised.
fn wishes() -> impl Draw<Value = Vec<Wish>> {
    let proposal = vec![request(1), generated(1, (1..5).map(proposed).collect())];
    let ready = vec![accept(1, 2), accept(2, 3), submit(), approve(bob(), 3, 3)];
    let starts = [Vec::new(), proposal.clone(), [proposal, ready].concat()];
    let start = prop::sample::select(starts.to_vec());
    (start, prop::collection::vec(wish(), 1..60)).prop_map(|(start, wishes)| {
        let start = start.into_iter().map(|command| Wish::Exactly(Box::new(command)));
        start.chain(wishes).collect()
    })
}

/// Plays `wishes` on a plan that was just created and hands each step to `check`.
fn play(
    wishes: Vec<Wish>,
    context: &Context,
    mut check: impl FnMut(&ContentPlan, &[Event], &ContentPlan) -> Result<(), TestCaseError>,
) -> Result<(Vec<Event>, ContentPlan), TestCaseError> {
    let mut history = when(&ContentPlan::default(), create()).expect("the plan is created");
    let mut plan = ContentPlan::fold(&history);
    for wish in wishes {
        let before = plan.clone();
        let events = before.decide(wish.of(&before), context).unwrap_or_default();
        for event in &events {
            plan.evolve(event);
        }
        check(&before, &events, &plan)?;
        history.extend(events);
    }
    Ok((history, plan))
}

proptest! {
    #[test]
    fn the_state_after_deciding_is_the_refold_of_what_was_stored(wishes in wishes()) {
        let (history, plan) = play(wishes, &context(), |before, events, after| {
            prop_assert!(!events.is_empty() || before == after);
            Ok(())
        })?;
        let text = serde_json::to_string(&history).expect("serialises");
        let read: Vec<Event> = serde_json::from_str(&text).expect("reads back");
        prop_assert_eq!(&read, &history);
        prop_assert_eq!(ContentPlan::fold(&read), plan);
        for event in &history {
            let json = serde_json::to_value(event).expect("serialises");
            prop_assert_eq!(json["type"].as_str(), Some(event.name()));
            prop_assert!(Event::NAMES.contains(&event.name()));
        }
    }

    #[test]
    fn one_run_is_open_at_the_most_and_exactly_while_the_plan_is_being_written(
        wishes in wishes(),
    ) {
        play(wishes, &context(), |before, events, after| {
            let intends =
                events.iter().any(|event| matches!(event, Event::GenerationIntended { .. }));
            prop_assert!(!intends || before.open_run().is_none());
            prop_assert_eq!(after.open_run().is_some(), after.status() == Status::Generating);
            Ok(())
        })?;
    }

    #[test]
    fn an_item_becomes_a_post_once_and_only_after_it_was_accepted(wishes in wishes()) {
        let mut made = BTreeSet::new();
        play(wishes, &context(), |before, events, _| {
            for event in events {
                if let Event::Materialized { items, .. } = event {
                    prop_assert!(!items.is_empty());
                    for (item, post) in items {
                        let state = before.item(*item).map(|item| item.state);
                        prop_assert_eq!(state, Some(ItemState::Accepted));
                        prop_assert!(made.insert(*item) && made.len() <= MAX_ITEMS);
                        prop_assert_eq!(*post, herald_kernel::PostId::derived(
                            plan_id().uuid(), &item.to_string(),
                        ));
                    }
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn an_approved_plan_is_exactly_what_was_approved(wishes in wishes()) {
        play(wishes, &context(), |before, _, after| {
            if let Some(approval) = after.approval() {
                prop_assert_eq!(approval.revision, after.revision());
                prop_assert_eq!(Some(&approval.hash), after.hash());
            }
            prop_assert!(after.revision() >= before.revision());
            prop_assert!(after.status() != Status::Approved || after.approval().is_some());
            Ok(())
        })?;
    }

    #[test]
    fn with_four_eyes_nobody_approves_what_they_wrote_or_submitted(wishes in wishes()) {
        let (history, _) = play(wishes, &four_eyes(), |_, _, _| Ok(()))?;
        let mut workers = BTreeSet::new();
        for event in &history {
            if let Event::Created { by, .. }
            | Event::ItemEdited { by, .. }
            | Event::Submitted { by, .. } = event
            {
                workers.insert(*by);
            }
            if let Event::GenerationSucceeded { .. } = event {
                workers = [ada()].into();
            }
            if let Event::Approved { by, .. } = event {
                prop_assert!(!workers.contains(by));
            }
        }
    }

    #[test]
    fn what_is_put_away_or_complete_never_changes(wishes in wishes()) {
        play(wishes, &context(), |before, events, _| {
            if matches!(before.status(), Status::Archived | Status::Completed) {
                prop_assert_eq!(events, &[]);
            }
            Ok(())
        })?;
    }
}
