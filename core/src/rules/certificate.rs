//! 36xx and 43xx: the certificate's face (券面) and its agreement with the structured fields.

use bumpalo::Bump;
use chrono::NaiveDate;

use super::rules;
use crate::{
    bytes::{self, cut},
    convert::{
        date::{self, Notation},
        is_space, kana, width,
    },
    eval::At,
    payload::Field,
    profile::plan::Agreement,
    record::{Findings, Record},
    scheme::Scheme,
};

rules! {
    /// `certificateAllItems` (券面の全項目) must have at least one item.
    ///
    /// - Why: it stands in for the paper certificate on the hospital's screen.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, `certificateAllItems`.
    /// - Bad: `{}`
    /// - Good: `{"受給者証名称":"自立支援医療受給者証（育成医療）", …}`
    ///
    /// # 日本語
    ///
    /// `certificateAllItems`(券面の全項目)には、少なくとも1つの項目が必要です。
    ///
    /// - 理由: 医療機関の画面で、紙の受給者証の代わりに表示される内容です。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の `certificateAllItems`。
    /// - 誤りの例: `{}`
    /// - 正しい例: `{"受給者証名称":"自立支援医療受給者証（育成医療）", …}`
    CERTIFICATE_EMPTY = "PMH3601", Error fixed {
        title: "certificate without items", "券面の項目がない";
        message: "the certificate has no items", "券面の項目が1つもありません";
        help: "fill `certificateAllItems` in the profile", "プロファイルの `certificateAllItems` を設定してください";
    }

    /// The payer number on the certificate must be the structured field's.
    ///
    /// - Why an error: the hospital reads the certificate and bills by the field.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1: the items are those of the paper certificate.
    /// - Bad: an item 公費負担者番号 that differs from `medicalSubsidyRegistrationNumber`.
    /// - Good: both the same.
    ///
    /// # 日本語
    ///
    /// 券面の公費負担者番号は、`medicalSubsidyRegistrationNumber` と一致しなければなりません。
    ///
    /// - 理由: 医療機関は券面を見て、項目の番号で請求するため、エラーとしています。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)。券面に記載された項目を設定するとされています。
    /// - 誤りの例: 券面の公費負担者番号だけが古い番号のまま。
    /// - 正しい例: 両者が同じ番号。
    CERTIFICATE_PAYER_NUMBER = "PMH4301", Error {
        title: "payer number on the certificate", "券面の公費負担者番号の相違";
        message: "the payer number on the certificate is not the one of the field",
            "券面の公費負担者番号が項目の値と異なります";
        help: "take both from the same place, for example with `{medicalSubsidyRegistrationNumber}`",
            "`{medicalSubsidyRegistrationNumber}` を使うなど、同じ値から設定してください";
    }

    /// The recipient number on the certificate must be the structured field's.
    ///
    /// - Why an error: the hospital reads the certificate and bills by the field. Any caption that ends with 受給者番号 is compared.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1: the items are those of the paper certificate.
    /// - Bad: an item 自立支援医療受給者番号 that differs from `medicalSubsidyCertificationNumber`.
    /// - Good: both the same.
    ///
    /// # 日本語
    ///
    /// 券面の受給者番号は、`medicalSubsidyCertificationNumber` と一致しなければなりません。
    ///
    /// - 理由: 医療機関は券面を見て、項目の番号で請求するため、エラーとしています。「受給者番号」で終わる項目名を照合の対象とします。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)。券面に記載された項目を設定するとされています。
    /// - 誤りの例: 券面の受給者番号だけが別の番号。
    /// - 正しい例: 両者が同じ番号。
    CERTIFICATE_RECIPIENT_NUMBER = "PMH4302", Error {
        title: "recipient number on the certificate", "券面の受給者番号の相違";
        message: "the recipient number on the certificate is not the one of the field",
            "券面の受給者番号が項目の値と異なります";
        help: "take both from the same place, for example with `{medicalSubsidyCertificationNumber}`",
            "`{medicalSubsidyCertificationNumber}` を使うなど、同じ値から設定してください";
    }

    /// The certificate's name (受給者証名称) should name the record's scheme.
    ///
    /// - Why a warning: municipalities print it in their own words.
    /// - Source: the example of 医療助成対象者情報同期API仕様 0.0.1.
    /// - Bad: `自立支援医療受給者証（更生医療）` on a 育成医療 record
    /// - Good: `自立支援医療受給者証（育成医療）`
    ///
    /// # 日本語
    ///
    /// 券面の受給者証名称には、レコードの制度名が含まれていることが望まれます。
    ///
    /// - 理由: 名称の書き方は自治体によって異なるため、警告としています。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の記載例。
    /// - 誤りの例: 育成医療のレコードで `自立支援医療受給者証（更生医療）`
    /// - 正しい例: `自立支援医療受給者証（育成医療）`
    CERTIFICATE_NAME = "PMH4303", Warning {
        title: "certificate named after another scheme", "受給者証名称と制度の相違";
        message: "the certificate's name does not name the record's scheme", "受給者証名称にレコードの制度名が含まれていません";
        help: "use `{scheme.name}` in the profile", "プロファイルで `{scheme.name}` を使ってください";
    }

    /// The person's name on the certificate should be the structured fields' name.
    ///
    /// - Why a warning: another person's name there means that two people were mixed up. But a certificate may print a common name (通称) or a
    ///   former one beside or in place of the registered one. Compared are 氏名, 受診者氏名, 対象者氏名, 患者氏名, 本人氏名 and 受給者氏名, also as 氏名 in a
    ///   group 受診者 and so on; width, spaces, hyphens, dots and variation selectors don't count. In local schemes 受給者 may be a parent, so it isn't
    ///   compared there.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1: the items are those of the paper certificate.
    /// - Bad: 氏名 `鈴木　一郎` where the fields are 山田 and 太郎
    /// - Good: 氏名 `山田　太郎`
    ///
    /// # 日本語
    ///
    /// 券面の氏名は、`lastName`・`firstName` と一致することが望まれます。
    ///
    /// - 理由: 別の方の氏名であれば、取り違えが起きています。ただし、通称や旧氏を併記または使用する場合もあるため、警告としています。「氏名」「受診者氏名」「対象者氏名」「患者氏名」「本人氏名」「受給者氏名」(「受診者」などの中の「氏名」を含む)を照合し、全角・半角、空白、ハイフン、中点などの記号、異体字セレクタの違いは問いません。地方単独事業では「受給者」が保護者の場合があるため、「受給者」の氏名は照合しません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)。券面に記載された項目を設定するとされています。
    /// - 誤りの例: 項目が「山田」「太郎」で、券面の氏名が `鈴木　一郎`
    /// - 正しい例: 券面の氏名が `山田　太郎`
    CERTIFICATE_PERSON = "PMH4304", Warning {
        title: "name on the certificate", "券面の氏名の相違";
        message: "the name on the certificate is not the one of the fields", "券面の氏名が項目の値と異なります";
        help: "take both from the same place; nothing to do for a common name or a former one",
            "同じ値から設定してください。通称や旧氏による場合は対応不要です";
    }

    /// The validity (有効期間) on the certificate must be the structured fields'.
    ///
    /// - Why an error: the hospital reads the one and PMH decides by the other, so a person would be turned away, or treated without being
    ///   entitled. Compared are 有効期間 (`…から…まで`, `…～…`, `自…至…`), captions of one end such as 有効期間開始, 有効期間終了 and 有効期限, and the
    ///   same in a group 有効期間. A text that holds no date in a known notation isn't compared.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1: the items are those of the paper certificate.
    /// - Bad: 有効期間 `令和7年4月1日から令和8年3月31日まで` where the fields are `2026-04-01` and `2027-03-31`
    /// - Good: 有効期間 `令和8年4月1日から令和9年3月31日まで`
    ///
    /// # 日本語
    ///
    /// 券面の有効期間は、`certificationStartDate`・`certificationEndDate` と一致しなければなりません。
    ///
    /// - 理由: 医療機関は券面を見て、PMHは項目の日付で資格を判断します。異なると、資格があるのに受けられない、または資格がないのに受けられることになるため、エラーとしています。「有効期間」(「…から…まで」「…～…」「自…至…」)、「有効期間開始」「有効期間終了」「有効期限」などの項目、「有効期間」の中の「開始」「終了」などを照合します。日付として読めない記載は照合しません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)。券面に記載された項目を設定するとされています。
    /// - 誤りの例: 項目が `2026-04-01`・`2027-03-31` で、券面が「令和7年4月1日から令和8年3月31日まで」
    /// - 正しい例: 券面が「令和8年4月1日から令和9年3月31日まで」
    CERTIFICATE_VALIDITY = "PMH4305", Error {
        title: "validity on the certificate", "券面の有効期間の相違";
        message: "the validity on the certificate is not the one of the fields", "券面の有効期間が項目の値と異なります";
        help: "take both from the same place, for example with `{certificationStartDate|era}`",
            "`{certificationStartDate|era}` を使うなど、同じ値から設定してください";
    }
}

