//! Stripe behind the payment ports.
