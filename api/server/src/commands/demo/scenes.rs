//! The scenes of the demonstration, in the order in which a person would play them.

use super::{Play, detail};
use anyhow::{Context as _, bail, ensure};
use herald_account::{AccountName, BusinessProfile, PersonName};
use herald_application::{
    caller::{Caller, Standing},
    commands::{
        account::{OpenAccount, UpdateBusinessProfile, new_account_id},
        connection::{BeginConnection, CompleteConnection, ConsentAnswer},
        plan::{
            AcceptPlanItem, ApproveContentPlan, CreateContentPlan, GenerateContentPlan,
            MaterializeContentPlan, OnPlan, SubmitContentPlan,
        },
        post::{OnPost, PublishPost},
    },
    log::Via,
    ports::LoggedEvent,
    sign_in::{self, SignInAs},
    views::connections::ConnectionDoc,
};
use herald_content_plan::{Brief, ContentPlan, Date, Period, Status};
use herald_kernel::{ConnectionId, LocalTime, Network, PlanId, PostId, Text, Zone};
use herald_post::{Post, TargetState};
use std::time::Duration;
use url::Url;

const DAY: Duration = Duration::from_secs(24 * 3600);

pub(super) async fn play(show: &Play<'_>) -> anyhow::Result<()> {
    let ada = open(show).await?;
    describe(show, &ada).await?;
    let connection = connect(show, &ada).await?;
    let plan = plan(show, &ada, connection).await?;
    approve(show, &ada, plan).await?;
    let post = materialize(show, &ada, plan).await?;
    publish(show, &ada, post).await?;
    prove(show, post).await
}

async fn open(show: &Play<'_>) -> anyhow::Result<Caller> {
    show.scene("A person signs in and opens an account.");
    let desk = &show.house.desk;
    let link = sign_in::create_sign_in_link(desk, SignInAs::Resident).await?;
    let session = sign_in::redeem(desk, &link).await?;
    let person = sign_in::person_of(desk, &session).await?.context("the session is new")?;
    let mut caller = Caller {
        account: new_account_id(&person, "demo"),
        standing: Standing::Person(person.clone()),
        via: Via::Cli,
        correlation: desk.ids.uuid(),
        causation: "command:demo".to_owned(),
    };
    let open = OpenAccount {
        business: AccountName::try_from("Crumb & Crust")?,
        name: PersonName::try_from("Ada Baker")?,
        email: None,
        zone: zone()?,
    };
    show.tell(&caller, open).await?;
    caller = sign_in::caller(desk, &person, Some(caller.account), Via::Cli, caller.correlation)
        .await
        .map_err(|unplaced| anyhow::anyhow!("{unplaced}"))?;
    detail(caller.account);
    Ok(caller)
}

fn zone() -> anyhow::Result<Zone> {
    Ok("Europe/Berlin".parse()?)
}

async fn describe(show: &Play<'_>, ada: &Caller) -> anyhow::Result<()> {
    show.scene("The business says what it sells, to whom, and how it speaks.");
    let profile = BusinessProfile {
        name: "Crumb & Crust".try_into()?,
        sells: "Sourdough bread and cinnamon rolls, baked every morning".try_into()?,
        audience: "People who live and work within a walk".try_into()?,
        tone: "Warm, short, with a wink".try_into()?,
        goals: vec!["More regulars on weekdays".try_into()?],
        website: None,
    };
    show.tell(ada, UpdateBusinessProfile { profile }).await
}

async fn connect(show: &Play<'_>, ada: &Caller) -> anyhow::Result<ConnectionId> {
    show.scene("X is connected: consent in the browser, OAuth 2.0 with PKCE.");
    let begun = show.tell(ada, BeginConnection { network: Network::X }).await?;
    let page = begun.authorization_url.context("a first request has an address")?;
    detail(format_args!("the browser goes to {}", page.as_str().split('?').next().unwrap_or("")));
    let back = press_allow(&page).await?;
    let parameter =
        |name| back.query_pairs().find(|(key, _)| key == name).map(|(_, v)| v.into_owned());
    let code = parameter("code").context("the consent page gave no code")?;
    let complete = CompleteConnection {
        state: parameter("state").context("the consent page lost the state")?,
        answer: ConsentAnswer::Code(code.into()),
    };
    show.tell(ada, complete).await?;
    let id = begun.connection;
    let doc = show
        .wait_for("connecting", async || {
            let desk = &show.house.desk;
            let doc: Option<ConnectionDoc> = desk
                .document(
                    ada,
                    herald_account::Action::ReadConnections,
                    "connections",
                    &id.to_string(),
                )
                .await?;
            Ok(doc.filter(|doc| doc.handle.is_some()))
        })
        .await?;
    detail(format_args!("@{} is connected as {id}", doc.handle.unwrap_or_default()));
    Ok(id)
}

/// What a person does in a browser: looks at the page, presses "allow", is sent back.
async fn press_allow(page: &Url) -> anyhow::Result<Url> {
    #[expect(clippy::disallowed_methods, reason = "this is a person's browser, no provider call")]
    let browser = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let form = [("decision", "allow"), ("handle", "sandbox_bakery")];
    let answer = browser.post(page.clone()).form(&form).send().await?;
    let location = answer.headers().get("location").context("the consent page sent nobody back")?;
    Ok(location.to_str()?.parse()?)
}

