//! Family name (姓) and given name (名) out of one field.

use super::{is_space, trim};

/// Splits at the first run of spaces; `None` where there is none between two parts.
///
/// What follows the first space stays together: a name of three parts keeps its second and third as given name.
///
/// ```
/// use pmh_core::convert::name::split;
/// assert_eq!(split("山田　太郎"), Some(("山田", "太郎")));
/// assert_eq!(split("山田太郎"), None);
/// ```
#[must_use]
pub fn split(name: &str) -> Option<(&str, &str)> {
    let (family, given) = trim(name).split_once(is_space)?;
    Some((family, given.trim_start_matches(is_space)))
}
