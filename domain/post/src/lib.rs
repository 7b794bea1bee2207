//! A post: drafted, approved, scheduled, attempted, and in the end published or given up.
