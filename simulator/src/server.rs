//! Accepts connections and hands their requests to the service.
//!
//! It must never keep a connection open that an answer says to cut.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::service::{self, State};

/// Serves until told to stop, or until the one who could tell is gone.
pub(crate) async fn run(listener: std::net::TcpListener, state: Arc<State>, stop: oneshot::Receiver<()>) {
    tokio::select! {
        _ = stop => {}
        _ = accept(listener, state) => {}
    }
}

async fn accept(listener: std::net::TcpListener, state: Arc<State>) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        match listener.accept().await {
            // A server with TLS would do the handshake here, and hand over the stream that comes of it.
            Ok((stream, _)) => drop(tokio::spawn(serve(stream, Arc::clone(&state)))),
            // Out of file handles, most likely: they come back when other connections end.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, state: Arc<State>) {
    let answer = service_fn(move |request| service::answer(Arc::clone(&state), request));
    // An error of the service is the way to cut: hyper then drops the stream without writing.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}
