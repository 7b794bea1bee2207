//! Decisions about a key's life: replaced, resting, ended.

use super::{Decision, OVERLAP_AT_MOST, must_be_alive, must_have_a_place, must_not_be_over};
use crate::{ApiKey, ApiKeyEvent, ApiKeyRefusal, Context, DisabledReason, KeyName, Stage};
use herald_kernel::{ApiKeyId, Instant};
use std::time::Duration;

/// Without any overlap the key stops at once: whether a call may pass looks at the instant.
pub(super) fn rotate(
    key: &ApiKey,
    successor: ApiKeyId,
    overlap: Duration,
    now: Instant,
) -> Decision {
    must_be_alive(key, now)?;
    match key.stage {
        Stage::Rotating { successor: present, .. } if present == successor => {
            return Ok(Vec::new());
        }
        Stage::Rotating { .. } => return Err(ApiKeyRefusal::RotationOpen),
        Stage::Disabled { reason } => return Err(ApiKeyRefusal::KeyDisabled { reason }),
        Stage::Absent | Stage::Active | Stage::Revoked | Stage::Expired | Stage::Compromised => {}
    }
    if key.id() == Some(successor) {
        return Err(ApiKeyRefusal::OwnSuccessor);
    }
    if overlap > OVERLAP_AT_MOST {
        return Err(ApiKeyRefusal::OverlapTooLong);
    }
    Ok(vec![ApiKeyEvent::Rotated { successor, overlap_until: now.plus(overlap) }])
}

pub(super) fn end_overlap(key: &ApiKey, now: Instant) -> Decision {
    match key.stage {
        Stage::Rotating { overlap_until, .. } if overlap_until <= now => {
            Ok(vec![ApiKeyEvent::OverlapEnded])
        }
        Stage::Rotating { .. } => Err(ApiKeyRefusal::OverlapNotOver),
        Stage::Absent => Err(ApiKeyRefusal::NotIssued),
        Stage::Active | Stage::Disabled { .. } => Err(ApiKeyRefusal::NotRotating),
        Stage::Revoked | Stage::Expired | Stage::Compromised => Ok(Vec::new()),
    }
}

pub(super) fn rename(key: &ApiKey, name: KeyName) -> Decision {
    must_not_be_over(key)?;
    if key.name() == Some(&name) {
        return Ok(Vec::new());
    }
    Ok(vec![ApiKeyEvent::Renamed { name: name.into() }])
}

/// A key that rests already is given only a weightier reason.
pub(super) fn disable(key: &ApiKey, reason: DisabledReason, now: Instant) -> Decision {
    must_be_alive(key, now)?;
    match key.stage {
        Stage::Disabled { reason: present } if present >= reason => Ok(Vec::new()),
        Stage::Rotating { .. } => Err(ApiKeyRefusal::RotationOpen),
        Stage::Absent
        | Stage::Active
        | Stage::Disabled { .. }
        | Stage::Revoked
        | Stage::Expired
        | Stage::Compromised => Ok(vec![ApiKeyEvent::Disabled { reason }]),
    }
}

/// A key that rested gave its place back, so it needs one again.
pub(super) fn enable(key: &ApiKey, lifted: DisabledReason, context: &Context) -> Decision {
    must_be_alive(key, context.now)?;
    let Stage::Disabled { reason } = key.stage else { return Ok(Vec::new()) };
    if reason > lifted {
        return Err(ApiKeyRefusal::StaysDisabled { reason });
    }
    if key.details().is_some_and(|issued| !issued.owner.is_service()) {
        must_have_a_place(context)?;
    }
    Ok(vec![ApiKeyEvent::Enabled])
}

/// Ends the key at once. What is over already stays as it is.
pub(super) fn end(key: &ApiKey, how: ApiKeyEvent) -> Decision {
    match key.stage {
        Stage::Absent => Err(ApiKeyRefusal::NotIssued),
        Stage::Active | Stage::Rotating { .. } | Stage::Disabled { .. } => Ok(vec![how]),
        Stage::Revoked | Stage::Expired | Stage::Compromised => Ok(Vec::new()),
    }
}

pub(super) fn expire(key: &ApiKey, now: Instant) -> Decision {
    match key.stage {
        Stage::Absent => Err(ApiKeyRefusal::NotIssued),
        Stage::Revoked | Stage::Expired | Stage::Compromised => Ok(Vec::new()),
        Stage::Active | Stage::Rotating { .. } | Stage::Disabled { .. } => {
            if key.is_past_expiry(now) {
                Ok(vec![ApiKeyEvent::Expired])
            } else {
                Err(ApiKeyRefusal::NotDue)
            }
        }
    }
}
