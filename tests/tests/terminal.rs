//! What the program does for a person at a terminal, and leaves where there is none: colour, progress, completion.
//!
//! `script` gives it a terminal, and `bash` completes; where one of them is missing the test says that it was skipped.

use std::{
    fs,
    process::{Command, Stdio},
};

use pmh_tests::{Result, faults::skip, pmh, site::Site};

/// What begins a colour and every movement of the cursor.
const ESCAPE: &str = "\u{1b}[";

const NO_TERMINAL: &str = "there is none here: apt-get install bsdutils";

/// Runs a command on a terminal of this kind; what it shows, or none where `script` is missing.
fn on_a_terminal(command: &Command, term: &str, variables: &[(&str, &str)]) -> Result<Option<String>> {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line: Vec<String> =
        words.map(|word| format!("'{}'", word.to_string_lossy().replace('\'', "'\\''"))).collect();
    let mut script = Command::new("script");
    script.args(["--quiet", "--command", &line.join(" "), "/dev/null"]).env("TERM", term);
    script.env_remove("NO_COLOR").envs(variables.iter().copied()).stdin(Stdio::null());
    script.output().ok().map(|done| Ok(String::from_utf8(done.stdout)?)).transpose()
}

#[test]
fn colour_is_for_terminals_that_want_it() -> Result<()> {
    let failing = || pmh::command(["check", "--profile", "nowhere.json", "nowhere.json"]);
    for (term, variables, coloured) in [
        ("xterm-256color", &[][..], true),
        ("xterm-256color", &[("NO_COLOR", "1")], false),
        ("xterm-256color", &[("NO_COLOR", "")], true),
        ("dumb", &[], false),
    ] {
        let Some(shown) = on_a_terminal(&failing(), term, variables)? else {
            skip("terminal", NO_TERMINAL);
            return Ok(());
        };
        assert!(shown.contains("PMH6301"), "{shown}");
        assert_eq!(shown.contains(ESCAPE), coloured, "{term} {variables:?}: {shown:?}");
    }
    let piped = pmh::done(failing().env("TERM", "xterm-256color").output()?)?;
    assert!(piped.stderr.contains("PMH6301") && !piped.stderr.contains(ESCAPE), "{piped:?}");
    let always = pmh::done(failing().args(["--color", "always"]).output()?)?;
    assert!(always.stderr.contains(ESCAPE), "{always:?}");
    Ok(())
}

#[test]
fn progress_is_for_terminals_alone() -> Result<()> {
    let site = Site::new("nested-japanese")?;
    let records = site.path("records.json");
    let mut generator = Command::new(env!("CARGO_BIN_EXE_vendor_records"));
    assert!(generator.arg("workload").arg(&records).args(["5000", "1", "0"]).status()?.success());
    site.change("[guard]", "[log]\ndir = \"log\"\nlevel = \"trace\"\n\n[guard]")?;
    let mut transform = pmh::command(["transform", "--as-of", "2026-11-22"]);
    transform.arg("--output").arg(site.path("payload.json")).arg("--input").arg(&records);
    transform.arg("--profile").arg(site.path("profile.json"));
    for (command, label) in [(&transform, "reading"), (&site.sync_command(&[]), "sending")] {
        let Some(shown) = on_a_terminal(command, "xterm-256color", &[])? else {
            skip("terminal", NO_TERMINAL);
            return Ok(());
        };
        let bar = shown.split(['\r', '\n']).find(|line| line.contains(label) && line.contains("remaining"));
        assert!(bar.is_some_and(|bar| bar.contains("B/s")), "{label}: {shown:?}");
        let plain = on_a_terminal(command, "dumb", &[])?.unwrap_or_default();
        assert!(!plain.contains("remaining") && !plain.contains(ESCAPE), "{label}: {plain:?}");
    }
    let piped = site.done(site.sync_command(&[]))?;
    assert!(piped.code == 0 && !piped.stderr.contains("remaining"), "{piped:?}");
    for log in site.files("log")? {
        let log = fs::read_to_string(site.path("log").join(log))?;
        assert!(log.len() > 100 && !log.contains("remaining"), "progress in the log: {log}");
    }
    Ok(())
}

#[test]
fn every_shell_gets_its_definitions() -> Result<()> {
    for (shell, word) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef pmh"),
        ("fish", "complete -c pmh"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let done = pmh::run(["completions", shell])?;
        assert_eq!(done.code, 0, "{done:?}");
        assert!(done.stdout.contains(word) && done.stdout.contains("dry-run"), "{shell}");
    }
    assert_eq!(pmh::run(["completions", "none"])?.code, 2);
    Ok(())
}

