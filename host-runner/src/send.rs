//! One HTTPS request: the body streams from the spool, and the answer is read even where it comes early.
//!
//! The client follows no redirect, reads no proxy from the environment, never retries on its own and connects to
//! no other host than the endpoint's or the configured proxy. It must never log a header or a body.

mod body;

use std::{
    io,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
    time::Duration,
};

use indicatif::ProgressBar;
use pmh_core::rules;
use reqwest::{
    Body, Method, Proxy, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
    redirect, retry,
};
use tokio::{
    io::{AsyncRead, ReadBuf},
    time::{Sleep, sleep, timeout},
};
use tokio_util::io::ReaderStream;
use url::Url;

use self::body::{Flow, Sealed};
use crate::{
    answer::{Answer, Fault, Outcome, Reply, classify, no_answer},
    config::Endpoint,
    failure::{self, Failure, Result, Words},
    secret::Token,
    spool::{Part, Spool},
    tls,
};

/// How much of an answer is read.
const MAX_ANSWER: usize = 64 * 1024;

/// How much of the spool is read at a time.
const PIECE: usize = 64 * 1024;

/// How long the first piece is left alone. A server that refuses by the head, as for a bad token, often closes at once;
/// what it said would be lost in the noise of a body that is still being written.
const PAUSE: Duration = Duration::from_millis(200);

/// How a set is sent.
pub const METHOD: Method = Method::POST;

/// What the client calls itself.
pub const USER_AGENT: &str = concat!("pmh/", env!("CARGO_PKG_VERSION"));

/// Everything that a request needs but its body.
pub struct Client {
    http: reqwest::Client,
    url: Url,
    authorization: HeaderValue,
    idle: Duration,
}

impl Client {
    /// Loads token and certificates. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// `PMH6206` to `PMH6208`.
    pub fn new(endpoint: &Endpoint) -> Result<Self> {
        let authorization = Token::load(&endpoint.token)?.header()?;
        let http = http(endpoint, tls::client(endpoint, None)?)?;
        Ok(Self { http, url: endpoint.url.clone(), authorization, idle: endpoint.idle_timeout })
    }

    /// Sends one part and waits for the answer. A part whose bytes don't have this hash never leaves to its end: the
    /// answer is [`Fault::Changed`] then, unless PMH refused it earlier.
    pub async fn send(&self, spool: &Spool, part: &Part, hash: &str, progress: &ProgressBar) -> Answer {
        let flow = Arc::new(Flow::default());
        let body = body(spool, part, hash, &flow, progress);
        let request = self
            .http
            .request(METHOD, self.url.clone())
            .headers(headers(self.authorization.clone(), part))
            .body(body);
        let answered = tokio::select! {
            answered = request.send() => answered,
            () = stalled(&flow, self.idle) => return no_answer(Fault::Lost(idle_words())),
        };
        let changed = flow.changed.load(Ordering::Relaxed);
        match answered {
            Ok(response) => {
                let whole = flow.moved.load(Ordering::Relaxed) == part.body_length();
                // the answer is here: a server that doesn't want the rest may close, and writing on would lose its words
                flow.stopped.store(true, Ordering::Relaxed);
                let answer = classify(&self.read(response, whole).await);
                let refused = matches!(answer.outcome, Outcome::Refused(_));
                if changed && !refused { no_answer(Fault::Changed(spool.path().into())) } else { answer }
            }
            Err(_) if changed => no_answer(Fault::Changed(spool.path().into())),
            Err(error) if error.is_connect() || is_rejected(&error) => {
                no_answer(Fault::Connect(unreachable(&self.url, &error)))
            }
            Err(error) => no_answer(Fault::Lost(cause(&error))),
        }
    }

    /// Reads an answer; a body that breaks off counts as far as it came.
    async fn read(&self, mut response: Response, whole: bool) -> Reply {
        let retry_after =
            response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut body = Vec::new();
        while let Ok(Ok(Some(piece))) = timeout(self.idle, response.chunk()).await {
            body.extend_from_slice(&piece);
            if body.len() > MAX_ANSWER {
                break;
            }
        }
        Reply { status: response.status().as_u16(), retry_after, body, whole }
    }
}

/// The headers of a request that are ours to set; the host's and the client's name are added on the way.
#[must_use]
pub fn headers(authorization: HeaderValue, part: &Part) -> HeaderMap {
    HeaderMap::from_iter([
        (AUTHORIZATION, authorization),
        (ACCEPT, HeaderValue::from_static("application/json")),
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CONTENT_LENGTH, part.body_length().into()),
    ])
}

/// Where no connection came about, and why.
#[must_use]
pub fn unreachable(url: &Url, error: &reqwest::Error) -> Words {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    Words::because(&Words::from(format_args!("{host}:{port}")), &cause(error))
}

