//! GraphiQL: the schema to read and queries to try, for whoever is signed in.
//!
//! Every file of it comes from this binary, so that it works without any other server and under a
//! policy that lets no other in.

use super::{App, pages, sessions};
use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Response},
    routing::get,
};

const PAGE: &str = "<!doctype html><html lang=en><meta charset=utf-8>\
<meta name=viewport content=\"width=device-width, initial-scale=1\">\
<link rel=icon href=\"data:,\"><title>Herald: GraphiQL</title>\
<link rel=stylesheet href=/graphiql/graphiql.css>\
<body style=margin:0><div id=graphiql style=height:100vh>Loading …</div>\
<script src=/graphiql/react.js></script><script src=/graphiql/graphiql.js></script>\
<script src=/graphiql/start.js></script></html>";

/// As strict as the editor allows: its own files, its own styles, and requests to this host.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const SCRIPT: &str = "text/javascript; charset=utf-8";

pub(super) fn router() -> Router<App> {
    Router::new().route("/graphiql", get(page)).route("/graphiql/{file}", get(file))
}

async fn page(State(app): State<App>, head: Parts) -> Response {
    if sessions::person(&app, &head).await.is_err() {
        return (StatusCode::UNAUTHORIZED, pages::sign_in_first(&app.house.config)).into_response();
    }
    ([(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY)], Html(PAGE)).into_response()
}

async fn file(State(app): State<App>, Path(name): Path<String>, head: Parts) -> Response {
    if let Err(refusal) = sessions::person(&app, &head).await {
        return refusal;
    }
    let (kind, packed, bytes): (_, _, &'static [u8]) = match name.as_str() {
        "graphiql.js" => (SCRIPT, true, include_bytes!("graphiql/graphiql.js.gz")),
        "react.js" => (SCRIPT, true, include_bytes!("graphiql/react.js.gz")),
        "start.js" => (SCRIPT, false, include_bytes!("graphiql/start.js")),
        "graphiql.css" => {
            ("text/css; charset=utf-8", true, include_bytes!("graphiql/graphiql.css.gz"))
        }
        _ => return pages::nothing_here().await,
    };
    let kept = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "private, max-age=3600")];
    // Every browser that can run the editor unpacks it.
    let packed = packed.then_some([(header::CONTENT_ENCODING, "gzip")]);
    match packed {
        Some(packed) => (kept, packed, bytes).into_response(),
        None => (kept, bytes).into_response(),
    }
}
