//! What a run starts from.

use std::sync::Arc;

use crate::{
    invalid::Invalid,
    options::{Mode, Options},
    profile::Profile,
    session::Session,
};

/// A compiled profile and options: every run of one job begins the same way. Cheap to clone.
///
/// This is how a host that holds documents begins; one that holds types calls [`Session::new`] or [`Session::check`].
///
/// ```
/// # fn main() -> Result<(), pmh_core::Invalid> {
/// use pmh_core::{Job, Output};
///
/// let job = Job::from_json(include_bytes!("../examples/profile.json"), br#"{"asOf":"2026-11-22"}"#)?;
/// for input in ["[]", "{}"] {
///     let (mut session, mut out) = (job.session(), Output::default());
///     session.push(input.as_bytes(), &mut out);
///     session.finish(&mut out);
///     assert_eq!(out.payload, b"[]");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Job {
    profile: Option<Arc<Profile>>,
    options: Options,
}

impl Job {
    /// Reads both documents. A finished payload can be checked without a profile, which is empty then.
    ///
    /// # Errors
    ///
    /// Every mistake of the options, or else of the profile.
    pub fn from_json(profile: &[u8], options: &[u8]) -> Result<Self, Invalid> {
        let options = Options::from_json(options)?;
        if profile.is_empty() && options.mode == Mode::Payload {
            return Ok(Self { profile: None, options });
        }
        let profile =
            Profile::compile(profile).map_err(|invalid| invalid.reported(options.report, options.lang))?;
        Ok(Self { profile: Some(Arc::new(profile)), options })
    }

    /// The options.
    ///
    /// ```
    /// use pmh_core::{Job, Mode};
    /// let job = Job::from_json(b"", br#"{"asOf": "2026-11-22", "mode": "payload"}"#)?;
    /// assert_eq!(job.options().mode, Mode::Payload);
    /// # Ok::<(), pmh_core::Invalid>(())
    /// ```
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// A run from its beginning.
    #[must_use]
    pub fn session(&self) -> Session {
        match (self.options.mode, &self.profile) {
            (Mode::Records, Some(profile)) => Session::new(Arc::clone(profile), self.options.clone()),
            (_, profile) => Session::check(profile.clone(), self.options.clone()),
        }
    }
}
