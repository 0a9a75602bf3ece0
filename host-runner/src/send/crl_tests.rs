//! Revoked certificates: against a TLS server whose chain, CA and revocation lists are made for the test.
//!
//! How it could end well and do harm: the list is read and never asked; only the server's certificate is looked up and not the
//! CA between; a list of another CA, an old one or an empty file lets everything pass.

use std::fs;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType, IsCa,
    KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};

use super::{
    tests::{answer, endpoint, request, serve, set},
    *,
};
use crate::{config::Endpoint, tls};

type Ca = CertifiedIssuer<'static, KeyPair>;

fn ca_parameters(name: &str, serial: u64) -> CertificateParams {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.serial_number = Some(SerialNumber::from(serial));
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters
}

/// A CA, another one below it, and a server's certificate that the lower one signed: serial numbers 1, 2 and 3.
struct World {
    root: Ca,
    middle: Ca,
    server: (CertificateDer<'static>, KeyPair),
}

impl World {
    fn new() -> Self {
        let root = Ca::self_signed(ca_parameters("root", 1), KeyPair::generate().unwrap()).unwrap();
        let middle = Ca::signed_by(ca_parameters("middle", 2), KeyPair::generate().unwrap(), &root).unwrap();
        let mut parameters = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        parameters.serial_number = Some(SerialNumber::from(3_u64));
        let key = KeyPair::generate().unwrap();
        let server = (parameters.signed_by(&key, &middle).unwrap().der().clone(), key);
        Self { root, middle, server }
    }

    fn server_config(&self) -> Arc<ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            ServerConfig::builder_with_provider(provider).with_protocol_versions(rustls::ALL_VERSIONS);
        let (certificate, key) = &self.server;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let chain = vec![certificate.clone(), self.middle.der().clone()];
        Arc::new(builder.unwrap().with_no_client_auth().with_single_cert(chain, key).unwrap())
    }
}

/// The list of a CA with these serial numbers on it; it is outdated after so many hours.
fn list(ca: &Ca, revoked: &[u64], hours: i64) -> String {
    let begin = rcgen::date_time_ymd(2020, 1, 1);
    let day = chrono::DateTime::parse_from_rfc3339("2020-01-01T00:00:00Z").unwrap();
    let until = chrono::Utc::now() + chrono::TimeDelta::hours(hours) - day.to_utc();
    let revoked = revoked.iter().map(|serial| RevokedCertParams {
        serial_number: SerialNumber::from(*serial),
        revocation_time: begin,
        reason_code: None,
        invalidity_date: None,
    });
    let parameters = CertificateRevocationListParams {
        this_update: begin,
        next_update: begin + until.to_std().unwrap(),
        crl_number: SerialNumber::from(1_u64),
        issuing_distribution_point: None,
        revoked_certs: revoked.collect(),
        key_identifier_method: rcgen::KeyIdMethod::Sha256,
    };
    parameters.signed_by(ca).unwrap().pem().unwrap()
}

/// What came of a try: the answer, whether the server saw a request, and what `pmh doctor` sees of certificates and lists.
struct Tried {
    answer: Answer,
    seen: bool,
    observed: tls::Observed,
}

