//! The description of every route as a page to read.

use crate::openapi::document;
use axum::response::Html;
use serde_json::Value;
use std::fmt::Write as _;

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1c1a17; --paper: #fbfaf7; --line: #ded8cc; --mark: #a4461f }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ece7dd; --paper: #171512; --line: #3a352c; --mark: #e08a5b } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
a { color: var(--mark) } h2 { margin: 2.2rem 0 .4rem; font-size: 1.2rem }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0;
  border-bottom: 1px solid var(--line) }
code { font-size: .92em }";

/// Routes first, then the shapes that they take and answer, all from the published document.
pub(crate) fn page() -> Html<String> {
    let document = document();
    let mut rows = String::new();
    for (path, methods) in entries(part(&document, "/paths")) {
        for (method, operation) in entries(methods) {
            row(&mut rows, method, path, operation);
        }
    }
    let mut shapes = String::new();
    for (name, schema) in entries(part(&document, "/components/schemas")) {
        shape(&mut shapes, name, schema);
    }
    Html(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Herald: REST API</title>\
         <meta name=viewport content=\"width=device-width, initial-scale=1\">\
         <link rel=icon href=\"data:,\"><style>{STYLE}</style><h1>REST API</h1>\
         <p>Send <code>Authorization: Bearer …</code> with an API key or a session. Errors are \
         <code>application/problem+json</code> of the form <a href=#Problem>Problem</a>, with a \
         stable <code>code</code>. A change repeated under its <code>Idempotency-Key</code> is \
         made once. For programs: <a href=/openapi.json>/openapi.json</a>.</p>\
         <table><tr><th>Method<th>Path<th>What<th>Takes<th>Answers</tr>{rows}</table>{shapes}</html>"
    ))
}

// Writing to a String cannot fail, so what `write!` answers is dropped.
fn row(rows: &mut String, method: &str, path: &str, operation: &Value) {
    let summary = operation["summary"].as_str().unwrap_or_default();
    let takes = body(&operation["requestBody"]);
    let answers = entries(&operation["responses"]).filter(|(status, _)| *status != "default");
    let answers = answers.map(|(status, it)| format!("{status} {}", body(it).unwrap_or_default()));
    let _ = write!(
        rows,
        "<tr><td>{}<td><code>{path}</code><td>{summary}<td>{}<td>{}</tr>",
        method.to_uppercase(),
        takes.unwrap_or_else(|| "–".to_owned()),
        answers.collect::<Vec<_>>().join("<br>"),
    );
}

/// A link to the shape of a body, or the kind of what has none.
fn body(value: &Value) -> Option<String> {
    let (kind, content) = entries(&value["content"]).next()?;
    Some(name_of(&content["schema"]).map_or_else(|| format!("<code>{kind}</code>"), link))
}

fn shape(shapes: &mut String, name: &str, schema: &Value) {
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
    let _ = write!(shapes, "<h2 id={name}>{name}</h2><table>");
    for (field, kind) in entries(&schema["properties"]) {
        let needed = required.iter().any(|it| it.as_str() == Some(field));
        let about = kind["description"].as_str().unwrap_or_default();
        let note = if needed { "" } else { " <small>may be left out</small>" };
        let kind = kind_of(kind);
        let _ = write!(shapes, "<tr><td><code>{field}</code>{note}<td>{kind}<td>{about}</tr>");
    }
    shapes.push_str("</table>");
}

fn kind_of(schema: &Value) -> String {
    if let Some(name) = name_of(schema) {
        return link(name);
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<_> = values.iter().map(|it| format!("<code>{it}</code>")).collect();
        return values.join(" ");
    }
    let several = schema["type"]
        .as_array()
        .map(|kinds| kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "));
    let one = || schema["type"].as_str().unwrap_or("anything").to_owned();
    let kinds = several.unwrap_or_else(one);
    match (kinds.as_str(), schema["format"].as_str()) {
        ("array", _) => format!("list of {}", kind_of(&schema["items"])),
        (_, Some(format)) => format!("{kinds}, {format}"),
        _ => kinds,
    }
}

fn name_of(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

fn link(name: &str) -> String {
    format!("<a href=#{name}>{name}</a>")
}

fn part<'a>(document: &'a Value, at: &str) -> &'a Value {
    document.pointer(at).unwrap_or(&Value::Null)
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_every_route_and_leads_to_every_shape_that_it_names() {
        let Html(page) = page();
        for (path, _) in entries(&document()["paths"]) {
            assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
        }
        let named = page.split("href=#").skip(1).filter_map(|rest| rest.split('>').next());
        let named: std::collections::BTreeSet<_> = named.collect();
        assert!(named.len() > 10, "{named:?}");
        for name in named {
            assert!(page.contains(&format!("<h2 id={name}>")), "{name} leads nowhere");
        }
    }
}
