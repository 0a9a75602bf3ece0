//! `pmh sync`: transforms everything, decides, sends, and says how it ended.
//!
//! The order is the safety: secrets first, then the lock, then the whole payload on the disk, then the guards, then the
//! intent in the ledger, and only then a connection. At whatever moment the process dies, the next run learns from the
//! ledger what was begun. Nothing of a record is printed but what the module's findings hold.
//!
//! How a run could end well and do harm, or end ill and have done well:
//! - PMH accepts the set, the result can't be printed because standard output is full, and the exit code says "failed":
//!   the ledger and the spool are in order before anything is printed, and printing changes no exit code;
//! - it fails before there is a run, and the ledger's newest row is still yesterday's success: see [`trace`];
//! - an earlier try may have been registered, the last one is refused, and people read "nothing was registered": an
//!   unknown outcome stays unknown until the same set is accepted, whatever is answered in between.

mod account;
mod deliver;
mod inspect;
mod prepare;
mod rehearse;
mod resume;
pub(crate) mod trace;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use chrono::Utc;
use pmh_core::rules::{self, Rule};

pub use self::prepare::passable;
use self::{
    account::Account,
    deliver::Deliverer,
    prepare::{Preparation, Prepared},
    trace::Trace,
};
use crate::{
    changes::beside,
    config::Config,
    failure::{Exit, Failure, Result},
    fault,
    ledger::{Bound, Ledger, Removed, State},
    lock::Lock,
    module::Module,
    notify::Event,
    report::Summary,
    send::Client,
    signal::Stop,
    spool::{self, Spool},
    text, time,
    told::Memory,
    trust,
    ui::Ui,
};

/// One `pmh sync`.
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
    /// Whether PMH's message is shown to the person who asked for it.
    pub show_answer: bool,
    /// What people were told of the slot that it is for, if it is for one.
    pub told: Option<&'a Memory>,
    /// How to talk.
    pub ui: Ui,
    /// Whether to go on.
    pub stop: Stop,
}

/// A set on the disk whose intent is in the ledger.
struct Set {
    run: i64,
    /// The date in Japan on which it may be sent.
    day: String,
    spool: Spool,
    summary: Summary,
}

/// The end of a run that was told already.
struct Ended {
    exit: Exit,
    /// What ended it, the one that decides first.
    failures: Vec<Failure>,
}

impl Sync<'_> {
    /// Runs it, leaves its traces, and says how the program ends.
    #[must_use]
    pub fn run(&self) -> Exit {
        let mut account = Account::new(self.config.site.clone());
        // a panic is a failure like others: what was told, kept and locked is put in order the same way
        let ended = catch_unwind(AssertUnwindSafe(|| self.attempt(&mut account)));
        let Ended { exit, failures } = match ended {
            Ok(Ok(ended)) => ended,
            Ok(Err(failure)) => {
                self.ui.fail(&failure);
                Ended { exit: Exit::of(failure.rule), failures: vec![failure] }
            }
            Err(_) => Ended { exit: Exit::Bug, failures: vec![Failure::internal("panic")] },
        };
        if self.dry_run {
            return exit;
        }
        self.stop.ends_with(exit);
        let trace = Trace::of(self.config, self.told, self.ui);
        if account.run.is_none() {
            trace.keep(self.as_of.as_deref(), &failures);
        }
        let event = match exit {
            Exit::Done if account.has_warnings() => Event::Warning,
            Exit::Done => Event::Success,
            _ => Event::Failure,
        };
        trace.tell(exit, &failures, event, account.notice(self.ui));
        exit
    }

    fn attempt(&self, account: &mut Account) -> Result<Ended> {
        let now = Utc::now();
        let today = time::day(now);
        let as_of = self.as_of.clone().unwrap_or_else(|| today.clone());
        let preparation = Preparation { sync: self, as_of: &as_of, today: &today, now };
        if self.dry_run {
            return preparation.rehearse(account).map(|exit| Ended { exit, failures: Vec::new() });
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
        account.bound = passed;
        let set = if let Some(set) = self.resume(&mut ledger, &key, &as_of, &today)? {
            account.resumed = true;
            set
        } else {
            match preparation.prepare(&mut ledger, &key, account)? {
                Prepared::Ready(set) => *set,
                Prepared::Ended(exit) => return Ok(Ended { exit, failures: account.stops().to_vec() }),
            }
        };
        self.deliver(&client, ledger, set, account)
    }

    fn deliver(&self, client: &Client, mut ledger: Ledger, set: Set, account: &mut Account) -> Result<Ended> {
        let run = set.run;
        account.describe(run, &ledger.run(run)?, set.summary);
        let site = self.config.site.as_deref();
        tracing::info!(run, site, resumed = account.resumed, records = account.summary.accepted, "sending");
        let mut sender = Deliverer::new(self, client, &mut ledger);
        let delivered = sender.deliver(run, &set.day, &set.spool)?;
        let kept = |failure| deliver::not_kept(&failure);
        ledger.end(run, Utc::now(), delivered.state).map_err(kept)?;
        fault::point("ended");
        tracing::info!(run, outcome = delivered.state.name(), "ended");
        account.outcome = Some(delivered.state);
        account.deliveries.clone_from(&delivered.deliveries);
        if delivered.state == State::Accepted {
            self.stop.ends_with(Exit::Done);
            // from here on nothing changes how the run ends
            if let Err(failure) = self.tidy(&mut ledger) {
                let failure = Failure::new(&rules::NOT_TIDIED, failure.detail);
                tracing::warn!(run, code = failure.rule.code, "not tidied");
                self.ui.warn(&failure);
                account.warnings.push(failure);
            }
            fault::point("swept");
            account.print(self.ui);
            return Ok(Ended { exit: Exit::Done, failures: Vec::new() });
        }
        account.spool = Some(set.spool.path().to_owned());
        account.print(self.ui);
        let failures = delivered.explain(run, &set.day, &set.spool, self);
        // an end without a failure of its own can't be; if it were, the set would still not be accepted
        let exit = failures.first().map_or(Exit::Unavailable, |failure| Exit::of(failure.rule));
        Ok(Ended { exit, failures })
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
