//! What `pmh serve` needs: times, and an address that is free or its own.

use std::{
    env,
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    time::Duration,
};

use chrono::Utc;
use pmh_core::rules::{
    self,
    Lang::{En, Ja},
};
use serde::Deserialize;

use super::Examination;
use crate::{
    config::Config,
    failure::{Failure, Result, Words, reason},
    schedule::Schedule,
    text, time,
};

/// How long a service may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(2);

/// How much of its answer is read.
const MAX_ANSWER: u64 = 1 << 16;

pub(super) fn examine(seen: &mut Examination, config: &Config) {
    seen.note_all(
        "schedule",
        &text::CHECK_SCHEDULE,
        overlong(&config.schedule).into_iter().collect(),
        schedule(config),
    );
    if let Some(address) = config.serve.listen {
        seen.note("listener", &text::CHECK_LISTENER, listener(address));
    }
    let notify = &config.notify;
    let commands: Vec<_> =
        [&notify.on_failure, &notify.on_warning, &notify.on_success].into_iter().flatten().collect();
    if !commands.is_empty() {
        let missing = commands.iter().filter_map(|command| can_start(&command.program).err()).collect();
        seen.note_all("notify", &text::CHECK_NOTIFY, missing, Words::from(commands.len()));
    }
}

/// Whether a program can be started: by its path, or by its name in `PATH`. It is not started, since it would tell
/// somebody.
fn can_start(program: &Path) -> Result<()> {
    let found = if program.components().count() > 1 {
        is_executable(program)
    } else {
        let path = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&path).any(|folder| is_executable(&folder.join(program)))
    };
    if found {
        return Ok(());
    }
    let program = program.display();
    let words = Words::new(
        format!("{program} (not found, or not executable)"),
        format!("{program}(見つからないか、実行できません)"),
    );
    Err(Failure::new(&rules::NOTIFY_FAILED, words))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file() || path.with_extension("exe").is_file()
}

/// What is told of times that are tried until the next day.
pub(crate) fn overlong(schedule: &Schedule) -> Option<Failure> {
    let times: Vec<String> = schedule.overlong().iter().map(|at| at.format("%H:%M").to_string()).collect();
    let until = schedule.until.format("%H:%M");
    (!times.is_empty())
        .then(|| Failure::new(&rules::SLOT_OVERLONG, format_args!("{} → {until}", times.join(", "))))
}

fn schedule(config: &Config) -> Words {
    match config.schedule.next(Utc::now()) {
        Some(next) => {
            let next = time::shown(next);
            Words::new(format!("next time {next} (Japan)"), format!("次回 {next}"))
        }
        None => {
            Words::new("none; pmh sync is started by something else", "なし(pmh sync を別の仕組みで起動)")
        }
    }
}

/// Listens at the address for a moment, as `pmh serve` would; a service that is there already is recognised.
fn listener(address: SocketAddr) -> Result<Words> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(Words::new(format!("{address}, free"), format!("{address}(空き)"))),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_service(address) => Ok(Words::new(
            format!("{address}, pmh serve is running"),
            format!("{address}(pmh serve が稼働中)"),
        )),
        Err(error) => {
            let reason = reason(&error);
            Err(Failure::new(
                &rules::CONFIG_VALUE,
                Words::new(
                    format!("serve.listen: {address} ({})", reason.get(En)),
                    format!("serve.listen: {address}({})", reason.get(Ja)),
                ),
            ))
        }
    }
}

/// What only `pmh serve` answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Health {
    #[serde(rename = "version")]
    _version: String,
    #[serde(rename = "healthy")]
    _healthy: bool,
    #[serde(rename = "running")]
    _running: bool,
}

fn is_service(address: SocketAddr) -> bool {
    let ask = || -> io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        write!(stream, "GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.take(MAX_ANSWER).read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = ask().unwrap_or_default();
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    serde_json::from_str::<Health>(body.trim()).is_ok()
}
