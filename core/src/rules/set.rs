//! 5xxx: the whole set, one record against those that were accepted before it.

use super::{Rule, rules};
use crate::{
    payload::Field,
    record::{Findings, Record},
    set::{Certificate, Clash, Memory, Place, Seen},
};

rules! {
    /// The same certificate must not occur twice with different contents.
    ///
    /// - Why an error: which of the two PMH would keep is not defined. The first in the file goes out, and **it may be the older one**; the second is
    ///   rejected. The same certificate means: My Number, payer number, recipient number and first day of validity are the same. Two that are equal in
    ///   everything are PMH5006.
    /// - Often: the export has rows of the history, one before and one after a change of the medical institution, of the copayment limit, or a reissue.
    /// - The other row: `other` in the report names it, if the input is a file; from standard input it isn't known. Nearly always it has the same record key
    ///   (宛名番号 or the like), or the same recipient number.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1 (the set is a full registration); how the same certificate is told is a decision of this project.
    /// - Bad: two rows with the same numbers and first day, one with a limit of 5,000 yen, the other with 10,000.
    /// - Good: a current certificate and its renewal, with different first days.
    ///
    /// # 日本語
    ///
    /// 同じ方の同じ受給者証(個人番号・公費負担者番号・受給者番号・始期がすべて同じもの)が、異なる内容で2件以上含まれていてはいけません。
    ///
    /// - 理由: どちらがPMHに登録されるか定められていないため、エラーとしています。先に出てきた1件を送信対象とし、後の1件をエラーとします。**先の1件が変更前の内容であることがあります。** 内容がすべて同じものはPMH5006で扱います。
    /// - よくある原因: 医療機関の追加・変更、自己負担上限額の変更、受給者証の再交付などの際の、変更前と変更後の履歴が両方とも出力された。
    /// - もう1件の探し方: 入力がファイルの場合は、結果の `other` に何件目のレコードかが示されます(標準入力の場合は示されません)。通常は、レコードキー(宛名番号など)または受給者番号が同じレコードです。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の全件連携。判定の方法は本ソフトウェアの基準です。
    /// - 誤りの例: 番号と始期が同じで、自己負担上限額が5,000円と10,000円の2件。
    /// - 正しい例: 始期の異なる、現在の受給者証と更新後の受給者証。
    DUPLICATE_CERTIFICATE = "PMH5001", Error {
        title: "certificate with other contents", "内容の異なる同じ受給者証";
        message: "this certificate occurs earlier in the input, with other contents", "同じ受給者証が、異なる内容で、このファイルの前の方にもあります";
        help: "compare the two: which one holds now?", "2件の内容を比べ、現在有効なものを確認してください";
        system: "export only the latest rows, or leave the older ones out with `records.when`",
            "最新の内容だけを出力するか、変更前の履歴を `records.when` で除いてください";
    }

    /// Two certificates of one person and one scheme should not be valid on the same day.
    ///
    /// - Why a warning: with two limits for one day a hospital cannot know which one holds, and most often the end of the earlier certificate
    ///   was not shortened when the later one was issued. But a person may rightly hold two, for different treatments. The scheme is the payer
    ///   number's first two digits; a renewal that begins on the day after the end does not overlap.
    /// - Source: 障害者福祉システム等標準化検討会 第2回合同WT 資料5, 論点4 (current and future certificates are sent together); the rule itself is a decision of this project.
    /// - Bad: `2026-04-01` to `2027-03-31`, and `2027-03-01` to `2028-02-29`
    /// - Good: `2026-04-01` to `2027-03-31`, and `2027-04-01` to `2028-03-31`
    ///
    /// # 日本語
    ///
    /// 同じ方の同じ制度の受給者証は、有効期間が重ならないようにしてください。
    ///
    /// - 理由: 同じ日に有効な受給者証が2つあると、医療機関はどちらの上限額を適用すべきか判断できません。多くは、新しい受給者証を交付したときに前の受給者証の終期を改めていないものです。ただし、異なる医療について2つの受給者証が交付されている場合もあるため、警告としています。制度は公費負担者番号の法別番号で区別し、終期の翌日から始まる更新は重複とみなしません。
    /// - 根拠: 障害者福祉システム等標準化検討会 第2回合同WT 資料5の論点4(現在有効なものと将来有効になるものを併せて送信)。検査自体は本ソフトウェアの基準です。
    /// - 誤りの例: `2026-04-01` から `2027-03-31` までと、`2027-03-01` から `2028-02-29` まで
    /// - 正しい例: `2026-04-01` から `2027-03-31` までと、`2027-04-01` から `2028-03-31` まで
    OVERLAPPING_VALIDITY = "PMH5002", Warning {
        title: "overlapping validity", "有効期間の重複";
        message: "the person has another certificate of this scheme that is valid on the same day",
            "この方には、同じ制度で有効期間が重なる別の受給者証があります";
        help: "check the end of the earlier certificate; nothing to do if both were issued on purpose",
            "前の受給者証の終期を確認してください。両方とも交付されている場合は対応不要です";
        system: "if many have it, check whether older rows are exported too", "多数の場合は、変更前の履歴が出力されていないか確認してください";
    }

    /// A My Number should have the same name throughout the set.
    ///
    /// - Why a warning: a number that was linked to another person shows like this, and then one person's entitlement appears on another's
    ///   card. But a name also changes by marriage, is written with another character in an older row, or is a common name (通称) in one certificate and the
    ///   registered one in the other.
    /// - Source: 番号法 第16条 (identity is checked when a number is taken); the rule itself is a decision of this project.
    /// - Bad: one number with 山田 太郎 and with 鈴木 一郎
    /// - Good: one number with 山田 太郎 in the current certificate and in its renewal
    ///
    /// # 日本語
    ///
    /// 同じ個人番号の氏名は、全件を通じて同じであるのが通常です。
    ///
    /// - 理由: 個人番号を別の方にひも付けた場合に生じ、本人のマイナンバーカードで、他人の受給者証の情報が表示されることになります。ただし、婚姻などによる改姓、過去の行だけ字体が異なる場合、一方が通称でもう一方が本名の場合もあるため、警告としています。
    /// - 根拠: 番号法 第16条(本人確認の措置)。検査自体は本ソフトウェアの基準です。
    /// - 誤りの例: 1つの個人番号に「山田 太郎」と「鈴木 一郎」がある。
    /// - 正しい例: 現在の受給者証と更新後の受給者証のどちらも「山田 太郎」。
    TWO_NAMES = "PMH5003", Warning {
        title: "one My Number, two names", "同じ個人番号で異なる氏名";
        message: "an earlier record has this My Number with another name", "前のレコードと個人番号が同じで、氏名が異なります";
        help: "check in the register whether both records are the same person's", "両方のレコードが同じ方のものか、受給者台帳で確認してください";
        system: "if many have it, check whether older rows are exported too", "多数の場合は、変更前の履歴が出力されていないか確認してください";
    }

    /// A My Number must have the same birth date throughout the set.
    ///
    /// - Why an error: no person has two birth dates, so one of the two records bears a wrong number or a wrong date, and may show one person's
    ///   entitlement on another's card. Which of the two is wrong cannot be told: the first was written already, the second is rejected. **The first may be
    ///   the wrong one**, and goes out if the configuration allows rejected records (`guard.max_rejected`).
    /// - Source: 番号法 第16条 (identity is checked when a number is taken); the rule itself is a decision of this project.
    /// - Bad: one number with `1975-04-01` and with `1982-11-23`
    /// - Good: one number with `1975-04-01` in the current certificate and in its renewal
    ///
    /// # 日本語
    ///
    /// 同じ個人番号の生年月日は、全件を通じて同じでなければなりません。
    ///
    /// - 理由: 同じ方の生年月日が異なることはないため、どちらかの個人番号または生年月日が誤っており、本人のマイナンバーカードで、他人の受給者証の情報が表示されるおそれがあります。そのため既定でエラーとしています。どちらが誤りかは判別できないので、先のレコードはそのまま送信対象とし、後のレコードをエラーとします。**先のレコードが誤りであることもあり**、エラーのあるレコードを除いて送信する設定(`guard.max_rejected`)では、そのまま送信されます。
    /// - 根拠: 番号法 第16条(本人確認の措置)。検査自体は本ソフトウェアの基準です。
    /// - 誤りの例: 1つの個人番号に `1975-04-01` と `1982-11-23` がある。
    /// - 正しい例: 現在の受給者証と更新後の受給者証のどちらも `1975-04-01`。
    TWO_BIRTH_DATES = "PMH5004", Error {
        title: "one My Number, two birth dates", "同じ個人番号で異なる生年月日";
        message: "an earlier record has this My Number with another birth date", "前のレコードと個人番号が同じで、生年月日が異なります";
        help: "check both records with the resident register, and correct the wrong one",
            "両方のレコードを住民基本台帳や申請書と照合し、誤っている方を直してください";
        system: "if many have it, check whether older rows are exported too", "多数の場合は、変更前の履歴が出力されていないか確認してください";
    }

    /// In a national scheme, one payer number and recipient number must not belong to two people on the same day.
    ///
    /// - Why an error: a number was given twice, or two people were mixed up; a hospital's claims for both go to one account. Which of the two is wrong cannot
    ///   be told: the first was written already, the second is rejected. In local schemes one number per household occurs, so they are not compared. After a
    ///   change of a person's My Number the old one may still be in an older row.
    /// - Source: 厚生労働省の通知による受給者番号の設定 (one number per recipient); the rule itself is a decision of this project.
    /// - Bad: recipient number `0000018` of one payer number with two My Numbers, both valid on 2026-11-22.
    /// - Good: `0000018` and `0000026`
    ///
    /// # 日本語
    ///
    /// 国の制度では、同じ公費負担者番号と受給者番号が、同じ日に2人の方のものであってはいけません。
    ///
    /// - 理由: 番号の二重付番か別の方との取り違えであり、2人分の請求が1つの番号に集まるため、エラーとしています。どちらが誤りかは判別できないので、先のレコードはそのまま送信対象とし、後のレコードをエラーとします。地方単独事業では世帯で1つの番号を使う場合があるため、照合しません。個人番号が変更された方では、古い履歴に変更前の個人番号が残っていることもあります。
    /// - 根拠: 受給者番号の設定に関する国の通知(受給者ごとに設定)。検査自体は本ソフトウェアの基準です。
    /// - 誤りの例: 同じ公費負担者番号の受給者番号 `0000018` に個人番号が2つあり、どちらも2026年11月22日に有効。
    /// - 正しい例: `0000018` と `0000026`
    TWO_PEOPLE = "PMH5005", Error {
        title: "recipient number of two people", "同じ受給者番号で異なる個人番号";
        message: "another My Number has the same payer and recipient number, valid on the same day",
            "公費負担者番号と受給者番号が同じで、個人番号の異なるレコードが前にあります(有効期間も重なっています)";
        help: "search the register for this number: given twice, or is a My Number wrong or old?",
            "この受給者番号を受給者台帳で検索し、二重付番や個人番号の誤り(変更前の番号など)を確認してください";
        system: "if many have it, check whether older rows are exported too", "多数の場合は、変更前の履歴が出力されていないか確認してください";
    }

    /// The same certificate should not occur twice with the same contents.
    ///
    /// - Why a warning: it is sent once, so nothing is lost; but an export that repeats rows may be wrong in other ways too. The second record counts as excluded.
    ///   In a finished payload, which is sent as it is, it is PMH5001.
    /// - Source: a decision of this project.
    /// - Bad: an export that wrote a page twice.
    /// - Good: an export with one row per certificate.
    ///
    /// # 日本語
    ///
    /// 同じ受給者証が、同じ内容で2件以上含まれていないのが適切です。
    ///
    /// - 理由: 送信するのは1件だけで、欠ける情報はないため、警告としています。ただし、同じ行が重複する出力には、ほかの誤りがあるおそれもあります。後のレコードは送信対象外として数えます。作成済みの送信データを検査する場合は、そのまま送信されるためPMH5001とします。
    /// - 根拠: 本ソフトウェアの基準です。
    /// - 誤りの例: 同じページを2回出力したデータ。
    /// - 正しい例: 受給者証1件につき1行のデータ。
    REPEATED_CERTIFICATE = "PMH5006", Warning {
        title: "same certificate repeated", "同じ受給者証の重複";
        message: "this certificate occurs earlier in the input with the same contents; it is sent once",
            "同じ内容の受給者証が、このファイルの前の方にもあります。送信するのは1件だけです";
        help: "nothing to do", "対応は不要です";
        system: "check why the export repeats rows", "同じ行が重複して出力される原因を確認してください";
    }

    /// An acknowledgement should still be of use: its day isn't over, and a record still has the finding that was acknowledged.
    ///
    /// - Why a warning: the finding itself comes back as what it was, so nothing is hidden; but an entry that does nothing hides those that matter,
    ///   and one that ends soon will reject a record then. A changed value, another record key or another key of the hashes ends an acknowledgement at once.
    /// - Source: a decision of this project.
    /// - Bad: an entry for a number that was corrected last month.
    /// - Good: an entry for a certificate that is still in circulation, with `until` at its end.
    ///
    /// # 日本語
    ///
    /// 確認済み一覧の項目は、期限内であり、同じエラー・警告のあるレコードが残っていることが望まれます。
    ///
    /// - 理由: 無効になった項目のエラーや警告は元どおり表示されるため見落としは生じませんが、不要な項目が残ると必要な項目が分かりにくくなり、期限が切れるとそのレコードは送信されなくなるため、警告としています。値やレコードキーが変わったとき、ハッシュ用の鍵が別のものになったときも無効になります。
    /// - 根拠: 本ソフトウェアの基準です。
    /// - 誤りの例: 先月訂正した番号についての項目。
    /// - 正しい例: 交付済みの受給者証についての、その終期を期限(`until`)とした項目。
    ACKNOWLEDGEMENT_IDLE = "PMH5007", Warning {
        title: "acknowledgement without use", "確認済み一覧の不要な項目";
        message: "acknowledgement no. {}", "確認済み一覧の{}";
        help: "look at the record: if it is still right as it is, acknowledge it again, otherwise delete the entry",
            "レコードを確認し、そのままでよければ改めて確認済みとし、そうでなければ項目を削除してください";
        system: "`pmh acknowledge` makes the entry anew; the profile needs no change", "再度の確認は `pmh acknowledge` で行います。プロファイルの変更は不要です";
    }
}

