//! Publishing: one connection, one `POST /2/tweets`, one verdict.

use crate::{
    X, instant, proof, system_time,
    wire::{self, Attached, CreatePost, Created, Envelope, Reply},
};
use async_trait::async_trait;
use herald_application::ports::{Commit, CommitOutcome, CommitPlan, NotOpened, Proof, Rejection};
use herald_http_client::{
    self as http, Answer, CommitAnswer, Deadline, Method, OpenCommit, Request, StatusCode,
};
use herald_kernel::Instant;
use secrecy::SecretString;

const OPERATION: &str = "create_post";
/// What X charges for a post, and for one with a link, in billionths of a dollar.
const PRICE: u64 = 15_000_000;
const PRICE_WITH_LINK: u64 = 200_000_000;

/// A connected request for one post.
struct OpenPost {
    x: X,
    open: OpenCommit,
    price: u64,
}

impl X {
    pub(crate) async fn open_post(
        &self,
        token: &SecretString,
        plan: &CommitPlan,
    ) -> Result<Box<dyn Commit>, NotOpened> {
        let request =
            Request::new(OPERATION, Method::POST, ["2", "tweets"]).bearer(token).json(&body(plan));
        let open = self.client.open_commit(http::Commit::new(request)).await.map_err(|error| {
            NotOpened {
                cause: error.failure.to_string(),
                retry_at: error.failure.until().map(instant),
            }
        })?;
        let linked = plan.text.contains("http://") || plan.text.contains("https://");
        let price = if linked { PRICE_WITH_LINK } else { PRICE };
        Ok(Box::new(OpenPost { x: self.clone(), open, price }))
    }

    /// What X's answer, or its absence, says about the post.
    fn verdict(&self, answer: CommitAnswer) -> CommitOutcome {
        match answer {
            CommitAnswer::NotSent { cause } => CommitOutcome::Rejected(Rejection {
                proof: Proof::NotSent,
                code: "not-sent".to_owned(),
                detail: cause.to_string(),
                retry_at: None,
            }),
            CommitAnswer::Unknown { cause } => CommitOutcome::Unknown { cause: cause.to_string() },
            CommitAnswer::Answered(answer) => self.read(&answer),
        }
    }

    fn read(&self, answer: &Answer) -> CommitOutcome {
        if let Some(id) = created(answer) {
            return CommitOutcome::Committed { url: self.post_url(&id), remote_id: id };
        }
        let (code, detail) = wire::explain(answer);
        let Some(proof) = proof::proven(answer) else {
            let status = answer.status;
            return CommitOutcome::Unknown { cause: format!("X answered {status}: {detail}") };
        };
        let retry_at = answer.retry_at(self.client.environment().wall()).map(instant);
        CommitOutcome::Rejected(Rejection { proof, code, detail, retry_at })
    }
}

fn body(plan: &CommitPlan) -> CreatePost<'_> {
    let media = (!plan.media.is_empty()).then_some(Attached { media_ids: &plan.media });
    CreatePost {
        text: &plan.text,
        reply: plan.reply_to.as_deref().map(|id| Reply { in_reply_to_tweet_id: id }),
        // X means the pictures by this, not the words.
        made_with_ai: (plan.made_with_ai && media.is_some()).then_some(true),
        media,
    }
}

/// The id of the post that `answer` says exists now.
fn created(answer: &Answer) -> Option<String> {
    if !matches!(answer.status, StatusCode::CREATED | StatusCode::OK) {
        return None;
    }
    let id = answer.json::<Envelope<Created>>().ok()?.data?.id;
    let is_id = (1..=19).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
    is_id.then_some(id)
}

#[async_trait]
impl Commit for OpenPost {
    async fn send(self: Box<Self>, deadline: Instant) -> CommitOutcome {
        let Self { x, open, price } = *self;
        let deadline =
            Deadline { wall: system_time(deadline), after_open: x.settings.commit_window };
        let outcome = x.verdict(open.send(deadline).await);
        if matches!(outcome, CommitOutcome::Committed { .. }) {
            x.client.cost(OPERATION, price);
        }
        outcome
    }
}
