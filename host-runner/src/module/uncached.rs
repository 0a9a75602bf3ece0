//! The place of the cache on systems where this program can't tell who could have written a file: nothing is kept.

use wasmtime::{Engine, Module};

/// A cache that keeps nothing.
pub(super) struct Cache;

impl Cache {
    /// There is none.
    pub(super) fn of_user() -> Option<Self> {
        None
    }

    /// Compiles.
    ///
    /// # Errors
    ///
    /// What `compile` fails with.
    #[expect(clippy::unused_self, reason = "the cache's signature")]
    pub(super) fn load<E>(
        &self,
        _: &Engine,
        _: &[u8],
        compile: impl FnOnce() -> Result<Module, E>,
    ) -> Result<Module, E> {
        compile()
    }
}

/// Takes code that the compiling child of this process gave.
pub(super) fn deserialize(engine: &Engine, code: &[u8]) -> Option<Module> {
    #[expect(unsafe_code, reason = "wasmtime has no safe way to take compiled code")]
    // SAFETY: the bytes are what `Module::serialize` gave in a child of this process that runs this same program.
    unsafe { Module::deserialize(engine, code) }.ok()
}
