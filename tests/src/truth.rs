//! What must be true of ledger, spool and PMH, whatever happened: nothing lost, made up or forgotten.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{Result, site::Site};

/// A text of an object.
#[must_use]
pub fn text(object: &Value, key: &str) -> Option<String> {
    object.get(key)?.as_str().map(str::to_owned)
}

fn list(object: &Value, key: &str) -> Vec<Value> {
    object.get(key).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// What ledger and PMH must agree on at any moment: PMH has what the ledger calls accepted, the ledger knows what PMH
/// accepted, and no try without an answer was sent twice.
///
/// # Errors
///
/// Where `pmh history` fails.
///
/// # Panics
///
/// Where it isn't so.
pub fn nothing_is_made_up(site: &Site) -> Result<()> {
    let registered = site.pmh.registrations();
    let held: BTreeSet<&str> = registered.iter().map(|set| set.serial_number.as_str()).collect();
    let (mut known, mut bodies, mut unheard) = (BTreeSet::new(), BTreeSet::new(), 0);
    for run in site.history()? {
        let detail = site.history_of(&run)?;
        for request in list(&detail, "requests") {
            bodies.extend(text(&request, "hash"));
            known.extend(text(&request, "serialNumber"));
        }
        unheard += list(&detail, "attempts")
            .iter()
            .filter(|attempt| text(attempt, "outcome").is_none_or(|outcome| outcome == "unknown"))
            .count();
    }
    for serial in &known {
        assert!(held.contains(serial.as_str()), "the ledger has {serial} accepted, and PMH has not");
    }
    for set in &registered {
        assert!(
            bodies.contains(&site.hash(set)?),
            "PMH accepted what the ledger doesn't know: {}",
            set.serial_number
        );
    }
    let without_answer = held.len() - known.len();
    assert!(
        without_answer <= unheard,
        "{without_answer} registrations without answer, {unheard} tries without one"
    );
    Ok(())
}

/// What must be true once a run has ended well after any number of others that didn't: moreover, the last run is
/// accepted, no payload is left, and the ledger agrees with the files beside it.
///
/// # Errors
///
/// As above.
///
/// # Panics
///
/// As above.
pub fn nothing_is_lost(site: &Site) -> Result<()> {
    nothing_is_made_up(site)?;
    // a start that found another run under way is no run, and a try elsewhere says nothing of this endpoint
    let counts = |run: &Value| {
        run["codes"] != serde_json::json!(["PMH6108"]) && run["endpoint"] == site.pmh.endpoint().as_str()
    };
    let last = site.history()?.into_iter().rfind(counts).ok_or("no run")?;
    assert_eq!(text(&last, "state").as_deref(), Some("accepted"));
    let spool = site.spool()?;
    assert_eq!(spool, ["lock", "owner"], "payloads are left");
    let verified = site.run(&["history", "verify"])?;
    assert_eq!(verified.code, 0, "{verified:?}");
    Ok(())
}
