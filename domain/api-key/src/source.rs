//! Where calls may come from: networks such as `192.0.2.0/24` or `2001:db8::/32`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, net::IpAddr, str::FromStr};

/// A network, or one address: all addresses that begin with the same bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceNet {
    first: IpAddr,
    prefix: u8,
}

/// Text that is no network, or the whole internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a network such as 192.0.2.0/24, 2001:db8::/32 or a single address")]
pub struct InvalidSourceNet;

impl SourceNet {
    /// Does the address lie in it? An IPv4 address counts as such also when written as IPv6.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.first.is_ipv4() && masked(address, self.prefix) == self.first
    }

    /// The network that `address` lies in. A prefix of 0 is refused: it would restrict nothing.
    fn around(address: IpAddr, prefix: u8) -> Option<Self> {
        let fits = (1..=width(address)).contains(&prefix);
        fits.then(|| Self { first: masked(address, prefix), prefix })
    }
}

const fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// The address with all bits but the first `prefix` cleared.
fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    let rest = u32::from(width(address).saturating_sub(prefix));
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(rest).unwrap_or_default();
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(rest).unwrap_or_default();
            IpAddr::V6((address.to_bits() & mask).into())
        }
    }
}

impl FromStr for SourceNet {
    type Err = InvalidSourceNet;

    fn from_str(text: &str) -> Result<Self, InvalidSourceNet> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| InvalidSourceNet)?;
        let written = match prefix {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().map_err(|_| InvalidSourceNet)?
            }
            Some(_) => return Err(InvalidSourceNet),
            None => width(address),
        };
        // An IPv4 network in an IPv6 coat has 96 bits of coat.
        let coat = width(address) - width(address.to_canonical());
        let prefix = written.checked_sub(coat).ok_or(InvalidSourceNet)?;
        Self::around(address.to_canonical(), prefix).ok_or(InvalidSourceNet)
    }
}

impl fmt::Display for SourceNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}
impl fmt::Debug for SourceNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Where a person works from is personal.
        f.write_str("[network]")
    }
}
impl Serialize for SourceNet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for SourceNet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn net(text: &str) -> SourceNet {
        text.parse().expect("a network")
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        for (network, inside, outside) in [
            ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
            ("192.0.2.128/25", "192.0.2.128", "192.0.2.127"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.6"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("2001:db8::1", "2001:db8::1", "2001:db8::2"),
            ("192.0.2.0/24", "::ffff:192.0.2.9", "::192.0.2.9"),
            ("::ffff:192.0.2.0/120", "192.0.2.9", "192.0.3.9"),
        ] {
            assert!(net(network).contains(ip(inside)), "{network} {inside}");
            assert!(!net(network).contains(ip(outside)), "{network} {outside}");
        }
    }

    #[test]
    fn a_network_is_written_by_its_first_address() {
        assert_eq!(net("192.0.2.77/24").to_string(), "192.0.2.0/24");
        assert_eq!(net("192.0.2.77").to_string(), "192.0.2.77/32");
        assert_eq!(net("2001:db8::/32").to_string(), "2001:db8::/32");
    }

    #[test]
    fn what_is_no_network_or_every_network_is_refused() {
        for text in [
            "",
            "/",
            "192.0.2.0/",
            "192.0.2.0/33",
            "192.0.2/24",
            "192.0.2.0/-1",
            "192.0.2.0/+8",
            "192.0.2.0/8/8",
            "0.0.0.0/0",
            "::/0",
            "::ffff:0.0.0.0/96",
            "::1/129",
            "example.org",
            "192.0.2.0/256",
            "::ffff:192.0.2.0/24",
        ] {
            assert_eq!(text.parse::<SourceNet>(), Err(InvalidSourceNet), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_network_reads_back_and_holds_what_it_was_made_of(
            bits: u128, v6: bool, prefix in 1..=128_u8,
        ) {
            let low = u32::try_from(bits & u128::from(u32::MAX)).expect("32 bits");
            let address =
                if v6 { IpAddr::V6(bits.into()) } else { IpAddr::V4(low.into()) };
            if let Ok(network) = format!("{address}/{prefix}").parse::<SourceNet>() {
                prop_assert!(network.contains(address));
                let json = serde_json::to_string(&network).expect("serialises");
                let read: SourceNet = serde_json::from_str(&json).expect("reads back");
                prop_assert_eq!(read, network);
            }
        }
    }
}
