//! Tells people how a run ended: a command of the site's own gets one JSON object on its standard input.
//!
//! How a notification could look well and do harm, and what is done about it:
//! - a command that hangs keeps the next night from running: it has [`NotifyConfig::timeout`], then its process group is
//!   killed, and it is started only after the run has released its locks;
//! - a command that closes its input, or never reads it, kills or blocks the run: writing happens on a thread of its
//!   own, and a broken pipe is no error;
//! - a command that fails turns an accepted run into a failed one: its failure is a warning and changes no exit code;
//! - the token leaks to it: it gets a few named variables of the environment, and never the one that holds the token;
//! - its output ends up in a log with whatever it printed: its output is discarded.
//!
//! A notice must never hold a value of a record or PMH's words.

use std::{
    env,
    io::Write,
    path::PathBuf,
    process::{Child, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use chrono::NaiveTime;
use pmh_core::rules;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    failure::{Exit, Failure, Result, Words, reason},
    told::Memory,
    ui::Ui,
};

/// The variables that a command needs to run at all; everything else stays here.
const PASSED_ON: [&str; 24] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "LC_MESSAGES",
    "TZ",
    "TMPDIR",
    // Windows
    "SystemRoot",
    "SystemDrive",
    "windir",
    "ComSpec",
    "PATHEXT",
    "TEMP",
    "TMP",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "ProgramData",
    "ProgramFiles",
];

/// `[notify]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifyConfig {
    /// Run when nothing was accepted.
    pub on_failure: Option<Command>,
    /// Run when the set was accepted with warnings; without it [`NotifyConfig::on_success`] is.
    pub on_warning: Option<Command>,
    /// Run when the set was accepted.
    pub on_success: Option<Command>,
    /// The time in Japan by which a set of the day must be accepted; `pmh serve` watches it.
    pub not_accepted_by: Option<NaiveTime>,
    /// How long a command may take.
    pub timeout: Duration,
    /// The environment variable that holds the token.
    pub withheld: Option<String>,
}

impl Default for NotifyConfig {
    fn default() -> Self {
        Self {
            on_failure: None,
            on_warning: None,
            on_success: None,
            not_accepted_by: None,
            timeout: Duration::from_secs(30),
            withheld: None,
        }
    }
}

/// A program and its arguments; no shell takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// A path, or a name that is looked for in `PATH`.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Event {
    /// The run ended, and nothing or not everything was accepted.
    Failure,
    /// Everything was accepted, with warnings.
    Warning,
    /// Everything was accepted.
    Success,
    /// Nothing was accepted by [`NotifyConfig::not_accepted_by`].
    NotAccepted,
}

/// One notification.
#[derive(Debug, Clone)]
pub struct Notice<'a> {
    /// What happened.
    pub event: Event,
    /// The municipality's name.
    pub site: Option<&'a str>,
    /// How the run ended; none if there was no run.
    pub exit: Option<Exit>,
    /// What ended it.
    pub failures: &'a [Failure],
    /// The object that `--format json` prints, as far as the run came to one.
    pub result: Option<Value>,
}

impl Notice<'_> {
    fn json(&self, ui: Ui) -> Value {
        let mut object = match &self.result {
            Some(Value::Object(result)) => result.clone(),
            _ => Map::new(),
        };
        let failures: Vec<_> = self.failures.iter().map(|failure| failure.told(ui.lang)).collect();
        let own = json!({
            "event": self.event,
            "site": self.site,
            "exit": self.exit.map(|exit| exit as u8),
            "failures": failures,
        });
        if let Value::Object(own) = own {
            object.extend(own);
        }
        Value::Object(object)
    }
}

impl NotifyConfig {
    /// The command for an event.
    #[must_use]
    pub fn command(&self, event: Event) -> Option<&Command> {
        match event {
            Event::Failure | Event::NotAccepted => self.on_failure.as_ref(),
            Event::Warning => self.on_warning.as_ref().or(self.on_success.as_ref()),
            Event::Success => self.on_success.as_ref(),
        }
    }

