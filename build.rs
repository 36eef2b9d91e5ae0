//! How the program is linked, so that it takes little memory: packed relocations where the system knows them, and in a
//! release the functions of a bot at work side by side (`scripts/hot-symbols`). The system maps 16 pages around each one
//! that is touched, so that functions strewn over the program would bring three quarters of it into memory.

use std::{
    env, fs,
    io::{self, Read},
    path::Path,
};

const HOT: &str = "hot-symbols.gz";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={HOT}");
    let is = |what: &str, value: &str| env::var(what).is_ok_and(|found| found == value);
    let is_gnu = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if !is_gnu {
        return Ok(());
    }
    println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    // Only the linker that the pinned toolchain brings for this target knows the option.
    let own_linker = env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("link"));
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_ARCH", "x86_64") && !own_linker {
        let mut names = Vec::new();
        flate2::read::GzDecoder::new(fs::File::open(HOT)?).read_to_end(&mut names)?;
        let order = Path::new(&env::var("OUT_DIR").unwrap_or_default()).join("hot-symbols");
        fs::write(&order, names)?;
        println!("cargo::rustc-link-arg-bins=-Wl,--symbol-ordering-file={}", order.display());
        // A name that is gone does no harm.
        println!("cargo::rustc-link-arg-bins=-Wl,--no-warn-symbol-ordering");
    }
    Ok(())
}
