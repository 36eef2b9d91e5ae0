//! TLS as `sslmode` says it, with libpq's meaning: `disable`, `prefer` (the default: encrypted where the
//! server can, nobody's word is checked), `require` (always encrypted, not checked either) and
//! `verify-full` (the certificate is checked against `sslrootcert` or the system's roots, and the name).

use std::sync::Arc;

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::db::Error;

/// What a URL says about TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::db) struct Wanted {
    pub(super) mode: SslMode,
    /// Whose word is taken for the server's name: nobody's, the system's roots', or a file's.
    trust: Trust,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Trust {
    Anyone,
    System,
    File(String),
}

impl Wanted {
    /// Reads `sslmode` and `sslrootcert`.
    ///
    /// # Errors
    /// [`Error::Address`]: there is no such mode.
    pub(super) fn read(mode: Option<&str>, roots: Option<&str>) -> Result<Self, Error> {
        let (mode, trust) = match mode {
            Some("disable") => (SslMode::Disable, Trust::Anyone),
            None | Some("prefer" | "allow") => (SslMode::Prefer, Trust::Anyone),
            Some("require") => (SslMode::Require, Trust::Anyone),
            Some("verify-full") => {
                let file = roots.filter(|roots| *roots != "system");
                let trust = file.map_or(Trust::System, |file| Trust::File(file.to_owned()));
                (SslMode::Require, trust)
            }
            Some(_) => {
                let what = "sslmode is disable, prefer, require or verify-full";
                return Err(Error::Address(what.to_owned()));
            }
        };
        Ok(Self { mode, trust })
    }

    /// # Errors
    /// [`Error::Address`]: the roots cannot be read.
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect, Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::Address(error.to_string()))?;
        let config = match &self.trust {
            Trust::Anyone => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(TakesAnyWord(provider)))
                .with_no_client_auth(),
            Trust::System => builder.with_root_certificates(system()?).with_no_client_auth(),
            Trust::File(path) => builder.with_root_certificates(file(path)?).with_no_client_auth(),
        };
        Ok(MakeRustlsConnect::new(config))
    }
}

fn system() -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(Error::Address("the system has no root certificates".to_owned()));
    }
    Ok(roots)
}

fn file(path: &str) -> Result<RootCertStore, Error> {
    let trouble = |error: String| Error::Address(format!("sslrootcert {path}: {error}"));
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(path).map_err(|error| trouble(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| trouble(error.to_string()))?;
        roots.add(certificate).map_err(|error| trouble(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(trouble("it holds no certificate".to_owned()));
    }
    Ok(roots)
}

/// Encryption against those who only listen: what `prefer` and `require` promise, and no more.
#[derive(Debug)]
struct TakesAnyWord(Arc<CryptoProvider>);

impl ServerCertVerifier for TakesAnyWord {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
