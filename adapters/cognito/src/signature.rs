//! AWS Signature Version 4 over a request's method, place, headers and body.

use crate::AwsCredentials;
use herald_kernel::Instant;
use hmac::{Hmac, Mac as _};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// What is signed. Header names are in lower case, in alphabetical order, `host` among them; the
/// date's header is added here, where it belongs.
#[derive(Debug)]
pub(crate) struct Signable<'a> {
    pub(crate) method: &'a str,
    /// The path as it goes over the wire.
    pub(crate) path: &'a str,
    /// The query in canonical form.
    pub(crate) query: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
}

/// For whom the signature is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
}

/// The time as `x-amz-date` writes it.
pub(crate) fn date(at: Instant) -> String {
    at.to_utc().format("%Y%m%dT%H%M%SZ").to_string()
}

/// The value of `Authorization`. `date` is the `x-amz-date` header's value, which is among the
/// headers; nothing when it is no such date.
pub(crate) fn authorization(
    credentials: &AwsCredentials,
    scope: Scope<'_>,
    date: &str,
    request: &Signable<'_>,
) -> Option<String> {
    let day = date.get(..8)?;
    let Scope { region, service } = scope;
    let place = format!("{day}/{region}/{service}/aws4_request");
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let canonical = canonical(request, &names);
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{place}\n{}", hex(&Sha256::digest(canonical)));
    let secret = format!("AWS4{}", credentials.secret.expose_secret());
    let key = [day, region, service, "aws4_request"]
        .into_iter()
        .try_fold(secret.into_bytes(), |key, part| mac(&key, part.as_bytes()))?;
    let signature = hex(&mac(&key, text.as_bytes())?);
    let id = &credentials.key_id;
    Some(format!(
        "AWS4-HMAC-SHA256 Credential={id}/{place}, SignedHeaders={names}, Signature={signature}"
    ))
}

fn canonical(request: &Signable<'_>, names: &str) -> String {
    let mut headers = String::new();
    for (name, value) in request.headers {
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [*name, ":", &value, "\n"] {
            headers.push_str(part);
        }
    }
    let Signable { method, path, query, body, .. } = request;
    format!("{method}\n{path}\n{query}\n{headers}\n{names}\n{}", hex(&Sha256::digest(body)))
}

fn mac(key: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text);
    Some(mac.finalize().into_bytes().to_vec())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a string does not fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Method, name, headers, body, signature.
    type Example<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a [u8], &'a str);

    const DATE: &str = "20150830T123600Z";
    const HOST: (&str, &str) = ("host", "example.amazonaws.com");
    const AT: (&str, &str) = ("x-amz-date", DATE);

    fn signature(request: &Signable<'_>, service: &str) -> String {
        let credentials = AwsCredentials {
            key_id: "AKIDEXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            session_token: None,
        };
        let scope = Scope { region: "us-east-1", service };
        authorization(&credentials, scope, DATE, request).expect("a date")
    }

    /// AWS's Signature Version 4 test suite.
    #[test]
    fn aws_own_examples_are_signed_as_aws_signs_them() {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let token = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwA\
            eMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKs\
            burEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPk\
            UL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
        let examples: [Example<'_>; 4] = [
            (
                "GET",
                "get-vanilla",
                &[HOST, AT],
                b"",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "POST",
                "post-vanilla",
                &[HOST, AT],
                b"",
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            ),
            (
                "POST",
                "post-x-www-form-urlencoded",
                &[form, HOST, AT],
                b"Param1=value1",
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            ),
            (
                "POST",
                "post-sts-header-before",
                &[HOST, AT, ("x-amz-security-token", token)],
                b"",
                "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
            ),
        ];
        for (method, name, headers, body, expected) in examples {
            let request = Signable { method, path: "/", query: "", headers, body };
            let signed = signature(&request, "service");
            assert!(signed.ends_with(expected), "{name}: {signed}");
        }
    }

    #[test]
    fn the_whole_header_is_as_the_documentation_shows_it() {
        let form = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        let headers = [form, ("host", "iam.amazonaws.com"), AT];
        let query = "Action=ListUsers&Version=2010-05-08";
        let request = Signable { method: "GET", path: "/", query, headers: &headers, body: b"" };
        assert_eq!(
            signature(&request, "iam"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }

    #[test]
    fn a_time_is_written_as_aws_reads_it() {
        let at = "2015-08-30T12:36:00.999999Z".parse().expect("an instant");
        assert_eq!(date(at), DATE);
    }
}
