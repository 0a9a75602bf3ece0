//! Decides, before anything is sent, whether the payload may be taken for "all records".
//!
//! PMH keeping yesterday's data is safer than PMH losing one person. Pure: it reads counts and settings, nothing else.

use pmh_core::rules;

use crate::{failure::Failure, report::Summary};

/// `[guard]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuardConfig {
    /// Rejected records that don't stop a send.
    pub max_rejected: u64,
    /// How much smaller than the last accepted run a set may be.
    pub max_shrink_percent: u64,
    /// Whether an empty set may be sent.
    pub allow_empty: bool,
}

impl Default for GuardConfig {
    fn default() -> Self {
        Self { max_rejected: 0, max_shrink_percent: 10, allow_empty: false }
    }
}

/// Every reason not to send; empty where there is none.
#[must_use]
pub fn guards(summary: &Summary, config: &GuardConfig) -> Vec<Failure> {
    let mut stops = Vec::new();
    if !summary.complete {
        stops.push(Failure::new(&rules::INPUT_INCOMPLETE, summary.read));
    }
    if summary.rejected > config.max_rejected {
        stops.push(Failure::new(&rules::TOO_MANY_REJECTED, summary.rejected));
    }
    if summary.accepted == 0 && !config.allow_empty {
        stops.push(Failure::new(&rules::NOTHING_TO_SEND, summary.read));
    }
    stops
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(accepted: u64, rejected: u64, complete: bool, config: GuardConfig) -> Vec<&'static str> {
        let summary =
            Summary { read: accepted + rejected, accepted, rejected, complete, ..Summary::default() };
        guards(&summary, &config).iter().map(|stop| stop.rule.code).collect()
    }

    #[test]
    fn nothing_is_lost_by_default() {
        let config = GuardConfig::default();
        assert_eq!(codes(3, 0, true, config), [""; 0]);
        assert_eq!(codes(3, 1, true, config), ["PMH6101"]);
        assert_eq!(codes(3, 0, false, config), ["PMH6102"]);
        assert_eq!(codes(0, 0, true, config), ["PMH6103"]);
        assert_eq!(codes(0, 2, false, config), ["PMH6102", "PMH6101", "PMH6103"]);
    }

    #[test]
    fn a_site_may_allow_more() {
        let config = GuardConfig { max_rejected: 2, allow_empty: true, ..GuardConfig::default() };
        assert_eq!(codes(3, 2, true, config), [""; 0]);
        assert_eq!(codes(3, 3, true, config), ["PMH6101"]);
        assert_eq!(codes(0, 0, true, config), [""; 0]);
        assert_eq!(codes(0, 0, false, config), ["PMH6102"]);
    }
}
