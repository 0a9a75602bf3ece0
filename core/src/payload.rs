//! The payload contract `pmh-sync/0.0.1`: its fields in the table's order, and how they are written.
//!
//! Every field is always written, `null` included; UTF-8, no white space, non-ASCII characters as themselves.

use chrono::NaiveDate;

use crate::{bytes, convert::date::iso, record::Record};

/// The name under which a profile chooses this contract.
///
/// ```
/// let profile: serde_json::Value = serde_json::from_str(include_str!("../examples/profile.json")).unwrap();
/// assert_eq!(profile["target"], pmh_core::TARGET);
/// ```
pub const TARGET: &str = "pmh-sync/0.0.1";

/// What a field's value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text that must be there.
    Text,
    /// A text that is `""` where there is none.
    TextOrEmpty,
    /// A text that is `null` where there is none.
    TextOrNull,
    /// A date that must be there.
    Date,
    /// An integer that is `null` where there is none.
    IntOrNull,
}

/// One field of a payload element, `certificateAllItems` apart.
#[derive(Debug)]
pub(crate) struct FieldDef {
    /// JSON Pointer into the element.
    pub(crate) target: &'static str,
    /// What is written before the value.
    lead: &'static str,
    pub(crate) kind: Kind,
}

macro_rules! fields {
    ($($name:ident $target:literal $lead:literal $kind:ident;)+) => {
        /// A field by name; [`FIELDS`] has it at this position.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(dead_code, reason = "fields that no rule names count as positions")]
        #[repr(usize)]
        pub(crate) enum Field { $($name),+ }

        /// Every field, in the order of writing.
        pub(crate) static FIELDS: &[FieldDef] =
            &[$(FieldDef { target: $target, lead: $lead, kind: Kind::$kind }),+];
    };
}

fields! {
    MyNumber "/myNumber" "{\"myNumber\":" Text;
    LastName "/lastName" ",\"lastName\":" Text;
    FirstName "/firstName" ",\"firstName\":" Text;
    LastNameKana "/lastNameKana" ",\"lastNameKana\":" Text;
    FirstNameKana "/firstNameKana" ",\"firstNameKana\":" Text;
    AddressPref "/addressPref" ",\"addressPref\":" Text;
    AddressCity "/addressCity" ",\"addressCity\":" Text;
    AddressSection "/addressSection" ",\"addressSection\":" TextOrEmpty;
    AddressHouseNumber "/addressHouseNumber" ",\"addressHouseNumber\":" TextOrEmpty;
    AddressDetail "/addressDetail" ",\"addressDetail\":" TextOrEmpty;
    BirthDate "/birthDate" ",\"birthDate\":" Date;
    Gender "/gender" ",\"gender\":" Text;
    PayerNumber "/medicalSubsidyRegistrationNumber" ",\"medicalSubsidyRegistrationNumber\":" Text;
    RecipientNumber "/medicalSubsidyCertificationNumber" ",\"medicalSubsidyCertificationNumber\":" Text;
    CommonRatio "/copaymentLimit/common/burdenRatio" ",\"copaymentLimit\":{\"common\":{\"burdenRatio\":" IntOrNull;
    CommonAmount "/copaymentLimit/common/amount" ",\"amount\":" IntOrNull;
    CommonPeriod "/copaymentLimit/common/perDayOrMonth" ",\"perDayOrMonth\":" TextOrNull;
    CommonTimes "/copaymentLimit/common/limitedNumberOfTimes" ",\"limitedNumberOfTimes\":" TextOrNull;
    HospitalRatio "/copaymentLimit/hospitalization/burdenRatio" "},\"hospitalization\":{\"burdenRatio\":" IntOrNull;
    HospitalAmount "/copaymentLimit/hospitalization/amount" ",\"amount\":" IntOrNull;
    HospitalPeriod "/copaymentLimit/hospitalization/perDayOrMonth" ",\"perDayOrMonth\":" TextOrNull;
    HospitalTimes "/copaymentLimit/hospitalization/limitedNumberOfTimes" ",\"limitedNumberOfTimes\":" TextOrNull;
    OutpatientRatio "/copaymentLimit/outpatient/burdenRatio" "},\"outpatient\":{\"burdenRatio\":" IntOrNull;
    OutpatientAmount "/copaymentLimit/outpatient/amount" ",\"amount\":" IntOrNull;
    OutpatientPeriod "/copaymentLimit/outpatient/perDayOrMonth" ",\"perDayOrMonth\":" TextOrNull;
    OutpatientTimes "/copaymentLimit/outpatient/limitedNumberOfTimes" ",\"limitedNumberOfTimes\":" TextOrNull;
    PharmacyRatio "/copaymentLimit/pharmacy/burdenRatio" "},\"pharmacy\":{\"burdenRatio\":" IntOrNull;
    PharmacyAmount "/copaymentLimit/pharmacy/amount" ",\"amount\":" IntOrNull;
    PharmacyPeriod "/copaymentLimit/pharmacy/perDayOrMonth" ",\"perDayOrMonth\":" TextOrNull;
    PharmacyTimes "/copaymentLimit/pharmacy/limitedNumberOfTimes" ",\"limitedNumberOfTimes\":" TextOrNull;
    StartDate "/certificationStartDate" "}},\"certificationStartDate\":" Date;
    EndDate "/certificationEndDate" ",\"certificationEndDate\":" Date;
}

