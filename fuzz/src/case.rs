//! What a run is given, and how bytes choose it.
//!
//! Four bytes in front choose among what is fixed, and everything behind them is free, so that a damaged file of the repository is a case. The
//! order of [`PROFILES`] is part of the kept corpus: only append.

/// The profiles that the repository has, and what each can read.
pub(crate) const PROFILES: [&[u8]; 8] = [
    include_bytes!("../../tests/vectors/profiles/identity.json"),
    include_bytes!("../../tests/vectors/profiles/nested-minimal.json"),
    include_bytes!("../../tests/vendors/nested-japanese/profile.json"),
    include_bytes!("../../tests/vendors/flat-romaji/profile.json"),
    include_bytes!("../../tests/vendors/csv-shift-jis/profile.json"),
    include_bytes!("../../core/examples/profile.json"),
    include_bytes!("../../tests/vendors/household-nested/profile.json"),
    include_bytes!("../../tests/vendors/prefixed-columns/profile.json"),
];

/// Bytes in front of the free part.
pub(crate) const HEADER: usize = 4;

/// Records that some profiles can read: one of each layout, a list, and what isn't a record. Synthetic.
const RECORDS: &[u8] = include_bytes!("records.ndjson");

/// What a run is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The profile; empty where there is none.
    pub profile: Vec<u8>,
    /// The options.
    pub options: Vec<u8>,
    /// The input.
    pub input: Vec<u8>,
    /// Chooses where the input is cut.
    pub cuts: u16,
}

impl Case {
    /// The free part is the input.
    #[must_use]
    pub fn of_input(bytes: &[u8]) -> Self {
        let (header, input) = Header::of(bytes);
        let profile = header.profile();
        Self { profile, options: header.options(), input: input.to_vec(), cuts: header.cuts }
    }

    /// The free part is the profile or, where the first byte is 255, the options.
    #[must_use]
    pub fn of_document(bytes: &[u8]) -> Self {
        let (header, document) = Header::of(bytes);
        let (profile, options) = match header.profile {
            u8::MAX => (header.profile(), document.to_vec()),
            _ => (document.to_vec(), Header { options: header.options & !PAYLOAD_MODE, ..header }.options()),
        };
        Self { profile, options, input: RECORDS.to_vec(), cuts: header.cuts }
    }

    /// The bytes in front of a free part for this profile (by its place in the repository's list) and these options.
    #[must_use]
    pub fn header(profile: u8, payload_mode: bool) -> [u8; HEADER] {
        [profile, if payload_mode { PAYLOAD_MODE } else { 0 }, 0x5A, 0xC3]
    }
}

const PAYLOAD_MODE: u8 = 1;
const ENGLISH: u8 = 1 << 1;
const ONE_OBJECT: u8 = 1 << 2;
const NO_PAYLOAD: u8 = 1 << 3;
const NDJSON: u8 = 1 << 4;
const JSON: u8 = 1 << 5;
const NO_PROFILE: u8 = 1 << 6;

/// What the bytes in front choose.
#[derive(Clone, Copy)]
struct Header {
    profile: u8,
    options: u8,
    cuts: u16,
}

impl Header {
    fn of(bytes: &[u8]) -> (Self, &[u8]) {
        match bytes {
            [profile, options, high, low, free @ ..] => {
                (Self { profile: *profile, options: *options, cuts: u16::from_be_bytes([*high, *low]) }, free)
            }
            _ => (Self { profile: 0, options: 0, cuts: 0 }, bytes),
        }
    }

    fn has(self, bit: u8) -> bool {
        self.options & bit != 0
    }

    /// A finished payload can be checked without any profile.
    fn profile(self) -> Vec<u8> {
        if self.has(PAYLOAD_MODE) && self.has(NO_PROFILE) {
            return Vec::new();
        }
        let place = usize::from(self.profile) % PROFILES.len();
        PROFILES.get(place).map(|profile| profile.to_vec()).unwrap_or_default()
    }

    fn options(self) -> Vec<u8> {
        let either = |bit, set, unset| if self.has(bit) { set } else { unset };
        let input = either(NDJSON, "ndjson", either(JSON, "json", "auto"));
        format!(
            r#"{{"asOf":"2026-11-22","mode":"{}","lang":"{}","input":"{input}","payload":{},"report":"{}"}}"#,
            either(PAYLOAD_MODE, "payload", "records"),
            either(ENGLISH, "en", "ja"),
            !self.has(NO_PAYLOAD),
            either(ONE_OBJECT, "json", "ndjson"),
        )
        .into_bytes()
    }
}
