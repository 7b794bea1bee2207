//! The API knows every word that the domain can say.

use super::*;
use herald_application::ports;

#[test]
fn every_word_of_the_domain_has_its_word_in_the_api() {
    for role in herald_account::Role::ALL {
        assert_eq!(Role::named(role.as_str()).map(Role::stored).ok(), Some(role.as_str()));
    }
    for step in herald_account::OnboardingStep::ALL {
        assert!(OnboardingStep::named(step.as_str()).is_ok(), "{step}");
    }
    for network in herald_kernel::Network::ALL {
        assert!(Network::named(network.as_str()).is_ok(), "{network}");
    }
    for kind in [ports::MediaKind::Jpeg, ports::MediaKind::Gif] {
        assert!(MediaKind::named(&word(&kind)).is_ok(), "{kind:?}");
    }
    assert_eq!(word(&herald_post::HoldReason::NeedsReauth), "needs_reauth");
}
