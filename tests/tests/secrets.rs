//! Canaries: values of records and a token that nobody else has, looked for in everything that is said, logged or kept, at
//! the highest verbosity and on every way that a run can fail.

use std::fs;

use pmh_simulator::{Answer, Moment};
use pmh_tests::{Result, site::Site};

/// In a field of their own each: a name, an address, a My Number (synthetic, with a right check digit), a token.
const NAME: &str = "検査花子";
const ADDRESS: &str = "検査町一丁目";
const MY_NUMBER: &str = "123456789018";
const TOKEN: &str = "canary-token-7f3a9c";

/// A site made by `pmh init`, with the canaries in its records.
fn site() -> Result<Site> {
    let site = Site::new("nested-japanese")?;
    site.write_token(TOKEN)?;
    let made = site.path("made");
    assert_eq!(pmh_tests::pmh::run(["init".as_ref(), made.as_os_str()])?.code, 0);
    for name in ["profile.json", "records.ndjson"] {
        fs::rename(made.join(name), site.path(name))?;
    }
    fs::remove_dir_all(made)?;
    site.change("records.json", "records.ndjson")?;
    site.change("format = \"json\"", "format = \"ndjson\"")?;
    site.change("[guard]", "[log]\ndir = \"log\"\nlevel = \"trace\"\nformat = \"json\"\n\n[guard]")?;
    let records = fs::read_to_string(site.path("records.ndjson"))?;
    let first: serde_json::Value = serde_json::from_str(records.lines().next().ok_or("no record")?)?;
    let mut spoiled = Vec::new();
    // the canaries in every field in turn: whatever a field's check says of them is said somewhere
    let profile: serde_json::Value = serde_json::from_slice(&fs::read(site.path("profile.json"))?)?;
    let key = profile
        .get("recordKey")
        .and_then(serde_json::Value::as_str)
        .ok_or("no record key")?
        .trim_start_matches('/')
        .to_owned();
    for (field, _) in first.as_object().ok_or("no object")? {
        // what identifies a record to its owner stands in findings, and must for that reason be nothing personal
        if *field == key {
            continue;
        }
        for canary in [NAME, ADDRESS, MY_NUMBER] {
            let mut record = first.clone();
            *record.get_mut(field).ok_or("no field")? = canary.into();
            spoiled.push(record.to_string());
        }
    }
    fs::write(
        site.path("records.ndjson"),
        format!("{records}{}\n{{\"broken\":\"{NAME}", spoiled.join("\n")),
    )?;
    Ok(site)
}

fn clean(what: &str, text: &str) {
    for canary in [NAME, ADDRESS, MY_NUMBER, TOKEN] {
        assert!(!text.contains(canary), "{canary} stands in {what}");
    }
}

#[test]
fn no_canary_is_said_or_logged_or_kept() -> Result<()> {
    let site = site()?;
    let whole = fs::read_to_string(site.path("records.ndjson"))?;
    let mut runs = 0;
    let mut look = |what: &str, more: &[&str]| -> Result<()> {
        for format in ["human", "json"] {
            let arguments = [&["--format", format, "-v", "--report", "-"], more].concat();
            let output = site.sync_command(&arguments).env("RUST_LOG", "trace").output()?;
            runs += 1;
            clean(what, &String::from_utf8_lossy(&output.stdout));
            clean(what, &String::from_utf8_lossy(&output.stderr));
        }
        for (path, bytes) in site.written()? {
            let text = String::from_utf8_lossy(&bytes);
            let payload =
                path.to_string_lossy().contains("payload-") || path.to_string_lossy().ends_with(".part");
            if payload {
                assert!(!text.contains(TOKEN), "{what}: the token stands in {}", path.display());
            } else {
                clean(&format!("{what}: {}", path.display()), &text);
            }
        }
        Ok(())
    };
    look("an incomplete input", &[])?;
    let complete = whole.rsplit_once('\n').ok_or("one line")?.0;
    fs::write(site.path("records.ndjson"), complete)?;
    look("rejected records", &[])?;
    look("a dry run", &["--dry-run", "--pass", "PMH6101"])?;
    // the simulator asks for another token
    look("a token that is refused", &["--pass", "PMH6101"])?;
    for answer in [Answer::status(400), Answer::status(500), Answer::Cut(Moment::During), Answer::Garbage] {
        site.pmh.answer_next([answer.clone(), answer.clone()]);
        look(&format!("{answer:?}"), &["--pass", "PMH6101"])?;
    }
    // another input, so that it is transformed anew
    fs::write(site.path("records.ndjson"), format!("{complete}\n"))?;
    let killed = site.sync_command(&["--pass", "PMH6101", "-v"]).env("PMH_FAULT", "panic").output()?;
    assert_eq!(killed.status.code(), Some(70), "{killed:?}");
    clean("a panic", &String::from_utf8_lossy(&killed.stderr));
    look("after a panic", &["--pass", "PMH6101"])?;
    for arguments in [&["doctor"][..], &["doctor", "--json"], &["history"], &["history", "verify"]] {
        let done = pmh_tests::pmh::done(site.command(arguments).output()?)?;
        clean(&arguments.join(" "), &format!("{}{}", done.stdout, done.stderr));
    }
    println!("{runs} runs, 4 canaries");
    Ok(())
}

