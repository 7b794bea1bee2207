//! Why did this happen? What a job writes names the event that led to the job.

use crate::{
    ports::{LoggedEvent, Ordinal},
    testing::World,
};

async fn log(world: &World) -> Vec<LoggedEvent> {
    world.project().await;
    world.desk.stores.log.page(Ordinal(0), 100).await.expect("the log is read")
}

fn named<'e>(log: &'e [LoggedEvent], name: &str) -> &'e LoggedEvent {
    log.iter().find(|event| event.row.event_type == name).unwrap_or_else(|| panic!("no {name}"))
}

#[tokio::test]
async fn what_a_job_writes_names_the_event_that_led_to_the_job_and_the_job_as_who_did_it() {
    let world = World::new().await;
    let owner = world.open_account("Ada").await;
    let connection = world.connect(&owner).await;
    let log = log(&world).await;
    let (asked, done) =
        (named(&log, "connection.token_exchange_intended"), named(&log, "connection.established"));
    assert_eq!(asked.row.meta("causation_id").as_deref(), Some("request:test"));
    let because = format!("event:{}", asked.ordinal.0);
    assert_eq!(done.row.meta("causation_id").as_deref(), Some(because.as_str()));
    assert_eq!(done.row.meta("correlation_id"), asked.row.meta("correlation_id"));
    let who = format!("job:exchange:{connection}");
    assert_eq!(done.row.meta("actor").as_deref(), Some(who.as_str()));
}
