//! `pmh sync`: transform everything, decide, send, say what became of it.
//!
//! The order is the safety: secrets first, then the lock, then the whole payload on the disk, then the guards, then the
//! intent in the ledger, and only then a connection. Whatever moment the process dies at, the next run finds out from the
//! ledger what was begun. Nothing of a record is printed but what the module's findings hold.

mod account;
mod deliver;
mod inspect;
mod prepare;
mod rehearse;
mod resume;

use std::path::Path;

use chrono::Utc;
use pmh_core::rules::{self, Rule};

pub use self::prepare::passable;
use self::{
    account::Account,
    deliver::Deliverer,
    prepare::{Preparation, Prepared},
};
use crate::{
    changes::beside,
    config::Config,
    failure::{Exit, Failure, Result},
    fault,
    ledger::{Bound, Ledger, Removed, State},
    lock::Lock,
    module::Module,
    report::Summary,
    send::Client,
    signal::Stop,
    spool::{self, Spool},
    text, time, trust,
    ui::Ui,
};

/// What one `pmh sync` is about.
pub struct Sync<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The module that transforms.
    pub module: &'a Module,
    /// The processing date; today in Japan unless given.
    pub as_of: Option<String>,
    /// Everything but sending.
    pub dry_run: bool,
    /// The guards that are passed this once.
    pub pass: Vec<&'static Rule>,
    /// Where all findings are written too.
    pub report: Option<&'a Path>,
    /// How to talk.
    pub ui: Ui,
    /// Whether to go on.
    pub stop: Stop,
}

/// A set on the disk whose intent stands in the ledger.
struct Set {
    run: i64,
    /// The date in Japan on which it may be sent.
    day: String,
    spool: Spool,
    summary: Summary,
}

impl Sync<'_> {
    /// Runs it.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from coming to an answer; the answer itself decides the exit code.
    pub fn run(&self) -> Result<Exit> {
        let now = Utc::now();
        let today = time::day(now);
        let as_of = self.as_of.clone().unwrap_or_else(|| today.clone());
        let preparation = Preparation { sync: self, as_of: &as_of, today: &today, now };
        if self.dry_run {
            return preparation.rehearse();
        }
        let paths = &self.config.ledger;
        let client = Client::new(&self.config.endpoint)?;
        for path in trust::state_files(&paths.path, &paths.spool_dir) {
            trust::is_own(&path)?;
        }
        spool::make_folder(&paths.spool_dir)?;
        for path in [&paths.path, &paths.spool_dir] {
            if trust::close(path)? {
                self.ui.note(
                    &text::WARNING,
                    Failure::new(&rules::OPEN_TO_OTHERS, path.display()).coded(self.ui.lang),
                );
            }
        }
        let _lock = Lock::take(&paths.path, &paths.spool_dir)?;
        let Bound { mut ledger, key, passed } = Ledger::open_bound(self.config, &self.pass)?;
        let mut account = Account::default();
        account.bound = passed;
        let set = if let Some(set) = self.resume(&mut ledger, &key, &as_of, &today)? {
            account.resumed = true;
            set
        } else {
            match preparation.prepare(&mut ledger, &key, &mut account)? {
                Prepared::Ready(set) => set,
                Prepared::Ended(exit) => return Ok(exit),
            }
        };
        self.deliver(&client, ledger, set, account)
    }

    fn deliver(&self, client: &Client, mut ledger: Ledger, set: Set, mut account: Account) -> Result<Exit> {
        let run = set.run;
        account.describe(run, &ledger.run(run)?, set.summary);
        let site = self.config.site.as_deref();
        tracing::info!(run, site, resumed = account.resumed, records = account.summary.accepted, "sending");
        let mut sender = Deliverer::new(self.config, client, &mut ledger, self.ui, &self.stop);
        let delivered = sender.deliver(run, &set.day, &set.spool)?;
        let kept = |failure| deliver::not_kept(&failure);
        ledger.end(run, Utc::now(), delivered.state).map_err(kept)?;
        fault::point("ended");
        tracing::info!(run, outcome = delivered.state.name(), "ended");
        account.outcome = Some(delivered.state);
        if delivered.state == State::Accepted {
            account.print(&delivered.deliveries, None, self.ui)?;
            // the set is accepted, whatever comes after it
            if let Err(failure) = self.tidy(&mut ledger) {
                tracing::warn!(run, code = failure.rule.code, "not tidied");
                self.ui.note(&text::WARNING, failure.message(self.ui.lang));
            }
            fault::point("swept");
            return Ok(Exit::Done);
        }
        account.print(&delivered.deliveries, Some(&set.spool), self.ui)?;
        delivered.explain(&set.day, &set.spool, self.ui);
        Ok(delivered.exit())
    }

    /// Removes what is of no use once PMH has a set of today; the next run makes up for it.
    fn tidy(&self, ledger: &mut Ledger) -> Result<()> {
        spool::sweep(&self.config.ledger.spool_dir, &[])?;
        let kept = ledger.references()?;
        resume::forget_hashes(&self.config.ledger.path, |run| kept.contains(&run))?;
        for earlier in ledger.unfinished()? {
            ledger.spool_removed(earlier.id, Removed::Accepted)?;
        }
        Ok(())
    }

    /// The hashes of a run's set.
    fn hashes(&self, run: i64) -> std::path::PathBuf {
        beside(&self.config.ledger.path, &format!("set-{run}"))
    }
}
