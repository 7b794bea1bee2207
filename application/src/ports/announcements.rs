//! Word between the processes over one database that there is something to look at.

use super::StoreError;
use async_trait::async_trait;

/// What there is to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announcement {
    /// Events or jobs were written by a process that does no work itself.
    Written,
    /// The views moved, and jobs may have come with them.
    Folded,
}

impl Announcement {
    /// As it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Folded => "folded",
        }
    }

    /// From its sent form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Written, Self::Folded].into_iter().find(|announcement| announcement.as_str() == text)
    }
}

/// Announcements, to and from the other processes. They are never more than a reason to look
/// sooner: one may be lost, come twice or late, and whoever waits MUST also look by themselves.
#[async_trait]
pub trait Announcements: Send + Sync {
    /// Tells the others.
    async fn tell(&self, announcement: Announcement) -> Result<(), StoreError>;

    /// Waits for the next announcement of another process. After an error a call begins anew.
    async fn next(&self) -> Result<Announcement, StoreError>;
}
