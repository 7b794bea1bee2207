//! The contract in `docs/` is what the code says, word for word.

#![expect(clippy::expect_used, reason = "a helper of a test may stop the test")]

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use herald_graphql::schema::{documents, sdl};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Compares a generated document with the one in the repository; `HERALD_WRITE_DOCS=1` writes it.
fn compare(name: &str, generated: &str) {
    let path = root().join("docs").join(name);
    if std::env::var_os("HERALD_WRITE_DOCS").is_some() {
        fs::write(&path, generated).expect("docs can be written");
        return;
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    if kept == generated {
        return;
    }
    let (kept, generated): (Vec<_>, Vec<_>) = (kept.lines().collect(), generated.lines().collect());
    let gone = kept.iter().filter(|line| !generated.contains(line)).map(|line| format!("- {line}"));
    let new = generated.iter().filter(|line| !kept.contains(line)).map(|line| format!("+ {line}"));
    let diff: Vec<_> = gone.chain(new).collect();
    panic!(
        "docs/{name} has drifted; run the tests with HERALD_WRITE_DOCS=1 and review:\n{}",
        diff.join("\n")
    );
}

#[test]
fn the_schema_in_the_documents_is_the_one_that_is_served() {
    compare("schema.graphql", &sdl());
}

#[test]
fn the_events_in_the_documents_are_the_ones_that_are_written() {
    compare("events.json", &documents::events_json());
}

#[test]
fn the_errors_in_the_documents_are_the_ones_of_the_table() {
    compare("errors.md", &documents::errors_md());
}

#[test]
fn everything_in_the_schema_is_described() {
    let document = parse_schema(sdl()).expect("the schema parses");
    let mut undescribed = Vec::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(kind) = definition else { continue };
        let kind = kind.node;
        let name = kind.name.node.to_string();
        if kind.description.is_none() && !name.ends_with("Connection") && !name.ends_with("Edge") {
            undescribed.push(name.clone());
        }
        let fields: Vec<_> = match kind.kind {
            TypeKind::Object(object) => {
                let fields = object.fields.into_iter().map(|field| field.node);
                fields.map(|it| (it.name.node, it.description.is_some())).collect()
            }
            TypeKind::InputObject(input) => {
                let fields = input.fields.into_iter().map(|field| field.node);
                fields.map(|it| (it.name.node, it.description.is_some())).collect()
            }
            TypeKind::Enum(words) => {
                let words = words.values.into_iter().map(|word| word.node);
                words.map(|it| (it.value.node, it.description.is_some())).collect()
            }
            TypeKind::Scalar | TypeKind::Interface(_) | TypeKind::Union(_) => Vec::new(),
        };
        let silent = fields.into_iter().filter(|(_, described)| !described);
        undescribed.extend(silent.map(|(field, _)| format!("{name}.{field}")));
    }
    undescribed.retain(|name| !["Query", "Mutation", "Subscription"].contains(&name.as_str()));
    assert!(undescribed.is_empty(), "{}", undescribed.join("\n"));
}

/// Words in capitals that are told to nobody as an error: verdicts on keys, which are one and the
/// same 401, and the names of a provider's challenges.
const NOT_ERRORS: [&str; 10] = [
    "VALID",
    "MALFORMED",
    "DISABLED",
    "EXPIRED",
    "REVOKED",
    "INSUFFICIENT_SCOPE",
    "NEW_PASSWORD_REQUIRED",
    "EMAIL_OTP",
    "SMS_MFA",
    "SOFTWARE_TOKEN_MFA",
];

#[test]
fn every_code_that_the_sources_use_is_in_the_table() {
    let listed = documents::errors_md();
    let (mut missing, mut found) = (BTreeSet::new(), 0);
    for folder in ["domain", "application/src"] {
        for path in rust_files(&root().join(folder)) {
            let text = fs::read_to_string(&path).expect("a source can be read");
            // Tests invent codes of their own.
            let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
            for code in codes(&text) {
                if NOT_ERRORS.contains(&code.as_str()) {
                    continue;
                }
                found += 1;
                if !listed.contains(&format!("`{code}`")) {
                    missing.insert(format!("{code} in {}", path.display()));
                }
            }
        }
    }
    assert!(found > 50, "the sources were read: {found}");
    assert!(missing.is_empty(), "not in the table of errors:\n{missing:#?}");
}

#[test]
fn every_code_in_the_table_is_told_by_some_source() {
    let table = root().join("api/graphql/src/schema/errors.rs");
    let folders = ["domain", "application/src", "adapters", "api"];
    let files = folders.into_iter().flat_map(|folder| rust_files(&root().join(folder)));
    let files = files.filter(|path| *path != table);
    let sources: String =
        files.map(|path| fs::read_to_string(path).expect("a source can be read")).collect();
    let listed = documents::errors_md();
    let codes = listed.lines().filter(|line| line.starts_with("| <a id"));
    let codes: Vec<_> = codes.filter_map(|line| line.split('`').nth(1)).collect();
    assert!(codes.len() > 50, "the table was read: {codes:?}");
    let silent = codes.into_iter().filter(|code| !sources.contains(&format!("\"{code}\"")));
    assert_eq!(silent.collect::<Vec<_>>(), [""; 0], "nothing tells these");
}

#[test]
fn the_payloads_are_all_of_their_first_version() {
    let own = |path: &PathBuf| !path.ends_with("kernel/src/decider.rs");
    let raised = rust_files(&root().join("domain")).into_iter().filter(own).filter(|path| {
        fs::read_to_string(path).expect("a source can be read").contains("fn version(&self) -> u16")
    });
    let raised: Vec<_> = raised.collect();
    assert!(raised.is_empty(), "docs/events.json must tell these versions: {raised:?}");
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder can be read") {
            let path = entry.expect("an entry").path();
            let name =
                path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            if path.is_dir() && !["tests", "testing", "target"].contains(&name.as_str()) {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && name != "tests.rs" {
                found.push(path);
            }
        }
    }
    found
}

/// Texts in capitals that stand where a code does: after `code:` or as the answer of a match.
fn codes(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut pieces = text.split('"');
    let mut before = pieces.next().unwrap_or_default();
    for code in pieces {
        let shaped = code.len() > 3 && code.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        let placed =
            ["code:", "=>", "=> {", "refused("].iter().any(|end| before.trim_end().ends_with(end));
        if shaped && placed {
            found.insert(code.to_owned());
        }
        before = code;
    }
    found
}
