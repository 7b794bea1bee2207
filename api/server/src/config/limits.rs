//! Settings of limits: how often one may call.

use super::{ConfigError, source::Source};
use herald_application::limits::Allowances;

pub(super) fn allowances(source: &Source) -> Result<Allowances, ConfigError> {
    let mut set = Allowances::default();
    let rows: [(&'static str, &mut u32); 7] = [
        ("HERALD_LIMIT_REPLICAS", &mut set.replicas),
        ("HERALD_LIMIT_KEY", &mut set.key),
        ("HERALD_LIMIT_SESSION", &mut set.session),
        ("HERALD_LIMIT_NOBODY", &mut set.nobody),
        ("HERALD_LIMIT_SIGN_IN", &mut set.sign_in),
        ("HERALD_LIMIT_CALLBACK", &mut set.callback),
        ("HERALD_LIMIT_WEBHOOK", &mut set.webhook),
    ];
    for (name, value) in rows {
        let Some(text) = source.get(name) else { continue };
        *value = text.parse().ok().filter(|number| *number > 0).ok_or_else(|| {
            ConfigError::wrong(name, format!("`{text}`"), "give a number of 1 or more")
        })?;
    }
    Ok(set)
}
