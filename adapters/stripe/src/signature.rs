//! Whether a body comes from Stripe: `Stripe-Signature: t=…,v1=…`, as its documents say.

use herald_application::ports::WebhookRefused;
use herald_kernel::Instant;
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use std::time::Duration;

/// How far the signature's time may lie from ours, either way.
const TOLERANCE: Duration = Duration::from_secs(300);
/// Stripe signs once for each active secret. More signatures than this are nobody's.
const SIGNATURES: usize = 16;

/// What the header says.
struct Signed<'a> {
    /// As it came, since that is what was signed.
    at_text: &'a str,
    at: Instant,
    signatures: Vec<[u8; 32]>,
}

/// Checks `body`, as it came, against the header and every secret. Without a secret nothing passes.
pub fn verify(
    secrets: &[SecretString],
    header: &str,
    body: &[u8],
    now: Instant,
) -> Result<(), WebhookRefused> {
    let mut secrets = secrets.iter().map(SecretString::expose_secret).filter(|it| !it.is_empty());
    let mut secret = secrets.next();
    if secret.is_none() {
        return Err(WebhookRefused::NotConfigured);
    }
    let signed = read(header).ok_or(WebhookRefused::Unsigned)?;
    let mut genuine = false;
    while let Some(key) = secret {
        // Every pair is tried, so that the time taken does not say which one fitted.
        for signature in &signed.signatures {
            genuine |= fits(key, signed.at_text, body, signature);
        }
        secret = secrets.next();
    }
    if !genuine {
        return Err(WebhookRefused::Forged);
    }
    let (early, late) = (signed.at.since(now), now.since(signed.at));
    if early.max(late) > TOLERANCE { Err(WebhookRefused::Stale) } else { Ok(()) }
}

fn fits(key: &str, at: &str, body: &[u8], signature: &[u8; 32]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return false };
    mac.update(at.as_bytes());
    mac.update(b".");
    mac.update(body);
    // Constant time.
    mac.verify_slice(signature).is_ok()
}

/// One time and at least one `v1`, in any order. Other schemes, `v0` among them, count for nothing.
fn read(header: &str) -> Option<Signed<'_>> {
    let mut time = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", text)) if time.is_none() => time = Some((text, when(text)?)),
            // Two times leave open which one was signed.
            Some(("t", _)) => return None,
            Some(("v1", hex)) if signatures.len() < SIGNATURES => signatures.extend(bytes(hex)),
            Some(_) | None => {}
        }
    }
    let (at_text, at) = time?;
    (!signatures.is_empty()).then_some(Signed { at_text, at, signatures })
}

fn when(text: &str) -> Option<Instant> {
    let plain = (1..=12).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
    let seconds: i64 = plain.then_some(text)?.parse().ok()?;
    Instant::from_micros(seconds.checked_mul(1_000_000)?)
}

/// 64 hexadecimal digits.
fn bytes(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0_u8; 32];
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => byte.checked_sub(b'0'),
        b'a'..=b'f' => byte.checked_sub(b'a')?.checked_add(10),
        // Stripe writes small letters.
        _ => None,
    }
}
