//! A large body goes through without being held: a test binary of its own, since it measures its own memory.
//!
//! It must never hold the body either.

#![expect(clippy::unwrap_used, reason = "a helper of a test that can't go on fails the test")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use pmh_simulator::{API_PATH, Config, Handle, Simulator};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

const RECORDS: u64 = 30_000;
const AT_LEAST_BYTES: u64 = 50_000_000;

fn recipient() -> String {
    let api: Value = serde_saphyr::from_str(include_str!("../../spec/openapi.yaml")).unwrap();
    let at = "/paths/~1medicalSubsidiesTargetPersons/post/requestBody/content/application~1json/examples/example1/value/0";
    api.pointer(at).unwrap().to_string()
}

/// Streams so many recipients, and gives the SHA-256 of what was sent.
fn send(simulator: &Handle, recipient: &str, records: u64) -> String {
    let mut stream = TcpStream::connect(simulator.url().strip_prefix("http://").unwrap()).unwrap();
    write!(
        stream,
        "POST {API_PATH} HTTP/1.1\r\nhost: pmh\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        simulator.token()
    )
    .unwrap();
    let mut hash = Sha256::new();
    let mut chunk = |text: &str| {
        hash.update(text);
        write!(stream, "{:x}\r\n{text}\r\n", text.len()).unwrap();
    };
    chunk("[");
    for index in 0..records {
        if index > 0 {
            chunk(",");
        }
        chunk(recipient);
    }
    chunk("]");
    stream.write_all(b"0\r\n\r\n").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 200 "), "{reply}");
    format!("{:x}", hash.finalize())
}

/// The most memory that this process ever held, where the system tells.
fn peak_kilobytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn a_large_body_takes_no_memory() {
    let simulator = Simulator::start(Config::default()).unwrap();
    let recipient = recipient();
    send(&simulator, &recipient, 100);
    let before = peak_kilobytes();
    let sha256 = send(&simulator, &recipient, RECORDS);
    let registration = simulator.registrations().pop().unwrap();
    assert_eq!((registration.records, registration.sha256), (RECORDS, sha256));
    assert!(registration.bytes >= AT_LEAST_BYTES, "{}", registration.bytes);
    if let (Some(before), Some(after)) = (before, peak_kilobytes()) {
        assert!(after - before < 8_000, "the peak grew by {} kB", after - before);
    }
}
