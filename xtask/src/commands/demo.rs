//! x
use pmh_xtask::Result;
pub(crate) fn run() -> Result<bool> {
    Ok(true)
}
