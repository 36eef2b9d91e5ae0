//! Passwords of operators: which are good enough, and their hashes.

#[cfg(test)]
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    thread::available_parallelism,
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{PasswordHasher, phc::PasswordHash},
};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use zxcvbn::Score;

/// Characters of a password, at least and at most.
pub const CHARS_MIN: usize = 15;
pub const CHARS_MAX: usize = 256;

/// What a hash costs: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// At once, however many cores there are: each takes [`MEMORY_KIB`].
const AT_ONCE_MAX: usize = 4;

/// Those who may wait for a hash; whoever comes then is told to come again.
const WAITING_MAX: usize = 256;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    #[error("a password has at least {CHARS_MIN} characters")]
    Short,
    #[error("a password has at most {CHARS_MAX} characters")]
    Long,
    #[error(
        "this password is easy to guess: take four words that have nothing to do with each other"
    )]
    Guessable,
}

/// Whether a password is good enough for somebody of this name.
///
/// # Errors
/// What is wrong with it.
pub fn judge(password: &str, name: &str) -> Result<(), Weak> {
    let chars = password.chars().count();
    if chars < CHARS_MIN {
        return Err(Weak::Short);
    }
    if chars > CHARS_MAX {
        return Err(Weak::Long);
    }
    let guess = zxcvbn::zxcvbn(password, &[name, "aisha", "admin", "operator", "dashboard"]);
    if guess.score() < Score::Three { Err(Weak::Guessable) } else { Ok(()) }
}

/// No hash could be made or checked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("too many passwords are being checked")]
    Busy,
    #[error("the password could not be hashed")]
    Failed,
}

/// What checks work in. Kept from one to the next: allocated by whichever thread comes, each of the allocator's arenas
/// would keep as much.
#[derive(Default)]
struct Memory(Mutex<Vec<Vec<Block>>>);

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

impl Memory {
    fn lend<T>(&self, count: usize, work: impl FnOnce(&mut [Block]) -> T) -> T {
        let all = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut blocks = all().pop().unwrap_or_default();
        blocks.resize(count, Block::new());
        let done = work(&mut blocks);
        all().push(blocks);
        done
    }
}

/// Makes and checks hashes on blocking threads, no more at once than there are cores, and [`AT_ONCE_MAX`] at most.
#[derive(Debug, Clone)]
pub struct Hasher {
    cores: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    memory: Arc<Memory>,
    /// What nobody's password is checked against, so that it takes the same time.
    nobody: Arc<str>,
    #[cfg(test)]
    pub(super) seen: Arc<Seen>,
}

/// What a test has to know of the hashes that were made or checked.
#[cfg(test)]
#[derive(Debug, Default)]
pub(super) struct Seen {
    now: AtomicUsize,
    pub(super) begun: AtomicUsize,
    /// At once.
    pub(super) most: AtomicUsize,
    /// On threads that have actors, or answer requests.
    pub(super) in_the_way: AtomicUsize,
}

#[cfg(test)]
impl Seen {
    fn watch<T>(&self, work: impl FnOnce() -> T) -> T {
        let is_in_the_way = actix_rt::Arbiter::try_current().is_some();
        self.in_the_way.fetch_add(usize::from(is_in_the_way), SeqCst);
        self.begun.fetch_add(1, SeqCst);
        self.most.fetch_max(self.now.fetch_add(1, SeqCst) + 1, SeqCst);
        let done = work();
        self.now.fetch_sub(1, SeqCst);
        done
    }
}

impl Default for Hasher {
    /// Makes no hash: the memory for one is two thirds of what the whole bot takes.
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, usize::from).min(AT_ONCE_MAX);
        let (salt, nothing): ([u8; 16], [u8; 32]) = (rand::random(), rand::random());
        let (salt, nothing) =
            (BASE64_STANDARD_NO_PAD.encode(salt), BASE64_STANDARD_NO_PAD.encode(nothing));
        let nobody = format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1${salt}${nothing}");
        Self {
            cores: Arc::new(Semaphore::new(cores)),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            memory: Arc::default(),
            nobody: nobody.into(),
            #[cfg(test)]
            seen: Arc::default(),
        }
    }
}