/// A program that is started without end of input, so that it can be looked at while it runs.
#[cfg(target_os = "linux")]
fn waiting(site: &Site) -> Result<std::process::Child> {
    use std::{os::unix::process::CommandExt, process::Stdio};
    let mut command = pmh_tests::pmh::command(["check", "--as-of", "2026-11-22", "--profile"]);
    command.arg(site.path("profile.json")).arg("-");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // root's own files don't tell: another user's process does
    if std::os::unix::fs::chown(site.folder(), Some(65_534), None).is_ok() {
        command.uid(65_534).env("HOME", site.folder());
    }
    Ok(command.spawn()?)
}

/// A core dump would leave records and the token on the disk; a debugger of the same user would read them.
#[cfg(target_os = "linux")]
#[test]
fn the_memory_is_protected() -> Result<()> {
    use std::{os::unix::fs::MetadataExt, thread, time::Duration};
    let site = Site::new("flat-romaji")?;
    let mut process = waiting(&site)?;
    let folder = std::path::PathBuf::from(format!("/proc/{}", process.id()));
    let is_protected = || -> Result<bool> {
        let limits = fs::read_to_string(folder.join("limits"))?;
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).ok_or("no limit")?;
        let none = core.split_whitespace().filter(|word| *word == "0").count() == 2;
        // the kernel gives what belongs to a protected process to root
        Ok(none && fs::metadata(folder.join("environ"))?.uid() == 0)
    };
    let mut protected = false;
    for _ in 0..100 {
        protected = is_protected()?;
        if protected {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    process.kill()?;
    process.wait()?;
    assert!(protected);
    Ok(())
}

/// A token pasted where its file's or variable's name belongs is the likeliest mistake of a first evening.
#[test]
fn a_pasted_token_is_not_echoed() -> Result<()> {
    const PASTED: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJwbWgifQ.c2lnbmF0dXJl";
    let short = "9f86d081884c7d659a2feaa0c55ad015";
    for (line, token) in [
        (format!("token_env = \"{PASTED}\""), PASTED),
        (format!("token_env = \"{short}\""), short),
        (format!("token_env = \"T{short}\""), short),
        (format!("token_file = \"{PASTED}\""), PASTED),
        (format!("token_file = \"{short}{short}\""), short),
        (format!("token_credential = \"{PASTED}\""), PASTED),
        (format!("token_file = {PASTED}"), PASTED),
        (format!("token_file = \"token\"\n{short}{short} = 1"), short),
    ] {
        let site = Site::new("flat-romaji")?;
        site.change("token_file = \"token\"", &line)?;
        for arguments in [&["doctor"][..], &["sync"], &["sync", "--dry-run"], &["history"]] {
            for format in ["human", "json"] {
                let done = site.run(&[arguments, &["--format", format, "-v"]].concat())?;
                let shown = format!("{}{}", done.stdout, done.stderr);
                assert!(!shown.contains(token) && !shown.contains("eyJ"), "{line}: {shown}");
            }
        }
    }
    Ok(())
}

/// Variables that libraries read: none changes whom the client trusts, where it connects, or what it writes down.
#[test]
fn the_environment_changes_neither_trust_nor_way() -> Result<()> {
    use rustls::{
        ServerConfig, ServerConnection, StreamOwned,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    };
    use std::{
        io::{Read, Write},
        net::TcpListener,
        sync::{
            Arc,
            atomic::{AtomicU64, Ordering},
        },
        thread,
    };
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)?;
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("https://{}/x", listener.local_addr()?);
    let seen = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&seen);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let Ok(connection) = ServerConnection::new(Arc::clone(&config)) else { continue };
            let mut stream = StreamOwned::new(connection, stream);
            if stream.read(&mut [0; 1024]).is_ok_and(|count| count > 0) {
                counter.fetch_add(1, Ordering::Relaxed);
                let _ =
                    stream.write_all(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                // what is left unread when it closes would reset the connection
                while stream.read(&mut [0; 1024]).is_ok_and(|count| count > 0) {}
            }
        }
    });
    let site = Site::new("flat-romaji")?;
    let ca = site.path("ca.pem");
    fs::write(&ca, own.cert.pem())?;
    fs::create_dir(site.path("certs"))?;
    fs::write(site.path("certs/ca.pem"), own.cert.pem())?;
    site.change(&site.pmh.endpoint(), &url)?;
    let sync = || {
        let mut command = site.sync_command(&[]);
        let dead = "http://127.0.0.1:9";
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            command.env(name, dead);
        }
        command.env("SSL_CERT_FILE", &ca).env("SSL_CERT_DIR", site.path("certs"));
        command.env("SSLKEYLOGFILE", site.path("keys.log"));
        command
    };
    // the system's trust, which that CA is not part of
    let untrusted = site.done(sync())?;
    assert!([2, 5].contains(&untrusted.code), "{untrusted:?}");
    assert_eq!(seen.load(Ordering::Relaxed), 0, "the server of a CA from the environment was trusted");
    // the same CA by the configuration, and the same proxies: the server is reached
    site.change("token_file", "ca_file = \"ca.pem\"\ntoken_file")?;
    let refused = site.done(sync())?;
    assert!(refused.code == 4 && refused.stderr.contains("PMH6002"), "{refused:?}");
    assert_eq!(seen.load(Ordering::Relaxed), 1);
    assert!(!site.path("keys.log").exists(), "keys of the connection were written down");
    // a file without a certificate trusts nobody
    fs::write(&ca, "")?;
    let empty = site.done(sync())?;
    assert!(empty.code == 2 && empty.stderr.contains("PMH6208"), "{empty:?}");
    Ok(())
}

