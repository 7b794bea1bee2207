//! What an API key may do: scopes and rights.
