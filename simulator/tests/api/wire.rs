//! One request over a TCP connection of its own, and what came back.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use pmh_simulator::{API_PATH, Config, Handle, Simulator};
use serde_json::Value;

/// Starts a simulator that behaves normally.
pub(crate) fn start() -> Handle {
    Simulator::start(Config::default()).unwrap()
}

/// The recipient of the API's own example.
pub(crate) fn recipient() -> Value {
    let api: Value = serde_saphyr::from_str(include_str!("../../../spec/openapi.yaml")).unwrap();
    let at = "/paths/~1medicalSubsidiesTargetPersons/post/requestBody/content/application~1json/examples/example1/value/0";
    api.pointer(at).unwrap().clone()
}

/// A body of so many recipients.
pub(crate) fn recipients(count: usize) -> Vec<u8> {
    serde_json::to_vec(&vec![recipient(); count]).unwrap()
}

/// A request to send; it is right until a test makes it wrong.
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Call {
    pub(crate) fn new(simulator: &Handle) -> Self {
        Self {
            method: "POST",
            path: API_PATH.to_owned(),
            headers: vec![
                ("authorization", format!("Bearer {}", simulator.token())),
                ("content-type", "application/json".to_owned()),
            ],
            body: recipients(1),
        }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self { method: "GET", path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Replaces a header, or takes it away where the value is empty.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        if !value.is_empty() {
            self.headers.push((name, value.to_owned()));
        }
        self
    }

    pub(crate) fn head(&self, more: &str) -> String {
        let mut head =
            format!("{} {} HTTP/1.1\r\nhost: pmh\r\nconnection: close\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head.extend([*name, ": ", value, "\r\n"]);
        }
        head + more + "\r\n"
    }

    /// Sends all of it, and reads all that comes.
    pub(crate) fn send(&self, simulator: &Handle) -> io::Result<Reply> {
        let mut stream = connect(simulator.url());
        stream.write_all(self.head(&format!("content-length: {}\r\n", self.body.len())).as_bytes())?;
        stream.write_all(&self.body)?;
        read(&mut stream)
    }

    /// Sends the body in chunks of so many bytes.
    pub(crate) fn send_chunked(&self, simulator: &Handle, size: usize) -> io::Result<Reply> {
        let mut stream = connect(simulator.url());
        stream.write_all(self.head("transfer-encoding: chunked\r\n").as_bytes())?;
        for chunk in self.body.chunks(size) {
            write!(stream, "{:x}\r\n", chunk.len())?;
            stream.write_all(chunk)?;
            stream.write_all(b"\r\n")?;
        }
        stream.write_all(b"0\r\n\r\n")?;
        read(&mut stream)
    }

    /// Announces the whole body and ends the connection in its middle.
    pub(crate) fn break_off(&self, simulator: &Handle) {
        let mut stream = connect(simulator.url());
        let head = self.head(&format!("content-length: {}\r\n", self.body.len()));
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&self.body[..self.body.len() / 2]).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let _ = read(&mut stream);
    }
}

pub(crate) fn connect(url: &str) -> TcpStream {
    let stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// Reads an answer to the end of the connection; an end without an answer is an error.
pub(crate) fn read(stream: &mut TcpStream) -> io::Result<Reply> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Ok(Reply { status, head: head.to_lowercase(), body: body.to_owned() })
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The head in lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap().to_owned()
    }
}
