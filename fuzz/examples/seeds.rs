//! Writes the seeds into a folder, one folder a target: `cargo run -p pmh-fuzz --example seeds FOLDER`.

use std::{env, fs, path::PathBuf};

fn main() -> pmh_tests::Result<()> {
    let folder = PathBuf::from(env::args_os().nth(1).ok_or("a folder is missing")?);
    for (target, name, bytes) in pmh_fuzz::seeds::seeds()? {
        fs::create_dir_all(folder.join(target))?;
        fs::write(folder.join(target).join(name), bytes)?;
    }
    Ok(())
}
