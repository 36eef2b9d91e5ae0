//! An address that is known before the program has one: it hands connections on. And a database behind one.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::{Builder, OwnDatabase};

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

/// An empty PostgreSQL that can go away under the program, and come back.
pub(crate) struct FarDatabase {
    url: String,
    server: SocketAddr,
    door: Forwarder,
    _own: OwnDatabase,
}

impl FarDatabase {
    /// Makes it on the server that `./scripts/test` starts. It is there.
    pub(crate) async fn make() -> Self {
        let own = OwnDatabase::make().await;
        let mut url = url::Url::parse(&own.url()).unwrap();
        let server = format!("127.0.0.1:{}", url.port().unwrap()).parse().unwrap();
        let door = Forwarder::open().await;
        url.set_port(Some(door.port())).unwrap();
        let far = Self { url: url.into(), server, door, _own: own };
        far.comes_back();
        far
    }

    /// A program that knows the way to it that can be cut, and soon notices when it is.
    pub(crate) fn under(&self, builder: Builder) -> Builder {
        let builder = builder.env("DATABASE_URL", &self.url);
        builder.config("database.connect_timeout_seconds = 3")
    }

    /// Breaks all connections; new ones wait.
    pub(crate) fn goes_away(&self) {
        self.door.cut();
    }

    pub(crate) fn comes_back(&self) {
        self.door.lead_to(self.server);
    }
}