/// Checks that a captioned text of the certificate agrees with the structured field.
pub(crate) fn check_agreement(
    agreement: Agreement,
    text: &str,
    at: At<'_>,
    record: &Record<'_>,
    findings: &mut Findings,
) {
    let number = |field| record.text(field).is_none_or(|field| same_number(text, field));
    let date = |field, printed: Option<NaiveDate>| {
        printed.zip(record.date(field)).is_none_or(|(printed, field)| printed == field)
    };
    let (rule, agrees) = match agreement {
        Agreement::PayerNumber => (&CERTIFICATE_PAYER_NUMBER, number(Field::PayerNumber)),
        Agreement::RecipientNumber => (&CERTIFICATE_RECIPIENT_NUMBER, number(Field::RecipientNumber)),
        Agreement::SchemeName => {
            // the local schemes have names of their own
            let scheme = record.scheme.filter(|scheme| scheme.is_jiritsu());
            (&CERTIFICATE_NAME, scheme.is_none_or(|scheme| names(text, scheme)))
        }
        Agreement::RecipientName if record.scheme == Some(Scheme::Local) => return,
        Agreement::Name | Agreement::RecipientName => {
            let names = record.text(Field::LastName).zip(record.text(Field::FirstName));
            (&CERTIFICATE_PERSON, names.is_none_or(|(family, given)| same_name(text, family, given)))
        }
        Agreement::Validity => {
            let (start, end) = printed_period(text);
            (&CERTIFICATE_VALIDITY, date(Field::StartDate, start) && date(Field::EndDate, end))
        }
        Agreement::StartDate => (&CERTIFICATE_VALIDITY, date(Field::StartDate, printed_date(text))),
        Agreement::EndDate => (&CERTIFICATE_VALIDITY, date(Field::EndDate, printed_date(text))),
    };
    if !agrees {
        findings.add(rule, at);
    }
}

