//! Files on the disk, from outside: what is removed, what is left, what is trusted.
//!
//! How this could end with success and harm somebody: making room in the cache or sweeping the spool removes a file of
//! the user's; a pipe in the cache makes the nightly run wait for ever; a payload that PMH never took stays because no
//! run gets far enough to remove it; an interrupted `transform` leaves personal data under a hidden name, or the next
//! one removes what another is still writing; a signal that `nohup` makes harmless ends the program.

#![cfg(unix)]

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant, SystemTime},
};

use pmh_tests::{
    Result,
    pmh::{self, Done},
    site::{AS_OF, Site},
};

/// `pmh check` of the site's records with a cache in this folder.
fn check(site: &Site, cache: &Path) -> Command {
    let mut command = pmh::command(["check", "--as-of", AS_OF]);
    command.arg("--profile").arg(site.path("profile.json")).arg(site.path("records.ndjson"));
    command.env("XDG_CACHE_HOME", cache);
    command
}

/// Waits for a program that must not wait for anything itself.
fn soon(mut command: Command) -> Result<Done> {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let begun = Instant::now();
    while child.try_wait()?.is_none() {
        if begun.elapsed() > Duration::from_mins(2) {
            child.kill()?;
            return Err("it hangs".into());
        }
        thread::sleep(Duration::from_millis(20));
    }
    pmh::done(child.wait_with_output()?)
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[test]
fn a_folder_that_happens_to_be_the_cache_keeps_what_is_in_it() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let folder = site.path("pmh");
    assert_eq!(pmh::run(["init".as_ref(), folder.as_os_str()])?.code, 0);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
    for number in 0..12 {
        fs::write(folder.join(format!("ledger-{number}.sqlite3")), "")?;
    }
    let before = names(&folder)?;
    assert_eq!(pmh::done(check(&site, site.folder()).output()?)?.code, 3);
    let after = names(&folder)?;
    assert!(before.iter().all(|name| after.contains(name)), "{after:?}");
    let entries: Vec<&String> = after.iter().filter(|name| !before.contains(name)).collect();
    assert_eq!(entries.len(), 1, "one entry was added: {entries:?}");

    // the entry becomes a pipe: opening it must not wait for a writer
    let entry = folder.join(entries.first().ok_or("no entry")?);
    fs::remove_file(&entry)?;
    assert!(Command::new("mkfifo").arg(&entry).status()?.success());
    assert_eq!(soon(check(&site, site.folder()))?.code, 3);
    Ok(())
}

#[test]
fn a_link_in_the_place_of_the_cache_leads_nowhere() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let (cache, other) = (site.path("cache"), site.path("other"));
    fs::create_dir(&cache)?;
    fs::create_dir(&other)?;
    for number in 0..12 {
        fs::write(other.join(format!("{number:064x}-{number:016x}.cwasm")), "")?;
    }
    symlink(&other, cache.join("pmh"))?;
    assert_eq!(pmh::done(check(&site, &cache).output()?)?.code, 3);
    assert_eq!(names(&other)?.len(), 12);
    Ok(())
}

#[test]
fn the_spool_may_be_a_folder_with_other_files() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.change("spool_dir = \"spool\"", "spool_dir = \".\"")?;
    let kept = ["payload-2025-archive.json", "payload-old.json", ".pmh-notes.part", "ledger.sqlite3.set-007"];
    let swept = ["payload-2025-04-01-1743433200000.json", ".pmh-a1b2c3.part"];
    for name in kept.iter().chain(&swept) {
        fs::write(site.path(name), "[]")?;
    }
    assert_eq!(site.sync(&[])?.code, 0);
    let left = names(site.folder())?;
    assert!(kept.iter().all(|name| left.contains(&(*name).to_owned())), "{left:?}");
    assert!(!swept.iter().any(|name| left.contains(&(*name).to_owned())), "{left:?}");
    Ok(())
}

