//! The embedded storage engine: SQLite behind the storage ports.
