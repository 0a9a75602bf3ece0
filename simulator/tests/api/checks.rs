//! Every check before the schema, the order of the checks, and what is remembered.

use std::io::{ErrorKind, Write as _};
use std::time::{Duration, Instant};

use pmh_simulator::{Config, Simulator};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::wire::{Call, connect, read, recipients, start};

#[test]
fn what_is_right_is_accepted_and_remembered() {
    let simulator = Simulator::start(Config { keep_bodies: true, ..Config::default() }).unwrap();
    let body = recipients(3);
    let first = Call::new(&simulator).body(body.clone()).send(&simulator).unwrap();
    let second = Call::new(&simulator).body("[]").send(&simulator).unwrap();
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(first.json(), json!({ "serialNumber": "SIM000000001" }));
    assert_eq!(second.json(), json!({ "serialNumber": "SIM000000002" }));
    let registrations = simulator.registrations();
    assert_eq!(registrations.len(), 2);
    assert_eq!(registrations[0].serial_number, "SIM000000001");
    assert_eq!(registrations[0].request, 1);
    assert_eq!(registrations[0].records, 3);
    assert_eq!(registrations[0].bytes, u64::try_from(body.len()).unwrap());
    assert_eq!(registrations[0].sha256, format!("{:x}", Sha256::digest(&body)));
    assert_eq!(registrations[0].body.as_deref(), Some(body.as_slice()));
    assert_eq!(registrations[1].records, 0);
}

#[test]
fn bodies_are_kept_only_where_asked_for_and_never_listed() {
    let simulator = start();
    Call::new(&simulator).send(&simulator).unwrap();
    assert_eq!(simulator.registrations()[0].body, None);
    let simulator = Simulator::start(Config { keep_bodies: true, ..Config::default() }).unwrap();
    Call::new(&simulator).send(&simulator).unwrap();
    let list = Call::get("/_simulator/registrations").send(&simulator).unwrap();
    assert!(!list.body.contains("123456789018") && !list.body.contains("\"body\""), "{list:?}");
}