/// How many fields there are.
pub(crate) const FIELD_COUNT: usize = Field::EndDate as usize + 1;

/// Where the certificate's face stands in a payload element.
pub(crate) const CERTIFICATE: &str = "/certificateAllItems";

/// The sectors of `copaymentLimit`, each with four items: the first field of each.
pub(crate) const SECTORS: [(&str, usize); 4] = [
    ("common", Field::CommonRatio as usize),
    ("hospitalization", Field::HospitalRatio as usize),
    ("outpatient", Field::OutpatientRatio as usize),
    ("pharmacy", Field::PharmacyRatio as usize),
];

/// The items of a sector, in the order of their fields.
pub(crate) const SECTOR_ITEMS: [&str; 4] = ["burdenRatio", "amount", "perDayOrMonth", "limitedNumberOfTimes"];

/// The value of a field, or of anything on the way to one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'r> {
    /// There is none.
    None,
    /// There is one, but a finding says that it cannot be used.
    Bad,
    Text(&'r str),
    Int(i64),
    Date(NaiveDate),
}

impl<'r> Value<'r> {
    pub(crate) fn text(self) -> Option<&'r str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn date(self) -> Option<NaiveDate> {
        match self {
            Self::Date(date) => Some(date),
            _ => None,
        }
    }

    pub(crate) fn int(self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(value),
            _ => None,
        }
    }

    /// True where there is something, usable or not.
    pub(crate) fn is_there(self) -> bool {
        self != Self::None
    }
}

/// The three sectors behind `common`, all empty: the usual case, and always so for 自立支援医療.
const EMPTY_SECTORS: &str = "},\"hospitalization\":{\"burdenRatio\":null,\"amount\":null,\"perDayOrMonth\":null,\"limitedNumberOfTimes\":null},\"outpatient\":{\"burdenRatio\":null,\"amount\":null,\"perDayOrMonth\":null,\"limitedNumberOfTimes\":null},\"pharmacy\":{\"burdenRatio\":null,\"amount\":null,\"perDayOrMonth\":null,\"limitedNumberOfTimes\":null";

/// Writes the fields of an element up to the certificate's value; the certificate and the closing `}` follow.
pub(crate) fn write_fields(out: &mut Vec<u8>, record: &Record<'_>) {
    let sectors = Field::HospitalRatio as usize..Field::StartDate as usize;
    let are_empty = |values: &[Value<'_>]| values.iter().all(|value| *value == Value::None);
    let without_sectors = record.values.get(sectors.clone()).is_some_and(are_empty);
    for (index, (field, value)) in FIELDS.iter().zip(record.values).enumerate() {
        if without_sectors && sectors.contains(&index) {
            continue;
        }
        if without_sectors && index == sectors.end {
            out.extend_from_slice(EMPTY_SECTORS.as_bytes());
        }
        out.extend_from_slice(field.lead.as_bytes());
        match value {
            Value::None | Value::Bad if field.kind == Kind::TextOrEmpty => out.extend_from_slice(b"\"\""),
            value => write_value(out, value, record),
        }
    }
    out.extend_from_slice(b",\"certificateAllItems\":");
}

/// Writes one JSON value of a record.
#[inline]
pub(crate) fn write_value(out: &mut Vec<u8>, value: Value<'_>, record: &Record<'_>) {
    match value {
        Value::None | Value::Bad => out.extend_from_slice(b"null"),
        Value::Text(text) if record.lends(text) => write_plain(out, text.as_bytes()),
        Value::Text(text) => write_text(out, text),
        Value::Int(value) => write_int(out, value),
        Value::Date(date) => write_plain(out, &iso(date)),
    }
}

#[inline(never)]
fn write_int(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Writes a JSON string.
pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) {
    if needs_escapes(text.as_bytes()) {
        // Writing to a Vec cannot fail, and a str is always valid JSON text once escaped.
        let written = serde_json::to_writer(&mut *out, text);
        debug_assert!(written.is_ok());
        return;
    }
    write_plain(out, text.as_bytes());
}

/// Writes a JSON string that needs no escapes.
fn write_plain(out: &mut Vec<u8>, text: &[u8]) {
    out.reserve(text.len().saturating_add(2));
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

/// True where JSON has to write a byte of the text in another way: quotation marks, backslashes and controls.
fn needs_escapes(text: &[u8]) -> bool {
    let (words, rest) = text.as_chunks::<8>();
    let found = words.iter().fold(0, |found, word| {
        let word = u64::from_le_bytes(*word);
        found | bytes::equal(word, b'"') | bytes::equal(word, b'\\') | bytes::below(word, b' ')
    });
    found != 0 || rest.iter().any(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_sectors_are_written_as_field_by_field() {
        let sectors = &FIELDS[Field::HospitalRatio as usize..Field::StartDate as usize];
        let fields: String = sectors.iter().flat_map(|field| [field.lead, "null"]).collect();
        assert_eq!(fields, EMPTY_SECTORS);
    }

    #[test]
    fn every_character_is_escaped_as_serde_json_does_it() {
        for c in (0..=0x2FFu32).chain(0xFF00..=0xFF60).filter_map(char::from_u32) {
            for place in 0..17 {
                let text = format!("{}{c}{}", "a".repeat(place), "山".repeat(16 - place));
                let mut out = Vec::new();
                write_text(&mut out, &text);
                assert_eq!(out, serde_json::to_vec(&text).unwrap());
            }
        }
    }
}
