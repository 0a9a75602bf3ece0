//! 5xxx: the whole set, one record against those that were accepted before it.

use super::rules;
use crate::{
    payload::Field,
    record::{Findings, Record},
    set::{Certificate, Memory},
};

rules! {
    /// The same certificate must not stand in the set twice.
    ///
    /// - Why an error: which of the two PMH would keep is not defined. The first is sent; the second is rejected. The same certificate means:
    ///   person, payer number, recipient number and first day of validity are the same.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1 (the set is a full registration).
    /// - Bad: an export that wrote a page twice.
    /// - Good: a current certificate and its renewal, with different first days.
    ///
    /// # 日本語
    ///
    /// 同じ受給者証が、送信する全件の中に2回含まれていてはいけません。
    ///
    /// - 理由: PMHがどちらを保持するかは定められていません。1件目を送信し、2件目をエラーとします。個人番号・公費負担者番号・受給者番号・始期がすべて同じものを同じ受給者証とみなします。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の全件連携。
    /// - 誤りの例: 同じページを2回出力したデータ。
    /// - 正しい例: 始期の異なる現在の受給者証と更新後の受給者証。
    DUPLICATE_CERTIFICATE = "PMH5001", Error {
        title: "same certificate twice", "受給者証の重複";
        message: "this certificate stands in the input already", "同じ受給者証がすでに入力に含まれています";
        help: "remove one of the two from the export", "出力データからどちらか一方を取り除いてください";
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
    /// 同じ方の同じ制度の受給者証は、有効期間が重ならないことが望まれます。
    ///
    /// - 理由: 同じ日に有効な受給者証が2つあると、医療機関はどちらの上限額を適用すべきか判断できません。多くは、新しい受給者証を交付したときに前の受給者証の終期を改めていないものです。ただし、異なる医療について2つの受給者証が交付されている場合もあるため、警告としています。制度は公費負担者番号の法別番号で区別し、終期の翌日から始まる更新は重複とみなしません。
    /// - 根拠: 障害者福祉システム等標準化検討会 第2回合同WT 資料5の論点4(現在有効なものと将来有効になるものを併せて送信)。規則自体は本プロジェクトの決定です。
    /// - 誤りの例: `2026-04-01` から `2027-03-31` までと、`2027-03-01` から `2028-02-29` まで
    /// - 正しい例: `2026-04-01` から `2027-03-31` までと、`2027-04-01` から `2028-03-31` まで
    OVERLAPPING_VALIDITY = "PMH5002", Warning {
        title: "overlapping validity", "有効期間の重複";
        message: "the person has another certificate of this scheme that is valid on the same day",
            "同じ方の同じ制度の受給者証と有効期間が重なっています";
        help: "check the end of the earlier certificate; nothing to do where both were issued on purpose",
            "前の受給者証の終期を確認してください。両方とも交付されている場合は対応不要です";
    }

    /// A My Number should stand with the same name throughout the set.
    ///
    /// - Why a warning: a number that was linked to somebody else shows like this, and then one person's entitlement appears on another's
    ///   card. But a name also changes by marriage, or is written with another character in an older row.
    /// - Source: 番号法 第16条 (whoever handles a number makes sure whose it is); the rule itself is a decision of this project.
    /// - Bad: one number with 山田 太郎 and with 鈴木 一郎
    /// - Good: one number with 山田 太郎 in the current certificate and in its renewal
    ///
    /// # 日本語
    ///
    /// 同じ個人番号の氏名は、全件を通じて同じであることが望まれます。
    ///
    /// - 理由: 個人番号を別人にひも付けた場合に生じ、本人のカードに他人の受給資格が表示されることになります。ただし、婚姻などによる改姓や、過去の行だけ字体が異なる場合もあるため、警告としています。
    /// - 根拠: 番号法 第16条(本人確認の措置)。規則自体は本プロジェクトの決定です。
    /// - 誤りの例: 1つの個人番号に「山田 太郎」と「鈴木 一郎」がある。
    /// - 正しい例: 現在の受給者証と更新後の受給者証のどちらも「山田 太郎」。
    TWO_NAMES = "PMH5003", Warning {
        title: "one My Number, two names", "同じ個人番号で異なる氏名";
        message: "the My Number stood with another name before", "同じ個人番号のレコードがすでにあり、氏名が異なります";
        help: "check in the ledger whether both records are the same person's", "両方のレコードが同じ方のものか、台帳で確認してください";
    }

    /// A My Number must stand with the same birth date throughout the set.
    ///
    /// - Why an error: nobody has two birth dates, so one of the two records bears a wrong number or a wrong date, and may show one person's
    ///   entitlement on another's card. Which of the two is wrong cannot be told: the first was written already, the second is rejected.
    /// - Source: 番号法 第16条 (whoever handles a number makes sure whose it is); the rule itself is a decision of this project.
    /// - Bad: one number with `1975-04-01` and with `1982-11-23`
    /// - Good: one number with `1975-04-01` in the current certificate and in its renewal
    ///
    /// # 日本語
    ///
    /// 同じ個人番号の生年月日は、全件を通じて同じでなければなりません。
    ///
    /// - 理由: 生年月日が2つある方はいないため、どちらかの個人番号または生年月日が誤っており、本人のカードに他人の受給資格が表示されるおそれがあります。そのため既定でエラーとしています。どちらが誤りかは判別できないので、先のレコードは出力済みとし、後のレコードをエラーとします。
    /// - 根拠: 番号法 第16条(本人確認の措置)。規則自体は本プロジェクトの決定です。
    /// - 誤りの例: 1つの個人番号に `1975-04-01` と `1982-11-23` がある。
    /// - 正しい例: 現在の受給者証と更新後の受給者証のどちらも `1975-04-01`。
    TWO_BIRTH_DATES = "PMH5004", Error {
        title: "one My Number, two birth dates", "同じ個人番号で異なる生年月日";
        message: "the My Number stood with another birth date before", "同じ個人番号のレコードがすでにあり、生年月日が異なります";
        help: "correct the My Number or the birth date in the ledger; look at the earlier record too",
            "台帳の個人番号または生年月日を直してください。先のレコードも確認してください";
    }
}

/// Checks a record that has no error so far against the accepted ones, and adds it to them unless it is rejected now.
pub(crate) fn check_set(record: &Record<'_>, set: &mut Memory, findings: &mut Findings) {
    let Some(certificate) = Certificate::of(record) else { return };
    let seen = set.compare(&certificate);
    if seen.duplicate {
        record.report(&DUPLICATE_CERTIFICATE, Field::RecipientNumber, findings);
    }
    if seen.overlap {
        record.report(&OVERLAPPING_VALIDITY, Field::StartDate, findings);
    }
    if seen.other_name {
        record.report(&TWO_NAMES, Field::LastName, findings);
    }
    if seen.other_birth {
        record.report(&TWO_BIRTH_DATES, Field::BirthDate, findings);
    }
    if !seen.duplicate && !findings.reject() {
        set.insert(&certificate);
    }
}