#[test]
fn a_body_may_be_cut_anywhere_into_chunks() {
    let simulator = start();
    for size in [1, 2, 3, 5, 4096] {
        let reply = Call::new(&simulator).send_chunked(&simulator, size).unwrap();
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    let hashes: Vec<_> = simulator.registrations().into_iter().map(|it| it.sha256).collect();
    assert!(hashes.iter().all(|hash| *hash == hashes[0]));
}

#[test]
fn the_head_is_checked_in_order() {
    let simulator = start();
    let wrong = |call: Call| call.header("content-encoding", "gzip").body("\u{feff}");
    let steps = [
        ("PUT", "/", "", "text/plain", 405, "SIM0001"),
        ("POST", "/", "", "text/plain", 404, "SIM0002"),
        ("POST", pmh_simulator::API_PATH, "", "text/plain", 401, "SIM0003"),
        ("POST", pmh_simulator::API_PATH, "Bearer simulator-token", "text/plain", 400, "SIM0004"),
        ("POST", pmh_simulator::API_PATH, "Bearer simulator-token", "application/json", 400, "SIM0005"),
    ];
    for (method, path, token, content_type, status, code) in steps {
        let mut call =
            wrong(Call::new(&simulator)).header("authorization", token).header("content-type", content_type);
        call.method = method;
        path.clone_into(&mut call.path);
        let reply = call.send(&simulator).unwrap();
        assert_eq!(reply.status, status, "{reply:?}");
        let request = simulator.requests().pop().unwrap();
        assert_eq!(request.code.as_deref(), Some(code));
        assert_eq!(request.status, Some(status));
        match status {
            401 => assert_eq!(reply.body, ""),
            _ => assert_eq!(reply.code(), code),
        }
        assert_eq!(reply.head.contains("\r\nallow: post"), status == 405);
    }
    assert!(simulator.registrations().is_empty());
}

#[test]
fn the_token_must_be_the_one() {
    let simulator = Simulator::start(Config { token: "right".to_owned(), ..Config::default() }).unwrap();
    for (value, status) in [
        ("Bearer right", 200),
        ("bearer right", 200),
        ("", 401),
        ("Bearer", 401),
        ("Bearer ", 401),
        ("Bearer wrong", 401),
        ("Bearer rightx", 401),
        ("Bearer  right", 401),
        ("Basic right", 401),
        ("right", 401),
    ] {
        let reply = Call::new(&simulator).header("authorization", value).send(&simulator).unwrap();
        assert_eq!(reply.status, status, "{value}");
    }
}

#[test]
fn the_content_type_is_json_in_utf_8() {
    let simulator = start();
    for (value, status) in [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("application/json;charset=\"UTF-8\"", 200),
        ("", 400),
        ("text/json", 400),
        ("application/json; charset=shift_jis", 400),
        ("application/json; charset=utf-16", 400),
        ("application/json; boundary=x", 400),
        ("application/jsonx", 400),
    ] {
        let reply = Call::new(&simulator).header("content-type", value).send(&simulator).unwrap();
        assert_eq!(reply.status, status, "{value}");
        assert!(status == 200 || reply.code() == "SIM0004", "{value}");
    }
}

#[test]
fn the_content_encoding_is_none() {
    let simulator = start();
    for (value, status) in [("identity", 200), ("gzip", 400), ("br", 400), ("utf-8", 400)] {
        let reply = Call::new(&simulator).header("content-encoding", value).send(&simulator).unwrap();
        assert_eq!(reply.status, status, "{value}");
    }
}

#[test]
fn the_body_is_an_array_in_utf_8() {
    let simulator = start();
    let shift_jis = [&b"[{\"lastName\":\""[..], &[0x8c, 0xa9], b"\"}]"].concat();
    let utf_16: Vec<u8> = "[]".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let cases: Vec<(&str, Vec<u8>, &str, &str)> = vec![
        ("mark", b"\xef\xbb\xbf[]".to_vec(), "SIM0006", "the body begins with a byte order mark"),
        ("shift_jis", shift_jis, "SIM0007", "the body is not utf-8 at byte 14"),
        ("cut character", b"[\"\xe3\x81".to_vec(), "SIM0007", "the body is not utf-8 at byte 4"),
        ("utf-16", utf_16, "SIM0008", "the body is not json at line 1, column 1"),
        ("empty", Vec::new(), "SIM0008", "the body is not json at line 1, column 0"),
        ("text", b"hello".to_vec(), "SIM0008", "the body is not json at line 1, column 1"),
        ("comma", b"[\n,]".to_vec(), "SIM0008", "the body is not json at line 2, column 1"),
        ("open", b"[".to_vec(), "SIM0008", "the body is not json at line 1, column 1"),
        ("more", b"[] []".to_vec(), "SIM0008", "the body is not json at line 1, column 4"),
        ("lone surrogate", br#"["\ud800"]"#.to_vec(), "SIM0008", "the body is not json at line 1, column 9"),
        ("deep", b"[".repeat(1000), "SIM0008", "the body is not json at line 1, column 128"),
        ("object", b"{}".to_vec(), "SIM0009", "the body is not an array"),
        ("string", b"\"secret\"".to_vec(), "SIM0009", "the body is not an array"),
        ("null", b"null".to_vec(), "SIM0009", "the body is not an array"),
    ];
    for (name, body, code, message) in cases {
        let reply = Call::new(&simulator).body(body).send(&simulator).unwrap();
        assert_eq!(
            (reply.status, reply.code().as_str(), reply.message().as_str()),
            (400, code, message),
            "{name}"
        );
    }
    assert!(simulator.registrations().is_empty());
}

#[test]
fn a_wrong_byte_is_found_wherever_the_chunks_are_cut() {
    let simulator = start();
    let mut body = recipients(1);
    let name = body.windows(3).position(|bytes| bytes == "見".as_bytes()).unwrap();
    body[name + 1] = b'x';
    for size in [1, 2, 3, 4096] {
        let reply = Call::new(&simulator).body(body.clone()).send_chunked(&simulator, size).unwrap();
        assert_eq!(reply.code(), "SIM0007", "{size}");
    }
}

#[test]
fn a_key_twice_is_refused_without_naming_it() {
    let simulator = start();
    let one = String::from_utf8(recipients(1)).unwrap();
    let element = one.trim_matches(['[', ']']);
    for twice in [
        element.replacen("\"gender\":\"0\"", "\"gender\":\"0\",\"gender\":\"0\"", 1),
        element.replacen("\"gender\":\"0\"", "\"gender\":\"0\",\"g\\u0065nder\":\"0\"", 1),
        element.replacen("\"月額\":", "\"月額\":null,\"月額\":", 1),
    ] {
        let body = format!("[{element},{twice}]");
        assert!(body.len() > one.len() * 2 - 1, "the replacement took place");
        let reply = Call::new(&simulator).body(body).send(&simulator).unwrap();
        assert_eq!(reply.code(), "SIM0010");
        assert_eq!(reply.message(), "/1: an object has the same key twice");
    }
}

#[test]
fn a_body_that_breaks_off_is_not_registered() {
    let simulator = start();
    Call::new(&simulator).body(recipients(100)).break_off(&simulator);
    let patience = Instant::now() + Duration::from_secs(5);
    while simulator.requests()[0].code.is_none() && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(simulator.requests()[0].code.as_deref(), Some("SIM0012"));
    assert_eq!(simulator.requests()[0].status, None);
    assert!(simulator.registrations().is_empty());
}

#[test]
fn one_who_waits_for_leave_is_refused_before_the_body() {
    let simulator = start();
    let call = Call::new(&simulator).header("authorization", "Bearer wrong");
    let mut stream = connect(simulator.url());
    stream.write_all(call.head("expect: 100-continue\r\ncontent-length: 9\r\n").as_bytes()).unwrap();
    assert_eq!(read(&mut stream).unwrap().status, 401);
}

#[test]
fn only_loopback_addresses_are_listened_on() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let config = Config { listen: address.parse().unwrap(), ..Config::default() };
        assert_eq!(Simulator::start(config).err().unwrap().kind(), ErrorKind::InvalidInput, "{address}");
    }
    let config = Config { token: String::new(), ..Config::default() };
    assert_eq!(Simulator::start(config).err().unwrap().kind(), ErrorKind::InvalidInput);
}

#[test]
fn dropping_the_handle_stops_it() {
    let simulator = start();
    let address = simulator.url().strip_prefix("http://").unwrap().to_owned();
    let idle = connect(simulator.url());
    drop(simulator);
    assert!(std::net::TcpStream::connect(address).is_err());
    drop(idle);
}
