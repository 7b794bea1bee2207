//! The one client under all providers.
