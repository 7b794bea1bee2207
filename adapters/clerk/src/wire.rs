//! Clerk's JSON, read leniently: what we do not need is not looked at.

use herald_application::ports::{ClaimedEmail, DirectoryNote, DirectoryUser};
use herald_http_client::Answer;
use herald_kernel::Instant;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A person.
#[derive(Deserialize)]
pub(crate) struct User {
    pub(crate) id: String,
    first_name: Option<String>,
    last_name: Option<String>,
    username: Option<String>,
    primary_email_address_id: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    email_addresses: Vec<EmailAddress>,
    image_url: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    public_metadata: PublicMetadata,
    #[serde(default, deserialize_with = "nullable")]
    private_metadata: PrivateMetadata,
    #[serde(default)]
    banned: bool,
    #[serde(default)]
    locked: bool,
    #[serde(default)]
    deprovisioned: bool,
    created_at: Option<i64>,
}

#[derive(Deserialize)]
struct EmailAddress {
    id: Option<String>,
    #[serde(rename = "email_address")]
    address: String,
    verification: Option<Verification>,
}

#[derive(Deserialize)]
struct Verification {
    status: Option<String>,
}

/// What frontends may read. Others write here too: a value of another kind is none of ours.
#[derive(Default, Deserialize)]
struct PublicMetadata {
    #[serde(default)]
    plan: Value,
    #[serde(default)]
    onboarding_completed: Value,
}

/// What servers may read.
#[derive(Default, Deserialize)]
struct PrivateMetadata {
    #[serde(default)]
    stripe_customer_id: Value,
}

/// `PATCH /users/{user_id}/metadata`: merged deeply into what is there.
#[derive(Debug, Serialize)]
pub(crate) struct WriteMetadata<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    public_metadata: Option<WritePublic<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_metadata: Option<WritePrivate<'a>>,
}

#[derive(Debug, Serialize)]
struct WritePublic<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    onboarding_completed: Option<bool>,
}

#[derive(Debug, Serialize)]
struct WritePrivate<'a> {
    stripe_customer_id: &'a str,
}

impl<'a> WriteMetadata<'a> {
    /// What is to be written; nothing when the note is empty.
    pub(crate) fn of(note: &'a DirectoryNote) -> Option<Self> {
        let DirectoryNote { plan, onboarding_completed, stripe_customer } = note;
        let (plan, onboarding_completed) = (plan.as_deref(), *onboarding_completed);
        let public = plan.is_some() || onboarding_completed.is_some();
        let private = stripe_customer.as_deref();
        (public || private.is_some()).then(|| Self {
            public_metadata: public.then_some(WritePublic { plan, onboarding_completed }),
            private_metadata: private.map(|stripe_customer_id| WritePrivate { stripe_customer_id }),
        })
    }
}

impl From<User> for DirectoryUser {
    fn from(user: User) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let note = DirectoryNote {
            plan: text(&user.public_metadata.plan),
            onboarding_completed: user.public_metadata.onboarding_completed.as_bool(),
            stripe_customer: text(&user.private_metadata.stripe_customer_id),
        };
        Self {
            name: name(&user),
            email: primary(&user),
            subject: user.id,
            picture: user.image_url,
            enabled: !(user.banned || user.locked || user.deprovisioned),
            created_at: user.created_at.and_then(instant),
            note,
        }
    }
}

fn name(user: &User) -> Option<String> {
    let parts: Vec<&str> = [&user.first_name, &user.last_name]
        .into_iter()
        .filter_map(|part| part.as_deref().map(str::trim).filter(|part| !part.is_empty()))
        .collect();
    if parts.is_empty() { user.username.clone() } else { Some(parts.join(" ")) }
}

/// The address that the person chose as the primary one, wherever in the list it stands.
fn primary(user: &User) -> Option<ClaimedEmail> {
    let id = user.primary_email_address_id.as_ref()?;
    let found = user.email_addresses.iter().find(|email| email.id.as_ref() == Some(id))?;
    let status = found.verification.as_ref().and_then(|proof| proof.status.as_deref());
    let address = found.address.clone();
    Some(ClaimedEmail { address, verified: status == Some("verified") })
}

/// Clerk counts milliseconds; its examples of events count seconds.
pub(crate) fn instant(at: i64) -> Option<Instant> {
    const SECONDS_END: i64 = 100_000_000_000;
    let millis = if at < SECONDS_END { at.checked_mul(1_000)? } else { at };
    Instant::from_micros(millis.checked_mul(1_000)?)
}

/// What a refusal names.
#[derive(Deserialize)]
struct Refused {
    errors: Vec<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    code: String,
}

/// The first error's code, or the status.
pub(crate) fn code(answer: &Answer) -> String {
    let first = answer.json::<Refused>().ok().and_then(|told| told.errors.into_iter().next());
    first.map_or_else(|| format!("http-{}", answer.status.as_u16()), |problem| problem.code)
}

/// Clerk writes `null` where it means "none".
fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
