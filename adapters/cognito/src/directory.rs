//! People: one, a page, and what we write beside their names.

use crate::{
    Cognito,
    wire::{Listed, User},
};
use async_trait::async_trait;
use herald_application::ports::{
    DirectoryFailure, DirectoryNote, DirectoryPage, DirectoryUser, UserDirectory,
};
use serde::de::IgnoredAny;
use serde_json::{Value, json};

#[async_trait]
impl UserDirectory for Cognito {
    fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    async fn get(&self, subject: &str) -> Result<Option<DirectoryUser>, DirectoryFailure> {
        let body = json!({ "UserPoolId": self.settings.pool, "Username": subject });
        let user = match self.admin::<User>("AdminGetUser", &body).await {
            Ok(user) => Some(user),
            Err(DirectoryFailure::NotFound) => self.by_subject(subject).await?,
            Err(failure) => return Err(failure),
        };
        Ok(user.map(|user| user.person(&self.settings.attributes)))
    }

    async fn list(&self, after: Option<&str>) -> Result<DirectoryPage, DirectoryFailure> {
        let mut body = json!({ "UserPoolId": self.settings.pool, "Limit": self.settings.page });
        if let (Some(after), Some(body)) = (after, body.as_object_mut()) {
            body.insert("PaginationToken".to_owned(), after.into());
        }
        let Listed { users, pagination_token } = self.admin("ListUsers", &body).await?;
        let person = |user: User| user.person(&self.settings.attributes);
        let next = pagination_token.filter(|token| !token.is_empty());
        Ok(DirectoryPage { users: users.into_iter().map(person).collect(), next })
    }

    async fn write(&self, subject: &str, note: &DirectoryNote) -> Result<(), DirectoryFailure> {
        let attributes = self.attributes(note);
        if attributes.is_empty() {
            return Ok(());
        }
        match self.update(subject, &attributes).await {
            Err(DirectoryFailure::NotFound) => {
                let user = self.by_subject(subject).await?.ok_or(DirectoryFailure::NotFound)?;
                self.update(&user.username, &attributes).await
            }
            done => done,
        }
    }
}

impl Cognito {
    /// Whoever came through another provider is not found by their subject as a name.
    async fn by_subject(&self, subject: &str) -> Result<Option<User>, DirectoryFailure> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if subject.is_empty() || !subject.chars().all(plain) {
            return Ok(None);
        }
        let body = json!({
            "UserPoolId": self.settings.pool,
            "Filter": format!("sub = \"{subject}\""),
            "Limit": 1,
        });
        let listed: Listed = self.admin("ListUsers", &body).await?;
        Ok(listed.users.into_iter().next())
    }

    async fn update(&self, username: &str, attributes: &[Value]) -> Result<(), DirectoryFailure> {
        let body = json!({
            "UserPoolId": self.settings.pool,
            "Username": username,
            "UserAttributes": attributes,
        });
        self.admin::<IgnoredAny>("AdminUpdateUserAttributes", &body).await.map(drop)
    }

    /// The parts of `note` for which the pool has a place.
    fn attributes(&self, note: &DirectoryNote) -> Vec<Value> {
        let names = &self.settings.attributes;
        let onboarding = note.onboarding_completed.map(|done| done.to_string());
        [
            (Some(&names.stripe_customer), note.stripe_customer.as_ref()),
            (names.plan.as_ref(), note.plan.as_ref()),
            (names.onboarding_completed.as_ref(), onboarding.as_ref()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some(json!({ "Name": name?, "Value": value? })))
        .collect()
    }
}
