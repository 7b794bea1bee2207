//! Encrypted connections: one set of trusted roots for the whole process, read at the first call.

use rustls::{ClientConfig, RootCertStore, crypto::ring};
use std::sync::{Arc, OnceLock};

/// Makes ring the process's cryptography. Safe to repeat; called by `main` and by tests.
pub fn install_default() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        // Another library may have been first: a provider is installed, which is what we want.
        drop(ring::default_provider().install_default());
    });
}

/// The TLS configuration, built once: reading the system's roots takes tens of milliseconds, which
/// the start of the program does not have.
pub(crate) fn config() -> Result<Arc<ClientConfig>, rustls::Error> {
    static CONFIG: OnceLock<Result<Arc<ClientConfig>, rustls::Error>> = OnceLock::new();
    CONFIG.get_or_init(build).clone()
}

fn build() -> Result<Arc<ClientConfig>, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots())
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The machine's own roots, so that a company's proxy authority is respected; a bare machine has
/// none and gets Mozilla's.
fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let (added, _) =
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if added == 0 {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_machine_still_trusts_someone() {
        install_default();
        install_default();
        assert!(!roots().is_empty());
        assert!(config().is_ok());
    }
}
