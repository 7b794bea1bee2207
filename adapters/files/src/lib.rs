//! Media in a local directory.
