//! The client against a server that says exactly what a test wants, at the moment it wants.

use std::{
    fs,
    io::{Read, Seek, SeekFrom, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::PathBuf,
    thread::{self, JoinHandle},
};

use super::*;
use crate::{
    answer::Outcome,
    config::{Endpoint, TokenSource},
    spool::Draft,
};

/// One connection, served by a function; its result comes with `join`.
pub(super) fn serve<T: Send + 'static>(
    serve: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> (Url, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/medicalSubsidiesTargetPersons", listener.local_addr().unwrap());
    let server = thread::spawn(move || serve(listener.accept().unwrap().0));
    (Url::parse(&url).unwrap(), server)
}

pub(super) struct Set {
    _folder: tempfile::TempDir,
    pub(super) token: PathBuf,
    pub(super) spool: Spool,
    pub(super) part: Part,
    pub(super) hash: String,
}

pub(super) fn set(payload: &str) -> Set {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    fs::write(&token, "s3cret").unwrap();
    #[cfg(unix)]
    fs::set_permissions(&token, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let key = crate::key::Key::random().unwrap().bodies();
    let mut draft = Draft::create(folder.path(), "2026-04-01", &key).unwrap();
    draft.put(payload.as_bytes()).unwrap();
    let spool = draft.commit().unwrap();
    let (part, hash) = spool.parts(0, 1, &mut |_| Ok(())).unwrap().remove(0);
    Set { _folder: folder, token, spool, part, hash }
}

pub(super) fn endpoint(url: Url, token: PathBuf) -> Endpoint {
    Endpoint {
        url,
        token: TokenSource::File(token),
        ca_file: None,
        crl_file: None,
        identity: None,
        proxy: None,
        max_records_per_request: 0,
        connect_timeout: Duration::from_secs(5),
        idle_timeout: Duration::from_secs(10),
        timeout: Duration::from_secs(20),
    }
}

fn send(url: Url, payload: &str) -> Answer {
    send_within(url, payload, Duration::from_secs(10))
}

/// Sends, and gives up when nothing has moved for so long.
fn send_within(url: Url, payload: &str, idle_timeout: Duration) -> Answer {
    let set = set(payload);
    let endpoint = Endpoint { idle_timeout, ..endpoint(url, set.token.clone()) };
    let client = Client::new(&endpoint).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(client.send(&set.spool, &set.part, &set.hash, &ProgressBar::hidden()))
}

/// Reads a request: its head, and as many bytes of the body as it announces.
pub(super) fn request(stream: &mut impl Read) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
        .expect("a content length");
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}

pub(super) fn answer(stream: &mut impl Write, status: &str, body: &str) {
    let length = body.len();
    let text = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    stream.write_all(text.as_bytes()).unwrap();
}

/// More than all buffers between the two.
pub(super) fn large() -> String {
    format!("[\"{}\"]", "x".repeat(16 << 20))
}

#[test]
fn a_request_is_what_the_api_says() {
    let (url, server) = serve(|mut stream| {
        let (head, body) = request(&mut stream).unwrap();
        answer(&mut stream, "200 OK", r#"{"serialNumber":"S-1"}"#);
        (head.to_ascii_lowercase(), body)
    });
    let answer = send(url, r#"[{"氏":"a"}]"#);
    assert_eq!(answer.outcome, Outcome::Accepted { serial_number: "S-1".to_owned() });
    let (head, body) = server.join().unwrap();
    assert_eq!(body, r#"[{"氏":"a"}]"#.as_bytes());
    assert!(head.starts_with("post /medicalsubsidiestargetpersons http/1.1\r\n"), "{head}");
    for line in ["authorization: bearer s3cret", "content-type: application/json", "content-length: 13"] {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "{head}");
    }
    assert!(!head.contains("transfer-encoding"), "{head}");
}

/// A server that refuses after the first bytes, and what it does then.
fn refuse_early(then: impl FnOnce(TcpStream) + Send + 'static) -> Answer {
    let (url, server) = serve(|mut stream| {
        stream.read_exact(&mut [0; 4096]).unwrap();
        answer(&mut stream, "401 Unauthorized", r#"{"code":"E1","message":"expired"}"#);
        then(stream);
    });
    let answer = send(url, &large());
    server.join().unwrap();
    answer
}

#[test]
fn an_early_answer_is_read_and_not_taken_for_a_broken_pipe() {
    for _ in 0..5 {
        let polite = refuse_early(|mut stream| {
            stream.shutdown(Shutdown::Write).unwrap();
            stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
            while matches!(stream.read(&mut [0; 4096]), Ok(1..)) {}
        });
        assert_eq!((polite.status, polite.outcome.name()), (Some(401), "refused"));
        assert_eq!(polite.message.map(|message| message.cleaned()).as_deref(), Some("expired"));
        // closing with bytes unread resets the connection
        let abrupt = refuse_early(drop);
        assert_eq!((abrupt.status, abrupt.outcome.name()), (Some(401), "refused"));
    }
}

#[test]
fn an_early_success_is_no_success() {
    let (url, server) = serve(|mut stream| {
        let mut some = [0; 4096];
        stream.read_exact(&mut some).unwrap();
        answer(&mut stream, "200 OK", r#"{"serialNumber":"S-1"}"#);
        stream.shutdown(Shutdown::Write).unwrap();
        stream
    });
    assert_eq!(send(url, &large()).outcome.name(), "unknown");
    server.join().unwrap();
}

/// Serves one request and says what came: the bytes of the body, as far as they did.
fn swallow() -> (Url, JoinHandle<(usize, Vec<u8>)>) {
    serve(|mut stream| {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let head = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let body = bytes.split_off(head);
        let head = String::from_utf8(bytes).unwrap().to_ascii_lowercase();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap();
        (length, body)
    })
}

/// Sends a set whose file is changed after it was checked. The server reads to the end of what comes.
fn send_changed(payload: &str, change: impl FnOnce(&std::path::Path)) -> (Answer, usize, Vec<u8>) {
    let set = set(payload);
    let (url, server) = swallow();
    let client = Client::new(&endpoint(url, set.token.clone())).unwrap();
    change(set.spool.path());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(client.send(&set.spool, &set.part, &set.hash, &ProgressBar::hidden()));
    drop(runtime);
    let (length, body) = server.join().unwrap();
    (answer, length, body)
}

/// Neither a set of another day nor one with a single other digit can become a registration: the last byte never leaves.
#[test]
fn a_payload_that_changed_never_leaves_to_its_end() {
    let payload = format!("[\"{}\"]", "1".repeat(200_000));
    let other = payload.replacen('1', "2", 1);
    let last = format!("{}2\"]", &payload[..payload.len() - 3]);
    for changed in [&other, &last, &payload[..100_000]] {
        // in place: the open file is the same
        let (answer, length, body) = send_changed(&payload, |path| fs::write(path, changed).unwrap());
        assert_eq!(answer.outcome.name(), "unknown", "{answer:?}");
        assert_eq!(answer.outcome.failure().unwrap().rule.code, "PMH6506");
        assert!(body.len() < length, "{} of {length} bytes left", body.len());
        assert!(!body.ends_with(b"]"), "the set was complete");
    }
}

/// What was checked is what is sent, even if another file has its name.
#[test]
fn a_payload_that_was_replaced_is_sent_as_it_was_checked() {
    let payload = "[\"one\"]";
    let set = set(payload);
    let (url, server) = serve(|mut stream| {
        let (_, body) = request(&mut stream).unwrap();
        answer(&mut stream, "200 OK", r#"{"serialNumber":"S-1"}"#);
        body
    });
    let client = Client::new(&endpoint(url, set.token.clone())).unwrap();
    let other = set.spool.path().with_extension("other");
    fs::write(&other, "[\"two\"]").unwrap();
    fs::rename(&other, set.spool.path()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(client.send(&set.spool, &set.part, &set.hash, &ProgressBar::hidden()));
    assert_eq!(answer.outcome.name(), "accepted");
    assert_eq!(server.join().unwrap(), payload.as_bytes());
}

/// A write into the file while it is being sent.
#[test]
fn a_change_in_the_middle_of_sending_is_noticed() {
    let payload = large();
    let set = set(&payload);
    let (url, server) = serve({
        let path = set.spool.path().to_owned();
        move |mut stream| {
            stream.read_exact(&mut [0; 4096]).unwrap();
            let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
            file.seek(SeekFrom::End(-100)).unwrap();
            file.write_all(b"y").unwrap();
            drop(file);
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest);
            rest
        }
    });
    let client = Client::new(&endpoint(url, set.token.clone())).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(client.send(&set.spool, &set.part, &set.hash, &ProgressBar::hidden()));
    drop(runtime);
    assert_eq!(answer.outcome.failure().unwrap().rule.code, "PMH6506", "{answer:?}");
    assert!(!server.join().unwrap().ends_with(b"]"));
}

#[test]
fn a_lost_answer_is_unknown() {
    let (url, server) = serve(|mut stream| drop(request(&mut stream)));
    let lost = send(url, "[1]");
    assert_eq!((lost.status, lost.outcome.name()), (None, "unknown"));
    server.join().unwrap();
}

#[test]
fn a_broken_connection_is_unknown() {
    let (url, server) = serve(|mut stream| stream.read_exact(&mut [0; 4096]).unwrap());
    assert_eq!(send(url, &large()).outcome.name(), "unknown");
    server.join().unwrap();
}

#[test]
fn a_silent_server_is_given_up() {
    let (url, server) = serve(|mut stream| {
        let _ = request(&mut stream);
        // until the client hangs up
        let _ = stream.read(&mut [0]);
    });
    let given_up = send_within(url, "[1]", Duration::from_millis(300));
    assert_eq!(given_up.outcome.name(), "unknown");
    let message = given_up.outcome.failure().unwrap().message(rules::Lang::En);
    assert!(message.contains("endpoint.idle_timeout"), "{message}");
    server.join().unwrap();
}

#[test]
fn a_server_that_is_not_there_is_unavailable() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let answer = send(Url::parse(&format!("http://{gone}/")).unwrap(), "[1]");
    assert_eq!(answer.outcome.name(), "unavailable");
    let message = answer.outcome.failure().unwrap().message(rules::Lang::En);
    assert_eq!(message, format!("cannot connect to {gone} (connection refused)"));
}

#[test]
fn a_name_that_does_not_exist_is_unavailable() {
    let answer = send(Url::parse("https://pmh.invalid/").unwrap(), "[1]");
    assert_eq!(answer.outcome.name(), "unavailable");
    let message = answer.outcome.failure().unwrap().message(rules::Lang::En);
    assert_eq!(message, "cannot connect to pmh.invalid:443 (the name cannot be resolved)");
}

#[test]
fn a_server_without_tls_is_unavailable() {
    let (url, server) = serve(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        // the client may be gone already
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let url = Url::parse(&url.as_str().replace("http:", "https:")).unwrap();
    let answer = send(url, "[1]");
    assert_eq!(answer.outcome.name(), "unavailable", "{answer:?}");
    server.join().unwrap();
}

#[test]
fn redirects_are_not_followed() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("http://{}/", other.local_addr().unwrap());
    other.set_nonblocking(true).unwrap();
    let (url, server) = serve(move |mut stream| {
        let _ = request(&mut stream);
        write!(stream, "HTTP/1.1 307 Moved\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n").unwrap();
    });
    assert_eq!(send(url, "[1]").outcome.name(), "refused");
    server.join().unwrap();
    assert!(other.accept().is_err(), "somebody connected to the redirect's target");
}

#[test]
fn an_endless_answer_ends() {
    let (url, server) = serve(|mut stream| {
        let _ = request(&mut stream);
        let _ = write!(stream, "HTTP/1.1 400 Bad\r\n\r\n");
        let filler = [b'x'; 8192];
        while stream.write_all(&filler).is_ok() {}
    });
    assert_eq!(send(url, "[1]").outcome.name(), "refused");
    server.join().unwrap();
}

#[test]
fn when_to_come_back_is_kept() {
    let (url, server) = serve(|mut stream| {
        let _ = request(&mut stream);
        write!(stream, "HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n").unwrap();
    });
    let answer = send(url, "[1]");
    assert!(matches!(answer.outcome, Outcome::Unavailable { retry_after: Some(_), .. }), "{answer:?}");
    server.join().unwrap();
}

#[test]
fn certificates_are_checked_before_anything_is_sent() {
    let set = set("[1]");
    let url = Url::parse("https://pmh.example.lg.jp/").unwrap();
    let code = |endpoint: &Endpoint| Client::new(endpoint).err().map(|failure| failure.rule.code);
    let good = endpoint(url, set.token.clone());
    let missing = Endpoint { ca_file: Some("missing.pem".into()), ..good.clone() };
    assert_eq!(code(&missing), Some("PMH6208"));
    let not_pem = Endpoint { ca_file: Some(set.token.clone()), ..good.clone() };
    assert_eq!(code(&not_pem), Some("PMH6208"));
    let no_key = Endpoint { identity: Some((set.token.clone(), set.token.clone())), ..good };
    assert_eq!(code(&no_key), Some("PMH6208"));
}