/// Whether a text has the scheme's name in it.
fn names(text: &str, scheme: Scheme) -> bool {
    bytes::find(text.as_bytes(), scheme.name().as_bytes()).is_some()
}

/// The same number, whatever its width and spaces.
fn same_number(printed: &str, field: &str) -> bool {
    if bytes::same(printed.as_bytes(), field.as_bytes()) {
        return true;
    }
    printed.chars().map(width::half).filter(|c| !is_space(*c)).eq(field.chars().map(width::half))
}

/// The same name, whatever its width and the signs between its parts.
fn same_name(printed: &str, family: &str, given: &str) -> bool {
    let behind = printed.strip_prefix(family).and_then(|rest| rest.strip_prefix('\u{3000}'));
    if behind == Some(given) {
        return true;
    }
    let bump = Bump::new();
    let [printed, family, given] =
        [printed, family, given].map(|text| letters(kana::half_to_full(&bump, text)));
    printed.eq(family.chain(given))
}

/// The letters of a name; a part that is a hyphen alone stands for none.
fn letters(name: &str) -> impl Iterator<Item = char> {
    let sign = |c: char| {
        c.is_whitespace()
            || matches!(c, '-' | '.' | ',' | '・' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
    };
    name.chars().map(width::half).filter(move |c| !sign(*c))
}

/// Both ends of a period as certificates print it, where they can be read.
fn printed_period(text: &str) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let sign = |sign| move || cut::<3>(text, sign);
    let halves = cut::<6>(text, "から")
        .or_else(sign("～"))
        .or_else(sign("〜"))
        .or_else(|| text.split_once('~'))
        .or_else(sign("至"));
    let (start, end) = halves.unwrap_or_else(|| if text.contains("まで") { ("", text) } else { ("", "") });
    (printed_date(start), printed_date(end))
}

/// A date in any notation, with or without the words for the ends of a period.
fn printed_date(text: &str) -> Option<NaiveDate> {
    let text = text.trim().trim_start_matches(['自', '至']);
    let text = text.strip_suffix("から").or_else(|| text.strip_suffix("まで")).unwrap_or(text);
    date::read(text.trim(), &Notation::ALL).ok()
}
