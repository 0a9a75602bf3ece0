//! Whom the client trusts, and how it shows who it is: against a TLS server with certificates made for the test.

use std::fs;

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    server::WebPkiClientVerifier,
};

use super::{
    tests::{answer, endpoint, request, serve, set},
    *,
};
use crate::answer::Outcome;

/// A server with this certificate; what comes back is the request's head and the client's certificates.
fn server_config(own: &CertifiedKey<KeyPair>, client: Option<&CertifiedKey<KeyPair>>) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
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
    let set = set("[1]");
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
    let answer = runtime.block_on(sender.send(&set.spool, &set.part, &ProgressBar::hidden())).unwrap();
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
