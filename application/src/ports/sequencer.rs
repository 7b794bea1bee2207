//! What puts committed events into one gapless, chained order.

use super::{Ordinal, StoreError};
use async_trait::async_trait;

/// The sequencer of one storage engine. Any replica may call it; the row lock elects.
#[async_trait]
pub trait Sequencer: Send + Sync {
    /// Gives every event that committed since the last step its ordinal, digest and chain.
    ///
    /// MUST neither lose nor repeat an event, MUST keep the order within each stream, and MUST use
    /// [`crate::log::digest`] on the stored row.
    async fn step(&self) -> Result<Sequenced, StoreError>;

    /// Steps until nothing waits; answers the last ordinal.
    async fn run_to_end(&self) -> Result<Ordinal, StoreError> {
        loop {
            let step = self.step().await?;
            if step.events == 0 {
                return Ok(step.head);
            }
        }
    }
}

/// What one step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sequenced {
    /// Events that got an ordinal in this step; 0 when there was nothing new.
    pub events: usize,
    /// The last ordinal.
    pub head: Ordinal,
}
