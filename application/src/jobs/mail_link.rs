//! Hands a sign-in link to whoever carries mail, and forgets it.

use super::{JobFailure, Next, payload, send_notice::hand_over};
use crate::{
    desk::Desk,
    ports::{ClaimedJob, Mail},
    sign_in::{Kept, MailedLink},
};
use herald_account::Email;
use std::sync::Arc;
use url::Url;

pub(super) async fn run(desk: &Arc<Desk>, job: &ClaimedJob) -> Result<Next, JobFailure> {
    let waiting: MailedLink = payload(job)?;
    let Some(kept) = waiting.kept(desk).await? else { return Ok(Next::Done) };
    let end = match (&desk.business.messages, desk.clock.now() < waiting.expires_at) {
        (Some(messages), true) => {
            let mail = letter(&desk.settings.public_url, kept, job.key.clone())?;
            hand_over(desk, messages.as_ref(), &mail, "sign_in_link").await
        }
        // A link that is void helps nobody.
        (_, false) | (None, _) => Ok(Next::Done),
    };
    if matches!(end, Ok(Next::Done) | Err(JobFailure::GiveUp(_))) {
        waiting.forget(desk).await?;
    }
    end
}

/// The mail holds nothing that somebody else chose: whoever asked may be a stranger to the mailbox.
fn letter(public: &Url, kept: Kept, key: String) -> Result<Mail, JobFailure> {
    let to = Email::try_from(kept.address);
    let to = to.map_err(|error| JobFailure::GiveUp(error.to_string()))?;
    let link = public.join(&format!("sign-in/{}", kept.secret));
    let link = link.map_err(|error| JobFailure::GiveUp(error.to_string()))?;
    let says = [
        "Somebody, most likely you, asked to sign in to Herald with this address.",
        "The link works once, within 15 minutes. Nobody who does not have it can sign in as you.",
        "If it was not you, do nothing: nothing was opened and nothing has changed.",
    ];
    Ok(Mail {
        key,
        to,
        subject: "Your link to sign in".to_owned(),
        text: format!("{}\n\nSign in: {link}\n\n{}\n\n{}\n", says[0], says[1], says[2]),
        html: format!(
            "<!doctype html><html lang=\"en\"><body style=\"font-family:sans-serif;line-height:1.5;\
             max-width:36em;margin:2em auto;padding:0 1em\"><h1 style=\"font-size:1.3em\">Your link \
             to sign in</h1><p>{}</p><p><a href=\"{link}\">Sign in</a></p><p>{}</p><p>{}</p></body>\
             </html>",
            says[0], says[1], says[2]
        ),
        tags: vec![("notice", "sign_in_link".to_owned())],
    })
}
