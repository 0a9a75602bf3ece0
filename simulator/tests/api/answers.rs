//! Every answer that the simulator can be told to give, and the queue of them.

use std::time::{Duration, Instant};

use pmh_simulator::{Answer, Config, Handle, Moment, RetryAfter, Simulator};
use serde_json::json;

use crate::wire::{Call, Reply, connect, read, recipients, start};

fn send(simulator: &Handle) -> std::io::Result<Reply> {
    Call::new(simulator).send(simulator)
}

#[test]
fn a_status_is_answered_whatever_was_sent_and_nothing_is_registered() {
    let simulator = start();
    for status in [400, 401, 408, 429, 500, 502, 503, 504] {
        simulator.answer_next([Answer::status(status)]);
        let reply = Call::new(&simulator).body("not json").send(&simulator).unwrap();
        assert_eq!(reply.status, status);
        assert!(!reply.head.contains("retry-after"));
        match status {
            400 => assert_eq!(reply.code(), "SIM0000"),
            _ => assert_eq!(reply.body, ""),
        }
        let request = simulator.requests().pop().unwrap();
        assert_eq!((request.status, request.told), (Some(status), Some(Answer::status(status))));
    }
    assert!(simulator.registrations().is_empty());
}

#[test]
fn retry_after_has_both_its_forms() {
    let simulator = start();
    let date = "Wed, 21 Oct 2026 07:28:00 GMT";
    simulator.answer_next([
        Answer::status(503).retry_after(30),
        Answer::Status { status: 429, retry_after: Some(RetryAfter::Text(date.to_owned())) },
    ]);
    assert!(send(&simulator).unwrap().head.contains("\r\nretry-after: 30"));
    assert!(send(&simulator).unwrap().head.contains(&format!("\r\nretry-after: {}", date.to_lowercase())));
}

#[test]
fn a_redirect_leads_back_here() {
    let simulator = start();
    simulator.answer_next([Answer::status(307)]);
    let reply = send(&simulator).unwrap();
    assert_eq!(reply.status, 307);
    assert!(reply.head.contains(&format!("\r\nlocation: {}", pmh_simulator::API_PATH.to_lowercase())));
}

#[test]
fn a_cut_gives_no_answer() {
    let simulator = start();
    for moment in [Moment::Before, Moment::During] {
        simulator.answer_next([Answer::Cut(moment)]);
        // Large enough that no buffer holds it, so that the cut comes while the sender still writes.
        let reply = Call::new(&simulator).body(recipients(20_000)).send(&simulator);
        assert!(reply.is_err(), "{reply:?}");
    }
    simulator.answer_next([Answer::Cut(Moment::During)]);
    assert!(Call::new(&simulator).send_chunked(&simulator, 100).is_err());
    assert!(simulator.registrations().is_empty());
    assert!(simulator.requests().iter().all(|request| request.status.is_none() && request.code.is_none()));
}

#[test]
fn a_cut_after_the_body_registers_what_is_right() {
    let simulator = start();
    simulator.answer_next([Answer::Cut(Moment::After), Answer::Cut(Moment::After)]);
    assert!(send(&simulator).is_err());
    assert!(Call::new(&simulator).body("[1]").send(&simulator).is_err());
    assert_eq!(simulator.registrations().len(), 1);
    let requests = simulator.requests();
    assert_eq!(requests[0].serial_number.as_deref(), Some("SIM000000001"));
    assert_eq!((requests[1].status, requests[1].code.as_deref()), (None, Some("SIM0011")));
}

#[test]
fn a_hanging_answer_never_comes() {
    let simulator = start();
    simulator.answer_next([Answer::Hang]);
    let call = Call::new(&simulator);
    let mut stream = connect(simulator.url());
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    std::io::Write::write_all(&mut stream, call.head("content-length: 2\r\n").as_bytes()).unwrap();
    std::io::Write::write_all(&mut stream, b"[]").unwrap();
    assert!(read(&mut stream).is_err());
    assert_eq!(simulator.requests()[0].status, None);
    assert_eq!(send(&simulator).unwrap().status, 200);
    assert_eq!(simulator.registrations().len(), 1);
}

