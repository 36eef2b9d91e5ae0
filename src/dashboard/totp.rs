//! The second factor: codes that change every 30 seconds, each good once.
//!
//! The secret stands nowhere. It is derived from the program's secret key and a salt in the operator's row.

use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};
use totp_rs::{Builder, Totp};

use crate::settings::Secret;

/// How long a code is good.
pub(super) const SPAN_SECONDS: u64 = 30;

/// A secret that an app can be given.
pub(super) struct Factor(Totp);

impl Factor {
    /// None: the salt is no salt.
    pub(super) fn new(secret_key: &Secret, operator: &str, salt: &[u8]) -> Option<Self> {
        let word = secret_key.derive(&format!("totp {}", hex::encode(salt)));
        let bytes = hex::decode(word.expose()).ok()?;
        let totp = Builder::new()
            .with_secret(bytes.get(..20)?.to_vec())
            .with_skew(0)
            .with_step_duration(SPAN_SECONDS)
            .with_issuer(Some("AISHA"))
            .with_account_name(operator)
            .build();
        totp.ok().map(Self)
    }

    /// The span of time whose code this is; only the one of now.
    pub(super) fn check(&self, code: &str, seconds: u64) -> Option<u64> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        self.0.check(&digits, seconds)
    }

    /// For an app that cannot scan.
    pub(super) fn url(&self) -> String {
        self.0.to_url().unwrap_or_default()
    }

    /// The secret in groups of four letters.
    pub(super) fn letters(&self) -> String {
        let letters = self.0.secret().to_base32();
        let groups = letters.as_bytes().chunks(4).map(String::from_utf8_lossy);
        groups.collect::<Vec<_>>().join(" ")
    }

    /// The same as a picture to scan.
    pub(super) fn qr(&self, label: &str) -> Markup {
        let Ok(code) = QrCode::encode_text(&self.url(), QrCodeEcc::Medium) else { return html!() };
        let size = code.size();
        let dark = (0..size).flat_map(|y| (0..size).map(move |x| (x, y)));
        let dark = dark.filter(|(x, y)| code.get_module(*x, *y));
        let path: String = dark.map(|(x, y)| format!("M{x} {y}h1v1h-1z")).collect();
        let frame = format!("-4 -4 {} {}", size + 8, size + 8);
        html! {
            svg.qr role="img" aria-label=(label) viewBox=(frame) { path d=(path) {} }
        }
    }

    #[cfg(test)]
    pub(super) fn code(&self, seconds: u64) -> String {
        self.0.generate(seconds).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_in_its_own_30_seconds_only() {
        let key = Secret::new("a secret key of the program");
        let factor = Factor::new(&key, "ann", &[7; 16]).unwrap();
        let code = factor.code(60);
        assert_eq!(factor.check(&code, 60), Some(2));
        assert_eq!(factor.check(&format!("{} {}", &code[..3], &code[3..]), 89), Some(2));
        assert_eq!(factor.check(&code, 59), None);
        assert_eq!(factor.check(&code, 90), None);
        assert_eq!(factor.check("", 60), None);
        assert!(factor.url().starts_with("otpauth://totp/AISHA:ann?"));
        assert!(factor.qr("x").into_string().contains("<svg"));
        let other = Factor::new(&key, "ann", &[8; 16]).unwrap();
        assert_ne!(factor.letters(), other.letters());
    }
}
