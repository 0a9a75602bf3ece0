//! Running other programs: what they print where they fail, and an environment that nothing leaks into.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::{Error, Result};

/// How much of a failed program's output an error shows; its end tells why.
const SHOWN_LINES: usize = 20;

/// Where a program is, if it is on the `PATH`.
#[must_use]
pub fn on_path(program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(&name)).find(|file| file.is_file())
}

/// What a program prints on its standard output. Nothing is asked of the person at the keyboard.
pub(crate) fn output_of(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(Error::while_doing(&name))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let mut printed = String::from_utf8_lossy(&output.stdout).into_owned();
    printed.push_str(&String::from_utf8_lossy(&output.stderr));
    Err(Error::new(format!("{name}: {}\n{}", output.status, last_lines(&printed))))
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let skipped = lines.len().saturating_sub(SHOWN_LINES);
    lines.into_iter().skip(skipped).map(|line| format!("  | {line}")).collect::<Vec<_>>().join("\n")
}

/// Takes away what an outer cargo, clippy or shell set for its own build, and what would change the module's bytes.
///
/// A build script inherits all of it: the outer crate's target, flags, wrapper and features.
pub(crate) fn without_outer_build(command: &mut Command) -> &mut Command {
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(belongs_to_outer_build) {
            command.env_remove(name);
        }
    }
    command
}

fn belongs_to_outer_build(name: &str) -> bool {
    /// How cargo reaches the registry, and how many jobs it may run: those are the person's.
    const KEPT: [&str; 7] = [
        "CARGO_HOME",
        "CARGO_HTTP_",
        "CARGO_MAKEFLAGS",
        "CARGO_NET_",
        "CARGO_REGISTR",
        "CARGO_TERM_",
        "CARGO_BUILD_JOBS",
    ];
    const SET_BY_CARGO: [&str; 7] =
        ["DEBUG", "HOST", "NUM_JOBS", "OPT_LEVEL", "OUT_DIR", "PROFILE", "TARGET"];
    const TAKEN: [&str; 5] = ["CARGO", "CLIPPY", "DEP_", "RUSTC", "RUSTFLAGS"];

    let starts_with_one_of = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    SET_BY_CARGO.contains(&name) || (starts_with_one_of(&TAKEN) && !starts_with_one_of(&KEPT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_outer_build_set_is_taken_away() {
        for name in [
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_FEATURE_ABI",
            "CARGO_INCREMENTAL",
            "CARGO_PROFILE_RELEASE_LTO",
            "CARGO_TARGET_DIR",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTFLAGS",
            "TARGET",
        ] {
            assert!(belongs_to_outer_build(name), "{name}");
        }
    }

    #[test]
    fn what_the_person_set_up_stays() {
        for name in
            ["CARGO_HOME", "CARGO_NET_OFFLINE", "CARGO_HTTP_PROXY", "PATH", "RUSTUP_TOOLCHAIN", "TARGETS"]
        {
            assert!(!belongs_to_outer_build(name), "{name}");
        }
    }

    #[test]
    fn an_error_shows_the_end_of_the_output() {
        let text: Vec<String> = (0..50).map(|line| line.to_string()).collect();
        let shown = last_lines(&text.join("\n\n"));
        assert!(shown.starts_with("  | 30\n") && shown.ends_with("  | 49"), "{shown}");
    }

    #[test]
    fn a_failing_program_is_named() {
        let error = output_of(Command::new("rustc").arg("--no-such-option")).unwrap_err().to_string();
        assert!(error.starts_with("rustc: ") && error.contains("no-such-option"), "{error}");
    }
}
