//! Whom the client trusts and how it shows who it is: one TLS configuration for sending and for `pmh doctor`.
//!
//! TLS 1.2 or 1.3, by rustls. The endpoint's certificate is checked only against the configured CA, or against the
//! system's. It must never offer a way to leave a check out, and no environment variable changes whom it trusts.

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use pmh_core::rules;
use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem, pem::PemObject},
};

use crate::{
    config::Endpoint,
    failure::{Failure, Result, Words},
    process,
    trust::{self, Role},
};

/// How many days ahead a chain is tried.
const HORIZON: u64 = 3650;

/// The configuration for an endpoint; `observed` looks on while certificates are checked.
///
/// # Errors
///
/// `PMH6208` for files that can't be used; `PMH6207`, `PMH6209` and `PMH6210` if others can get at them.
pub fn client(endpoint: &Endpoint, observed: Option<&Observed>) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    if endpoint.url.scheme() == "http" {
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let nobody = builder.map_err(Failure::internal)?.with_root_certificates(RootCertStore::empty());
        return Ok(nobody.with_no_client_auth());
    }
    let mut verifier = verifier(endpoint, &provider)?;
    if let Some(observed) = observed {
        verifier = Arc::new(Observer { inner: verifier, observed: observed.clone() });
    }
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Failure::internal)?
        .dangerous() // rustls's name for choosing a verifier; both of ours verify
        .with_custom_certificate_verifier(verifier);
    let Some((certificate, key)) = &endpoint.identity else { return Ok(builder.with_no_client_auth()) };
    let chain = certificates(certificate)?;
    let pem = trust::read(key, Role::Secret, &rules::TLS_FILE)?;
    let secret = PrivateKeyDer::from_pem_slice(&pem).map_err(|error| unreadable(key, &error))?;
    builder
        .with_client_auth_cert(chain, secret)
        .map_err(|error| Failure::new(&rules::TLS_FILE, format_args!("{} ({error})", key.display())))
}

/// Checks certificates. Only asked for where there is TLS: a machine that sends to itself needs no system certificates.
fn verifier(endpoint: &Endpoint, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>> {
    let unusable = |error: &dyn fmt::Display| Failure::new(&rules::TLS_FILE, error);
    if let Some(path) = &endpoint.ca_file {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(path)? {
            roots.add(certificate).map_err(|error| {
                Failure::new(&rules::TLS_FILE, format_args!("{} ({error})", path.display()))
            })?;
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
        return Ok(verifier.build().map_err(|error| unusable(&error))?);
    }
    if process::trust_is_redirected() {
        let words = Words::new(
            "SSL_CERT_FILE or SSL_CERT_DIR is set; remove it from the environment",
            "環境変数 SSL_CERT_FILE または SSL_CERT_DIR を外してください",
        );
        return Err(Failure::new(&rules::TLS_FILE, words));
    }
    let verifier = rustls_platform_verifier::Verifier::new(Arc::clone(provider));
    Ok(Arc::new(verifier.map_err(|error| unusable(&error))?))
}

/// The certificates of a PEM file, of which there must be one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let pem = trust::read(path, Role::Deciding, &rules::TLS_FILE)?;
    let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let found = found.map_err(|error| unreadable(path, &error))?;
    if found.is_empty() {
        return Err(unreadable(path, &pem::Error::NoItemsFound));
    }
    Ok(found)
}

fn unreadable(path: &Path, error: &pem::Error) -> Failure {
    let shown = path.display();
    match error {
        pem::Error::Io(error) => Failure::file(&rules::TLS_FILE, path, error),
        pem::Error::NoItemsFound => {
            let en = format!("{shown} holds no certificate or key in PEM form");
            Failure::new(
                &rules::TLS_FILE,
                Words::new(en, format!("{shown} にPEM形式の証明書または鍵がありません")),
            )
        }
        // what else it says may quote the file
        _ => {
            let en = format!("{shown} is not in PEM form");
            Failure::new(&rules::TLS_FILE, Words::new(en, format!("{shown} はPEM形式ではありません")))
        }
    }
}

/// What is seen of the endpoint's certificates: for how many days they hold, once they were shown.
#[derive(Debug, Clone, Default)]
pub struct Observed(Arc<Mutex<Option<u64>>>);

impl Observed {
    /// Days for which the whole chain holds from now on, ten years at most; none where no good chain was shown.
    #[must_use]
    pub fn days(&self) -> Option<u64> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Verifies as another verifier does, and tries how long the chain holds.
#[derive(Debug)]
struct Observer {
    inner: Arc<dyn ServerCertVerifier>,
    observed: Observed,
}

impl ServerCertVerifier for Observer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let at = |days: u64| {
            let later =
                UnixTime::since_unix_epoch(Duration::from_secs(now.as_secs().saturating_add(days * 86_400)));
            self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, later)
        };
        let verified = at(0)?;
        let (mut holds, mut fails) = (0, HORIZON + 1);
        while fails - holds > 1 {
            let middle = u64::midpoint(holds, fails);
            if at(middle).is_ok() { holds = middle } else { fails = middle }
        }
        *self.observed.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(holds);
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
