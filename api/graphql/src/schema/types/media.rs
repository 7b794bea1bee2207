//! Uploaded pictures.

use super::names::{MediaKind, Word, word};
use crate::schema::{
    fault::Result,
    scalars::{BigInt, DateTime},
};
use async_graphql::{ID, Object};
use herald_application::ports::Media as Stored;

/// An uploaded picture.
#[derive(Debug, Clone)]
pub(crate) struct Media(pub(crate) Stored);

/// An uploaded picture.
#[Object]
impl Media {
    /// The picture's id, `med_…`.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The name it was uploaded with.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What people who do not see it are told.
    async fn alt(&self) -> Option<&str> {
        self.0.alt.as_deref()
    }

    /// Its format, by its bytes.
    async fn kind(&self) -> Result<MediaKind> {
        MediaKind::named(&word(&self.0.kind))
    }

    /// The media type that HTTP names.
    async fn content_type(&self) -> &'static str {
        self.0.kind.content_type()
    }

    /// Its size.
    async fn bytes(&self) -> BigInt {
        self.0.bytes.into()
    }

    /// When it was uploaded.
    async fn uploaded_at(&self) -> DateTime {
        self.0.uploaded_at.into()
    }
}
