//! 36xx and 43xx: the certificate's face (券面) and its agreement with the structured fields.

use super::rules;
use crate::{
    convert::{is_space, width},
    eval::At,
    payload::Field,
    profile::plan::Agreement,
    record::{Findings, Record},
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
    /// - Why: the hospital reads the certificate and bills by the field.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1: the items are those of the paper certificate.
    /// - Bad: an item 公費負担者番号 that differs from `medicalSubsidyRegistrationNumber`.
    /// - Good: both the same.
    ///
    /// # 日本語
    ///
    /// 券面の公費負担者番号は、`medicalSubsidyRegistrationNumber` と一致しなければなりません。
    ///
    /// - 理由: 医療機関は券面を見て、項目の番号で請求します。
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
    /// - Why: the hospital reads the certificate and bills by the field. Any caption that ends with 受給者番号 is compared.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1: the items are those of the paper certificate.
    /// - Bad: an item 自立支援医療受給者番号 that differs from `medicalSubsidyCertificationNumber`.
    /// - Good: both the same.
    ///
    /// # 日本語
    ///
    /// 券面の受給者番号は、`medicalSubsidyCertificationNumber` と一致しなければなりません。
    ///
    /// - 理由: 医療機関は券面を見て、項目の番号で請求します。「受給者番号」で終わる項目名を照合の対象とします。
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
}

/// Checks that a captioned text of the certificate agrees with the structured field.
pub(crate) fn check_agreement(
    agreement: Agreement,
    text: &str,
    at: At<'_>,
    record: &Record<'_>,
    findings: &mut Findings,
) {
    let (rule, agrees) = match agreement {
        Agreement::PayerNumber => (
            &CERTIFICATE_PAYER_NUMBER,
            record.text(Field::PayerNumber).is_none_or(|field| same_number(text, field)),
        ),
        Agreement::RecipientNumber => {
            let field = record.text(Field::RecipientNumber);
            (&CERTIFICATE_RECIPIENT_NUMBER, field.is_none_or(|field| same_number(text, field)))
        }
        Agreement::SchemeName => {
            // the local schemes have names of their own
            let scheme = record.scheme.filter(|scheme| scheme.is_jiritsu());
            (&CERTIFICATE_NAME, scheme.is_none_or(|scheme| text.contains(scheme.name())))
        }
    };
    if !agrees {
        findings.add(rule, at);
    }
}

/// The same number, whatever its width and spaces.
fn same_number(printed: &str, field: &str) -> bool {
    printed.chars().map(width::half).filter(|c| !is_space(*c)).eq(field.chars().map(width::half))
}
