//! A snapshot: which transactions had ended when it was taken.

use crate::errors::corrupt;
use herald_application::ports::StoreError;

/// PostgreSQL's `pg_snapshot`, as it prints: `xmin:xmax:running,running`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    text: String,
    /// The first transaction that had not begun.
    pub(crate) xmax: u64,
    /// Begun and not ended.
    running: Vec<u64>,
}

impl Snapshot {
    pub(crate) fn parse(text: &str) -> Result<Self, StoreError> {
        let parsed = || {
            let mut parts = text.split(':');
            let _xmin: u64 = parts.next()?.parse().ok()?;
            let xmax = parts.next()?.parse().ok()?;
            let running = parts.next()?.split(',').filter(|part| !part.is_empty());
            let running = running.map(str::parse).collect::<Result<_, _>>().ok()?;
            Some(Self { text: text.to_owned(), xmax, running })
        };
        parsed().ok_or_else(|| corrupt("the sequencer's snapshot cannot be read"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Does it see no transaction of ours at all? Ordinary transactions count from 3.
    pub(crate) const fn sees_nothing(&self) -> bool {
        self.xmax <= 3
    }

    /// What ran, as an array of PostgreSQL.
    pub(crate) fn running(&self) -> String {
        array(self.running.iter())
    }

    /// What ran here and had ended in `later`, as an array of PostgreSQL.
    pub(crate) fn ended_until(&self, later: &Self) -> String {
        let ended = self.running.iter().filter(|xid| **xid < later.xmax);
        array(ended.filter(|xid| !later.running.contains(xid)))
    }
}

fn array<'x>(xids: impl Iterator<Item = &'x u64>) -> String {
    format!("{{{}}}", xids.map(u64::to_string).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(text: &str) -> Snapshot {
        Snapshot::parse(text).expect("a snapshot")
    }

    #[test]
    fn what_ran_and_ended_since_is_told_from_what_still_runs() {
        let seen = snapshot("10:20:10,12,15");
        assert_eq!(seen.ended_until(&snapshot("12:25:12,22")), "{10,15}");
        assert_eq!(seen.ended_until(&seen), "{}");
        assert_eq!(seen.ended_until(&snapshot("30:30:")), "{10,12,15}");
    }

    #[test]
    fn the_first_snapshot_sees_nothing() {
        assert!(snapshot("3:3:").sees_nothing());
        assert!(!snapshot("700:700:").sees_nothing());
    }

    #[test]
    fn what_is_not_a_snapshot_is_refused() {
        for text in ["", "1:2", "a:b:c", "1:2:3,x"] {
            assert!(Snapshot::parse(text).is_err(), "{text}");
        }
    }
}