    /// Runs the command for an event, if there is one. A command that fails is told of with `PMH6310`, and changes
    /// nothing else. Blocks for [`NotifyConfig::timeout`] at most. Gives whether a command took the notice.
    pub fn tell(&self, notice: &Notice<'_>, ui: Ui) -> bool {
        let Some(command) = self.command(notice.event) else { return false };
        match self.run(command, &notice.json(ui)) {
            Ok(()) => tracing::info!(event = ?notice.event, "notified"),
            Err(failure) => {
                tracing::warn!(event = ?notice.event, code = failure.rule.code, "not notified");
                ui.warn(&failure);
                return false;
            }
        }
        true
    }

    /// The same for a run of the service, unless it ended as the last one that people were told of for its slot.
    pub fn tell_news(&self, notice: &Notice<'_>, memory: Option<&Memory>, ui: Ui) {
        let Some(memory) = memory else {
            self.tell(notice, ui);
            return;
        };
        if notice.event == Event::Failure && memory.knows(notice.exit, notice.failures) {
            tracing::info!(event = ?notice.event, "told before");
            return;
        }
        if self.tell(notice, ui)
            && let Err(failure) = memory.note(notice.exit, notice.failures)
        {
            tracing::warn!(code = failure.rule.code, "the notice is told again with the next try");
        }
    }

    fn run(&self, command: &Command, object: &Value) -> Result<()> {
        let failed = |reason: &Words| {
            use rules::Lang::{En, Ja};
            let program = command.program.display();
            let words = Words::new(
                format!("{program} ({})", reason.get(En)),
                format!("{program}({})", reason.get(Ja)),
            );
            Failure::new(&rules::NOTIFY_FAILED, words)
        };
        let mut child = self.start(command).map_err(|error| failed(&reason(&error)))?;
        if let Some(mut input) = child.stdin.take() {
            let text = format!("{object}\n");
            // left to itself: if something that the command started keeps the pipe open unread, nothing here waits for it
            let writing = thread::Builder::new().name("notice".to_owned());
            writing
                .spawn(move || {
                    // a command may have read enough, or nothing at all
                    let _ = input.write_all(text.as_bytes());
                })
                .map_err(|error| failed(&reason(&error)))?;
        }
        match wait(&mut child, self.timeout) {
            Ok(Some(status)) if status.success() => Ok(()),
            Ok(Some(status)) => Err(failed(&ended(status))),
            Ok(None) => {
                kill(&mut child);
                Err(failed(&Words::new(
                    format!("stopped after {} s", self.timeout.as_secs()),
                    format!("{} 秒で終わらないため停止", self.timeout.as_secs()),
                )))
            }
            Err(error) => {
                kill(&mut child);
                Err(failed(&reason(&error)))
            }
        }
    }

    fn start(&self, command: &Command) -> std::io::Result<Child> {
        let withheld = |name: &str| {
            self.withheld.as_deref().is_some_and(|withheld| {
                if cfg!(windows) { withheld.eq_ignore_ascii_case(name) } else { withheld == name }
            })
        };
        let mut child = std::process::Command::new(&command.program);
        child.args(&command.arguments).env_clear();
        for name in PASSED_ON.into_iter().filter(|name| !withheld(name)) {
            child.envs(env::var_os(name).map(|value| (name, value)));
        }
        // its own group, so that what it starts can be ended with it, and Ctrl+C for the run isn't for it
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut child, 0);
        child.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    }
}

/// Waits for the end of a process; none if it hasn't ended in time.
fn wait(child: &mut Child, timeout: Duration) -> std::io::Result<Option<ExitStatus>> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let left = timeout.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return Ok(None);
        }
        thread::sleep(left.min(Duration::from_millis(20)));
    }
}

/// Ends a process and what it started.
fn kill(child: &mut Child) {
    // whatever has ended meanwhile needs no end
    #[cfg(unix)]
    let _ = rustix::process::kill_process_group(
        rustix::process::Pid::from_child(child),
        rustix::process::Signal::KILL,
    );
    #[cfg(windows)]
    if let Some(root) = env::var_os("SystemRoot") {
        let mut taskkill = std::process::Command::new(PathBuf::from(root).join(r"System32\taskkill.exe"));
        taskkill.args(["/T", "/F", "/PID", &child.id().to_string()]);
        let _ = taskkill.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn ended(status: ExitStatus) -> Words {
    match status.code() {
        Some(code) => Words::new(format!("exit code {code}"), format!("終了コード {code}")),
        None => Words::new("ended by a signal", "シグナルにより終了"),
    }
}
