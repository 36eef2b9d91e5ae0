//! What stands before several nodes: connections go to one after the other, and one that does not answer
//! in time is closed, so that the caller tries again and gets to another.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};

/// Patience with a node.
const ANSWER_MAX: Duration = Duration::from_secs(3);

pub(super) struct Spread {
    port: u16,
    _work: JoinSet<()>,
}

impl Spread {
    /// Spreads over the nodes at these ports.
    pub(super) async fn over(ports: Vec<u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it has an address").port();
        let (ports, turn) = (Arc::new(ports), Arc::new(AtomicUsize::new(0)));
        let mut work = JoinSet::new();
        work.spawn(async move {
            let mut served = JoinSet::new();
            loop {
                let Ok((client, _)) = listener.accept().await else { continue };
                while served.try_join_next().is_some() {}
                served.spawn(serve(client, ports.clone(), turn.clone()));
            }
        });
        Self { port, _work: work }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

async fn serve(client: TcpStream, ports: Arc<Vec<u16>>, turn: Arc<AtomicUsize>) {
    for _ in 0..ports.len() {
        let port = ports[turn.fetch_add(1, Ordering::Relaxed) % ports.len()];
        let connecting = TcpStream::connect(("127.0.0.1", port));
        if let Ok(Ok(node)) = timeout(Duration::from_millis(500), connecting).await {
            carry(client, node).await;
            return;
        }
    }
}

/// Carries bytes both ways until one side ends, or what was asked is not answered.
async fn carry(mut client: TcpStream, mut node: TcpStream) {
    let (mut asked, mut told) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    let mut answer_by: Option<Instant> = None;
    loop {
        let patience = answer_by.unwrap_or_else(|| Instant::now() + Duration::from_secs(3600));
        tokio::select! {
            read = client.read(&mut asked) => match read {
                Ok(count) if count > 0 && node.write_all(&asked[..count]).await.is_ok() => {
                    answer_by = Some(Instant::now() + ANSWER_MAX);
                }
                _ => return,
            },
            read = node.read(&mut told) => match read {
                Ok(count) if count > 0 && client.write_all(&told[..count]).await.is_ok() => {
                    answer_by = None;
                }
                _ => return,
            },
            () = sleep_until(patience) => return,
        }
    }
}