#[test]
fn a_late_answer_is_the_normal_one_later() {
    let simulator = start();
    simulator.answer_next([Answer::Late(1)]);
    let asked = Instant::now();
    assert_eq!(send(&simulator).unwrap().json(), json!({ "serialNumber": "SIM000000001" }));
    assert!(asked.elapsed() >= Duration::from_secs(1));
}

#[test]
fn a_late_answer_that_nobody_waits_for_is_registered_all_the_same() {
    let simulator = start();
    simulator.answer_next([Answer::Late(60)]);
    let call = Call::new(&simulator);
    let mut stream = connect(simulator.url());
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    std::io::Write::write_all(&mut stream, call.head("content-length: 2\r\n").as_bytes()).unwrap();
    std::io::Write::write_all(&mut stream, b"[]").unwrap();
    assert!(read(&mut stream).is_err());
    drop(stream);
    assert_eq!(simulator.registrations().len(), 1);
}

#[test]
fn garbage_is_a_200_without_a_serial_number() {
    let simulator = start();
    simulator.answer_next([Answer::Garbage]);
    let reply = send(&simulator).unwrap();
    assert_eq!(reply.status, 200);
    assert!(serde_json::from_str::<serde_json::Value>(&reply.body).is_err());
    assert!(simulator.registrations().is_empty());
}

#[test]
fn the_standing_answer_holds_when_the_queue_is_used_up() {
    let simulator = Simulator::start(Config { answer: Answer::status(503), ..Config::default() }).unwrap();
    simulator.answer_next([Answer::Normal, Answer::status(500)]);
    let statuses: Vec<u16> = (0..4).map(|_| send(&simulator).unwrap().status).collect();
    assert_eq!(statuses, [200, 500, 503, 503]);
}

#[test]
fn the_queue_and_the_lists_work_over_http() {
    let simulator = start();
    let mut call = Call::new(&simulator).header("authorization", "");
    "/_simulator/answers".clone_into(&mut call.path);
    let queued = call
        .body(r#"[{"status":503,"retryAfter":1},{"cut":"after"},{"normal":true}]"#)
        .send(&simulator)
        .unwrap();
    assert_eq!((queued.status, queued.json()), (200, json!({ "queued": 3 })));
    assert!(send(&simulator).unwrap().head.contains("\r\nretry-after: 1"));
    assert!(send(&simulator).is_err());
    assert_eq!(send(&simulator).unwrap().status, 200);

    let list = Call::get("/_simulator/registrations").send(&simulator).unwrap().json();
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!(list[0]["serialNumber"], "SIM000000001");
    assert_eq!(list[0]["records"], 1);
    assert_eq!(list[0]["sha256"].as_str().unwrap().len(), 64);
    let list = Call::get("/_simulator/requests").send(&simulator).unwrap().json();
    assert_eq!(list.as_array().unwrap().len(), 3, "the lists don't list themselves");
    assert_eq!(list[0]["told"], json!({ "status": 503, "retryAfter": 1 }));
    assert_eq!(list[1]["told"], json!({ "cut": "after" }));
    assert_eq!(list[1]["serialNumber"], "SIM000000001");
    assert_eq!(list[2]["told"], json!(null));
    assert_eq!(list[2]["status"], 200);
}

#[test]
fn a_wrong_control_request_changes_nothing() {
    let simulator = start();
    for (method, path, body, status) in [
        ("POST", "/_simulator/answers", r#"[{"status":503},{"status":1}]"#, 400),
        ("POST", "/_simulator/answers", r#"{"status":503}"#, 400),
        ("GET", "/_simulator/answers", "", 405),
        ("DELETE", "/_simulator/requests", "", 405),
        ("GET", "/_simulator/other", "", 404),
    ] {
        let mut call = Call::get(path).body(body);
        call.method = method;
        assert_eq!(call.send(&simulator).unwrap().status, status, "{method} {path}");
    }
    assert_eq!(send(&simulator).unwrap().status, 200);
}
