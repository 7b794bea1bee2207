//! Who somebody is at GitHub: profile, addresses, and places in organisations.

use axum::Json;
use axum::extract::{Path, RawQuery, State as Shared};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::wire::{self, Caller, Problem};
use crate::identity::form::Form;
use crate::identity::people::Person;
use crate::state::{Memory, State};

/// `GET /user`.
pub(crate) async fn user(Shared(state): Shared<State>, headers: HeaderMap) -> Response {
    let mut memory = state.memory();
    wire::serve(&mut memory, &headers, "", |memory, caller| {
        Ok(Json(private(memory, caller)).into_response())
    })
}

/// What everybody may see of somebody.
fn simple(memory: &Memory, person: &Person) -> Map<String, Value> {
    let login = person.login();
    let api = format!("{}/github/api/users/{login}", memory.public_url);
    let mut user = Map::new();
    let mut put = |name: &str, value: Value| drop(user.insert(name.to_owned(), value));
    put("login", json!(login));
    put("id", json!(person.number("github")));
    put("node_id", json!(format!("U_{}", person.number("github"))));
    put("avatar_url", json!(format!("{}/github/{login}.png", memory.public_url)));
    put("gravatar_id", json!(""));
    put("url", json!(api));
    put("html_url", json!(format!("{}/github/{login}", memory.public_url)));
    for (name, tail) in [
        ("followers_url", "/followers"),
        ("following_url", "/following{/other_user}"),
        ("gists_url", "/gists{/gist_id}"),
        ("starred_url", "/starred{/owner}{/repo}"),
        ("subscriptions_url", "/subscriptions"),
        ("organizations_url", "/orgs"),
        ("repos_url", "/repos"),
        ("events_url", "/events{/privacy}"),
        ("received_events_url", "/received_events"),
    ] {
        put(name, json!(format!("{api}{tail}")));
    }
    put("type", json!("User"));
    put("site_admin", json!(false));
    put("user_view_type", json!("public"));
    user
}

/// What somebody sees of themselves. The address is public only where a scope or habit makes it
/// so; here nobody shows one, as most people at GitHub do not.
fn private(memory: &Memory, caller: &Caller) -> Value {
    let person = &caller.person;
    let mut user = simple(memory, person);
    let more = json!({
        "name": person.name(),
        "company": null,
        "blog": "",
        "location": null,
        "email": null,
        "hireable": null,
        "bio": null,
        "twitter_username": null,
        "notification_email": null,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": "2023-09-08T00:00:00Z",
        "updated_at": "2023-09-08T00:00:00Z",
    });
    user.extend(more.as_object().cloned().unwrap_or_default());
    if caller.may(&["user", "read:user"]) {
        let more = json!({
            "user_view_type": "private",
            "private_gists": 0,
            "total_private_repos": 0,
            "owned_private_repos": 0,
            "disk_usage": 0,
            "collaborators": 0,
            "two_factor_authentication": true,
            "plan": { "name": "free", "space": 976_562_499, "collaborators": 0, "private_repos": 10_000 },
        });
        user.extend(more.as_object().cloned().unwrap_or_default());
    }
    Value::Object(user)
}

/// `GET /user/emails?per_page=…&page=…`.
pub(crate) async fn emails(
    Shared(state): Shared<State>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let mut memory = state.memory();
    wire::serve(&mut memory, &headers, "user, user:email", |memory, caller| {
        if !caller.may(&["user", "user:email"]) {
            return Err(Problem::not_found());
        }
        let person = &caller.person;
        let hidden =
            format!("{}+{}@users.noreply.github.com", person.number("github"), person.login());
        let all = [
            json!({
                "email": person.email,
                "primary": true,
                "verified": person.email_verified,
                "visibility": "private",
            }),
            json!({ "email": hidden, "primary": false, "verified": true, "visibility": null }),
        ];
        let form = Form::read(query.unwrap_or_default().as_bytes());
        let number = |name: &str, otherwise: usize| {
            form.get(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise).max(1)
        };
        let (page, size) = (number("page", 1), number("per_page", 30).min(100));
        let from = page.saturating_sub(1).saturating_mul(size);
        let shown: Vec<&Value> = all.iter().skip(from).take(size).collect();
        let mut response = Json(shown).into_response();
        if from.saturating_add(size) < all.len() {
            let next = page.saturating_add(1);
            let base = format!("{}/github/api/user/emails", memory.public_url);
            let link = format!(
                "<{base}?per_page={size}&page={next}>; rel=\"next\", \
                 <{base}?per_page={size}&page={last}>; rel=\"last\"",
                last = all.len().div_ceil(size),
            );
            if let Ok(link) = HeaderValue::try_from(link) {
                response.headers_mut().insert("link", link);
            }
        }
        Ok(response)
    })
}

/// `GET /user/memberships/orgs/{org}`.
pub(crate) async fn membership(
    Shared(state): Shared<State>,
    Path(org): Path<String>,
    headers: HeaderMap,
) -> Response {
    let mut memory = state.memory();
    wire::serve(
        &mut memory,
        &headers,
        "admin:org, read:org, repo, user, write:org",
        |memory, caller| {
            if !caller.may(&["read:org", "write:org", "admin:org"]) {
                let message = "You must have the read:org scope to see organization memberships.";
                return Err(Problem::new(StatusCode::FORBIDDEN, message));
            }
            let places = &caller.person.organisations;
            let place = places.iter().find(|place| place.organisation.eq_ignore_ascii_case(&org));
            let place = place.ok_or_else(Problem::not_found)?;
            let name = &place.organisation;
            let api = format!("{}/github/api/orgs/{name}", memory.public_url);
            let membership = json!({
                "url": format!("{api}/memberships/{}", caller.person.login()),
                "state": place.state,
                "role": place.role,
                "organization_url": api,
                "direct_membership": true,
                "enterprise_teams_providing_indirect_membership": [],
                "organization": {
                    "login": name,
                    "id": 9_001,
                    "node_id": "O_9001",
                    "url": api,
                    "repos_url": format!("{api}/repos"),
                    "events_url": format!("{api}/events"),
                    "hooks_url": format!("{api}/hooks"),
                    "issues_url": format!("{api}/issues"),
                    "members_url": format!("{api}/members{{/member}}"),
                    "public_members_url": format!("{api}/public_members{{/member}}"),
                    "avatar_url": format!("{}/github/{name}.png", memory.public_url),
                    "description": null,
                },
                "user": simple(memory, &caller.person),
                "permissions": { "can_create_repository": true },
            });
            Ok(Json(membership).into_response())
        },
    )
}
