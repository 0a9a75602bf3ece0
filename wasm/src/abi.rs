//! The plain ABI: exported functions over `i32`, as `ABI.md` writes them down.
//!
//! The only file that may use `unsafe`: it turns the host's pointers into slices. A pointer is believed only inside the module's
//! own memory; what a host then reads or writes there is its own business.

#![expect(unsafe_code, reason = "a plain ABI is pointers and lengths")]

use std::{
    alloc::{Layout, alloc, dealloc},
    cell::RefCell,
};

use crate::sessions::{Sessions, Status};

/// The number that hosts compare.
const ABI_VERSION: i32 = 1;

thread_local! {
    static SESSIONS: RefCell<Sessions> = const { RefCell::new(Sessions::new()) };
}

/// Lends the instance's sessions to one call. Calls never nest, so the borrow is free.
fn with<T>(call: impl FnOnce(&mut Sessions) -> T) -> T {
    SESSIONS.with_borrow_mut(call)
}

/// The version of this ABI.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn pmh_abi_version() -> i32 {
    ABI_VERSION
}

/// Room for `len` bytes, or null.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn pmh_alloc(len: i32) -> *mut u8 {
    match layout(len) {
        // SAFETY: the layout's size is above 0.
        Some(layout) => unsafe { alloc(layout) },
        None => std::ptr::null_mut(),
    }
}

/// Gives room back.
///
/// # Safety
///
/// `ptr` must have come from [`pmh_alloc`] with the same `len`, and not been given back yet.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn pmh_free(ptr: *mut u8, len: i32) {
    if let (false, Some(layout)) = (ptr.is_null(), layout(len)) {
        // SAFETY: the caller says that `ptr` is room of this layout.
        unsafe { dealloc(ptr, layout) };
    }
}

/// At least a byte, so that every room has an address of its own.
fn layout(len: i32) -> Option<Layout> {
    Layout::from_size_align(usize::try_from(len).ok()?.max(1), 1).ok()
}

/// Compiles a profile and opens a session.
///
/// # Safety
///
/// The bytes must be readable and stay as they are during the call.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn pmh_open(
    profile_ptr: *const u8,
    profile_len: i32,
    options_ptr: *const u8,
    options_len: i32,
) -> i32 {
    // SAFETY: the caller's promise is this function's own.
    let (profile, options) = unsafe { (bytes(profile_ptr, profile_len), bytes(options_ptr, options_len)) };
    // empty options are always refused, and so is what lies outside the memory
    let (profile, options) = profile.zip(options).unwrap_or_default();
    with(|sessions| sessions.open(profile, options))
}

/// The status of a session's last call.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn pmh_status(session: i32) -> i32 {
    with(|sessions| sessions.status(session)) as i32
}

/// Takes the next piece of a session's input.
///
/// # Safety
///
/// The bytes must be readable and stay as they are during the call.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn pmh_push(session: i32, ptr: *const u8, len: i32) -> i32 {
    // SAFETY: the caller's promise is this function's own.
    let status = match unsafe { bytes(ptr, len) } {
        Some(piece) => with(|sessions| sessions.push(session, piece)),
        None => Status::Argument,
    };
    status as i32
}

/// Ends a session's input.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn pmh_finish(session: i32) -> i32 {
    with(|sessions| sessions.finish(session)) as i32
}

/// Back to the state after opening.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn pmh_reset(session: i32) -> i32 {
    with(|sessions| sessions.reset(session)) as i32
}

/// Back to the state after opening, for a second run over the same input.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn pmh_locate(session: i32) -> i32 {
    with(|sessions| sessions.locate(session)) as i32
}

/// Gives everything of a session back.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn pmh_close(session: i32) -> i32 {
    with(|sessions| sessions.close(session)) as i32
}

/// Where an output begins.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn pmh_output_ptr(session: i32, which: i32) -> *const u8 {
    with(|sessions| sessions.output(session, which).as_ptr())
}

/// How many bytes an output has.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn pmh_output_len(session: i32, which: i32) -> i32 {
    // a 32-bit memory holds nothing longer
    i32::try_from(with(|sessions| sessions.output(session, which).len())).unwrap_or(i32::MAX)
}

/// The host's bytes; `None` where they don't lie inside the memory.
///
/// # Safety
///
/// The bytes must be readable and stay as they are as long as the slice lives.
unsafe fn bytes<'a>(ptr: *const u8, len: i32) -> Option<&'a [u8]> {
    let len = usize::try_from(len).ok()?;
    if len == 0 {
        return Some(&[]);
    }
    let end = ptr.addr().checked_add(len)?;
    if ptr.is_null() || end > memory_size() {
        return None;
    }
    // SAFETY: not null, inside the memory, and the caller says that it stays as it is.
    Some(unsafe { std::slice::from_raw_parts(ptr, len) })
}

/// Bytes of the module's memory.
#[cfg(target_arch = "wasm32")]
fn memory_size() -> usize {
    core::arch::wasm32::memory_size::<0>().saturating_mul(65_536)
}

/// Elsewhere only the operating system knows.
#[cfg(not(target_arch = "wasm32"))]
fn memory_size() -> usize {
    usize::MAX
}
