//! Writes the Rust programs of `docs/embedding.md` where `src/bin/embedding-*.rs` take them from.

use std::{env, error::Error, fs, path::Path};

const DOCUMENT: &str = "../docs/embedding.md";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={DOCUMENT}");
    let document = fs::read_to_string(DOCUMENT)?;
    for block in document.split("\n```rust embedding:").skip(1) {
        let (name, rest) = block.split_once('\n').ok_or("a block without an end")?;
        let program = rest.split("\n```").next().unwrap_or_default();
        fs::write(Path::new(&env::var("OUT_DIR")?).join(format!("{name}.rs")), format!("{program}\n"))?;
    }
    Ok(())
}
