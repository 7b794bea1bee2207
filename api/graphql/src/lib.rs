//! The GraphQL schema: queries, mutations, subscriptions.
