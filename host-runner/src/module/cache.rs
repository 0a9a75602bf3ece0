//! The compiled module kept between runs, so that a run starts in milliseconds.
//!
//! The cache is a convenience and never a condition: where an entry can't be read, written or trusted, the module is
//! compiled anew. An entry is named by the hash of the module and of what compiled it, and starts with the hash of its
//! own content. Machine code is run as it is, so only what this user alone could have written is loaded.

use std::{
    fs::{self, DirBuilder, File},
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use wasmtime::{Engine, Module};

/// Entries that are kept: one per version of `pmh` in use, and then some.
const KEPT: usize = 8;

/// Bytes of a SHA-256.
const HASH: usize = 32;

/// The folder of compiled modules.
pub(super) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The cache in the user's own folder for such things, where there is one.
    pub(super) fn of_user() -> Option<Self> {
        dirs::cache_dir().map(|folder| Self { folder: folder.join("pmh") })
    }

    #[cfg(test)]
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The module of these bytes, from the cache or compiled and then kept.
    ///
    /// # Errors
    ///
    /// What wasmtime says of bytes that are no module.
    pub(super) fn load(&self, engine: &Engine, bytes: &[u8]) -> wasmtime::Result<Module> {
        let path = self.folder.join(name(engine, bytes));
        if let Some(module) = self.read(engine, &path) {
            return Ok(module);
        }
        let module = Module::from_binary(engine, bytes)?;
        if let Ok(code) = module.serialize() {
            // a full disk or a folder that can't be written to costs time at the next start, no more
            let _ = self.write(&path, &code);
        }
        Ok(module)
    }

    fn read(&self, engine: &Engine, path: &Path) -> Option<Module> {
        let mut file = File::open(path).ok()?;
        if !(own_alone(&fs::metadata(&self.folder).ok()?) && own_alone(&file.metadata().ok()?)) {
            return None;
        }
        let mut entry = Vec::new();
        file.read_to_end(&mut entry).ok()?;
        let (hash, code) = entry.split_at_checked(HASH)?;
        if Sha256::digest(code).as_slice() != hash {
            return None;
        }
        #[expect(unsafe_code, reason = "wasmtime has no safe way to take compiled code")]
        // SAFETY: the bytes are what `Module::serialize` gave: they bear their own hash, and stand in a file and a
        // folder that belong to this user and that nobody else may write to. Wasmtime itself refuses what another
        // version, another configuration or another kind of processor compiled.
        unsafe { Module::deserialize(engine, code) }.ok()
    }

    fn write(&self, path: &Path, code: &[u8]) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)?;
        self.make_room()?;
        let mut file = tempfile::Builder::new().prefix(".pmh-").tempfile_in(&self.folder)?;
        file.write_all(&Sha256::digest(code))?;
        file.write_all(code)?;
        file.persist(path)?;
        Ok(())
    }

    /// Removes the oldest entries.
    fn make_room(&self) -> io::Result<()> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            entries.push((entry.metadata()?.modified()?, entry.path()));
        }
        entries.sort_by(|left, right| right.cmp(left));
        entries.iter().skip(KEPT - 1).try_for_each(|(_, path)| fs::remove_file(path))
    }
}

/// An entry's name: what was compiled, and by what.
fn name(engine: &Engine, bytes: &[u8]) -> String {
    let mut compiler = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut compiler);
    format!("{:x}-{:016x}.cwasm", Sha256::digest(bytes), compiler.finish())
}

/// Whether this belongs to this user, and nobody else may write to it.
#[cfg(unix)]
fn own_alone(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o022 == 0
}

/// Elsewhere the user's cache folder is private by the system's own rules.
#[cfg(not(unix))]
fn own_alone(_: &fs::Metadata) -> bool {
    true
}
