//! People: one, a page, and what we write beside their names.

use crate::{
    Clerk,
    wire::{self, User, WriteMetadata},
};
use async_trait::async_trait;
use herald_application::ports::{
    DirectoryFailure, DirectoryNote, DirectoryPage, DirectoryUser, UserDirectory,
};
use herald_http_client::{Failure, Method, Request, StatusCode};
use herald_kernel::Instant;
use std::time::{SystemTime, UNIX_EPOCH};

#[async_trait]
impl UserDirectory for Clerk {
    fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    async fn get(&self, subject: &str) -> Result<Option<DirectoryUser>, DirectoryFailure> {
        let request = self.signed(Request::get("get_user", ["users", subject]));
        match self.client.send(&request).await {
            Ok(answer) => {
                let user: User = answer.json().map_err(|_| DirectoryFailure::Unreadable)?;
                Ok(Some(user.into()))
            }
            Err(error) => {
                let failure = failed(&error.failure);
                if failure == DirectoryFailure::NotFound { Ok(None) } else { Err(failure) }
            }
        }
    }

    async fn list(&self, after: Option<&str>) -> Result<DirectoryPage, DirectoryFailure> {
        // Oldest first: whoever comes while we read is on a later page.
        let mut request = self
            .signed(Request::get("list_users", ["users"]))
            .query("limit", self.settings.page.to_string())
            .query("order_by", "+created_at");
        if let Some(after) = after {
            request = request.query("starting_after", after);
        }
        let answer = self.client.send(&request).await.map_err(|error| failed(&error.failure))?;
        let users: Vec<User> = answer.json().map_err(|_| DirectoryFailure::Unreadable)?;
        let full = users.len() >= usize::from(self.settings.page);
        let next = users.last().filter(|_| full).map(|user| user.id.clone());
        Ok(DirectoryPage { users: users.into_iter().map(Into::into).collect(), next })
    }

    async fn write(&self, subject: &str, note: &DirectoryNote) -> Result<(), DirectoryFailure> {
        let Some(metadata) = WriteMetadata::of(note) else { return Ok(()) };
        let path = ["users", subject, "metadata"];
        let request = Request::new("write_metadata", Method::PATCH, path).json(&metadata);
        let sent = self.client.send(&self.signed(request)).await;
        sent.map(drop).map_err(|error| failed(&error.failure))
    }
}

fn failed(failure: &Failure) -> DirectoryFailure {
    match failure {
        Failure::Authentication(_) => DirectoryFailure::Credentials,
        Failure::Refusal(answer) if answer.status == StatusCode::NOT_FOUND => {
            DirectoryFailure::NotFound
        }
        Failure::Refusal(answer) => DirectoryFailure::Refused { code: wire::code(answer) },
        Failure::InvalidAnswer { .. } | Failure::TooLarge { .. } => DirectoryFailure::Unreadable,
        Failure::Unsendable { reason } => DirectoryFailure::Refused { code: (*reason).to_owned() },
        Failure::Network(_)
        | Failure::Timeout
        | Failure::RateLimited { .. }
        | Failure::Outage(_)
        | Failure::BreakerOpen { .. } => DirectoryFailure::Transient {
            cause: failure.to_string(),
            retry_at: failure.until().and_then(instant),
        },
    }
}

fn instant(at: SystemTime) -> Option<Instant> {
    let micros = at.duration_since(UNIX_EPOCH).ok()?.as_micros();
    Instant::from_micros(i64::try_from(micros).ok()?)
}
