//! What earlier runs left behind: taken up again, or put in order.
//!
//! A set is sent again as it is if PMH hasn't accepted it, the day is still the same, and everything that it was made from
//! is still there and unchanged. Otherwise its payload is kept for `ledger.keep_undelivered`, and removed then.

use std::{fs, io, path::Path};

use chrono::{DateTime, TimeDelta, Utc};
use pmh_core::rules;

use super::{Set, Sync, prepare::current_source};
use crate::{
    failure::{Failure, Result},
    guard::WINDOW,
    key::Key,
    ledger::{Ledger, Removed, Run, State},
    spool::{self, Spool},
    text,
};

impl Sync<'_> {
    /// Closes what a crash left open, applies the retention, and gives the set to go on with, if there is one.
    pub(super) fn resume(
        &self,
        ledger: &mut Ledger,
        key: &Key,
        as_of: &str,
        today: &str,
    ) -> Result<Option<Set>> {
        let now = Utc::now();
        let source = current_source(self.config, self.module, as_of, key).ok();
        let (mut set, mut kept, mut compared) = (None, Vec::new(), Vec::new());
        for mut run in ledger.unfinished()? {
            ledger.close(&mut run, now)?;
            let current = run.day == today && run.as_of == as_of && run.endpoint == self.endpoint();
            // an input or profile that was taken away was taken away on purpose: what was made from it must not be sent
            let same = source.is_some() && run.source == source;
            let open = matches!(run.state, State::Unavailable | State::Unknown);
            if open && current && !same {
                tracing::warn!(run = run.id, gone = source.is_none(), "made from another input");
                self.ui.note(&text::NOT_RESUMED, self.ui.say(&text::OTHER_SOURCE));
            }
            if set.is_none() && open && current && same {
                set = self.take_up(&run, key);
            }
            let Some(spool) = run.spool.clone() else { continue };
            if !self.config.ledger.spool_dir.join(&spool).exists() {
                // it expired before this run
                ledger.spool_removed(run.id, Removed::Expired)?;
            } else if set.as_ref().is_some_and(|set| set.run == run.id) || self.worth_keeping(&run, now) {
                kept.push(spool);
                // a payload that a later run may still take up needs its hashes once it is accepted
                compared.push(run.id);
            } else {
                ledger.spool_removed(run.id, Removed::Expired)?;
            }
        }
        spool::sweep(&self.config.ledger.spool_dir, &kept)?;
        // a run that was closed just now may be one that PMH has accepted
        compared.extend(ledger.references()?);
        forget_hashes(&self.config.ledger.path, |run| compared.contains(&run))?;
        if let Some(keep) = self.config.ledger.keep_runs
            // the guards add up the losses of some days, whatever is kept
            && let Some(keep) = TimeDelta::from_std(keep).ok().map(|keep| keep.max(WINDOW + TimeDelta::days(1)))
            && let Some(before) = now.checked_sub_signed(keep)
        {
            ledger.forget_before(before)?;
        }
        Ok(set)
    }

    /// Where the payload goes, as the ledger has it.
    pub(super) fn endpoint(&self) -> &str {
        self.config.endpoint.url.as_str()
    }

    /// The set of a run, where its payload is still what the ledger says.
    fn take_up(&self, run: &Run, key: &Key) -> Option<Set> {
        let (Some(name), Some(hash), Some(summary)) = (&run.spool, &run.payload, run.counts()) else {
            return None;
        };
        match Spool::again(self.config.ledger.spool_dir.join(name), &key.bodies(), hash) {
            Ok(spool) => {
                tracing::info!(run = run.id, "resumed");
                self.ui.note(&text::RESUMED, run.id);
                Some(Set { run: run.id, day: run.day.clone(), spool, summary })
            }
            // gone or changed: the records are transformed anew
            Err(failure) => {
                tracing::warn!(run = run.id, code = failure.rule.code, "payload not usable");
                self.ui.note(&text::NOT_RESUMED, failure.message(self.ui.lang));
                None
            }
        }
    }

    /// Whether a payload that PMH didn't accept is young enough to be looked at.
    fn worth_keeping(&self, run: &Run, now: DateTime<Utc>) -> bool {
        let ended = run.ended_at.as_deref().unwrap_or(&run.started_at);
        let age = DateTime::parse_from_rfc3339(ended).map(|ended| now - ended.with_timezone(&Utc));
        let most = TimeDelta::from_std(self.config.ledger.keep_undelivered).unwrap_or(TimeDelta::MAX);
        run.state != State::Accepted && age.is_ok_and(|age| age <= most)
    }
}

/// Removes the hashes of sets beside a ledger that nobody will compare with.
pub(super) fn forget_hashes(ledger: &Path, keep: impl Fn(i64) -> bool) -> Result<()> {
    let failed = |error: io::Error| Failure::file(&rules::FILE_UNWRITABLE, ledger, &error);
    let folder = match ledger.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let beginning = format!("{}.set-", ledger.file_name().unwrap_or_default().to_string_lossy());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        // exactly as it was written: `set-007` and `set-+7` are no names of ours
        let number = name.to_str().and_then(|name| name.strip_prefix(&beginning));
        let run = number.and_then(|number| number.parse().ok().filter(|run: &i64| run.to_string() == number));
        let is_file = entry.file_type().map_err(failed)?.is_file();
        if is_file && run.is_some_and(|run| !keep(run)) {
            fs::remove_file(entry.path()).map_err(failed)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hashes_with_exactly_our_names_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.sqlite3");
        let others = ["set-007", "set-+7", "set-", "set-7.bak", "set-7a", "other"];
        for ending in others.iter().chain(&["set-7", "set-8"]) {
            fs::write(crate::changes::beside(&ledger, ending), "").unwrap();
        }
        fs::create_dir(crate::changes::beside(&ledger, "set-9")).unwrap();
        forget_hashes(&ledger, |run| run == 8).unwrap();
        assert!(!crate::changes::beside(&ledger, "set-7").exists());
        for ending in others.iter().chain(&["set-8", "set-9"]) {
            assert!(crate::changes::beside(&ledger, ending).exists(), "{ending}");
        }
    }
}
