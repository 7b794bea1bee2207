//! What stands beside an owner's name at their identity provider, and what becomes of a note that
//! the provider does not take.

use super::*;
use crate::{
    business::Business,
    caller::{Caller, Person, Standing},
    commands::account::{OpenAccount, new_account_id},
    ports::{DirectoryPage, DirectoryUser, JobKind, UserDirectory},
    testing::{World, caller},
};
use async_trait::async_trait;
use herald_kernel::Zone;
use std::{collections::VecDeque, sync::Mutex, time::Duration};

const ISSUER: &str = "https://clerk.example";

/// A directory that answers notes one after the other as a test says, and writes down about whom
/// they were.
#[derive(Debug, Default)]
struct Directory {
    answers: Mutex<VecDeque<Result<(), DirectoryFailure>>>,
    written: Mutex<Vec<(String, DirectoryNote)>>,
}

#[async_trait]
impl UserDirectory for Directory {
    fn issuer(&self) -> &str {
        ISSUER
    }

    async fn get(&self, _: &str) -> Result<Option<DirectoryUser>, DirectoryFailure> {
        Ok(None)
    }

    async fn list(&self, _: Option<&str>) -> Result<DirectoryPage, DirectoryFailure> {
        Ok(DirectoryPage::default())
    }

    async fn write(&self, subject: &str, note: &DirectoryNote) -> Result<(), DirectoryFailure> {
        self.written.lock().expect("a lock").push((subject.to_owned(), note.clone()));
        self.answers.lock().expect("a lock").pop_front().expect("it is asked no more often")
    }
}

fn directory(answers: impl Into<VecDeque<Result<(), DirectoryFailure>>>) -> Arc<Directory> {
    Arc::new(Directory { answers: Mutex::new(answers.into()), ..Directory::default() })
}

/// An account of Ada, whom `issuer` vouches for, beside that directory.
async fn account(issuer: &str, directory: &Arc<Directory>) -> (World, Caller) {
    let mut business = Business::default();
    business.directories.insert("clerk".to_owned(), directory.clone());
    let world = World::with_business(|_| (), business).await;
    let ada = Person::of(issuer, "ada");
    let newcomer = caller(new_account_id(&ada, "open"), Standing::Person(ada));
    let open = OpenAccount {
        business: "A bakery".try_into().expect("a name"),
        name: "Ada".try_into().expect("a name"),
        email: None,
        zone: Zone::utc(),
    };
    world.run_as(&newcomer, "open", open).await.expect("the account opens");
    (world, newcomer)
}

/// How the job ended, each time it fell due.
async fn ends(world: &World) -> Vec<Result<Next, JobFailure>> {
    let ends = world.work().await.into_iter();
    ends.filter(|(kind, _)| *kind == JobKind::WriteNotes).map(|(_, end)| end).collect()
}

#[tokio::test]
async fn an_owners_note_is_written_and_whoever_is_gone_there_needs_none() {
    for answer in [Ok(()), Err(DirectoryFailure::NotFound)] {
        let directory = directory([answer]);
        let (world, _) = account(ISSUER, &directory).await;
        assert_eq!(ends(&world).await, [Ok(Next::Done)]);
        // Nobody pays here, and onboarding has only begun.
        let note = DirectoryNote { onboarding_completed: Some(false), ..DirectoryNote::default() };
        assert_eq!(*directory.written.lock().expect("a lock"), [("ada".to_owned(), note)]);
    }
}

#[tokio::test]
async fn people_of_another_issuer_are_not_written_about() {
    let directory = directory([]);
    let (world, _) = account("https://elsewhere.example", &directory).await;
    assert_eq!(ends(&world).await, [Ok(Next::Done)]);
    assert!(directory.written.lock().expect("a lock").is_empty());
}

#[tokio::test]
async fn a_directory_in_trouble_is_asked_again_when_it_said_or_else_with_a_growing_pause() {
    let later = crate::testing::start().plus(Duration::from_secs(600));
    let trouble = |retry_at| Err(DirectoryFailure::Transient { cause: "503".to_owned(), retry_at });
    let directory = directory([trouble(None), trouble(Some(later)), Ok(())]);
    let (world, _) = account(ISSUER, &directory).await;
    assert_eq!(ends(&world).await, [Err(JobFailure::Retry("503".to_owned()))]);
    world.pass(Duration::from_secs(60));
    assert_eq!(ends(&world).await, [Ok(Next::At(later))]);
    world.pass(Duration::from_secs(600));
    assert_eq!(ends(&world).await, [Ok(Next::Done)]);
}

#[tokio::test]
async fn a_note_that_the_directory_refuses_is_left_for_a_person_to_see() {
    let refused = Err(DirectoryFailure::Refused { code: "form_param_unknown".to_owned() });
    let directory = directory([refused]);
    let (world, owner) = account(ISSUER, &directory).await;
    let said = "the identity provider refused: form_param_unknown";
    assert_eq!(ends(&world).await, [Err(JobFailure::GiveUp(said.to_owned()))]);
    let dead = world.desk.stores.job_board.dead(owner.account, 10).await.expect("an answer");
    assert_eq!(dead.iter().map(|job| job.error.as_str()).collect::<Vec<_>>(), [said]);
    world.pass(Duration::from_secs(3_600));
    assert_eq!(ends(&world).await, []);
    assert_eq!(directory.written.lock().expect("a lock").len(), 1);
}
