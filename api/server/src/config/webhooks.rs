//! From which networks webhooks may come.

use super::{ConfigError, source::Source};
use ipnet::IpNet;
use std::{collections::BTreeMap, net::IpAddr};

const NAME: &str = "HERALD_WEBHOOK_SOURCES";
/// Who calls us.
const PROVIDERS: [&str; 3] = ["stripe", "clerk", "resend"];

/// The networks of each provider that has any: those named for it, and those named for everybody.
pub(super) fn networks(source: &Source) -> Result<BTreeMap<String, Vec<IpNet>>, ConfigError> {
    let mut networks = BTreeMap::<String, Vec<IpNet>>::new();
    let texts = source.get(NAME).unwrap_or_default().split(',').map(str::trim);
    for text in texts.filter(|text| !text.is_empty()) {
        let (whose, network) = match text.split_once('=') {
            Some((name, network)) => (Some(name.trim()), network.trim()),
            None => (None, text),
        };
        let known = |name: &str| PROVIDERS.contains(&name);
        let network = network_of(network).filter(|_| whose.is_none_or(known));
        let network = network.ok_or_else(|| wrong(text))?;
        for provider in PROVIDERS.iter().filter(|it| whose.is_none_or(|name| name == **it)) {
            networks.entry((*provider).to_owned()).or_default().push(network);
        }
    }
    Ok(networks)
}

/// One address is a network of its own.
fn network_of(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

fn wrong(text: &str) -> ConfigError {
    let fix = "give networks such as 192.0.2.0/24, or stripe=192.0.2.0/24 for one of stripe, clerk \
               and resend, with commas between";
    ConfigError::wrong(NAME, format!("`{text}`"), fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let networks = networks(&Source::of(&[(NAME, text)])).expect("networks");
        networks.iter().map(|(name, all)| format!("{name} {all:?}")).collect()
    }

    #[test]
    fn a_network_is_one_providers_or_everybodys() {
        assert_eq!(read(""), [""; 0]);
        assert_eq!(read("stripe=192.0.2.0/24, stripe=2001:db8::1").len(), 1);
        let all = read("stripe=192.0.2.0/24,198.51.100.7");
        assert_eq!(all.len(), 3, "{all:?}");
        assert!(all.iter().all(|it| it.contains("198.51.100.7/32")), "{all:?}");
        assert_eq!(all.iter().filter(|it| it.contains("192.0.2.0/24")).count(), 1, "{all:?}");
    }
}
