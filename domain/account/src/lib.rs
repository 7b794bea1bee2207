//! The account: the tenant, its members, roles, business profile and onboarding.