/// What `pmh init` makes is accepted by `pmh sync`, whatever the umask.
#[cfg(unix)]
#[test]
fn init_does_not_follow_the_umask() -> Result<()> {
    use std::{os::unix::fs::PermissionsExt, process::Command};
    for (umask, mode) in [("0000", 0o644), ("0002", 0o644), ("0077", 0o600)] {
        let folder = tempfile::tempdir()?;
        let made = folder.path().join("made");
        let init = pmh_tests::pmh::command([std::ffi::OsStr::new("init"), made.as_os_str()]);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("umask {umask}; exec \"$0\" \"$@\"")])
            .arg(init.get_program())
            .args(init.get_args());
        assert!(shell.output()?.status.success());
        for entry in fs::read_dir(&made)? {
            let entry = entry?;
            assert_eq!(
                entry.metadata()?.permissions().mode() & 0o777,
                mode,
                "{umask} {}",
                entry.path().display()
            );
        }
        assert_eq!(fs::metadata(&made)?.permissions().mode() & 0o022, 0, "{umask}");
        let mut dry = pmh_tests::pmh::command(["sync", "--dry-run", "--as-of", "2026-04-01"]);
        let done = pmh_tests::pmh::done(dry.arg("--config").arg(made.join("pmh.toml")).output()?)?;
        assert_eq!(done.code, 0, "{done:?}");
    }
    Ok(())
}