#[test]
fn bash_completes() -> Result<()> {
    let definitions = pmh::run(["completions", "bash"])?.stdout;
    let complete = |words: &str, at: usize| -> Result<Option<String>> {
        let ask = format!(
            "{definitions}\nCOMP_WORDS=({words}); COMP_CWORD={at}\n_pmh pmh \"${{COMP_WORDS[{at}]}}\" \"${{COMP_WORDS[{}]}}\"\necho \"${{COMPREPLY[@]}}\"",
            at - 1
        );
        match Command::new("bash").args(["--norc", "-c", &ask]).output() {
            Ok(done) => Ok(Some(String::from_utf8(done.stdout)?.trim().to_owned())),
            Err(_) => Ok(None),
        }
    };
    for (words, at, expected) in
        [("pmh sy", 1, "sync"), ("pmh sync --dry", 2, "--dry-run"), ("pmh --lang ''", 2, "ja en")]
    {
        let Some(completed) = complete(words, at)? else {
            skip("completion", "there is no bash here");
            return Ok(());
        };
        assert_eq!(completed, expected, "{words}");
    }
    Ok(())
}

#[test]
fn manual_pages_are_written() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let pages = folder.path().join("man1");
    let done = pmh::run(["man".as_ref(), pages.as_os_str()])?;
    assert_eq!((done.code, done.stdout.as_str()), (0, ""), "{done:?}");
    let sync = fs::read_to_string(pages.join("pmh-sync.1"))?;
    assert!(sync.contains("dry\\-run") && sync.contains(".TH pmh-sync 1"), "{sync}");
    Ok(())
}

/// What acts on a terminal or can't be seen, in any text.
fn steers(text: &str) -> Option<char> {
    text.chars().find(|&c| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    })
}

/// Names that somebody who may write into the vendor's folder chooses: they erase the line, write "✓", turn text around,
/// hide, break the line, or are no text at all.
fn hostile() -> Vec<std::ffi::OsString> {
    use std::os::unix::ffi::OsStringExt;
    let mut names: Vec<std::ffi::OsString> = [
        "a\u{1b}[2K\r✓ endpoint\u{1b}]0;x\u{7}.ndjson",
        "b\u{202e}nosjdn\u{200b}\u{61c}\u{2066}\u{feff}.ndjson",
        "c\n✓ token\u{85}\u{9b}31m\u{2028}.ndjson",
    ]
    .map(Into::into)
    .to_vec();
    names.push(std::ffi::OsString::from_vec(b"d\xff\x9b2J\xc2\x9b.ndjson".to_vec()));
    names
}

/// How it could end with success and harm somebody: `pmh doctor` shows "✓" on a line that a file's name has written.
#[test]
fn no_name_steers_the_terminal() -> Result<()> {
    for name in hostile() {
        let site = Site::new("flat-romaji")?;
        fs::create_dir(site.path("in"))?;
        fs::rename(site.path("records.ndjson"), site.path("in").join(&name))?;
        site.change("\"records.ndjson\"", "\"in/*.ndjson\"")?;
        let look = |what: &str, command: &Command| -> Result<()> {
            for form in ["human", "json"] {
                let mut again = Command::new(command.get_program());
                let done = again.args(command.get_args()).args(["--format", form]).output()?;
                let (out, err) = (String::from_utf8(done.stdout)?, String::from_utf8(done.stderr)?);
                assert_eq!((steers(&out), steers(&err)), (None, None), "{what} {form}: {out:?} {err:?}");
                assert!(
                    !format!("{out}{err}")
                        .lines()
                        .any(|line| line.starts_with("✓ token") && line != "✓ token"),
                    "{what}: {out}"
                );
            }
            Ok(())
        };
        let file = site.path("in").join(&name);
        let missing = site.path("none").join(&name);
        for command in ["doctor", "sync", "history"] {
            look(command, &site.command(&[command]))?;
        }
        for path in [&file, &missing] {
            let profile = site.path("profile.json");
            look(
                "check",
                pmh::command(["check", "--as-of", "2026-11-22", "--profile"]).arg(&profile).arg(path),
            )?;
            look(
                "a profile",
                pmh::command(["check", "--as-of", "2026-11-22", "--profile"]).arg(path).arg(&file),
            )?;
            let mut transform = pmh::command(["transform", "--as-of", "2026-11-22", "--profile"]);
            look(
                "transform",
                transform.arg(&profile).arg("--input").arg(path).arg("--output").arg(&missing),
            )?;
            look("a configuration", pmh::command(["doctor", "--config"]).arg(path))?;
        }
        look("init", pmh::command(["init"]).arg(site.path("made").join(&name)))?;
    }
    // a key of the configuration
    let site = Site::new("flat-romaji")?;
    site.change("[guard]", "[guard]\n\"a\\u001b[2K\\u202e\\u009b\" = 1")?;
    let done = site.run(&["doctor"])?;
    assert!(done.stdout.contains("PMH6202") && steers(&done.stdout).is_none(), "{done:?}");
    Ok(())
}
