//! How each fact changes what a key is.

use crate::{ApiKey, ApiKeyEvent, Issued, Stage};
use herald_kernel::Personal;

impl ApiKey {
    pub(crate) fn believe(&mut self, event: &ApiKeyEvent) {
        use ApiKeyEvent as E;
        match event {
            E::Issued(issued) => {
                self.issued = Some(Issued::clone(issued));
                self.stage = Stage::Active;
            }
            E::Rotated { successor, overlap_until } => {
                self.stage =
                    Stage::Rotating { successor: *successor, overlap_until: *overlap_until };
            }
            E::ScopesChanged { scopes } => self.change(|key| key.scopes.clone_from(scopes)),
            E::Renamed { name } => self.change(|key| key.name = Personal::clone(name)),
            E::Disabled { reason } => self.stage = Stage::Disabled { reason: *reason },
            E::Enabled => self.stage = Stage::Active,
            E::OverlapEnded | E::Revoked => self.stage = Stage::Revoked,
            E::Compromised { .. } => self.stage = Stage::Compromised,
            E::Expired => self.stage = Stage::Expired,
        }
    }

    fn change(&mut self, change: impl FnOnce(&mut Issued)) {
        // A history that was written by hand may begin anywhere; it changes nothing.
        if let Some(issued) = &mut self.issued {
            change(issued);
        }
    }
}
