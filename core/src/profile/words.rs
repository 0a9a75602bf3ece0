//! The words of the profile language, each with its meaning.
//!
//! The reader takes the words from here, the schema takes both: a word that one of them knows, the other knows. The meanings stand in
//! lists of their own, so that a module that prints no schema doesn't carry them.

/// Words that may stand in one place.
pub(super) struct Words {
    pub(super) names: &'static [&'static str],
    /// What each of them means, in the same order.
    pub(super) meanings: &'static [&'static str],
}

macro_rules! words {
    ($($(#[doc = $doc:literal])+ $table:ident { $($name:literal: $meaning:literal;)+ })+) => {$(
        $(#[doc = $doc])+
        pub(super) const $table: Words = Words { names: &[$($name),+], meanings: &[$($meaning),+] };
    )+};
}

/// Lengths that `pad`, `take` and `drop` take.
pub(super) const STEP_LENGTH: (usize, usize) = (1, 100);
/// `limits.recordBytes`.
pub(super) const RECORD_BYTES: (usize, usize) = (1024, 1 << 24);
/// `limits.depth`.
pub(super) const DEPTH: (usize, usize) = (1, 100);

words! {
    /// The top level.
    TOP {
        "$schema": "Where an editor finds the schema; not read";
        "name": "The profile's own name; stands in reports and ledgers";
        "version": "The profile's own version; raise it with every change";
        "description": "Free text";
        "target": "The payload contract that the profile is written for";
        "recordKey": "What identifies a record to its owner (宛名番号 or the like). It stands in findings, so it may not be personal data";
        "keyPrefix": "Every key of the record begins with this text, and pointers leave it out";
        "records": "Which payload elements are made of a record; left out: one of each record";
        "scheme": "Which scheme a record belongs to; results in a scheme's id";
        "fields": "The payload";
        "localNumbers": "The first two digits (法別番号) of payer numbers in local schemes, as texts; left out: 40 to 49 and 80 to 99";
        "characterTable": "What is sent in place of characters in names, readings, addresses and on the certificate, by code point: \"U+E000\": \"U+9AD8\", or \"U+9089 U+E0100\": \"U+9089\" with a variation selector";
        "characters": "The characters that names and addresses should keep to; left out: any";
        "rules": "Severity by code";
        "limits": "Bounds of a record";
    }

    /// `records`.
    RECORDS {
        "each": "The list whose elements each become a payload element. Pointers start at the element; `^/…` starts at the record";
        "when": "What this doesn't hold for is left out and counted as excluded";
    }

    /// Where an expression's value begins: exactly one of them.
    KINDS {
        "from": "The first of these places that is there and not empty";
        "value": "A constant";
        "text": "A template: text with {place}, {place|format}, {place?}";
        "first": "The first of these expressions that gives a value";
        "earliest": "The earliest of the dates that these expressions give";
        "join": "The texts of all these expressions, one after the other; no value where one of them has none";
    }

    /// What may stand beside it.
    MODIFIERS {
        "do": "Steps, applied in order";
        "map": "Value table, applied after the steps";
        "otherwise": "For values that aren't in the table; left out: an error";
        "default": "Where there is no value after all that";
        "when": "Unless it holds there is no value; an item of the certificate is then left out";
    }

    /// What else makes an object of the certificate more than a nested object.
    CERTIFICATE_KINDS {
        "each": "A list of the record: one `item` an element, with pointers that start at the element; `^/…` starts one loop further out";
        "object": "A nested object, where it needs a `when` or has a caption that is a key of this language";
    }

    /// Steps without an argument.
    STEPS {
        "trim": "Removes spaces at both ends";
        "katakana": "Kana of any kind to full-width katakana, everything else full-width";
        "hiragana": "Kana of any kind to hiragana, everything else full-width";
        "fullwidth": "Letters, digits, signs, kana and spaces to full-width";
        "halfwidth": "Letters, digits, signs and spaces to half-width";
        "digits": "Full-width digits to half-width, without spaces and hyphens";
        "integer": "A whole number: 10,000 or １００００ or 10000円";
        "compose": "Joins combining marks to their kana";
        "dayBefore": "The day before a date";
    }

    /// Steps with an argument.
    STEPS_WITH_ARGUMENT {
        "date": "Reads a date in one of these notations";
        "splitName": "A part of a name: before the first space, or after it";
        "pad": "Zeros on the left up to this length";
        "take": "The first characters";
        "drop": "All but the first characters";
        "format": "Prints a date or a number";
        "replace": "Replaces each text by another; the longest first, in one pass";
    }

    /// Notations of dates.
    NOTATIONS {
        "gregorian": "2013-01-01, 2013/1/1, 2013.1.1, 20130101, 2013年1月1日";
        "era": "平成25年1月1日, H25.1.1, 平25.1.1, H250101";
        "eraNumber": "4250101: the era's digit, then yymmdd";
    }

    /// Formats of templates and of the step `format`.
    FORMATS {
        "era": "令和5年8月1日";
        "eraShort": "R5.8.1";
        "gregorian": "2023年8月1日";
        "slash": "2023/08/01";
        "yen": "10,000円";
        "comma": "10,000";
        "fullwidth": "１２３";
    }

    /// Parts of a name.
    NAME_PARTS {
        "family": "Before the first space";
        "given": "After the first space";
    }

    /// Conditions.
    CONDITIONS {
        "present": "The place is there and not empty";
        "absent": "The place isn't there, or is empty";
        "at": "The place whose text must be one of `in`";
        "in": "The texts";
        "scheme": "The record belongs to one of these schemes";
        "all": "All of these hold";
        "any": "At least one of these holds";
        "not": "This doesn't hold";
    }

    /// Severities.
    SEVERITIES {
        "error": "The record is rejected";
        "warning": "The record is sent";
        "off": "Not reported";
    }

    /// `characters`.
    LEVELS {
        "jis-x-0208": "JIS X 0208: what every system shows";
        "jis-x-0213": "JIS X 0213: what systems show whose fonts follow JIS2004";
    }

    /// `limits`.
    LIMITS {
        "recordBytes": "Largest record, in bytes";
        "depth": "Deepest nesting";
    }

    /// The payload's fields and groups of fields.
    FIELDS {
        "myNumber": "個人番号: 12 digits";
        "lastName": "姓, full-width";
        "firstName": "名, full-width";
        "lastNameKana": "姓(カナ), full-width katakana";
        "firstNameKana": "名(カナ), full-width katakana";
        "addressPref": "都道府県名";
        "addressCity": "市区郡町村名";
        "addressSection": "町字名; without a value an empty text";
        "addressHouseNumber": "番地; without a value an empty text";
        "addressDetail": "方書; without a value an empty text";
        "birthDate": "生年月日, a date";
        "gender": "性別: 1, 2 or 3; left out: 0 for 自立支援医療";
        "medicalSubsidyRegistrationNumber": "公費負担者番号: 8 digits";
        "medicalSubsidyCertificationNumber": "受給者番号: 7 digits for national schemes";
        "copaymentLimit": "自己負担上限; items without a value are null";
        "certificationStartDate": "有効期間の開始日, a date";
        "certificationEndDate": "有効期間の終了日, a date";
        "certificateAllItems": "券面: an object as it shall look on the certificate";
    }

    /// The sectors of `copaymentLimit`.
    SECTORS {
        "common": "All sectors alike; 自立支援医療 uses this alone";
        "hospitalization": "入院";
        "outpatient": "外来";
        "pharmacy": "調剤";
    }

    /// A sector's items.
    SECTOR_ITEMS {
        "burdenRatio": "Percent";
        "amount": "Yen";
        "perDayOrMonth": "1 a day, 2 a month";
        "limitedNumberOfTimes": "Uses a month";
    }
}
