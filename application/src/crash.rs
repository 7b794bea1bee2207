//! Named points at which tests let the process die.
//!
//! Compiled to nothing unless the feature `crash-points` is on; then the point named in
//! `HERALD_CRASH_AT` aborts the process, as a power cut would.

/// Dies here if tests ask for it.
#[cfg(feature = "crash-points")]
pub fn point(name: &str) {
    if std::env::var("HERALD_CRASH_AT").is_ok_and(|asked| asked == name) {
        std::process::abort();
    }
}

/// Does nothing: this build has no crash points.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub const fn point(_: &str) {}