async fn plan(show: &Play<'_>, ada: &Caller, connection: ConnectionId) -> anyhow::Result<PlanId> {
    show.scene("A plan is asked for: two weeks, three posts a week.");
    let now = show.house.desk.clock.now();
    let day = |ahead: u32| -> anyhow::Result<Date> {
        let local =
            LocalTime::of(now.plus(DAY * ahead), &zone()?).context("within the calendar")?;
        Ok(Date::of(local))
    };
    let brief = Brief {
        goal: "Fill the shop on weekday mornings".try_into()?,
        audience: None,
        topics: ["Sourdough", "Cinnamon rolls", "Early birds"]
            .into_iter()
            .map(Text::try_from)
            .collect::<Result<_, _>>()?,
        tone: None,
        language: None,
        dos: vec!["Name what is fresh today".try_into()?],
        donts: vec!["No discounts".try_into()?],
        notes: None,
    };
    let create = CreateContentPlan {
        brief,
        period: Period { from: day(1)?, to: day(14)? },
        zone: zone()?,
        connections: vec![connection],
        cadence: 3_u32.try_into()?,
    };
    let plan = show.tell(ada, create).await?;
    show.scene("A model writes strategy and posts; the answer is checked, never trusted.");
    show.tell(ada, GenerateContentPlan { plan }).await?;
    let proposed = show
        .wait_for("generating", async || {
            let state = load(show, plan).await?;
            if let Some(kind) = state.failure() {
                bail!("the plan was not written: {kind:?}");
            }
            Ok((state.status() == Status::Proposed).then_some(state))
        })
        .await?;
    for item in proposed.items().values().take(3) {
        let text = item.planned.content.known().map_or("", |content| content.text.as_str());
        detail(format_args!("{}  {}", item.planned.local, shortened(text)));
    }
    detail(format_args!("… {} in all", proposed.items().len()));
    Ok(plan)
}

async fn load(show: &Play<'_>, plan: PlanId) -> anyhow::Result<ContentPlan> {
    Ok(show.house.desk.journal.load::<ContentPlan>(plan.uuid()).await?.state)
}

async fn approve(show: &Play<'_>, ada: &Caller, plan: PlanId) -> anyhow::Result<()> {
    show.scene(
        "Every item is read and accepted; the plan is submitted and approved as it was read.",
    );
    let items: Vec<_> = load(show, plan).await?.items().keys().copied().collect();
    for item in items {
        show.tell(ada, OnPlan(AcceptPlanItem { plan, item })).await?;
    }
    show.tell(ada, OnPlan(SubmitContentPlan { plan })).await?;
    let state = load(show, plan).await?;
    let content_hash = state.hash().context("a submitted plan has a fingerprint")?.clone();
    let approve = ApproveContentPlan { plan, revision: state.revision(), content_hash };
    show.tell(ada, OnPlan(approve)).await?;
    Ok(())
}

async fn materialize(show: &Play<'_>, ada: &Caller, plan: PlanId) -> anyhow::Result<PostId> {
    show.scene("The plan becomes posts on the calendar, in one atomic append.");
    show.tell(ada, MaterializeContentPlan { plan, schedule: true }).await?;
    let state = load(show, plan).await?;
    let posts: Vec<_> = state.posts().map(|(item, post)| (item.planned.local, post)).collect();
    for (local, post) in &posts {
        detail(format_args!("{local}  {post}"));
    }
    let first = posts.into_iter().min_by_key(|(local, _)| *local);
    first.map(|(_, post)| post).context("the plan has items")
}

async fn publish(show: &Play<'_>, ada: &Caller, post: PostId) -> anyhow::Result<()> {
    show.scene(
        "The first post goes out now: intent written down, one request, verdict written down.",
    );
    show.tell(ada, OnPost(PublishPost { post })).await?;
    let remote = show
        .wait_for("publishing", async || {
            let state = show.house.desk.journal.load::<Post>(post.uuid()).await?.state;
            let target = state.targets().first().context("the post has a target")?;
            if let TargetState::Failed(failure) = &target.state {
                bail!("it failed: {failure:?}");
            }
            let step = target.steps.first().filter(|_| target.state == TargetState::Published);
            Ok(step.and_then(|step| step.published.clone()).map(|publication| publication.remote))
        })
        .await?;
    detail(format_args!("published: {}", remote.url));
    Ok(())
}

async fn prove(show: &Play<'_>, post: PostId) -> anyhow::Result<()> {
    show.scene("The whole log is verified: every digest, and the chain over all of them.");
    let events = show.verify().await?;
    show.scene("Why did this post go out? The log answers:");
    let of_post = |event: &&LoggedEvent| event.row.aggregate_id == post.uuid().to_string();
    let story: Vec<_> = events.iter().filter(of_post).collect();
    ensure!(!story.is_empty(), "the post has a history");
    for event in story {
        detail(crate::commands::audit::line(event).trim_start());
    }
    Ok(())
}

fn shortened(text: &str) -> String {
    let line = text.replace('\n', " ");
    if line.chars().count() <= 80 { line } else { line.chars().take(79).chain(['…']).collect() }
}
