//! Where providers send people and webhooks back to.
