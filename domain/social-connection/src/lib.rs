//! A social connection: consent, tokens by reference, health, pause and end.