/// Sends to the server with these revocation lists, once as a run does and once as `pmh doctor` looks.
fn tried(world: &World, lists: Option<&str>) -> Tried {
    let run = |observed: Option<&tls::Observed>| {
        let config = world.server_config();
        let (url, server) = serve(move |stream| {
            let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
            let seen = request(&mut stream).is_some();
            if seen {
                answer(&mut stream, "200 OK", r#"{"serialNumber":"S-1"}"#);
                stream.conn.send_close_notify();
                let _ = stream.conn.complete_io(&mut stream.sock);
            }
            seen
        });
        let set = set("[1]");
        let file = |name: &str, text: &str| {
            let path = set.token.with_file_name(name);
            fs::write(&path, text).unwrap();
            #[cfg(unix)]
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            path
        };
        let url = Url::parse(&url.as_str().replace("http:", "https:")).unwrap();
        let endpoint = Endpoint {
            ca_file: Some(file("ca.pem", &world.root.pem())),
            crl_file: lists.map(|lists| file("crl.pem", lists)),
            ..endpoint(url, set.token.clone())
        };
        let mut sender = Client::new(&endpoint).unwrap();
        if observed.is_some() {
            sender.http = http(&endpoint, tls::client(&endpoint, observed).unwrap()).unwrap();
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answer = runtime.block_on(sender.send(&set.spool, &set.part, &set.hash, &ProgressBar::hidden()));
        (answer, server.join().unwrap())
    };
    let (answer, seen) = run(None);
    let observed = tls::Observed::default();
    assert_eq!(run(Some(&observed)).0.outcome.name(), answer.outcome.name(), "doctor sees what a run meets");
    Tried { answer, seen, observed }
}

#[test]
fn a_certificate_on_no_list_is_trusted_and_the_lists_hours_are_counted() {
    let world = World::new();
    let lists = list(&world.root, &[77], 400) + &list(&world.middle, &[1, 2, 77], 30);
    let Tried { answer, seen, observed } = tried(&world, Some(&lists));
    assert_eq!((answer.outcome.name(), seen), ("accepted", true), "{answer:?}");
    assert_eq!(observed.days(), Some(3650));
    // half a minute of this test may be gone
    assert!(observed.list_hours().is_some_and(|hours| hours == 29 || hours == 30), "{observed:?}");
    let Tried { answer, observed, .. } = tried(&world, None);
    assert_eq!((answer.outcome.name(), observed.list_hours()), ("accepted", None));
}

#[test]
fn a_revoked_certificate_gets_nothing_nor_does_one_of_which_nothing_is_known() {
    let world = World::new();
    let other = World::new();
    let (root, middle) = (list(&world.root, &[], 30), list(&world.middle, &[], 30));
    let revoked = "certificate is revoked";
    let unknown = "crl_file holds no list";
    let outdated = "crl_file is outdated";
    for (what, lists, words, hours) in [
        ("the server's certificate", root.clone() + &list(&world.middle, &[3], 30), revoked, None),
        ("the CA's in between", list(&world.root, &[2], 30) + &middle, revoked, None),
        ("revoked by an old list", root.clone() + &list(&world.middle, &[3], -1), outdated, Some(0)),
        ("an old list", root.clone() + &list(&world.middle, &[], -1), outdated, Some(0)),
        ("no list of the root", middle.clone(), unknown, None),
        ("no list of the other", root.clone(), unknown, None),
        ("another CA's lists", list(&other.root, &[], 30) + &list(&other.root, &[], 30), "", None),
    ] {
        let Tried { answer, seen, observed } = tried(&world, Some(&lists));
        assert_eq!((answer.outcome.name(), seen), ("unavailable", false), "{what}: {answer:?}");
        let failure = answer.outcome.failure().unwrap();
        let message = failure.message(rules::Lang::En);
        assert!(message.contains("(TLS: ") && message.contains(words), "{what}: {message}");
        assert_eq!(failure.rule.code, "PMH6005", "{what}");
        assert_eq!(observed.list_hours(), hours, "{what}");
    }
}

/// An empty list must not look like a check that found nothing.
#[test]
fn a_file_without_a_list_is_refused_before_anything_is_connected() {
    let world = World::new();
    let set = set("[1]");
    let [ca, crl] = ["ca.pem", "crl.pem"].map(|name| set.token.with_file_name(name));
    fs::write(&ca, world.root.pem()).unwrap();
    let damaged = "-----BEGIN X509 CRL-----\nMAAwADAA\n-----END X509 CRL-----\n";
    for text in ["", "nothing", &world.root.pem(), damaged] {
        fs::write(&crl, text).unwrap();
        let url = Url::parse("https://127.0.0.1:9/x").unwrap();
        let endpoint = Endpoint {
            ca_file: Some(ca.clone()),
            crl_file: Some(crl.clone()),
            ..endpoint(url, set.token.clone())
        };
        let failure = tls::client(&endpoint, None).unwrap_err();
        assert_eq!(failure.rule.code, "PMH6208", "{text}");
        assert!(failure.message(rules::Lang::En).contains("crl.pem"), "{failure}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::write(&crl, list(&world.root, &[], 30)).unwrap();
            fs::set_permissions(&crl, PermissionsExt::from_mode(0o666)).unwrap();
            assert_eq!(tls::client(&endpoint, None).unwrap_err().rule.code, "PMH6209");
            fs::set_permissions(&crl, PermissionsExt::from_mode(0o600)).unwrap();
            assert!(tls::client(&endpoint, None).is_ok());
        }
    }
}
