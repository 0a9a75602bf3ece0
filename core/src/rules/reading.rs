//! 1xxx: reading the input. Raised before any field is looked at.

use super::rules;

rules! {
    /// The input must be a JSON array of records, or one record (a JSON object) a line (NDJSON).
    ///
    /// - Why: anything else, a CSV or a spreadsheet say, cannot be told apart into records.
    /// - Source: RFC 8259 (JSON); the input formats of this project.
    /// - Bad: a file that begins with `宛名番号,氏名`.
    /// - Good: a file that begins with `[{` or `{`.
    ///
    /// # 日本語
    ///
    /// 入力は、レコードを並べたJSON配列、または1行に1レコード(JSONオブジェクト)を書いたNDJSONでなければなりません。
    ///
    /// - 理由: CSVや表計算のファイルなどは、そのままではレコードに区切ることができません。
    /// - 根拠: RFC 8259(JSON)。
    /// - 誤りの例: `宛名番号,氏名` で始まるファイル。
    /// - 正しい例: `[{` または `{` で始まるファイル。
    NOT_JSON = "PMH1001", Error fixed {
        title: "input is not JSON", "入力がJSONではない";
        message: "the input is neither a JSON array nor one JSON object a line",
            "入力がJSON配列でも、1行1オブジェクトのNDJSONでもありません";
        help: "check that this is the right file; a CSV is read with `--input-format csv`",
            "ファイルの指定が正しいか確認してください。CSVの場合は `--input-format csv` を指定してください";
    }

    /// A line of the NDJSON input must be one whole JSON value.
    ///
    /// - Why: a broken line cannot be read, so this person would be missing from "all records". The lines before and after
    ///   it are processed.
    /// - Source: RFC 8259. Half of a surrogate pair (only `\ud83d`) counts as broken too.
    /// - Bad: `{"氏名":"山田　太郎"` (the brace is not closed)
    /// - Good: `{"氏名":"山田　太郎"}`
    ///
    /// # 日本語
    ///
    /// NDJSONの各行は、それだけで完結したJSONでなければなりません。
    ///
    /// - 理由: 壊れた行は読み取れず、その方が「全件」から漏れてしまいます。前後の行はそのまま処理します。
    /// - 根拠: RFC 8259。片方だけのサロゲート(`\ud83d` のみなど)も壊れたものとして扱います。
    /// - 誤りの例: `{"氏名":"山田　太郎"` (波括弧が閉じていない)
    /// - 正しい例: `{"氏名":"山田　太郎"}`
    BAD_RECORD = "PMH1002", Error fixed {
        title: "record is not valid JSON", "レコードのJSONが不正";
        message: "this record is not valid JSON{}", "このレコードはJSONとして読み取れません{}";
        help: "write each record on one line as one JSON object; look at the byte that the finding names",
            "1レコードを1行の1つのJSONオブジェクトとして出力してください。表示されたバイト位置を確認してください";
    }

    /// A JSON array must be valid up to its closing bracket.
    ///
    /// - Why: after a syntax error it is not known where the next record begins, so reading ends there, and the result
    ///   is not "all records". It must not be sent.
    /// - Source: RFC 8259.
    /// - Bad: `[{"a":1} {"a":2}]` (no comma between the records)
    /// - Good: `[{"a":1},{"a":2}]`
    ///
    /// # 日本語
    ///
    /// JSON配列は、閉じ括弧まで正しく書かれていなければなりません。
    ///
    /// - 理由: 構文の誤りがあると次のレコードの始まりを判断できないため、そこで読み取りを終えます。結果は「全件」ではないので送信してはいけません。
    /// - 根拠: RFC 8259。
    /// - 誤りの例: `[{"a":1} {"a":2}]` (レコードの間にカンマがない)
    /// - 正しい例: `[{"a":1},{"a":2}]`
    BAD_ARRAY = "PMH1003", Error fixed {
        title: "JSON array is broken", "JSON配列が不正";
        message: "the JSON array is broken; reading ended there, {} records had been read",
            "JSON配列が壊れています。ここで読み取りを終了しました(読み取り済み {} 件)";
        help: "correct the file at the byte that the finding names; NDJSON lets the other records through",
            "表示されたバイト位置のデータを直してください。NDJSON形式なら、ほかのレコードは処理を続けられます";
    }

    /// The input must not end in the middle of a record or of the array.
    ///
    /// - Why: a file that was cut off (disk full, a transfer that broke) lacks people. It must not be sent as "all records".
    /// - Source: RFC 8259.
    /// - Bad: `[{"a":1},{"a":`
    /// - Good: `[{"a":1},{"a":2}]`
    ///
    /// # 日本語
    ///
    /// 入力がレコードや配列の途中で終わってはいけません。
    ///
    /// - 理由: 途中で切れたファイル(ディスク不足、転送の中断など)には載っていない方がいます。「全件」として送信してはいけません。
    /// - 根拠: RFC 8259。
    /// - 誤りの例: `[{"a":1},{"a":`
    /// - 正しい例: `[{"a":1},{"a":2}]`
    TRUNCATED = "PMH1004", Error fixed {
        title: "input is cut off", "入力が途中で終了";
        message: "the input ends in the middle; {} records had been read",
            "入力が途中で終わっています(読み取り済み {} 件)";
        help: "export or transfer the file again", "ファイルの出力または転送をやり直してください";
    }

    /// The input must be UTF-8.
    ///
    /// - Why: text in another encoding would turn into other characters, names among them.
    /// - Source: RFC 8259, 8.1; PMH takes UTF-8.
    /// - Bad: a JSON file saved as Shift_JIS or UTF-16.
    /// - Good: the same file saved as UTF-8.
    ///
    /// # 日本語
    ///
    /// 入力の文字コードはUTF-8でなければなりません。
    ///
    /// - 理由: 別の文字コードのまま読むと、氏名などが別の文字に化けてしまいます。
    /// - 根拠: RFC 8259 8.1節。PMHへの送信もUTF-8です。
    /// - 誤りの例: Shift_JISやUTF-16で保存されたJSONファイル。
    /// - 正しい例: UTF-8で保存したファイル。
    NOT_UTF8 = "PMH1005", Error fixed {
        title: "not UTF-8", "UTF-8ではない";
        message: "the input is not valid UTF-8 here", "UTF-8として正しくないバイトがあります";
        help: "save the file as UTF-8; only a CSV can be read as Shift_JIS",
            "ファイルをUTF-8で保存してください。Shift_JISで読み取れるのはCSVだけです";
    }

    /// A record must not be larger than the profile's limit (`limits.recordBytes`, 1 MiB unless set).
    ///
    /// - Why: memory must stay bounded whatever comes in; a record of a megabyte is a mistake of the export.
    /// - Source: a decision of this project.
    /// - Bad: a record with a scanned picture in it.
    /// - Good: a record of some kilobytes.
    ///
    /// # 日本語
    ///
    /// 1レコードの大きさには上限があります(プロファイルの `limits.recordBytes`、既定は1 MiB)。
    ///
    /// - 理由: どのような入力でもメモリー使用量を一定に保つためです。1件が1メガバイトを超えるのは出力側の誤りと考えられます。
    /// - 根拠: 本ソフトウェアの基準(公表資料に定めなし)。
    /// - 誤りの例: 画像データが含まれたレコード。
    /// - 正しい例: 数キロバイトのレコード。
    RECORD_TOO_LARGE = "PMH1006", Error fixed {
        title: "record too large", "レコードが大きすぎる";
        message: "this record is larger than {} bytes", "このレコードは {} バイトを超えています";
        help: "leave out what the payload does not need, or raise `limits.recordBytes` in the profile",
            "不要な項目を出力しないようにするか、プロファイルの `limits.recordBytes` を大きくしてください";
    }

    /// A record must not be nested deeper than the profile's limit (`limits.depth`, 64 unless set).
    ///
    /// - Why: a usual export has no such nesting, and a certificate needs none.
    /// - Source: a decision of this project.
    /// - Bad: `[[[[…` ten thousand levels deep.
    /// - Good: a record with a handful of levels.
    ///
    /// # 日本語
    ///
    /// レコードの入れ子の深さには上限があります(プロファイルの `limits.depth`、既定は64)。
    ///
    /// - 理由: 極端に深い入れ子は、通常の出力では生じません。
    /// - 根拠: 本ソフトウェアの基準(公表資料に定めなし)。
    /// - 誤りの例: `[[[[…` と一万段重なったデータ。
    /// - 正しい例: 数段の入れ子のレコード。
    TOO_DEEP = "PMH1007", Error fixed {
        title: "nested too deep", "入れ子が深すぎる";
        message: "this record is nested deeper than {} levels", "このレコードの入れ子が {} 段を超えています";
        help: "look at the program that writes the records", "レコードを出力するプログラムを確認してください";
    }

    /// A key that the profile reads must occur only once in its object.
    ///
    /// - Why: programs differ in which of two values they take, so one person could get another one's number.
    /// - Source: RFC 8259, 4; RFC 7493 (I-JSON), 2.3.
    /// - Bad: `{"個人番号":"…","個人番号":"…"}`
    /// - Good: each key once.
    ///
    /// # 日本語
    ///
    /// プロファイルが読み取るキーは、1つのオブジェクトに1回だけ書かれていなければなりません。
    ///
    /// - 理由: 2つの値のどちらを採るかはプログラムによって異なり、別人の番号が付くおそれがあります。
    /// - 根拠: RFC 8259 4節、RFC 7493(I-JSON) 2.3節。
    /// - 誤りの例: `{"個人番号":"…","個人番号":"…"}`
    /// - 正しい例: 各キーを1回だけ書く。
    DUPLICATE_KEY = "PMH1008", Error fixed {
        title: "duplicate key", "キーの重複";
        message: "duplicate key in the record", "同じキーがレコード内に2回以上あります";
        help: "write each key once; in a CSV, give each column a name of its own",
            "キーは1回だけ出力してください。CSVの場合は列名が重複しないようにしてください";
    }

    /// A record must be a JSON object.
    ///
    /// - Why: values without keys cannot be mapped. A CSV row whose number of cells differs from the header's is refused in this way
    ///   too, since its cells may have shifted.
    /// - Source: a decision of this project.
    /// - Bad: `[1, 2, 3]`
    /// - Good: `[{"宛名番号":"1"}]`
    ///
    /// # 日本語
    ///
    /// レコードはJSONオブジェクトでなければなりません。
    ///
    /// - 理由: キーのない値は項目に対応付けられません。列数が見出し行と異なるCSVの行も、値がずれているおそれがあるため同様に扱います。
    /// - 根拠: 本ソフトウェアの基準(公表資料に定めなし)。
    /// - 誤りの例: `[1, 2, 3]`
    /// - 正しい例: `[{"宛名番号":"1"}]`
    NOT_AN_OBJECT = "PMH1009", Error fixed {
        title: "record is not an object", "レコードがオブジェクトではない";
        message: "this record is not a JSON object", "このレコードはJSONオブジェクトではありません";
        help: "write each record as `{\"key\":\"value\", …}`; in a CSV, check the number of cells in this row",
            "レコードを `{\"キー\":\"値\", …}` の形で出力してください。CSVの場合はこの行の列数を確認してください";
    }

    /// Nothing may follow the closing bracket of a JSON array.
    ///
    /// - Why: what follows may be a second export, which would go missing unseen.
    /// - Source: RFC 8259, 2.
    /// - Bad: `[{"a":1}][{"a":2}]`
    /// - Good: `[{"a":1},{"a":2}]`
    ///
    /// # 日本語
    ///
    /// JSON配列の閉じ括弧の後に、ほかのデータがあってはいけません。
    ///
    /// - 理由: 後に続くデータが2回目の出力分などであった場合、漏れに気付けません。
    /// - 根拠: RFC 8259 2節。
    /// - 誤りの例: `[{"a":1}][{"a":2}]`
    /// - 正しい例: `[{"a":1},{"a":2}]`
    TRAILING_DATA = "PMH1010", Error fixed {
        title: "data after the array", "配列の後に余分なデータ";
        message: "there is data after the end of the JSON array; {} records had been read",
            "JSON配列の終わりの後にデータがあります(読み取り済み {} 件)";
        help: "write one array, or use NDJSON", "1つの配列にまとめるか、NDJSON形式にしてください";
    }

    /// The input must not be empty.
    ///
    /// - Why: an empty file is the usual trace of an export that failed. A set without records is written `[]`.
    /// - Source: a decision of this project.
    /// - Bad: a file of 0 bytes, or of spaces only.
    /// - Good: `[]` where there really is no recipient.
    ///
    /// # 日本語
    ///
    /// 入力が空であってはいけません。
    ///
    /// - 理由: 空のファイルは、出力に失敗したときによく残るものです。対象者がいない場合は `[]` と書きます。
    /// - 根拠: 本ソフトウェアの基準(公表資料に定めなし)。
    /// - 誤りの例: 0バイトのファイル、空白だけのファイル。
    /// - 正しい例: 対象者が本当にいない場合の `[]`。
    EMPTY_INPUT = "PMH1011", Error fixed {
        title: "empty input", "入力が空";
        message: "the input is empty", "入力が空です";
        help: "check the export; a set without records is written `[]`",
            "出力処理を確認してください。対象者がいない場合は `[]` としてください";
    }

    /// The input holds no record.
    ///
    /// - Why a warning: "all records each time" makes an empty set mean that no one is entitled any more. It is allowed, but hardly ever meant.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1 (all records each time).
    /// - Bad: `[]` from a city with recipients.
    /// - Good: `[]` from a village that has none.
    ///
    /// # 日本語
    ///
    /// 入力にレコードが1件もありません。
    ///
    /// - 理由: 毎回全件を送る方式では、空のデータは「対象者が一人もいない」ことを意味します。誤りではありませんが、通常は想定されないため、警告としています。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の全件連携。
    /// - 誤りの例: 対象者のいる市の `[]`。
    /// - 正しい例: 対象者のいない村の `[]`。
    NO_RECORDS = "PMH1012", Warning {
        title: "no records", "レコードがない";
        message: "the input holds no record", "入力にレコードがありません";
        help: "check whether there really is no recipient", "対象者が本当にいないか確認してください";
        system: "check that the export ran to its end", "業務システムからの出力が正しく行われたか確認してください";
    }
}