/// A client that talks to this endpoint alone. Nothing is connected yet.
///
/// # Errors
///
/// `PMH6205` for a proxy that can't be used, `PMH6208` where TLS can't be.
pub fn http(endpoint: &Endpoint, tls: rustls::ClientConfig) -> Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .http1_only()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .https_only(endpoint.url.scheme() == "https")
        .tls_backend_preconfigured(tls)
        .connect_timeout(endpoint.connect_timeout)
        .timeout(endpoint.timeout);
    if let Some(proxy) = &endpoint.proxy {
        let unusable = |error| Failure::new(&rules::CONFIG_URL, cause(&error));
        builder = builder.proxy(Proxy::all(proxy.as_str()).map_err(unusable)?);
    }
    builder.build().map_err(|error| Failure::new(&rules::TLS_FILE, cause(&error)))
}

/// Ends when no byte has moved for so long.
async fn stalled(flow: &Flow, idle: Duration) {
    loop {
        let before = flow.moved.load(Ordering::Relaxed);
        sleep(idle).await;
        if flow.moved.load(Ordering::Relaxed) == before {
            return;
        }
    }
}

fn idle_words() -> Words {
    Words::new(
        "nothing moved for longer than endpoint.idle_timeout",
        "endpoint.idle_timeout の間、通信がありませんでした",
    )
}

/// The part as the body of a request: its bytes between brackets.
fn body(spool: &Spool, part: &Part, hash: &str, flow: &Arc<Flow>, progress: &ProgressBar) -> Body {
    let inner = Sealed::new(spool, part, hash, Arc::clone(flow));
    let measured =
        Measured { inner, flow: Arc::clone(flow), progress: progress.clone(), pause: Pause::Ahead };
    Body::wrap_stream(ReaderStream::with_capacity(measured, PIECE))
}

/// Counts what is read, pauses after the first piece, and falls silent once it is told to stop.
struct Measured<R> {
    inner: R,
    flow: Arc<Flow>,
    progress: ProgressBar,
    pause: Pause,
}

/// Where the pause stands.
enum Pause {
    /// Nothing was read yet.
    Ahead,
    /// It lasts until this ends.
    Now(Pin<Box<Sleep>>),
    /// It is over.
    Over,
}

impl Pause {
    /// Whether it keeps the reader from reading on.
    fn holds(&mut self, cx: &mut Context<'_>) -> bool {
        if let Self::Now(sleep) = self {
            if sleep.as_mut().poll(cx).is_pending() {
                return true;
            }
            *self = Self::Over;
        }
        false
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Measured<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.flow.stopped.load(Ordering::Relaxed) || self.pause.holds(cx) {
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buffer);
        let count = buffer.filled().len().saturating_sub(before) as u64;
        self.flow.moved.fetch_add(count, Ordering::Relaxed);
        self.progress.inc(count);
        if matches!(self.pause, Pause::Ahead) && self.flow.moved.load(Ordering::Relaxed) >= PIECE as u64 {
            self.pause = Pause::Now(Box::pin(sleep(PAUSE)));
        }
        read
    }
}

/// The innermost reason that means something to a person.
fn cause(error: &reqwest::Error) -> Words {
    if error.is_timeout() {
        return Words::new("time ran out", "時間切れ");
    }
    let mut words = None;
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        match error.to_string().as_str() {
            "dns error" => return Words::new("the name cannot be resolved", "名前解決に失敗しました"),
            "connection closed before message completed" => {
                return failure::reason(&io::ErrorKind::ConnectionReset.into());
            }
            _ => {}
        }
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return tls::explain(tls);
        }
        next = error.source();
        words = Some(match error.downcast_ref::<io::Error>() {
            Some(error) => tls_error(error).map_or_else(|| failure::reason(error), tls::explain),
            None => Words::from(error),
        });
    }
    words.unwrap_or_else(|| Words::from(error))
}

/// Whether the server ended the handshake because of the client's certificate. Under TLS 1.3 the client hears of it only
/// after it has begun to send; to the server the handshake never ended, so that no byte of the request was processed.
fn is_rejected(error: &reqwest::Error) -> bool {
    use rustls::{AlertDescription as Alert, Error::AlertReceived};
    let rejected = |error: &rustls::Error| {
        matches!(
            error,
            AlertReceived(
                Alert::CertificateRequired
                    | Alert::BadCertificate
                    | Alert::UnsupportedCertificate
                    | Alert::CertificateRevoked
                    | Alert::CertificateExpired
                    | Alert::CertificateUnknown
                    | Alert::UnknownCA
                    | Alert::AccessDenied
                    | Alert::DecryptError
            )
        )
    };
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        let tls = error.downcast_ref::<io::Error>().and_then(tls_error).or_else(|| error.downcast_ref());
        if let Some(tls) = tls {
            return rejected(tls);
        }
        next = error.source();
    }
    false
}

/// The TLS error that an I/O error carries, however deep.
fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    let inner = error.get_ref()?;
    inner.downcast_ref::<rustls::Error>().or_else(|| inner.downcast_ref().and_then(tls_error))
}

#[cfg(test)]
mod crl_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tls_tests;
