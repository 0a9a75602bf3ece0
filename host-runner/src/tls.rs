//! Whom the client trusts and how it shows who it is: one TLS configuration for sending and for `pmh doctor`.
//!
//! TLS 1.2 or 1.3, by rustls. The endpoint's certificate is checked only against the configured CA, or against the
//! system's. It must never offer a way to leave a check out, and no environment variable changes whom it trusts.
//!
//! With `endpoint.crl_file`, each certificate of the chain below the CA must be on no revocation list, and a list of its
//! issuer that isn't outdated must be there: whoever keeps a new list away would otherwise keep a revoked certificate good.

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use pmh_core::rules;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        VerifierBuilderError, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring},
    pki_types::{
        CertificateDer, CertificateRevocationListDer, PrivateKeyDer, ServerName, UnixTime, pem,
        pem::PemObject,
    },
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
    let mut verifier = verifier(endpoint, &provider, true)?;
    if let Some(observed) = observed {
        let chain = self::verifier(endpoint, &provider, false)?;
        let lists = endpoint.crl_file.is_some();
        verifier = Arc::new(Observer { inner: verifier, chain, lists, observed: observed.clone() });
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

/// Checks certificates, and by the revocation lists if `lists`. Only asked for where there is TLS: a machine that sends to
/// itself needs no system certificates.
fn verifier(
    endpoint: &Endpoint,
    provider: &Arc<CryptoProvider>,
    lists: bool,
) -> Result<Arc<dyn ServerCertVerifier>> {
    let unusable = |error: &dyn fmt::Display| Failure::new(&rules::TLS_FILE, error);
    if let Some(path) = &endpoint.ca_file {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(path)? {
            roots.add(certificate).map_err(|error| {
                Failure::new(&rules::TLS_FILE, format_args!("{} ({error})", path.display()))
            })?;
        }
        let mut verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
        if let Some(path) = endpoint.crl_file.as_ref().filter(|_| lists) {
            verifier = verifier.with_crls(revoked(path)?).enforce_revocation_expiration();
        }
        return Ok(verifier.build().map_err(|error| match (&error, &endpoint.crl_file) {
            (VerifierBuilderError::InvalidCrl(_), Some(path)) => unusable(&path.display()),
            _ => unusable(&error),
        })?);
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

/// The revocation lists of a PEM file, of which there must be one: without any, nothing would be checked.
fn revoked(path: &Path) -> Result<Vec<CertificateRevocationListDer<'static>>> {
    let pem = trust::read(path, Role::Deciding, &rules::TLS_FILE)?;
    let found: std::result::Result<Vec<_>, _> = CertificateRevocationListDer::pem_slice_iter(&pem).collect();
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
            let en = format!("{shown} holds nothing of its kind in PEM form");
            Failure::new(
                &rules::TLS_FILE,
                Words::new(en, format!("{shown} にPEM形式の証明書、鍵または失効リストがありません")),
            )
        }
        // what else it says may quote the file
        _ => {
            let en = format!("{shown} is not in PEM form");
            Failure::new(&rules::TLS_FILE, Words::new(en, format!("{shown} はPEM形式ではありません")))
        }
    }
}

/// Whether a revocation list is past its next update.
fn is_outdated(error: &rustls::Error) -> bool {
    matches!(
        error,
        rustls::Error::InvalidCertificate(
            CertificateError::ExpiredRevocationList | CertificateError::ExpiredRevocationListContext { .. }
        )
    )
}

/// What a TLS error means, in words of our own if it is about revocation.
#[must_use]
pub fn explain(error: &rustls::Error) -> Words {
    use rustls::Error::InvalidCertificate;
    match error {
        InvalidCertificate(CertificateError::Revoked) => {
            Words::new("TLS: the endpoint's certificate is revoked", "TLS: 接続先の証明書は失効しています")
        }
        InvalidCertificate(CertificateError::UnknownRevocationStatus) => Words::new(
            "TLS: endpoint.crl_file holds no list of a CA in the endpoint's chain",
            "TLS: endpoint.crl_file に、接続先の証明書を発行した認証局の失効リストがありません",
        ),
        error if is_outdated(error) => Words::new(
            "TLS: endpoint.crl_file is outdated, get the CA's present list",
            "TLS: endpoint.crl_file の有効期間が過ぎています。認証局の最新の失効リストに更新してください",
        ),
        error => Words::from(format_args!("TLS: {error}")),
    }
}

/// What is seen of the endpoint's certificates once they were shown.
#[derive(Debug, Clone, Default)]
pub struct Observed(Arc<Mutex<Seen>>);

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    days: Option<u64>,
    list_hours: Option<u64>,
}

impl Observed {
    /// Days for which the whole chain holds from now on, ten years at most; none where no good chain was shown.
    #[must_use]
    pub fn days(&self) -> Option<u64> {
        self.seen().days
    }

    /// Hours until a revocation list is outdated, or until the chain ends; none without lists, or where no chain was
    /// shown that is good but for them.
    #[must_use]
    pub fn list_hours(&self) -> Option<u64> {
        self.seen().list_hours
    }

    fn seen(&self) -> Seen {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Verifies as another verifier does, and tries how long the chain and the revocation lists hold.
#[derive(Debug)]
struct Observer {
    inner: Arc<dyn ServerCertVerifier>,
    /// The same without the lists.
    chain: Arc<dyn ServerCertVerifier>,
    lists: bool,
    observed: Observed,
}

/// The last of the steps from 0 on at which something holds that holds up to some step.
fn holds(most: u64, at: impl Fn(u64) -> bool) -> u64 {
    let (mut holds, mut fails) = (0, most + 1);
    while fails - holds > 1 {
        let middle = u64::midpoint(holds, fails);
        if at(middle) { holds = middle } else { fails = middle }
    }
    holds
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
        let at = |verifier: &Arc<dyn ServerCertVerifier>, seconds: u64| {
            let later =
                UnixTime::since_unix_epoch(Duration::from_secs(now.as_secs().saturating_add(seconds)));
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, later)
        };
        let verified = at(&self.inner, 0);
        if at(&self.chain, 0).is_ok() {
            let days = holds(HORIZON, |days| at(&self.chain, days * 86_400).is_ok());
            let hours = || match &verified {
                Ok(_) => Some(holds(HORIZON * 24, |hours| at(&self.inner, hours * 3600).is_ok())),
                Err(error) if is_outdated(error) => Some(0),
                Err(_) => None,
            };
            let list_hours = if self.lists { hours() } else { None };
            *self.observed.0.lock().unwrap_or_else(PoisonError::into_inner) =
                Seen { days: Some(days), list_hours };
        }
        verified
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
