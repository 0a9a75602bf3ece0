//! 41xx: numbers against the masters that a site supplies.

use super::rules;
use crate::{
    documents::Documents,
    masters::Standing,
    payload::Field,
    record::{Findings, Record},
};

rules! {
    /// If the site supplies a master of payer numbers (公費負担者番号), it must have the record's number.
    ///
    /// - Why an error: a number that was never assigned has no payer, so a hospital's claim comes back. The check digit finds most mistyped numbers, but not
    ///   another municipality's number, or one that was put together by the rules and never registered.
    /// - Which numbers: those that begin with two digits (法別番号) that the master speaks of; a master of local schemes says nothing of national ones.
    /// - Source: the site's own master (`[masters]` in `pmh.toml`, `payerNumbers` in the options), such as 地単公費マスター of 社会保険診療報酬支払基金.
    /// - Bad: `80139995`, if the master has numbers that begin with 80 and not this one.
    /// - Good: a number of the master.
    ///
    /// # 日本語
    ///
    /// 公費負担者番号のマスターを指定している場合、レコードの番号がマスターになければなりません。
    ///
    /// - 理由: 設定されていない番号には請求先がなく、医療機関の請求が返戻されるため、エラーとしています。検証番号の検査では、他の自治体の番号や、規則どおりに作られただけで届け出ていない番号は見つかりません。
    /// - 対象の番号: マスターが扱う法別番号(先頭2桁)で始まる番号だけです。地方単独事業のマスターで、国の制度の番号を検査することはありません。
    /// - 根拠: 設定で指定したマスター(`pmh.toml` の `[masters]`、オプションの `payerNumbers`。支払基金の地単公費マスターなど)。
    /// - 誤りの例: マスターに80で始まる番号があり、その中にない `80139995`
    /// - 正しい例: マスターにある番号。
    PAYER_NOT_IN_MASTER = "PMH4106", Error {
        title: "payer number not in the master", "マスターにない公費負担者番号";
        message: "the master that the site supplies does not have the payer number", "公費負担者番号が、指定されたマスターにありません";
        help: "compare the number with the notice that assigned it",
            "番号を設定通知と比べ、異なれば受給者台帳を直してください。同じであれば、システムの担当に連絡してください";
        system: "if the number is right, fetch the present master; a number may be newer than the file",
            "番号が正しい場合は、最新のマスターに差し替えてください(設定されたばかりの番号は載っていないことがあります)";
    }

    /// If the site supplies a master of payer numbers (公費負担者番号), the number must be valid on the day from which the record counts: the processing date, or the
    /// first day of the certificate if that is later.
    ///
    /// - Why an error: a number that was abolished, or isn't used yet, has no payer on that day, and a hospital's claim comes back. Earlier days of the
    ///   certificate don't count, since a number may change while certificates stay in use.
    /// - Source: the site's own master (`[masters]` in `pmh.toml`, `payerNumbers` in the options). The last day of a period belongs to it.
    /// - Bad: a number that is valid until 2026-03-31, on 2026-04-01.
    /// - Good: the number that took its place.
    ///
    /// # 日本語
    ///
    /// 公費負担者番号のマスターを指定している場合、番号は、処理日(受給者証の有効期間の開始日が処理日より後であれば、その開始日)に有効でなければなりません。
    ///
    /// - 理由: 廃止された番号や、まだ使われていない番号には、その日の請求先がなく、医療機関の請求が返戻されるため、エラーとしています。有効期間の途中で番号が変わることがあるため、処理日より前の日については検査しません。
    /// - 根拠: 設定で指定したマスター(`pmh.toml` の `[masters]`、オプションの `payerNumbers`)。期間の末日は期間に含みます。
    /// - 誤りの例: 2026年3月31日まで有効な番号を、2026年4月1日に送信する。
    /// - 正しい例: 変更後の番号。
    PAYER_NOT_VALID = "PMH4107", Error {
        title: "payer number not valid on the day", "有効期間外の公費負担者番号";
        message: "by the master that the site supplies, the payer number is not valid on the day from which the record counts",
            "公費負担者番号が、指定されたマスターでは有効期間外です";
        help: "look the number up in the notice that changed or abolished it, and correct the register",
            "番号の変更・廃止の通知を確認し、台帳の番号を直してください";
        system: "if the number is right, fetch the present master, and see whether the columns of the dates are the right ones",
            "番号が正しい場合は、最新のマスターに差し替え、日付の列の指定も確認してください";
    }
}

/// Checks the payer number against the site's master.
pub(super) fn check(record: &Record<'_>, documents: &Documents, findings: &mut Findings) {
    let (Some(master), Some(number)) = (documents.payer_numbers(), record.text(Field::PayerNumber)) else {
        return;
    };
    // what isn't a number is found elsewhere
    if number.len() != 8 {
        return;
    }
    let day = record.date(Field::StartDate).map_or(record.as_of, |start| start.max(record.as_of));
    match master.standing(number, day) {
        Standing::Fine => {}
        Standing::Unknown => record.report(&PAYER_NOT_IN_MASTER, Field::PayerNumber, findings),
        Standing::NotValid => record.report(&PAYER_NOT_VALID, Field::PayerNumber, findings),
    }
}
