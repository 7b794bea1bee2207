//! Time that passes only when somebody waits, and chance that is always the same.

use futures::future::{BoxFuture, FutureExt as _};
use herald_http_client::{Client, Environment, Settings};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

#[derive(Debug, Clone)]
pub(crate) struct World {
    start: Instant,
    /// Wall and monotonic time move apart when a test says so.
    passed: Arc<Mutex<(Duration, Duration)>>,
    pauses: Arc<Mutex<Vec<Duration>>>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), passed: Arc::default(), pauses: Arc::default() }
    }

    pub(crate) fn client(&self, settings: Settings) -> Client {
        Client::try_new_in(settings, Arc::new(self.clone())).expect("valid settings")
    }

    pub(crate) fn pass(&self, span: Duration) {
        self.pass_apart(span, span);
    }

    pub(crate) fn pass_apart(&self, wall: Duration, monotonic: Duration) {
        let mut passed = self.passed.lock().expect("not poisoned");
        passed.0 += wall;
        passed.1 += monotonic;
    }

    pub(crate) fn pauses(&self) -> Vec<Duration> {
        self.pauses.lock().expect("not poisoned").clone()
    }
}

impl Environment for World {
    fn wall(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_795_000_000) + self.passed.lock().expect("ok").0
    }

    fn monotonic(&self) -> Instant {
        self.start + self.passed.lock().expect("not poisoned").1
    }

    fn chance(&self) -> f64 {
        0.5
    }

    fn pause(&self, span: Duration) -> BoxFuture<'static, ()> {
        self.pass(span);
        self.pauses.lock().expect("not poisoned").push(span);
        async {}.boxed()
    }
}
