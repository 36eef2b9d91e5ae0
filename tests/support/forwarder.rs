//! An address that is known before the program has one: it hands connections on.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Hands connections on once it is told where to. Until then they wait.
pub(crate) struct Forwarder {
    address: SocketAddr,
    to: watch::Sender<Option<SocketAddr>>,
    task: tokio::task::JoinHandle<()>,
}

impl Forwarder {
    /// Takes a free port on loopback.
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (to, target) = watch::channel(None);
        let task = tokio::task::spawn_local(async move {
            while let Ok((mut inside, _)) = listener.accept().await {
                let mut target = target.clone();
                tokio::task::spawn_local(async move {
                    let Ok(to) = target.wait_for(Option::is_some).await.map(|to| *to) else {
                        return;
                    };
                    if let Ok(mut outside) = TcpStream::connect(to.unwrap()).await {
                        tokio::select! {
                            // Either side may leave at any time.
                            _ = copy_bidirectional(&mut inside, &mut outside) => {}
                            _ = target.wait_for(Option::is_none) => {}
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
        self.to.send_replace(None);
    }

    /// Where connections go from now on.
    pub(crate) fn lead_to(&self, address: SocketAddr) {
        self.to.send_replace(Some(address));
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.task.abort();
    }
}
