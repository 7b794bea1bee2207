//! GitHub's JSON, read leniently: what we do not need is not looked at.

use herald_http_client::Answer;
use serde::Deserialize;

/// What the token endpoint answers, mostly with status 200, whether it grants or not.
#[derive(Deserialize)]
pub(crate) struct Traded {
    pub(crate) access_token: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) error: Option<String>,
}

/// `GET /user`.
#[derive(Deserialize)]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) login: String,
    pub(crate) name: Option<String>,
}

/// One of `GET /user/emails`.
#[derive(Deserialize)]
pub(crate) struct Email {
    #[serde(rename = "email")]
    pub(crate) address: String,
    pub(crate) primary: bool,
    pub(crate) verified: bool,
}

/// `GET /user/memberships/orgs/{org}`.
#[derive(Deserialize)]
pub(crate) struct Membership {
    pub(crate) state: String,
}

/// The error codes that GitHub documents for a code that it does not take.
pub(crate) fn is_refusal(code: &str) -> bool {
    const KNOWN: [&str; 5] = [
        "bad_verification_code",
        "incorrect_client_credentials",
        "redirect_uri_mismatch",
        "unverified_user_email",
        "application_suspended",
    ];
    KNOWN.contains(&code) || code.starts_with("invalid_")
}

/// What a refused read says, as a code.
pub(crate) fn code(answer: &Answer) -> String {
    format!("http-{}", answer.status.as_u16())
}
