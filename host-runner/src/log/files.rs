//! The log's files: one per day in Japan, `pmh.YYYY-MM-DD.log`, readable by their owner only.
//!
//! Several processes write to the same file: each line is one write at the end of the file. A write that fails is told
//! once and then forgotten, so that a full disk stops no run.
//!
//! How this could do harm: a line of the service inside a line of the run; a file of another name removed as an old
//! log; the file that is being written removed because the clock was wrong on some day; a pipe or link in the place
//! of the file; a run that fails, or a panic, because the log can't be written.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, NaiveDate, Utc};
use pmh_core::rules;
use tracing_subscriber::fmt::MakeWriter;

use crate::{
    failure::{Failure, Result},
    folder::Folder,
    time,
    ui::Ui,
};

/// How the name of a log file begins and ends, with the day in between.
const NAME: (&str, &str) = ("pmh.", ".log");

/// The files of a folder.
pub(super) struct LogFiles {
    dir: PathBuf,
    keep: usize,
    ui: Ui,
    state: Mutex<State>,
}

/// The file of the day.
#[derive(Default)]
struct State {
    day: String,
    file: Option<File>,
    /// A line was written in part: the next one begins with a line feed.
    torn: bool,
    /// That it can't be written was told.
    told: bool,
}

impl LogFiles {
    /// Opens the file of today and removes those that are too many.
    ///
    /// # Errors
    ///
    /// `PMH6306` if the folder can't be written to for another reason than a full disk.
    pub(super) fn open(dir: &Path, keep: u64, ui: Ui) -> Result<Self> {
        make_folder(dir).map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, dir, &error))?;
        let keep = usize::try_from(keep).unwrap_or(usize::MAX);
        let files = Self { dir: dir.to_owned(), keep, ui, state: Mutex::default() };
        match files.turn(&mut files.state(), &time::day(Utc::now())) {
            Err(error) if is_full(&error) => files.tell(&mut files.state(), &error),
            Err(error) => return Err(Failure::file(&rules::FILE_UNWRITABLE, dir, &error)),
            Ok(()) => {}
        }
        Ok(files)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a line at this time.
    fn line(&self, line: &[u8], now: DateTime<Utc>) {
        let mut state = self.state();
        let written = self.turn(&mut state, &time::day(now)).and_then(|()| state.append(line));
        match written {
            Ok(()) => state.told = false,
            Err(error) => self.tell(&mut state, &error),
        }
    }

    /// Goes on to the file of this day, unless it is open already.
    fn turn(&self, state: &mut State, day: &str) -> io::Result<()> {
        if state.file.is_some() && state.day == day {
            return Ok(());
        }
        let (before, after) = NAME;
        let name = format!("{before}{day}{after}");
        *state = State { file: Some(open(&self.dir.join(&name))?), day: day.to_owned(), ..*state };
        // an old file that can't be removed is no reason not to log
        let _ = self.prune(&name);
        Ok(())
    }

    /// Removes the oldest files but for this one.
    fn prune(&self, current: &str) -> io::Result<()> {
        let folder = Folder::open(&self.dir)?;
        let mut files = folder.files(|name| is_log(name) && name != current)?;
        files.sort_by(|left, right| right.name.cmp(&left.name));
        files.iter().skip(self.keep.saturating_sub(1)).try_for_each(|file| folder.remove(&file.name))
    }

    /// Says once that the log can't be written.
    fn tell(&self, state: &mut State, error: &io::Error) {
        if !std::mem::replace(&mut state.told, true) {
            self.ui.fail(&Failure::file(&rules::LOG_UNWRITABLE, &self.dir, error));
        }
    }
}

