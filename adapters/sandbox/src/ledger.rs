//! The list of every effect that really happened, in order: what the world really saw.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::world::Change;

/// Why the ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file system refused.
    #[error("the sandbox cannot use {path}: {source}")]
    Io {
        /// The file or folder in question.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A line in the middle of the ledger is not a ledger entry.
    #[error("line {line} of {path} is not a ledger entry: {source}")]
    Unreadable {
        /// The ledger file.
        path: PathBuf,
        /// The line, counted from one.
        line: usize,
        /// What was wrong with it.
        source: serde_json::Error,
    },
}

/// One effect that really happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in the ledger, counted from one without gaps.
    pub seq: u64,
    /// When, in the sandbox's time.
    pub at: String,
    /// Whose effect: `x`, `openrouter`, `openai` or `control`.
    pub provider: String,
    /// What was done, for example `create_post`.
    pub operation: String,
    /// The facts worth asserting: author, text, ids.
    #[serde(flatten)]
    pub facts: Map<String, Value>,
}

impl Entry {
    /// One fact as text, if it is text.
    #[must_use]
    pub fn text(&self, fact: &str) -> Option<&str> {
        self.facts.get(fact).and_then(Value::as_str)
    }
}

/// An entry with what it changed: one line of the file, so that effect and state are one write.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    #[serde(flatten)]
    pub(crate) entry: Entry,
    #[serde(rename = "_changes", default)]
    pub(crate) changes: Vec<Change>,
}

/// The entries in memory and, where the sandbox is to survive a restart, their file.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
    file: Option<Durable>,
}

#[derive(Debug)]
struct Durable {
    path: PathBuf,
    file: File,
    fsync: bool,
}

impl Ledger {
    /// Opens the file, hands every stored change to `apply`, and drops a last line cut by a crash.
    pub(crate) fn open(
        folder: &Path,
        fsync: bool,
        mut apply: impl FnMut(Change),
    ) -> Result<Self, LedgerError> {
        let path = folder.join("ledger.jsonl");
        std::fs::create_dir_all(folder).map_err(at(folder))?;
        let stored = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(at(&path)(error)),
        };
        let mut entries = Vec::new();
        let mut whole = 0_u64;
        for (index, line) in stored.split_inclusive(|byte| *byte == b'\n').enumerate() {
            if line.last() != Some(&b'\n') {
                break;
            }
            let Line { entry, changes } =
                serde_json::from_slice(line).map_err(|source| LedgerError::Unreadable {
                    path: path.clone(),
                    line: index.saturating_add(1),
                    source,
                })?;
            entries.push(entry);
            changes.into_iter().for_each(&mut apply);
            whole = whole.saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX));
        }
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(at(&path))?;
        file.set_len(whole).map_err(at(&path))?;
        Ok(Self { entries, file: Some(Durable { path, file, fsync }) })
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn next_seq(&self) -> u64 {
        u64::try_from(self.entries.len()).unwrap_or(u64::MAX).saturating_add(1)
    }

    /// Writes the entry down; only then has the effect happened.
    pub(crate) fn append(&mut self, line: Line) -> Result<Vec<Change>, LedgerError> {
        if let Some(durable) = &mut self.file {
            durable.write(&line)?;
        }
        self.entries.push(line.entry);
        Ok(line.changes)
    }

    /// Begins a new ledger; the old file stays beside it under a number.
    pub(crate) fn restart(&mut self) -> Result<(), LedgerError> {
        if let Some(Durable { path, fsync, .. }) = self.file.take() {
            let kept = (1..u32::MAX)
                .map(|n| path.with_extension(format!("{n}.jsonl")))
                .find(|candidate| !candidate.exists())
                .unwrap_or_else(|| path.with_extension("old.jsonl"));
            std::fs::rename(&path, &kept).map_err(at(&path))?;
            let file =
                OpenOptions::new().create(true).append(true).open(&path).map_err(at(&path))?;
            self.file = Some(Durable { path, file, fsync });
        }
        self.entries.clear();
        Ok(())
    }
}

impl Durable {
    fn write(&mut self, line: &Line) -> Result<(), LedgerError> {
        let mut text =
            serde_json::to_vec(line).map_err(|error| at(&self.path)(io::Error::other(error)))?;
        text.push(b'\n');
        self.file.write_all(&text).map_err(at(&self.path))?;
        if self.fsync {
            self.file.sync_data().map_err(at(&self.path))?;
        }
        Ok(())
    }
}

/// Names the path in an error of the file system.
pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> LedgerError + '_ {
    move |source| LedgerError::Io { path: path.to_owned(), source }
}
