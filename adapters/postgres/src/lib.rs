//! The production storage engine: PostgreSQL behind the storage ports.
