//! A wrong setting, with its name and the fix.

use std::path::PathBuf;

/// Why the settings are not usable.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The value of a setting is not of its form.
    #[error("{name} is not usable: {problem}; {fix}")]
    Wrong {
        /// The setting's name in the environment.
        name: &'static str,
        /// What is the matter; never the value of a secret.
        problem: String,
        /// What to do.
        fix: String,
    },
    /// The file with settings cannot be read.
    #[error("{path} cannot be read as settings: {cause}; see docs/configuration.md for its form")]
    File {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        cause: String,
    },
    /// The file names a setting that does not exist.
    #[error("{path} sets `{key}`, which is no setting; did you mean `{nearest}`?")]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// What it names.
        key: String,
        /// The most similar setting.
        nearest: &'static str,
    },
    /// A key file is there and does not hold a key, or cannot be written.
    #[error("{path}: {problem}; {fix}")]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What is the matter.
        problem: String,
        /// What to do.
        fix: &'static str,
    },
    /// Data keys are wrapped by a master key that is not among those that are configured.
    #[error(
        "data keys of this database are wrapped by master key {missing}, and those configured are \
         {configured}; add it to HERALD_FORMER_MASTER_KEYS, or set HERALD_MASTER_KEY back to it"
    )]
    MasterKey {
        /// The public name of the key that is missing.
        missing: String,
        /// Those of the keys that are there.
        configured: String,
    },
}

impl ConfigError {
    pub(crate) fn wrong(
        name: &'static str,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self::Wrong { name, problem: problem.into(), fix: fix.into() }
    }
}
