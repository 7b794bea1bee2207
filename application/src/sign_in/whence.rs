//! Where somebody signs in from, as far as it is known.

use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The longest name of a device that is kept.
const LONGEST: usize = 60;

/// Where somebody signs in from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whence {
    /// The device's family, such as `Firefox on Linux`; empty when that was not said.
    pub device: String,
    /// The address; it is only ever stored sealed.
    pub address: Option<IpAddr>,
}

impl Whence {
    /// What a request says about itself.
    #[must_use]
    pub fn of(user_agent: Option<&str>, address: Option<IpAddr>) -> Self {
        Self { device: user_agent.map(family).unwrap_or_default(), address }
    }
}

/// The family of a user agent. The whole text would tell people apart; the family tells devices.
fn family(agent: &str) -> String {
    let named = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    // Each browser also names those that it wants to be taken for: the most particular comes first.
    let browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox")];
    let browser = named(&browsers)
        .or_else(|| named(&[("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]));
    let systems = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("iPad", "iOS"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    match (browser, named(&systems)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, _) => product(agent),
    }
}

/// The first product of a program's user agent, such as `herald-cli`.
fn product(agent: &str) -> String {
    let first = agent.split(['/', ' ', '(', ';']).next().unwrap_or_default();
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    first.chars().filter(plain).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_by_its_family_alone() {
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(Whence::of(Some(agent), None).device, "Firefox on Linux");
        let agent = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/143.0 Safari/537.36 Edg/143.0";
        assert_eq!(Whence::of(Some(agent), None).device, "Edge on Windows");
        assert_eq!(Whence::of(Some("herald-py/1.2 <b>"), None).device, "herald-py");
        assert_eq!(Whence::of(Some("<script>"), None).device, "script");
        assert_eq!(Whence::of(None, None), Whence::default());
    }
}
