//! What an installation has beside publishing: who vouches for people, who takes payments, who
//! carries messages. Each part is absent until it is configured.

use crate::ports::{
    PasswordRegistration, PasswordSignIn, SignInProvider, TokenVerifier, UserDirectory,
};
use std::{collections::BTreeMap, sync::Arc};

/// The ports of the business side, as composition found them configured.
#[derive(Clone, Default)]
#[expect(missing_debug_implementations, reason = "a bundle of ports has nothing to print")]
pub struct Business {
    /// Proves session tokens of configured issuers.
    pub tokens: Option<Arc<dyn TokenVerifier>>,
    /// Who signs people in by a redirect, by name: `google`, `github`, `oidc`.
    pub sign_in: BTreeMap<String, Arc<dyn SignInProvider>>,
    /// Lists of people that others keep, by name: `clerk`, `cognito`.
    pub directories: BTreeMap<String, Arc<dyn UserDirectory>>,
    /// Who holds passwords: signing in.
    pub passwords: Option<Arc<dyn PasswordSignIn>>,
    /// Who holds passwords: signing up.
    pub registration: Option<Arc<dyn PasswordRegistration>>,
}
