//! What a decision about a plan looks at beside the plan: the account's policy, and the fingerprint
//! of what the plan will say afterwards.

use crate::{
    entitlements,
    execute::Work,
    failure::Failure,
    log::{Loaded, canonical},
};
use herald_account::Account;
use herald_content_plan::{ContentPlan, Context, PlanCommand as Command};
use herald_kernel::{ContentHash, Decider as _};
use serde_json::json;

/// The context of a decision.
pub(super) async fn context(work: &Work<'_>) -> Result<Context, Failure> {
    let account = work.load::<Account>(work.account().uuid()).await?;
    // What is left of the credits is checked where they are set aside: bought ones count too.
    Ok(Context {
        now: work.now,
        entitlements: entitlements::of_account(work.desk, work.account()).await?.entitlements,
        policy: account.state.policy().clone(),
    })
}

/// Decides a command that carries the fingerprint of what the plan says once it was followed.
pub(super) async fn decide(
    work: &mut Work<'_>,
    plan: &mut Loaded<ContentPlan>,
    command: impl Fn(ContentHash) -> Result<Command, Failure> + Send + Sync,
) -> Result<(), Failure> {
    let context = context(work).await?;
    // Tried out first: the domain alone knows what a command makes of the content.
    let mut after = plan.state.clone();
    for event in plan.state.decide(command(ContentHash::new(""))?, &context)? {
        after.evolve(&event);
    }
    let hash = plan_hash(work, &after).await?;
    work.decide(plan, command(hash)?, &context).await
}

/// The keyed fingerprint that an approval is bound to: every item with its place, its time, its
/// words and whether it is accepted.
pub async fn plan_hash(work: &Work<'_>, plan: &ContentPlan) -> Result<ContentHash, Failure> {
    let items = serde_json::to_value(plan.items())
        .map_err(|error| Failure::Internal(format!("a plan has no JSON form: {error}")))?;
    let content = canonical::to_string(&json!({ "zone": plan.zone(), "items": items }));
    let key = work.desk.journal.keyring().ensure(work.account()).await?;
    Ok(ContentHash::new(key.fingerprint("plan", &content)))
}
