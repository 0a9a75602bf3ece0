//! The program as a parent process meets it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::wire::{connect, read};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_pmh-simulator"))
}

/// Starts it, and gives the URL that its first line tells.
fn spawn(command: &mut Command) -> (Child, BufReader<ChildStdout>, String) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut url = String::new();
    lines.read_line(&mut url).unwrap();
    (child, lines, url.trim_end().to_owned())
}

fn post(url: &str, token: &str) -> u16 {
    let mut stream = connect(url);
    write!(
        stream,
        "POST {} HTTP/1.1\r\nhost: pmh\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: 2\r\n\r\n[]",
        pmh_simulator::API_PATH
    )
    .unwrap();
    read(&mut stream).unwrap().status
}

fn output(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

#[cfg(unix)]
#[test]
fn the_first_line_is_the_url_and_the_last_the_lists() {
    for signal in ["-TERM", "-INT"] {
        let (mut child, mut lines, url) = spawn(program().arg("--print-url"));
        assert_eq!(post(&url, pmh_simulator::DEFAULT_TOKEN), 200);
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let mut rest = String::new();
        lines.read_to_string(&mut rest).unwrap();
        assert!(child.wait().unwrap().success());
        let lists: Value = serde_json::from_str(&rest).unwrap();
        assert_eq!(lists["registrations"][0]["serialNumber"], "SIM000000001");
        assert_eq!(lists["requests"][0]["status"], json!(200));
    }
}

#[test]
fn the_token_comes_from_a_file_or_the_environment() {
    let file = std::env::temp_dir().join(format!("pmh-simulator-token-{}", std::process::id()));
    std::fs::write(&file, "from-file\n").unwrap();
    let by_file = spawn(program().arg("--token-file").arg(&file));
    let by_name = spawn(program().args(["--token-env", "SIM_TOKEN"]).env("SIM_TOKEN", "from-env"));
    for ((mut child, _, url), token) in [(by_file, "from-file"), (by_name, "from-env")] {
        let statuses = (post(&url, token), post(&url, pmh_simulator::DEFAULT_TOKEN));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(statuses, (200, 401));
    }
    std::fs::remove_file(file).unwrap();
}

#[test]
fn the_standing_answer_is_told_by_a_word() {
    let (mut child, _, url) = spawn(program().args(["--answer", "503:30"]));
    let statuses = (post(&url, "x"), post(&url, "x"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(statuses, (503, 503));
}

#[test]
fn what_cannot_be_done_is_said_with_exit_2() {
    for (arguments, message) in [
        (&["--listen", "0.0.0.0:0"][..], "only a loopback address may be listened on"),
        (&["--answer", "maybe"], "an answer is normal, a status, 503:30"),
        (&["--answer", "200"], "a status to answer is 300 to 599"),
        (&["--token-file", "/nowhere/token"], "/nowhere/token"),
        (&["--token-env", "SIM_NO_SUCH_NAME"], "SIM_NO_SUCH_NAME"),
        (&["--token-env", "A", "--token-file", "B"], "cannot be used with"),
    ] {
        let output = output(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(message), "{arguments:?}: {text}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn the_help_teaches_every_answer() {
    let text = String::from_utf8(output(&["--help"]).stdout).unwrap();
    for word in ["normal", "503:30", "hang", "cut-before", "cut-during", "cut-after", "garbage", "late:5"] {
        assert!(text.contains(word), "{word}");
    }
    assert!(text.contains("/_simulator/answers"));
}
