//! PostgreSQL keeps every promise of the storage ports.

use herald_test_support::{Storage, storage_suite};

storage_suite!(Storage::postgres);
