//! Webhooks as Svix signs them: is this one from whom it says, and from now?
//!
//! The form is that of Standard Webhooks. Providers that send theirs through Svix, such as Clerk and
//! Resend, have it in common.
//!
//! The signature is `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`, with the secret that
//! follows `whsec_` in base64. Providers that rotate send several signatures; we may hold several
//! secrets. **Invariant:** without a secret nothing passes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use herald_application::ports::WebhookRefused;
use herald_kernel::Instant;
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use std::time::Duration;

/// How far a webhook's time may be from ours, either way.
pub const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// Signatures beyond this number are not looked at: nobody rotates that many secrets.
const SIGNATURES: usize = 16;

/// The three headers that sign a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed<'a> {
    /// The message's id: what deliveries of the same message have in common.
    pub id: &'a str,
    /// When it was sent, in seconds since 1970.
    pub timestamp: &'a str,
    /// Signatures, separated by spaces.
    pub signature: &'a str,
}

/// Headers to keep beside a body: they name the message and its time, and sign nothing.
pub const KEPT_HEADERS: [&str; 4] =
    ["svix-id", "svix-timestamp", "webhook-id", "webhook-timestamp"];

impl<'a> Signed<'a> {
    /// Reads the headers under either set of names: `svix-…` or `webhook-…`, never a mixture.
    pub fn from_headers(
        header: impl Fn(&'static str) -> Option<&'a str>,
    ) -> Result<Self, WebhookRefused> {
        let set = |[id, timestamp, signature]: [&'static str; 3]| {
            Some(Self {
                id: header(id)?,
                timestamp: header(timestamp)?,
                signature: header(signature)?,
            })
        };
        set(["svix-id", "svix-timestamp", "svix-signature"])
            .or_else(|| set(["webhook-id", "webhook-timestamp", "webhook-signature"]))
            .filter(|signed| !signed.id.is_empty())
            .ok_or(WebhookRefused::Unsigned)
    }

    /// Is `body`, byte for byte, what one of `secrets` signed, within [`TOLERANCE`] of `now`?
    pub fn verify(
        &self,
        secrets: &[SecretString],
        body: &[u8],
        now: Instant,
    ) -> Result<(), WebhookRefused> {
        self.timely(now)?;
        let mut keys = secrets.iter().filter_map(key).peekable();
        if keys.peek().is_none() {
            return Err(WebhookRefused::NotConfigured);
        }
        let given: Vec<Vec<u8>> = self
            .signature
            .split(' ')
            .filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok())
            .take(SIGNATURES)
            .collect();
        // `verify_slice` takes the same time wherever the difference is.
        let proven = |key: Vec<u8>| {
            let Some(mac) = mac(&key, self.id, self.timestamp, body) else { return false };
            given.iter().any(|signature| mac.clone().verify_slice(signature).is_ok())
        };
        if keys.any(proven) { Ok(()) } else { Err(WebhookRefused::Forged) }
    }

    fn timely(&self, now: Instant) -> Result<(), WebhookRefused> {
        let plain =
            !self.timestamp.is_empty() && self.timestamp.bytes().all(|b| b.is_ascii_digit());
        let sent = self.timestamp.parse::<i64>().ok().filter(|_| plain);
        let sent = sent
            .and_then(|seconds| Instant::from_micros(seconds.checked_mul(1_000_000)?))
            .ok_or(WebhookRefused::Unsigned)?;
        let apart = now.since(sent).max(sent.since(now));
        if apart > TOLERANCE { Err(WebhookRefused::Stale) } else { Ok(()) }
    }
}

