//! 30xx: a finished payload against the API's keys and types. Raised only where a payload is checked, since the core writes no other.

use super::rules;

rules! {
    /// A payload element must have every key of the API, `null` or `""` where there is no value.
    ///
    /// - Why: a key that is left out reads as "not sent", and a receiver may refuse the whole request.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, request body; that every key is always written is a decision of this project.
    /// - Bad: an element without `addressDetail`.
    /// - Good: `"addressDetail": ""`
    ///
    /// # 日本語
    ///
    /// 送信データの各要素には、APIのすべてのキーが必要です。値がない場合は `null` または `""` とします。
    ///
    /// - 理由: キーを省くと「送られていない」と解釈され、リクエスト全体が拒否されるおそれがあります。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)のリクエストボディ。常にすべてのキーを書くことは本ソフトウェアの基準です。
    /// - 誤りの例: `addressDetail` のない要素。
    /// - 正しい例: `"addressDetail": ""`
    PAYLOAD_MISSING = "PMH3001", Error fixed {
        title: "key missing in the payload", "送信データのキーがない";
        message: "this key is missing in the payload", "送信データにこのキーがありません";
        help: "write the key, with null or an empty text where there is no value",
            "キーを出力してください。値がない場合はnullまたは空文字列を出力してください";
    }

    /// A payload element may have only the keys of the API, but for the certificate's face.
    ///
    /// - Why: a misspelt key means that its field is missing; an extra one may carry data that must not leave the municipality.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, request body.
    /// - Bad: `"myNunber": "…"`
    /// - Good: `"myNumber": "…"`
    ///
    /// # 日本語
    ///
    /// 送信データの各要素に書けるのは、券面の内容を除き、APIで定められたキーだけです。
    ///
    /// - 理由: つづりの誤りであれば本来の項目が欠けており、余分なキーであれば送信すべきでない情報が含まれるおそれがあります。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)のリクエストボディ。
    /// - 誤りの例: `"myNunber": "…"`
    /// - 正しい例: `"myNumber": "…"`
    PAYLOAD_UNKNOWN = "PMH3002", Error fixed {
        title: "unknown key in the payload", "送信データの不明なキー";
        message: "the API does not know this key", "APIで定められていないキーです";
        help: "correct the spelling, or remove the key", "つづりを直すか、キーを削除してください";
    }

    /// A value of the payload must be of the API's type.
    ///
    /// - Why: `"5000"` is a text and `5000` an amount; a receiver that expects one refuses the other.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, request body.
    /// - Bad: `"amount": "5000"`
    /// - Good: `"amount": 5000`
    ///
    /// # 日本語
    ///
    /// 送信データの値は、APIで定められた型でなければなりません。
    ///
    /// - 理由: `"5000"` は文字列、`5000` は金額であり、異なる型の値は受け付けられません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)のリクエストボディ。
    /// - 誤りの例: `"amount": "5000"`
    /// - 正しい例: `"amount": 5000`
    PAYLOAD_TYPE = "PMH3003", Error fixed {
        title: "wrong type in the payload", "送信データの値の型の誤り";
        message: "the value is not of the type that the API asks for", "値の型がAPIの定めと異なります";
        help: "see spec/openapi.yaml for the type of each field", "各項目の型は spec/openapi.yaml を参照してください";
    }

    /// A date of the payload is written `YYYY-MM-DD`.
    ///
    /// - Why: one notation for all senders; PMH's later specifications type their dates so.
    /// - Source: a decision of this project, after PMH's later published specifications (`string <date>`).
    /// - Bad: `"birthDate": "1975/04/01"`
    /// - Good: `"birthDate": "1975-04-01"`
    ///
    /// # 日本語
    ///
    /// 送信データの日付は `YYYY-MM-DD` の形で書きます。
    ///
    /// - 理由: 書き方を1つに統一するためです。後に公表されたPMHの仕様でもこの形とされています。
    /// - 根拠: 後に公表されたPMHの仕様(`string <date>`)に基づく本ソフトウェアの基準。
    /// - 誤りの例: `"birthDate": "1975/04/01"`
    /// - 正しい例: `"birthDate": "1975-04-01"`
    PAYLOAD_DATE = "PMH3004", Error fixed {
        title: "date not as YYYY-MM-DD", "日付の形式の誤り";
        message: "the date is not written as YYYY-MM-DD", "日付がYYYY-MM-DDの形ではありません";
        help: "write four digits, two digits and two digits with hyphens", "年4桁・月2桁・日2桁をハイフンでつないでください";
    }

    /// A payload begins without a byte order mark (BOM).
    ///
    /// - Why: PMH takes UTF-8; a mark in front makes many receivers refuse the document as no JSON.
    /// - Source: RFC 8259, 8.1: a sender must not add one.
    /// - Bad: a file whose first bytes are EF BB BF.
    /// - Good: a file whose first byte is `[`.
    ///
    /// # 日本語
    ///
    /// 送信データの先頭に、BOM(バイト順マーク)を付けてはいけません。
    ///
    /// - 理由: 先頭にBOMがあると、多くの受信側でJSONとして受け付けられません。
    /// - 根拠: RFC 8259 8.1節(送信側は付けてはならないとされています)。
    /// - 誤りの例: 先頭がEF BB BFのファイル。
    /// - 正しい例: 先頭が `[` のファイル。
    PAYLOAD_BOM = "PMH3005", Error fixed {
        title: "byte order mark", "BOMが付いている";
        message: "the payload begins with a byte order mark", "送信データの先頭にBOMがあります";
        help: "save the file as UTF-8 without BOM", "BOMなしのUTF-8で保存してください";
    }
}
