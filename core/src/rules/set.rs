//! 5xxx: the whole set, one record against the others.

use super::rules;

rules! {
    /// The same certificate must not stand in the set twice.
    ///
    /// - Why: which of the two PMH would keep is not defined. The first is sent; the second is rejected. The same certificate means:
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
}
