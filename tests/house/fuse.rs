//! Where a process dies: at the n-th boundary between itself and the world.

use async_trait::async_trait;
use cqrs_es::persist::SerializedEvent;
use herald_application::{
    bridge::StreamKind,
    ports::{
        AppendError, Appended, Commit, CommitOutcome, CommitPlan, EventStore, Listing,
        LookupFailure, LookupRequest, NotOpened, Picture, PostMetrics, PrepareFailure, Prepared,
        SocialNetwork, StoreError, StreamAppend,
    },
};
use herald_kernel::Instant;
use secrecy::SecretString;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Lets so many boundaries pass, then nothing any more.
#[derive(Debug)]
pub struct Fuse {
    left: AtomicI64,
    blown: CancellationToken,
}

impl Fuse {
    /// Dies at the boundary number `boundary`, counted from 0.
    pub fn at(boundary: i64) -> Self {
        Self { left: AtomicI64::new(boundary), blown: CancellationToken::new() }
    }

    /// Never dies.
    pub fn never() -> Self {
        Self::at(i64::MAX)
    }

    /// Ends when the process has died.
    pub async fn blown(&self) {
        self.blown.cancelled().await;
    }

    /// Sets a running process's fuse.
    pub fn set(&self, boundary: i64) {
        self.left.store(boundary, Ordering::SeqCst);
    }

    /// Comes to a boundary: goes on, or never does again.
    async fn pass(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            self.blown.cancel();
        }
        if self.blown.is_cancelled() {
            std::future::pending::<()>().await;
        }
    }
}

/// An event store that may die before or after each append.
pub struct FusedEvents {
    pub inner: Arc<dyn EventStore>,
    pub fuse: Arc<Fuse>,
}

#[async_trait]
impl EventStore for FusedEvents {
    async fn load(&self, kind: StreamKind, id: Uuid) -> Result<Vec<SerializedEvent>, StoreError> {
        self.inner.load(kind, id).await
    }

    async fn append(&self, streams: &[StreamAppend]) -> Result<Appended, AppendError> {
        self.fuse.pass().await;
        let appended = self.inner.append(streams).await;
        self.fuse.pass().await;
        appended
    }
}

/// A network that may die before or after each call, and before and after the one write.
pub struct FusedNetwork {
    pub inner: Arc<dyn SocialNetwork>,
    pub fuse: Arc<Fuse>,
}

#[async_trait]
impl SocialNetwork for FusedNetwork {
    async fn prepare_picture(
        &self,
        token: &SecretString,
        picture: &Picture,
    ) -> Result<Prepared, PrepareFailure> {
        self.fuse.pass().await;
        let prepared = self.inner.prepare_picture(token, picture).await;
        self.fuse.pass().await;
        prepared
    }

    async fn open(
        &self,
        token: &SecretString,
        plan: &CommitPlan,
    ) -> Result<Box<dyn Commit>, NotOpened> {
        self.fuse.pass().await;
        let inner = self.inner.open(token, plan).await?;
        Ok(Box::new(FusedCommit { inner, fuse: Arc::clone(&self.fuse) }))
    }

    async fn list_own(
        &self,
        token: &SecretString,
        request: &LookupRequest,
    ) -> Result<Listing, LookupFailure> {
        self.fuse.pass().await;
        self.inner.list_own(token, request).await
    }

    async fn metrics(
        &self,
        token: &SecretString,
        remote_id: &str,
    ) -> Result<Option<PostMetrics>, LookupFailure> {
        self.inner.metrics(token, remote_id).await
    }
}

struct FusedCommit {
    inner: Box<dyn Commit>,
    fuse: Arc<Fuse>,
}

#[async_trait]
impl Commit for FusedCommit {
    async fn send(self: Box<Self>, deadline: Instant) -> CommitOutcome {
        self.fuse.pass().await;
        let outcome = self.inner.send(deadline).await;
        self.fuse.pass().await;
        outcome
    }
}
