//! Whom the client trusts, and how it shows who it is: against a TLS server with certificates made for the test.

use std::{
    fs,
    io::{Read, Write},
};

use chrono::Datelike;
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    server::WebPkiClientVerifier,
};

use super::{
    tests::{answer, endpoint, large, request, serve, set},
    *,
};
use crate::{answer::Outcome, config::Endpoint, tls};

/// A server with this certificate, which lets clients with that one in, if it asks for one at all.
fn server_config(own: &CertifiedKey<KeyPair>, client: Option<&CertifiedKey<KeyPair>>) -> Arc<ServerConfig> {
    server_of(rustls::ALL_VERSIONS, own, client)
}

fn server_of(
    versions: &[&'static SupportedProtocolVersion],
    own: &CertifiedKey<KeyPair>,
    client: Option<&CertifiedKey<KeyPair>>,
) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(versions).unwrap();
    let builder = match client {
        None => builder.with_no_client_auth(),
        Some(client) => {
            let mut roots = RootCertStore::empty();
            roots.add(client.cert.der().clone()).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    Arc::new(builder.with_single_cert(vec![own.cert.der().clone()], key).unwrap())
}

/// Sends to such a server; says the outcome, and whether the server saw the request and a client's certificate.
fn exchange(
    config: Arc<ServerConfig>,
    trusted: &CertifiedKey<KeyPair>,
    client: Option<&CertifiedKey<KeyPair>>,
) -> (Answer, bool, bool) {
    exchange_of("[1]", config, trusted, client)
}

fn exchange_of(
    payload: &str,
    config: Arc<ServerConfig>,
    trusted: &CertifiedKey<KeyPair>,
    client: Option<&CertifiedKey<KeyPair>>,
) -> (Answer, bool, bool) {
    let (url, server) = serve(move |stream| {
        let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
        let seen = request(&mut stream).is_some();
        if seen {
            answer(&mut stream, "200 OK", r#"{"serialNumber":"S-1"}"#);
            stream.conn.send_close_notify();
            let _ = stream.conn.complete_io(&mut stream.sock);
        }
        (seen, stream.conn.peer_certificates().is_some())
    });
    let set = set(payload);
    let file = |name: &str, text: String| {
        let path = set.token.with_file_name(name);
        fs::write(&path, text).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path
    };
    let mut endpoint =
        endpoint(Url::parse(&url.as_str().replace("http:", "https:")).unwrap(), set.token.clone());
    endpoint.ca_file = Some(file("ca.pem", trusted.cert.pem()));
    endpoint.identity = client.map(|client| {
        (file("client.pem", client.cert.pem()), file("client.key", client.signing_key.serialize_pem()))
    });
    let sender = Client::new(&endpoint).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(sender.send(&set.spool, &set.part, &set.hash, &ProgressBar::hidden()));
    let (seen, known) = server.join().unwrap();
    (answer, seen, known)
}

fn certificate(name: &str) -> CertifiedKey<KeyPair> {
    generate_simple_self_signed([name.to_owned()]).unwrap()
}

#[test]
fn the_configured_ca_is_trusted() {
    let own = certificate("127.0.0.1");
    let (answer, ..) = exchange(server_config(&own, None), &own, None);
    assert_eq!(answer.outcome, Outcome::Accepted { serial_number: "S-1".to_owned() });
}

#[test]
fn a_certificate_of_another_ca_or_name_gets_nothing() {
    let (own, other) = (certificate("127.0.0.1"), certificate("127.0.0.1"));
    let wrong_name = certificate("pmh.example.lg.jp");
    for (shown, trusted) in [(&own, &other), (&wrong_name, &wrong_name)] {
        let (answer, seen, _) = exchange(server_config(shown, None), trusted, None);
        assert_eq!((answer.outcome.name(), seen), ("unavailable", false));
        let message = answer.outcome.failure().unwrap().message(rules::Lang::En);
        assert!(message.contains("TLS: invalid peer certificate"), "{message}");
    }
}

#[test]
fn the_client_shows_its_certificate() {
    let (own, client) = (certificate("127.0.0.1"), certificate("client"));
    let (answer, _, known) = exchange(server_config(&own, Some(&client)), &own, Some(&client));
    assert_eq!((answer.outcome.name(), known), ("accepted", true));
}

/// A client that isn't let in has sent nothing that anybody could have registered: under TLS 1.2 it hears so during the
/// handshake, under TLS 1.3 only after it has begun to send. To call that unknown would have people look for a
/// registration that can't be there; to call another end of the connection unavailable would hide one that may be.
#[test]
fn a_client_that_is_not_let_in_has_sent_nothing() {
    let (own, client, other) =
        (certificate("127.0.0.1"), certificate("client"), certificate("another client"));
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for payload in ["[1]", &large()] {
            for shown in [None, Some(&other)] {
                let config = server_of(&[version], &own, Some(&client));
                let (answer, seen, _) = exchange_of(payload, config, &own, shown);
                let name = format!("{version:?}, {} bytes, {}", payload.len(), shown.is_some());
                assert_eq!((answer.outcome.name(), seen), ("unavailable", false), "{name}: {answer:?}");
                let message = answer.outcome.failure().unwrap().message(rules::Lang::En);
                assert!(message.contains("TLS: received fatal alert"), "{name}: {message}");
            }
            let config = server_of(&[version], &own, Some(&client));
            assert_eq!(exchange_of(payload, config, &own, Some(&client)).0.outcome.name(), "accepted");
        }
    }
}

/// Another alert, or an end without one, says nothing about the request.
#[test]
fn a_connection_that_tls_ends_after_the_request_is_unknown() {
    let own = certificate("127.0.0.1");
    let config = server_config(&own, None);
    let (url, server) = serve(move |stream| {
        let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
        request(&mut stream).is_some()
    });
    let set = set("[1]");
    let ca = set.token.with_file_name("ca.pem");
    fs::write(&ca, own.cert.pem()).unwrap();
    let url = Url::parse(&url.as_str().replace("http:", "https:")).unwrap();
    let sender = Client::new(&Endpoint { ca_file: Some(ca), ..endpoint(url, set.token.clone()) }).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(sender.send(&set.spool, &set.part, &set.hash, &ProgressBar::hidden()));
    assert!(server.join().unwrap());
    assert_eq!(answer.outcome.name(), "unknown", "{answer:?}");
}

/// A relay server sees where to, and nothing else: the token and the records go through the tunnel that it opens.
#[test]
fn a_proxy_opens_a_tunnel_and_sees_no_token() {
    let own = certificate("pmh.example.lg.jp");
    let config = server_config(&own, None);
    let (url, relay) = serve(move |mut stream| {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            Read::read_exact(&mut stream, &mut byte).unwrap();
            head.push(byte[0]);
        }
        Write::write_all(&mut stream, b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
        let seen = request(&mut stream).is_some();
        answer(&mut stream, "200 OK", r#"{"serialNumber":"S-1"}"#);
        stream.conn.send_close_notify();
        let _ = stream.conn.complete_io(&mut stream.sock);
        (String::from_utf8(head).unwrap(), seen)
    });
    let set = set("[1]");
    let ca = set.token.with_file_name("ca.pem");
    fs::write(&ca, own.cert.pem()).unwrap();
    // the name exists nowhere: it is the relay that would look it up
    let mut endpoint = endpoint(Url::parse("https://pmh.example.lg.jp/x").unwrap(), set.token.clone());
    endpoint.ca_file = Some(ca);
    endpoint.proxy = Some(url);
    let sender = Client::new(&endpoint).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(sender.send(&set.spool, &set.part, &set.hash, &ProgressBar::hidden()));
    assert_eq!(answer.outcome.name(), "accepted", "{answer:?}");
    let (head, seen) = relay.join().unwrap();
    assert!(seen);
    assert!(head.starts_with("CONNECT pmh.example.lg.jp:443 HTTP/1.1\r\n"), "{head}");
    assert!(!head.to_ascii_lowercase().contains("authorization") && !head.contains("s3cret"), "{head}");
}

/// How long a chain holds is found by trying, whoever issued it.
#[test]
fn the_days_that_a_certificate_holds_are_counted() {
    let days_of = |not_after| {
        let key = KeyPair::generate().unwrap();
        let mut parameters = rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        parameters.not_after = not_after;
        let cert = parameters.self_signed(&key).unwrap();
        let own = CertifiedKey { cert, signing_key: key };
        let config = server_config(&own, None);
        let (url, server) = serve(move |stream| {
            let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
            // a chain that doesn't hold ends the handshake
            let _ = Read::read(&mut stream, &mut [0; 4096]);
            let _ = Write::write_all(&mut stream, b"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n");
            stream.conn.send_close_notify();
            let _ = stream.conn.complete_io(&mut stream.sock);
        });
        let set = set("[1]");
        let ca = set.token.with_file_name("ca.pem");
        fs::write(&ca, own.cert.pem()).unwrap();
        let url = Url::parse(&url.as_str().replace("http:", "https:")).unwrap();
        let endpoint = Endpoint { ca_file: Some(ca), ..endpoint(url.clone(), set.token.clone()) };
        let observed = tls::Observed::default();
        let client = http(&endpoint, tls::client(&endpoint, Some(&observed)).unwrap()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answered = runtime.block_on(async { client.head(url).send().await }).is_ok();
        server.join().unwrap();
        (answered, observed.days())
    };
    // rcgen's own way to write a date: of the running year or later, so that the answer is known by the calendar
    let today = chrono::Utc::now().date_naive();
    let until = |days: i64| {
        let date = today + chrono::TimeDelta::days(days);
        rcgen::date_time_ymd(
            date.year(),
            u8::try_from(date.month()).unwrap(),
            u8::try_from(date.day()).unwrap(),
        )
    };
    for days in [1, 10, 400] {
        let (answered, found) = days_of(until(days));
        assert!(answered);
        // it ends at midnight: a day less than the calendar says, less or more by the hour of this test
        let found = i64::try_from(found.unwrap()).unwrap();
        assert!(found == days - 1 || found == days, "{days}: {found}");
    }
    assert_eq!(days_of(until(-1)), (false, None));
}
