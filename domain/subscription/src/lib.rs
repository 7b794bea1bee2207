//! What an account may use: the entitlements that commands take as a value.
