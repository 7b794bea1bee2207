//! Waiting, bounded, for a page that a job opens.

use crate::{
    caller::Caller,
    desk::Desk,
    failure::Failure,
    ports::ViewDocument,
    reading::read_document,
    views::subscriptions::{NAME, PageDoc, SubscriptionDoc},
};
use herald_kernel::{CommandId, Instant};
use std::time::Duration;

/// How a page stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// It is open.
    Open {
        /// Its address: whoever has it acts as the customer.
        url: String,
        /// From when on it is void, if that is known.
        expires_at: Option<Instant>,
    },
    /// The provider opened none.
    Failed {
        /// The recorded code.
        code: String,
    },
    /// It is done with, or another took its place.
    Gone,
    /// It is still being opened.
    Pending,
}

/// How a checkout stands, once it is open or will not be, or the wait is over.
pub async fn await_checkout(
    desk: &Desk,
    caller: &Caller,
    checkout: CommandId,
) -> Result<Page, Failure> {
    wait(desk, caller, |doc| doc.checkout_page(checkout)).await
}

/// How a visit to the provider's own pages stands, once they are open or will not be, or the wait
/// is over.
pub async fn await_portal(
    desk: &Desk,
    caller: &Caller,
    portal: CommandId,
) -> Result<Page, Failure> {
    wait(desk, caller, |doc| page(doc.portal.as_ref(), portal)).await
}

impl SubscriptionDoc {
    /// How a checkout stands.
    #[must_use]
    pub fn checkout_page(&self, checkout: CommandId) -> Page {
        let open = self.subscription.checkout().filter(|it| it.id == checkout);
        let Some(open) = open else {
            let known = page(self.checkout_failed.as_ref(), checkout);
            return if known == Page::Pending { Page::Gone } else { known };
        };
        match open.url.as_ref().and_then(|url| url.known()) {
            Some(url) => Page::Open { url: url.to_string(), expires_at: open.expires_at },
            None => Page::Pending,
        }
    }
}

fn page(doc: Option<&PageDoc>, id: CommandId) -> Page {
    match doc.filter(|doc| doc.id == id) {
        Some(PageDoc { url: Some(url), .. }) => Page::Open { url: url.clone(), expires_at: None },
        Some(PageDoc { failed: Some(code), .. }) => Page::Failed { code: code.clone() },
        Some(PageDoc { url: None, failed: None, .. }) => Page::Pending,
        None => Page::Gone,
    }
}

async fn wait(
    desk: &Desk,
    caller: &Caller,
    look: impl Fn(&SubscriptionDoc) -> Page,
) -> Result<Page, Failure> {
    let began = tokio::time::Instant::now();
    let mut progress = desk.progress.watch();
    loop {
        let found = document(desk, caller).await?;
        let page = found.as_ref().map(read_document::<SubscriptionDoc>).transpose()?;
        let page = page.map_or(Page::Pending, |doc| look(&doc));
        if page != Page::Pending || began.elapsed() >= desk.settings.waits.page {
            return Ok(page);
        }
        // Another replica may fold: then no signal comes from within.
        let _woken = tokio::time::timeout(Duration::from_millis(50), progress.changed()).await;
    }
}

async fn document(desk: &Desk, caller: &Caller) -> Result<Option<ViewDocument>, Failure> {
    let (version, id) = (desk.progress.version(NAME), caller.account.to_string());
    Ok(desk.stores.views.get(NAME, version, caller.account, &id).await?)
}
