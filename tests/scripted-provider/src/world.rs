//! Time that passes only when somebody waits, and chance that is always the same.

use futures::future::{BoxFuture, FutureExt as _};
use herald_http_client::Environment;
use herald_kernel::Instant;
use std::{
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Seconds of UNIX time at which every test begins.
const BEGINNING: u64 = 1_795_000_000;

/// Time that passes only when somebody waits.
#[derive(Debug, Clone, Default)]
pub struct World(Arc<Mutex<Duration>>);

impl World {
    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Instant {
        let micros = self.wall().duration_since(UNIX_EPOCH).expect("after 1970").as_micros();
        Instant::from_micros(i64::try_from(micros).expect("fits")).expect("a date")
    }

    /// Lets `span` pass.
    pub fn pass(&self, span: Duration) {
        *self.0.lock().expect("not poisoned") += span;
    }

    /// How much has passed since the test began.
    #[must_use]
    pub fn passed(&self) -> Duration {
        *self.0.lock().expect("not poisoned")
    }
}

impl Environment for World {
    fn wall(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(BEGINNING) + self.passed()
    }

    fn monotonic(&self) -> std::time::Instant {
        static START: OnceLock<std::time::Instant> = OnceLock::new();
        *START.get_or_init(std::time::Instant::now) + self.passed()
    }

    fn chance(&self) -> f64 {
        0.0
    }

    fn pause(&self, span: Duration) -> BoxFuture<'static, ()> {
        self.pass(span);
        async {}.boxed()
    }
}
