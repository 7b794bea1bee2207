//! A browser that signs in at providers.

use super::{
    Front,
    visitor::{self, Visitor},
};
use reqwest::{Response, header};
use std::collections::BTreeMap;

/// A browser: it keeps cookies and follows what it is told to follow.
pub(crate) struct Browser<'f> {
    front: &'f Front,
    pub(crate) http: reqwest::Client,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl<'f> Browser<'f> {
    pub(crate) fn new(front: &'f Front) -> Self {
        Self { front, http: visitor::http(), cookies: BTreeMap::new() }
    }

    /// Goes to an address of the house; keeps what it is given.
    pub(crate) async fn go(&mut self, address: &str) -> Response {
        let cookies: Vec<_> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let request = self.http.get(address).header(header::COOKIE, cookies.join("; "));
        let request = request.header(header::USER_AGENT, "Mozilla/5.0 (X11; Linux) Firefox/140.0");
        let answer = request.send().await.expect("an answer");
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
            let (pair, _) = cookie.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    /// Begins a sign-in and says yes at the provider. Answers where the provider sends it.
    pub(crate) async fn agree(&mut self, provider: &str, person: &str) -> String {
        let start = self.front.url(&format!("/auth/{provider}/start"));
        self.agree_from(&start, person).await
    }

    pub(crate) async fn agree_from(&mut self, start: &str, person: &str) -> String {
        let out = self.go(start).await;
        assert_eq!(out.status(), 303, "{start}");
        self.agree_on(&location(&out), person).await
    }

    /// Says yes on a provider's page. Answers where the provider sends it.
    pub(crate) async fn agree_on(&self, page: &str, person: &str) -> String {
        let form = [("decision", "allow"), ("person", person)];
        let decided = self.http.post(page).form(&form).send().await.expect("an answer");
        assert!(decided.status().is_redirection(), "{}", decided.status());
        location(&decided)
    }

    /// Signs in all the way.
    pub(crate) async fn sign_in(&mut self, provider: &str, person: &str) {
        let back = self.agree(provider, person).await;
        let done = self.go(&back).await;
        assert_eq!(done.status(), 303, "{provider}: {:?}", done.text().await);
    }

    /// The same person as a program: the cookie's value is a bearer token, too.
    pub(crate) fn visitor(&self) -> Visitor {
        let session = self.cookies.get("herald_session").cloned();
        let mut visitor = self.front.nobody();
        visitor.session = session;
        visitor
    }
}

/// Where an answer sends its reader.
pub(crate) fn location(answer: &Response) -> String {
    answer.headers()[header::LOCATION].to_str().expect("text").to_owned()
}