/// Checks a record that has no error so far against the accepted ones, and adds it to them unless it is rejected now; `element` is what is sent of it.
/// True if the same was accepted before, so that it need not be sent again.
pub(crate) fn check_set(
    record: &Record<'_>,
    element: &[u8],
    place: Place<'_>,
    set: &mut Memory,
    findings: &mut Findings,
) -> bool {
    let Some(certificate) = Certificate::of(record, element) else { return false };
    let seen = set.compare(&certificate);
    // a finished payload goes out as it is, so there a repeated certificate would be sent twice
    let repeated = seen.repeated && record.plan.is_some();
    if seen != Seen::default() {
        report(record, &certificate, Seen { repeated, ..seen }, set, findings);
        if repeated {
            return true;
        }
    }
    if !seen.duplicate && !findings.reject() {
        set.insert(&certificate, place);
    }
    false
}

/// Reports what was seen of a certificate.
#[cold]
#[inline(never)]
fn report(
    record: &Record<'_>,
    certificate: &Certificate,
    seen: Seen,
    set: &mut Memory,
    findings: &mut Findings,
) {
    let mut report =
        |rule, field, clash| report_one(record, certificate, (rule, field, clash), set, findings);
    if seen.repeated {
        report(&REPEATED_CERTIFICATE, Field::RecipientNumber, Clash::Certificate);
        return;
    }
    if seen.duplicate {
        report(&DUPLICATE_CERTIFICATE, Field::RecipientNumber, Clash::Certificate);
    }
    if seen.overlap {
        report(&OVERLAPPING_VALIDITY, Field::StartDate, Clash::Days);
    }
    if seen.other_name {
        report(&TWO_NAMES, Field::LastName, Clash::Name);
    }
    if seen.other_birth {
        report(&TWO_BIRTH_DATES, Field::BirthDate, Clash::Birth);
    }
    if seen.other_person {
        report(&TWO_PEOPLE, Field::RecipientNumber, Clash::Person);
    }
}

#[inline(never)]
fn report_one(
    record: &Record<'_>,
    certificate: &Certificate,
    (rule, field, clash): (&'static Rule, Field, Clash),
    set: &mut Memory,
    findings: &mut Findings,
) {
    let before = findings.found.len();
    record.report(rule, field, findings);
    if let Some(finding) = findings.found.get_mut(before) {
        finding.other = Some(set.other(certificate, clash));
    }
}