#[test]
fn an_old_payload_goes_even_if_no_run_can_start() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.pmh.answer_next([pmh_simulator::Answer::status(503)]);
    assert_eq!(site.sync(&[])?.code, 5);
    let [payload] = <[String; 1]>::try_from(
        site.spool()?.into_iter().filter(|name| name.starts_with("payload-")).collect::<Vec<_>>(),
    )
    .map_err(|other| format!("{other:?}"))?;
    let path = site.path("spool").join(&payload);
    fs::remove_file(site.path("token"))?;
    assert_eq!(site.sync(&[])?.code, 2);
    assert!(path.exists(), "it is young");
    let old = SystemTime::now() - Duration::from_hours(24 * 4);
    File::options().write(true).open(&path)?.set_modified(old)?;
    // a rehearsal changes nothing
    assert_eq!(site.sync(&["--dry-run"])?.code, 0);
    assert!(path.exists());
    let run = File::options().write(true).open(site.path("spool/lock"))?;
    run.lock()?;
    assert_ne!(site.sync(&[])?.code, 0);
    assert!(path.exists(), "a run is under way");
    drop(run);
    assert_eq!(site.sync(&[])?.code, 2);
    assert!(!path.exists());
    // the next run finds out, and makes a new set
    site.write_token(site.pmh.token())?;
    let done = site.sync(&[])?;
    assert_eq!((done.code, done.json()?["resumed"] == true), (0, false), "{done:?}");
    assert_eq!(site.run(&["history", "verify"])?.code, 0);
    Ok(())
}

#[test]
fn a_spool_that_is_a_link_is_refused() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    fs::create_dir(site.path("elsewhere"))?;
    let payload = site.path("elsewhere/payload-2025-04-01-1743433200000.json");
    fs::write(&payload, "[]")?;
    symlink(site.path("elsewhere"), site.path("spool"))?;
    let done = site.sync(&[])?;
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.contains("PMH6318"), "{done:?}");
    assert!(payload.exists() && site.pmh.requests().is_empty());
    Ok(())
}

/// A `transform` that has written a part of its output and waits for more input.
struct Waiting {
    folder: tempfile::TempDir,
    child: std::process::Child,
    input: File,
    site: Site,
}

impl Waiting {
    /// `through` is a shell's command before the program, `fault` a place of the program that behaves otherwise.
    fn new(through: &str, fault: &str) -> Result<Self> {
        let site = Site::new("flat-romaji")?;
        let folder = tempfile::tempdir()?;
        let pipe = site.path("pipe.ndjson");
        assert!(Command::new("mkfifo").arg(&pipe).status()?.success());
        let transform = Self::command(&site, &pipe, &folder.path().join("payload.json"));
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("{through} exec \"$@\"")).arg("sh");
        shell.arg(transform.get_program()).args(transform.get_args()).env("PMH_FAULT", fault);
        let mut child = shell.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        // once there is a reader it has made its output
        let mut input = opened(&pipe, &mut child)?;
        input.write_all(&fs::read(site.path("records.ndjson"))?.repeat(4))?;
        Ok(Self { folder, child, input, site })
    }

    fn command(site: &Site, input: &Path, output: &Path) -> Command {
        let mut command = pmh::command(["transform", "--as-of", AS_OF]);
        command
            .arg("--profile")
            .arg(site.path("profile.json"))
            .arg("--input")
            .arg(input)
            .arg("--output")
            .arg(output);
        command
    }

    fn signal(&self, signal: &str) -> Result<()> {
        let done =
            Command::new("kill").args([&format!("-{signal}"), &self.child.id().to_string()]).status()?;
        done.success().then_some(()).ok_or_else(|| "no such process".into())
    }

    fn names(&self) -> Result<Vec<String>> {
        names(self.folder.path())
    }

    /// Lets the records end.
    fn end(self) -> Result<(Option<i32>, tempfile::TempDir)> {
        let Self { folder, mut child, input, site } = self;
        drop(input);
        let status = child.wait()?;
        drop(site);
        Ok((status.code(), folder))
    }
}