impl Hasher {
    /// The PHC string of a password.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn hash(&self, password: String) -> Result<String, Error> {
        self.run(move || hash(&password)).await?
    }

    /// Whether the password is the one of this hash. Without a hash it never is, and takes as long.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn verify(&self, password: String, phc: Option<String>) -> Result<bool, Error> {
        let is_somebody = phc.is_some();
        let phc = phc.unwrap_or_else(|| self.nobody.to_string());
        let memory = self.memory.clone();
        let right = self.run(move || verify(&password, &phc, &memory)).await?;
        Ok(right && is_somebody)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let _waiting = self.waiting.try_acquire().map_err(|_| Error::Busy)?;
        let core = self.cores.clone().acquire_owned().await.map_err(|_| Error::Failed)?;
        #[cfg(test)]
        let work = {
            let seen = self.seen.clone();
            move || seen.watch(work)
        };
        let work = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(core);
            done
        });
        work.await.map_err(|_| Error::Failed)
    }
}

fn hash(password: &str) -> Result<String, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|_| Error::Failed)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let salt: [u8; 16] = rand::random();
    let made: PasswordHash =
        argon2.hash_password_with_salt(password.as_bytes(), &salt).map_err(|_| Error::Failed)?;
    Ok(made.to_string())
}

/// A password that is too long is none; it is hashed all the same, so that no answer comes quicker than another.
fn verify(password: &str, phc: &str, memory: &Memory) -> bool {
    let is_short = password.chars().count() <= CHARS_MAX;
    let password = if is_short { password } else { "" };
    same(password, phc, memory).unwrap_or(false) && is_short
}

/// None: it is no hash of ours.
fn same(password: &str, phc: &str, memory: &Memory) -> Option<bool> {
    let parsed = PasswordHash::new(phc).ok()?;
    let (salt, expected) = (parsed.salt?, parsed.hash?);
    let algorithm = Algorithm::try_from(parsed.algorithm.as_str()).ok()?;
    let version = Version::try_from(parsed.version.unwrap_or_default()).ok()?;
    let params = Params::try_from(&parsed).ok()?;
    let count = params.block_count();
    let argon2 = Argon2::new(algorithm, version, params);
    let mut found = vec![0; expected.as_bytes().len()];
    let work = |blocks: &mut [Block]| {
        argon2.hash_password_into_with_memory(password.as_bytes(), &salt, &mut found, blocks)
    };
    memory.lend(count, work).ok()?;
    Some(found.ct_eq(expected.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused_and_long_ones_taken() {
        for (password, weak) in [
            ("short", Weak::Short),
            ("fourteen chars", Weak::Short),
            ("aaaaaaaaaaaaaaaaaaaaaaaa", Weak::Guessable),
            ("passwordpassword", Weak::Guessable),
            ("123456789012345", Weak::Guessable),
            ("qwertyuiopasdfgh", Weak::Guessable),
            ("annannannannannann", Weak::Guessable),
        ] {
            assert_eq!(judge(password, "ann"), Err(weak), "{password}");
        }
        assert_eq!(judge(&"x".repeat(CHARS_MAX + 1), "ann"), Err(Weak::Long));
        let long = "a different word each time, 64 letters and more of them in a row!";
        assert!(long.len() >= 64);
        for good in [long, "brisk-lantern-orbit-plum", "пять разных слов подряд тут"]
        {
            assert_eq!(judge(good, "ann"), Ok(()), "{good}");
        }
    }

    /// SEC-06: argon2id, 19 MiB, two passes, one lane.
    #[tokio::test]
    async fn sec_06_hashes_are_argon2id_of_the_right_cost() {
        let hasher = Hasher::default();
        let phc = hasher.hash("brisk-lantern-orbit-plum".to_owned()).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        let verify = async |word: &str, phc: Option<&str>| {
            hasher.verify(word.to_owned(), phc.map(str::to_owned)).await.unwrap()
        };
        assert!(verify("brisk-lantern-orbit-plum", Some(&phc)).await);
        assert!(!verify("brisk-lantern-orbit-plu", Some(&phc)).await);
        assert!(!verify("brisk-lantern-orbit-plum", None).await);
        assert!(!verify(&"x".repeat(CHARS_MAX + 1), Some(&phc)).await);
        assert!(!verify("brisk-lantern-orbit-plum", Some("nonsense")).await);
    }
}
