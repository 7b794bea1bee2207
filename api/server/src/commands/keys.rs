//! `herald keys`: what operators do with API keys.

use super::say;
use crate::{
    cli::{Flags, Keys},
    compose::House,
    config::Config,
};
use anyhow::{Context as _, bail};
use herald_api_key::{ApiKey, KeyName, SourceNet};
use herald_application::{
    caller::{Caller, Standing},
    commands::api_key::{IssueServiceKey, RevokeApiKey, services_account},
    desk::Desk,
    execute::Request,
    log::Via,
    ports::{Direction, Page, ViewQuery},
    reading::read_document,
    views::api_keys::{ApiKeyDoc, NAME},
};
use herald_kernel::{AccountId, ApiKeyId, Instant, Text};
use secrecy::ExposeSecret as _;
use std::{process::ExitCode, sync::Arc};

pub(super) async fn run(config: Config, flags: &Flags, what: Keys) -> anyhow::Result<ExitCode> {
    let house = House::open(config, flags).await?;
    let done = carry_out(&house, what).await;
    house.storage.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn carry_out(house: &House, what: Keys) -> anyhow::Result<()> {
    // The lists that are read here are folded first: nobody else may be running.
    house.worker.projector().register().await?;
    house.worker.projector().run_to_head().await?;
    let desk = &house.desk;
    match what {
        Keys::List { account } => list(desk, account.as_deref()).await,
        Keys::Revoke { key } => revoke(desk, &key).await,
        Keys::IssueService { name, operator, from, expires } => {
            issue(desk, name, operator, &from, expires.as_deref()).await
        }
    }
}

async fn list(desk: &Arc<Desk>, account: Option<&str>) -> anyhow::Result<()> {
    let account = match account {
        Some(text) => text.parse().context("--account takes an id, acc_…")?,
        None => services_account(),
    };
    let mut query = ViewQuery {
        view: NAME.to_owned(),
        version: desk.progress.version(NAME),
        account,
        statuses: Vec::new(),
        from: None,
        to: None,
        search: None,
        page: Page { after: None, direction: Direction::Ascending, limit: 100 },
    };
    loop {
        let page = desk.stores.views.list(&query).await?;
        for row in &page.documents {
            let doc: ApiKeyDoc = read_document(row)?;
            let (display, stage) = (doc.key.display().unwrap_or_default(), doc.key.stage());
            let name = doc.key.name().map(ToString::to_string).unwrap_or_default();
            say(format!(
                "{}  {:<11}  {display}  {}  {name}",
                doc.id,
                stage.as_str(),
                doc.created_at
            ));
        }
        query.page.after = page.documents.last().map(|row| (row.at, row.id.clone()));
        if !page.more {
            return Ok(());
        }
    }
}

async fn revoke(desk: &Arc<Desk>, key: &str) -> anyhow::Result<()> {
    let key: ApiKeyId = key.parse().context("name the key by its id, key_…")?;
    let found = desk.journal.load::<ApiKey>(key.uuid()).await?;
    let Some(account) = found.account else { bail!("there is no key {key}") };
    desk.carry_out(&operator(desk, account), request(desk), RevokeApiKey { key }).await?;
    say(format!("{key} is revoked"));
    Ok(())
}

async fn issue(
    desk: &Arc<Desk>,
    name: String,
    by: String,
    from: &[String],
    expires: Option<&str>,
) -> anyhow::Result<()> {
    let networks: Result<Vec<SourceNet>, _> = from.iter().map(|text| text.parse()).collect();
    let use_case = IssueServiceKey {
        name: KeyName::try_from(name).context("--name")?,
        operator: Text::<80>::try_from(by).context("--operator")?,
        ip_allow: networks.context("--from takes networks such as 192.0.2.0/24")?,
        expires_at: expires.map(str::parse::<Instant>).transpose().context("--expires")?,
    };
    let caller = operator(desk, services_account());
    let issued = desk.carry_out(&caller, request(desk), use_case).await?.answer;
    say(issued.key);
    // Shown once, to whoever asked for it: it is stored nowhere.
    if let Some(secret) = issued.secret {
        say(secret.expose_secret());
    }
    Ok(())
}

fn operator(desk: &Desk, account: AccountId) -> Caller {
    let correlation = desk.ids.uuid();
    let causation = "cli:keys".to_owned();
    Caller { account, standing: Standing::Operator(None), via: Via::Cli, correlation, causation }
}

fn request(desk: &Desk) -> Request {
    Request { idempotency_key: desk.ids.uuid().to_string(), expected_version: None }
}