impl State {
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let whole = if self.torn { [b"\n", line].concat() } else { line.to_vec() };
        let count = loop {
            match file.write(&whole) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.torn = count < whole.len();
        if self.torn { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Makes the folder for its owner only, whatever the umask.
fn make_folder(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Opens a file to append to: a regular one, no link, for its owner only if it is new.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        use rustix::fs::OFlags;
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY).bits();
        options.mode(0o600).custom_flags(flags.cast_signed());
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

/// Whether this is exactly the name of a log file.
fn is_log(name: &str) -> bool {
    name.strip_prefix(NAME.0).and_then(|name| name.strip_suffix(NAME.1)).is_some_and(|day| {
        NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok_and(|date| date.to_string() == day)
    })
}

impl<'a> MakeWriter<'a> for LogFiles {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(self)
    }
}

/// Takes lines, each in one call.
pub(super) struct Line<'a>(&'a LogFiles);

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.line(line, Utc::now());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Standard error, a line in one write; one that is closed or full is no failure.
#[derive(Debug, Clone, Copy)]
pub(super) struct StandardError;

impl MakeWriter<'_> for StandardError {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}

impl Write for StandardError {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let _ = io::stderr().lock().write_all(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use pmh_core::rules::Lang;

    use super::*;
    use crate::ui::{Colour, Form};

    const UI: Ui =
        Ui { lang: Lang::En, form: Form::Human, colour: Colour::Never, quiet: true, verbose: false };

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn at(time: &str) -> DateTime<Utc> {
        time.parse().unwrap()
    }

    fn files(dir: &Path, keep: usize) -> LogFiles {
        make_folder(dir).unwrap();
        LogFiles { dir: dir.to_owned(), keep, ui: UI, state: Mutex::default() }
    }

    #[test]
    fn a_new_file_begins_at_midnight_in_japan() {
        let folder = tempfile::tempdir().unwrap();
        let log = files(folder.path(), 9);
        log.line(b"a\n", at("2026-11-21T14:59:59Z"));
        log.line(b"b\n", at("2026-11-21T15:00:00Z"));
        log.line(b"c\n", at("2026-11-22T14:59:59Z"));
        let read = |day: &str| fs::read_to_string(folder.path().join(format!("pmh.{day}.log"))).unwrap();
        assert_eq!((read("2026-11-21").as_str(), read("2026-11-22").as_str()), ("a\n", "b\nc\n"));
    }

    #[test]
    fn only_old_files_with_exactly_our_names_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let others = ["pmh.2026-11-1.log", "pmh.2026-02-30.log", "pmh.2026-11-01.log.gz", "pmh.log", "other"];
        let ours = ["pmh.2026-11-01.log", "pmh.2026-11-02.log", "pmh.2099-01-01.log"];
        for name in others.iter().chain(&ours) {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("pmh.2026-10-01.log")).unwrap();
        files(folder.path(), 1).line(b"a\n", at("2026-11-22T00:00:00Z"));
        let left = names(folder.path());
        assert!(others.iter().all(|name| left.contains(&(*name).to_owned())), "{left:?}");
        assert!(!ours.iter().any(|name| left.contains(&(*name).to_owned())), "{left:?}");
        assert!(left.contains(&"pmh.2026-11-22.log".to_owned()), "{left:?}");
        assert!(left.contains(&"pmh.2026-10-01.log".to_owned()), "{left:?}");
    }

    #[cfg(unix)]
    #[test]
    fn folder_and_files_are_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("log");
        files(&dir, 9).line(b"a\n", at("2026-11-22T00:00:00Z"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&dir), mode(&dir.join("pmh.2026-11-22.log"))), (0o700, 0o600));
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_or_link_in_the_place_of_the_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let today = folder.path().join(format!("pmh.{}.log", time::day(Utc::now())));
        let elsewhere = folder.path().join("elsewhere");
        fs::write(&elsewhere, "").unwrap();
        std::os::unix::fs::symlink(&elsewhere, &today).unwrap();
        assert_eq!(LogFiles::open(folder.path(), 9, UI).err().unwrap().rule.code, "PMH6306");
        fs::remove_file(&today).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&today).status().unwrap().success());
        assert_eq!(LogFiles::open(folder.path(), 9, UI).err().unwrap().rule.code, "PMH6306");
    }

    #[test]
    fn lines_of_several_writers_stay_whole() {
        let folder = tempfile::tempdir().unwrap();
        let now = at("2026-11-22T00:00:00Z");
        let line = |number: usize| format!("{}\n", number.to_string().repeat(700));
        std::thread::scope(|scope| {
            for number in 0..4 {
                let log = files(folder.path(), 9);
                scope.spawn(move || (0..200).for_each(|_| log.line(line(number).as_bytes(), now)));
            }
        });
        let text = fs::read_to_string(folder.path().join("pmh.2026-11-22.log")).unwrap();
        assert_eq!(text.lines().count(), 800);
        assert!(text.split_inclusive('\n').all(|one| (0..4).any(|number| one == line(number))));
    }

    #[test]
    fn after_half_a_line_the_next_one_stands_on_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        fs::write(&path, "hal").unwrap();
        let mut state = State { file: Some(open(&path).unwrap()), torn: true, ..State::default() };
        state.append(b"whole\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "hal\nwhole\n");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_once_and_no_failure() {
        let folder = tempfile::tempdir().unwrap();
        let log = files(folder.path(), 9);
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        *log.state() = State { day: "2026-11-22".to_owned(), file: Some(full), ..State::default() };
        let now = at("2026-11-22T00:00:00Z");
        log.line(b"a\n", now);
        assert!(log.state().told);
        log.line(b"b\n", now);
        // the next day's file has room
        log.line(b"c\n", at("2026-11-23T00:00:00Z"));
        assert!(!log.state().told);
    }
}
