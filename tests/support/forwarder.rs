//! An address that is known before the program has one: it hands connections on.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What happens to connections.
#[derive(Clone, Copy, PartialEq)]
enum To {
    /// They wait.
    Wait,
    /// They are cut, also those that were handed on.
    Nowhere,
    There(SocketAddr),
}

/// Hands connections on once it is told where to. Until then they wait, or are cut.
pub(crate) struct Forwarder {
    address: SocketAddr,
    to: watch::Sender<To>,
    task: tokio::task::JoinHandle<()>,
}

impl Forwarder {
    /// Takes a free port on loopback.
    pub(crate) async fn open() -> Self {
        Self::start(To::Wait).await
    }

    /// The same, and connections are cut.
    pub(crate) async fn closed() -> Self {
        Self::start(To::Nowhere).await
    }

    async fn start(first: To) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (to, target) = watch::channel(first);
        let task = tokio::task::spawn_local(async move {
            while let Ok((mut inside, _)) = listener.accept().await {
                let mut target = target.clone();
                tokio::task::spawn_local(async move {
                    let told = target.wait_for(|to| *to != To::Wait).await.map(|to| *to);
                    let Ok(To::There(to)) = told else { return };
                    if let Ok(mut outside) = TcpStream::connect(to).await {
                        // Either side may leave at any time.
                        tokio::select! {
                            left = copy_bidirectional(&mut inside, &mut outside) => drop(left),
                            cut = target.wait_for(|to| !matches!(to, To::There(_))) => drop(cut),
                        }
                    }
                });
            }
        });
        Self { address, to, task }
    }

    /// Where others connect to.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port that others connect to.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Breaks all connections; new ones wait.
    pub(crate) fn cut(&self) {
        self.to.send_replace(To::Wait);
    }

    /// Where connections go from now on.
    pub(crate) fn lead_to(&self, address: SocketAddr) {
        self.to.send_replace(To::There(address));
    }

    /// Cuts what is open and what comes.
    pub(crate) fn close(&self) {
        self.to.send_replace(To::Nowhere);
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.task.abort();
    }
}
