//! The master key: from the environment, or a file of this machine.

use super::{Config, ConfigError, source::Source};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use herald_application::{
    log::{MasterKey, MasterKeys},
    ports::Ids,
};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

/// The master keys of an installation.
///
/// Without `HERALD_MASTER_KEY` a key is made once and kept in the data directory, readable by its
/// owner only. That serves a single node; several replicas need the same key set.
pub(crate) fn master_keys(
    config: &Config,
    flags: &crate::cli::Flags,
    ids: &dyn Ids,
) -> Result<MasterKeys, ConfigError> {
    let source = Source::open(flags)?;
    let former = source.get("HERALD_FORMER_MASTER_KEYS").unwrap_or_default();
    let former = former.split(',').map(str::trim).filter(|text| !text.is_empty());
    let former: Result<Vec<_>, _> =
        former.map(|text| decode("HERALD_FORMER_MASTER_KEYS", text)).collect();
    let current = match source.get("HERALD_MASTER_KEY") {
        Some(text) => decode("HERALD_MASTER_KEY", text)?,
        None => from_file(&config.data_dir.join("master.key"), ids)?,
    };
    Ok(MasterKeys { current, former: former? })
}

fn decode(name: &'static str, text: &str) -> Result<MasterKey, ConfigError> {
    bytes(text).map(MasterKey::new).ok_or_else(|| {
        let fix = "give 32 random bytes as base64, such as `openssl rand -base64 32` prints";
        ConfigError::wrong(name, "it is not 32 bytes of base64", fix)
    })
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    STANDARD.decode(text.trim()).ok()?.try_into().ok()
}

fn from_file(path: &Path, ids: &dyn Ids) -> Result<MasterKey, ConfigError> {
    let wrong =
        |problem: String, fix| ConfigError::KeyFile { path: PathBuf::from(path), problem, fix };
    match std::fs::read_to_string(path) {
        Ok(text) => bytes(&text).map(MasterKey::new).ok_or_else(|| {
            let fix = "restore it from a backup: without it nothing sealed can be read";
            wrong("it does not hold a key".to_owned(), fix)
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let secret = ids.secret();
            write_new(path, &STANDARD.encode(secret)).map_err(|error| {
                wrong(error.to_string(), "make the data directory writable, or set HERALD_DATA_DIR")
            })?;
            Ok(MasterKey::new(secret))
        }
        Err(error) => Err(wrong(error.to_string(), "make it readable for this user")),
    }
}

/// Creates the file, readable by its owner only, durably.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
