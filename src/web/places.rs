//! Addresses that are taken before anything is built: the sandbox has to know its own.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use crate::settings::Http;

/// Bound, but not yet answered.
#[derive(Debug)]
pub struct Places {
    public: TcpListener,
    admin: Option<TcpListener>,
    address: SocketAddr,
}

impl Places {
    /// Takes the addresses of the settings. Port 0 takes a free one.
    ///
    /// # Errors
    /// An address cannot be bound; the error names it.
    pub fn bind(http: &Http) -> io::Result<Self> {
        let public = take(http.bind)?;
        let admin = http.admin_bind.map(take).transpose()?;
        let address = public.local_addr()?;
        Ok(Self { public, admin, address })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Under which this machine reaches it.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The listeners, for the servers.
    pub fn into_listeners(self) -> (TcpListener, Option<TcpListener>) {
        (self.public, self.admin)
    }
}

fn take(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address)
        .map_err(|error| io::Error::new(error.kind(), format!("{address}: {error}")))
}
