//! Have a plan written: the prompt is fixed and kept, then the run is intended.

use super::{creating::place, load, weighing};
use crate::{
    entitlements,
    execute::{Naming, UseCase, Who, Work},
    failure::Failure,
    generation::{Archive, Assignment, Calendar, spread},
    metering,
    settings::{self, Settings},
};
use async_trait::async_trait;
use herald_account::{Account, Action};
use herald_content_plan::{
    ContentPlan, MAX_ITEMS, PlanCommand as Command, Profile, Purpose, Temperature,
};
use herald_kernel::{ContentHash, Personal, PlanId, RunId, Text};
use herald_terms::ModelClass;
use serde::Serialize;
use uuid::Uuid;

/// Have a strategy and items written. They replace what was proposed before.
#[derive(Debug, Serialize)]
pub struct GenerateContentPlan {
    /// The plan.
    pub plan: PlanId,
}

#[async_trait]
impl UseCase for GenerateContentPlan {
    const WHO: Who = Who::Members(Action::GenerateContentPlan);
    type Answer = RunId;

    fn object(&self) -> Option<Uuid> {
        Some(self.plan.uuid())
    }

    async fn attempt(&self, work: &mut Work<'_>) -> Result<RunId, Failure> {
        let mut plan = load(work, self.plan).await?;
        let run: RunId = work.naming().created();
        let entitled = entitlements::of_account(work.desk, work.account()).await?;
        entitled.must_allow_work()?;
        let assignment = assignment(work, &plan.state).await?;
        // One credit for each post that is to be written.
        let credits = u32::try_from(assignment.slots.len()).unwrap_or(u32::MAX);
        let prompt = serde_json::to_string(&assignment)
            .map_err(|error| Failure::Internal(format!("a prompt has no JSON form: {error}")))?;
        let archive = Archive::new(work.desk, work.account());
        let reference = archive.reference("prompt", &prompt).await?;
        let settings = &work.desk.settings;
        let strategy = strategy(settings, entitled.entitlements.ai_model_class);
        let command = Command::RequestGeneration {
            run,
            by: work.caller.acting_member()?,
            profiles: vec![
                profile(Purpose::Strategy, &strategy)?,
                profile(Purpose::Posts, &settings.posts)?,
            ],
            prompt_hash: prompt_hash(work, &prompt).await?,
            prompt_ref: Text::try_from(reference.clone()).map_err(internal)?,
        };
        let context = weighing::context(work).await?;
        work.decide(&mut plan, command, &context).await?;
        metering::reserve_run(work, run, credits).await?;
        // Kept before the event that refers to it is: a run never looks for what is not there yet.
        archive.keep(&reference, &prompt).await?;
        Ok(run)
    }

    fn replayed(&self, naming: Naming) -> RunId {
        naming.created()
    }
}

/// Everything that goes into the prompts, as it stands now.
async fn assignment(work: &Work<'_>, plan: &ContentPlan) -> Result<Assignment, Failure> {
    let account = work.load::<Account>(work.account().uuid()).await?;
    let brief = plan.brief().and_then(Personal::known).ok_or(Failure::NotFound)?;
    let (Some(period), Some(zone), Some(cadence)) = (plan.period(), plan.zone(), plan.cadence())
    else {
        return Err(Failure::NotFound);
    };
    let mut places = Vec::with_capacity(plan.connections().len());
    for each in plan.connections() {
        places.push(place(work, each.connection, "plan").await?);
    }
    let calendar = Calendar { period, zone: zone.clone(), cadence };
    let slots = spread(&calendar, &places, work.now);
    if !(1..=MAX_ITEMS).contains(&slots.len()) {
        return Err(Failure::invalid("plan", "no time of the plan's days is left to post at"));
    }
    Ok(Assignment {
        name: account.state.name().cloned(),
        business: account.state.profile().cloned(),
        brief: brief.clone(),
        period,
        zone: zone.clone(),
        slots,
    })
}

async fn prompt_hash(work: &Work<'_>, prompt: &str) -> Result<ContentHash, Failure> {
    let key = work.desk.journal.keyring().ensure(work.account()).await?;
    Ok(ContentHash::new(key.fingerprint("prompt", prompt)))
}

/// Strategies are written by the better model where the tier has it, else by that of the posts.
fn strategy(settings: &Settings, class: ModelClass) -> settings::Profile {
    let model = match class {
        ModelClass::Premium => &settings.strategy.model,
        ModelClass::Standard => &settings.posts.model,
    };
    settings::Profile { model: model.clone(), ..settings.strategy.clone() }
}

fn profile(purpose: Purpose, set: &settings::Profile) -> Result<Profile, Failure> {
    let temperature = Temperature::from_hundredths(set.temperature_hundredths);
    Ok(Profile {
        purpose,
        model: Text::try_from(set.model.as_str()).map_err(internal)?,
        max_tokens: set.max_tokens,
        temperature: temperature.map_err(internal)?,
    })
}

/// Settings are checked when the program starts; what is wrong with them now is not the caller's.
fn internal(error: impl std::error::Error) -> Failure {
    Failure::Internal(format!("a generation profile is not usable: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Mode;

    #[test]
    fn a_tier_without_the_better_model_has_strategies_written_by_the_one_of_its_posts() {
        let address = "https://herald.example".parse().expect("an address");
        let mut settings = Settings::new(Mode::Sandbox, address);
        settings.strategy.model = "better".to_owned();
        settings.posts.model = "cheaper".to_owned();
        assert_eq!(strategy(&settings, ModelClass::Premium), settings.strategy);
        let standard = strategy(&settings, ModelClass::Standard);
        assert_eq!(standard.model, "cheaper");
        assert_eq!(standard.max_tokens, settings.strategy.max_tokens);
    }
}