/// Signs a message as [`Signed::verify`] proves it; `None` when the secret is none.
#[must_use]
pub fn sign(secret: &SecretString, id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    let mac = mac(&key(secret)?, id, &timestamp.to_string(), body)?;
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// The key in `whsec_…`; none when it is no base64, or too short to be one.
fn key(secret: &SecretString) -> Option<Vec<u8>> {
    let text = secret.expose_secret().trim();
    let text = text.strip_prefix("whsec_").unwrap_or(text);
    STANDARD.decode(text).ok().filter(|key| key.len() >= 16)
}

fn mac(key: &[u8], id: &str, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The example of Standard Webhooks and of Svix's documentation.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: &str = "1614265330";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn at(seconds: i64) -> Instant {
        Instant::from_micros(seconds * 1_000_000).expect("a date")
    }

    fn verify(signature: &str, secrets: &[&str], body: &[u8]) -> Result<(), WebhookRefused> {
        let secrets: Vec<SecretString> = secrets.iter().map(|&s| s.into()).collect();
        Signed { id: ID, timestamp: AT, signature }.verify(&secrets, body, at(1_614_265_330))
    }

    #[test]
    fn the_published_example_is_proven_and_made_again() {
        assert_eq!(verify(SIGNATURE, &[SECRET], BODY), Ok(()));
        assert_eq!(sign(&SECRET.into(), ID, 1_614_265_330, BODY).as_deref(), Some(SIGNATURE));
    }

    #[test]
    fn either_side_may_rotate_its_secret() {
        let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let several = format!("v1,AAAA v1a,{SIGNATURE} {SIGNATURE}");
        assert_eq!(verify(&several, &[SECRET], BODY), Ok(()));
        assert_eq!(verify(SIGNATURE, &[other, SECRET], BODY), Ok(()));
        assert_eq!(verify(SIGNATURE, &[other], BODY), Err(WebhookRefused::Forged));
    }

    #[test]
    fn without_a_secret_nothing_passes() {
        for none in [&[][..], &["", "whsec_", "whsec_AAAA", "whsec_***"][..]] {
            assert_eq!(verify(SIGNATURE, none, BODY), Err(WebhookRefused::NotConfigured));
        }
        let empty = verify("", &[SECRET], BODY);
        assert_eq!(empty, Err(WebhookRefused::Forged));
    }

    #[test]
    fn an_old_a_future_and_a_nonsensical_time_are_refused() {
        let signed = Signed { id: ID, timestamp: AT, signature: SIGNATURE };
        let told = |seconds| signed.verify(&[SECRET.into()], BODY, at(seconds));
        assert_eq!(told(1_614_265_330 + 300), Ok(()));
        assert_eq!(told(1_614_265_330 + 301), Err(WebhookRefused::Stale));
        assert_eq!(told(1_614_265_330 - 300), Ok(()));
        assert_eq!(told(1_614_265_330 - 301), Err(WebhookRefused::Stale));
        for timestamp in ["", "now", "-1614265330", "+1614265330", "99999999999999999999"] {
            let signed = Signed { id: ID, timestamp, signature: SIGNATURE };
            let told = signed.verify(&[SECRET.into()], BODY, at(1_614_265_330));
            assert_eq!(told, Err(WebhookRefused::Unsigned), "{timestamp}");
        }
    }

    #[test]
    fn headers_are_read_under_both_names_and_never_mixed() {
        let named = |names: [&'static str; 3]| {
            Signed::from_headers(move |name| {
                names
                    .iter()
                    .position(|&n| n == name)
                    .and_then(|i| [ID, AT, SIGNATURE].get(i).copied())
            })
        };
        let whole = Ok(Signed { id: ID, timestamp: AT, signature: SIGNATURE });
        assert_eq!(named(["svix-id", "svix-timestamp", "svix-signature"]), whole);
        assert_eq!(named(["webhook-id", "webhook-timestamp", "webhook-signature"]), whole);
        let mixed = named(["svix-id", "webhook-timestamp", "svix-signature"]);
        assert_eq!(mixed, Err(WebhookRefused::Unsigned));
    }

    proptest! {
        #[test]
        fn one_other_byte_anywhere_breaks_the_proof(
            body in prop::collection::vec(any::<u8>(), 1..200), at_byte in any::<prop::sample::Index>(),
        ) {
            let signature = sign(&SECRET.into(), ID, 1_614_265_330, &body).expect("a secret");
            prop_assert_eq!(verify(&signature, &[SECRET], &body), Ok(()));
            let mut other = body.clone();
            other[at_byte.index(body.len())] ^= 1;
            prop_assert_eq!(verify(&signature, &[SECRET], &other), Err(WebhookRefused::Forged));
        }
    }
}