/// Opens a pipe that a child reads.
fn opened(pipe: &Path, child: &mut std::process::Child) -> Result<File> {
    // opening alone would wait for ever for a child that has failed
    let opening = pipe.to_owned();
    let opener = thread::spawn(move || File::options().write(true).open(opening));
    while !opener.is_finished() {
        if let Some(status) = child.try_wait()? {
            // lets the opener go
            drop(File::options().read(true).write(true).open(pipe)?);
            return Err(format!("it ended: {status}").into());
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(opener.join().map_err(|_| "the opener panicked")??)
}

#[test]
fn a_signal_leaves_nothing_of_an_unfinished_file() -> Result<()> {
    // with a part that has a name, as on file systems that know no other, and as this one does it
    for (fault, signals) in [("named-part", &["INT", "TERM", "HUP"][..]), ("", &["TERM", "KILL"])] {
        for signal in signals {
            let waiting = Waiting::new("", fault)?;
            assert_eq!(
                waiting.names()?.len(),
                usize::from(fault == "named-part"),
                "{fault}: {:?}",
                waiting.names()?
            );
            waiting.signal(signal)?;
            let (code, folder) = waiting.end()?;
            assert_eq!(code, None, "{signal}: it ends as the signal does");
            assert_eq!(names(folder.path())?, [""; 0], "{fault} {signal}");
        }
    }
    Ok(())
}

#[test]
fn a_signal_that_is_ignored_stays_ignored() -> Result<()> {
    let waiting = Waiting::new("trap '' HUP;", "named-part")?;
    waiting.signal("HUP")?;
    let (code, folder) = waiting.end()?;
    assert_eq!(code, Some(3));
    assert_eq!(names(folder.path())?, ["payload.json"]);
    Ok(())
}

#[test]
fn the_next_run_removes_what_a_killed_one_left_and_nothing_that_is_being_written() -> Result<()> {
    let killed = Waiting::new("", "named-part")?;
    let written = Waiting::new("", "named-part")?;
    killed.signal("KILL")?;
    let (_, folder) = killed.end()?;
    let [part] = <[String; 1]>::try_from(names(folder.path())?).map_err(|other| format!("{other:?}"))?;
    fs::rename(folder.path().join(&part), written.folder.path().join(&part))?;
    fs::write(written.folder.path().join(".pmh-notes.part"), "")?;
    let other: PathBuf = written.folder.path().join("other.json");
    let done =
        pmh::done(Waiting::command(&written.site, &written.site.path("records.ndjson"), &other).output()?)?;
    assert_eq!(done.code, 3, "{done:?}");
    let left = written.names()?;
    assert!(!left.contains(&part) && left.contains(&".pmh-notes.part".to_owned()), "{left:?}");
    assert_eq!(left.len(), 3, "{left:?}");
    let (code, folder) = written.end()?;
    assert_eq!(code, Some(3));
    assert_eq!(names(folder.path())?, [".pmh-notes.part", "other.json", "payload.json"]);
    Ok(())
}

#[test]
fn log_files_are_private_under_any_umask() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.change("[guard]", "[log]\ndir = \"log\"\n\n[guard]")?;
    let sync = site.sync_command(&[]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 0; exec \"$@\"", "sh"]).arg(sync.get_program()).args(sync.get_args());
    assert_eq!(pmh::done(shell.output()?)?.code, 0);
    let log = site.files("log")?;
    let [name] = <[String; 1]>::try_from(log).map_err(|other| format!("{other:?}"))?;
    assert!(name.strip_suffix(".log").is_some_and(|name| name.starts_with("pmh.20")), "{name}");
    let mode = |path: PathBuf| fs::metadata(path).map(|metadata| metadata.permissions().mode() & 0o777);
    assert_eq!((mode(site.path("log"))?, mode(site.path("log").join(&name))?), (0o700, 0o600));
    Ok(())
}
