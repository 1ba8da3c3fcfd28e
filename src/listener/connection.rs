//! Connections: accepted within a limit, and served over HTTP/1.1 within limits of time and memory.
//!
//! Invariant: a peer that closes its half of a connection still gets its answer, and no peer can hold more than a small
//! buffer before its request is judged.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::connection_limit::{ConnectionLimit, Place};
use super::response;
use super::socket::{Socket, WriteObservers};

/// The pause after a connection could not be accepted, for want of file descriptors mostly.
const ACCEPT_RETRY: Duration = Duration::from_secs(1);
/// The longest that a request's head may take to arrive, from the connection's begin or the answer before it: how long
/// an idle connection stays open.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// The bytes of a connection's read buffer: the longest head of a request.
const READ_BUFFER: usize = 16 * 1024;

/// Serves connections until `stop` ends, then lets running requests end.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    limit: Arc<ConnectionLimit>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopping, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    if let Some(place) = limit.admit(peer.ip()) {
                        connections.spawn(serve_connection(stream, peer, place, router.clone(), stopped.clone()));
                    }
                    limit.settled().await;
                }
                Err(error) if is_of_connection(&error) => {}
                Err(error) => {
                    limit.make_room();
                    tracing::error!(%error, "no connection can be accepted now");
                    tokio::time::sleep(ACCEPT_RETRY).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    stopping.send_replace(true);
    while connections.join_next().await.is_some() {}
    Ok(())
}

/// Whether an error concerns the connection that was to be accepted, and no other.
fn is_of_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionRefused | ConnectionAborted | ConnectionReset)
}

async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    place: Place,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) {
    let place = Arc::new(place);
    let observers = WriteObservers::default();
    let socket = Socket::new(stream, observers.clone());
    let (service, held) = (TowerToHyperService::new(router), place.clone());
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(observers.clone());
        let begun = held.begin_request(request.headers()).map(|busy| (busy, service.call(request)));
        async move {
            match begun {
                Some((_busy, response)) => response.await,
                None => Ok(response::busy()),
            }
        }
    });
    let mut server = http1::Builder::new();
    server.half_close(true).max_buf_size(READ_BUFFER).timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let connection = server.serve_connection(TokioIo::new(socket), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // How a connection ends says nothing about its requests.
        _ = connection.as_mut() => return,
        () = place.must_close() => return,
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    connection.as_mut().graceful_shutdown();
    drop(connection.await);
}
