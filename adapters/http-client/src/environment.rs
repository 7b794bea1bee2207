//! Time, chance and waiting, as the client needs them; tests bring their own.

use futures::future::BoxFuture;
use std::{
    fmt,
    time::{Duration, Instant, SystemTime},
};

/// Where the client gets its time and its chance from.
pub trait Environment: Send + Sync + fmt::Debug {
    /// The calendar's time, which operators and providers may move.
    fn wall(&self) -> SystemTime;

    /// A time that only goes forward.
    fn monotonic(&self) -> Instant;

    /// A number from 0 up to 1.
    fn chance(&self) -> f64;

    /// Waits.
    fn pause(&self, span: Duration) -> BoxFuture<'static, ()>;
}

/// The clock on the wall, the dice of the operating system, and real patience.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealEnvironment;

impl Environment for RealEnvironment {
    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Instant {
        Instant::now()
    }

    fn chance(&self) -> f64 {
        rand::random()
    }

    fn pause(&self, span: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(span))
    }
}
