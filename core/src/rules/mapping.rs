//! 2xxx: mapping and conversion, from the vendor's record to the payload's fields.

use super::rules;

rules! {
    /// Every payload field must have a value, but for the parts of the address after the city and the copayment items.
    ///
    /// - Why: the API defines these fields as strings that are always there; a person without a number or a name cannot be registered.
    /// - If the value can't be had: people without a My Number on file exist (no 住民票, protected where they are, moved abroad). They can't be registered this way.
    ///   Leave their records out on purpose with `records.when`, or one error stops the send for everybody; they use the paper certificate, which PMH does not
    ///   replace.
    /// - If many records lack the same field: look at the export and the profile's pointer, not at the register.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, request body; 資料5 asks for 個人番号. That a value is always needed is a decision of this project.
    /// - Bad: a record whose 個人番号 is `""`.
    /// - Good: a record with all of them filled.
    ///
    /// # 日本語
    ///
    /// 町字・番地・方書と自己負担上限額の各項目を除き、送信する項目にはすべて値が必要です。
    ///
    /// - 理由: APIではこれらの項目が常に存在する文字列と定められています。番号や氏名がなければ登録できません。
    /// - 入力できないとき: 住民票がない、現在地保護、国外転出などの理由で個人番号を確認できない方は、この方法では登録できません。初期設定では1件のエラーで全員分の送信が止まるため、`records.when` で意図的に送信対象から外し、紙の受給者証で受診していただいてください。
    /// - 多くの方で同じ項目が空欄のとき: 受給者台帳ではなく、出力の設定またはプロファイルの読み取り位置の誤りと考えられます。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)のリクエストボディ、第2回合同WT 資料5(個人番号が必要)。常に値を必要とすることは本ソフトウェアの基準です。
    /// - 誤りの例: 個人番号が `""` のレコード。
    /// - 正しい例: すべての項目に値があるレコード。
    MISSING = "PMH2001", Error fixed {
        title: "value missing", "送信に必要な項目が空欄";
        message: "this field has no value", "この項目に値がありません";
        help: "fill it from the application or the resident register; without a My Number, the person uses the paper certificate",
            "申請書や住民基本台帳で確認して入力してください。番号を確認できない方は紙の受給者証で対応します";
        system: "if many lack it, check export and pointer; leave out a person without a number with `records.when`",
            "多数の場合は出力と読み取り位置を確認してください。番号のない方は `records.when` で除けます";
    }

    /// A value must be a text, an integer or a boolean where the profile reads one; a list where it loops.
    ///
    /// - Why: an object, or a number with decimals, has no one reading as text.
    /// - Source: a decision of this project; numbers with decimals are not handled.
    /// - Bad: `"個人番号": {"値": "…"}` read with `/個人番号`.
    /// - Good: the same read with `/個人番号/値`.
    ///
    /// # 日本語
    ///
    /// プロファイルが値を読み取る箇所は文字列・整数・真偽値、繰り返す箇所は配列でなければなりません。
    ///
    /// - 理由: オブジェクトや小数は、文字列としての読み方が一つに定まりません。
    /// - 根拠: 本ソフトウェアの基準(小数は扱いません)。
    /// - 誤りの例: `"個人番号": {"値": "…"}` を `/個人番号` で読む。
    /// - 正しい例: 同じデータを `/個人番号/値` で読む。
    UNUSABLE_TYPE = "PMH2002", Error fixed {
        title: "value of an unusable type", "値の型が不適切";
        message: "the value is of a type that cannot be used here", "この項目では使えない型の値です";
        help: "ask the system's people; correcting the register does not help", "受給者台帳の修正では直りません。システム担当に連絡してください";
        system: "let the pointer lead to a text or an integer, in a loop to a list",
            "読み取り位置が文字列または整数(繰り返しでは配列)になるように直してください";
    }

    /// A record must have at least one of the places that the profile reads.
    ///
    /// - Why: a record without any is of another layout; one finding says so instead of twenty missing fields.
    /// - Source: a decision of this project.
    /// - Bad: a header or totals record among the recipients.
    /// - Good: only recipients' records.
    ///
    /// # 日本語
    ///
    /// レコードには、プロファイルが読み取る項目が少なくとも1つ必要です。
    ///
    /// - 理由: 1つもない場合は別のデータ形式のレコードと考えられます。項目ごとではなく、1件の指摘にまとめます。
    /// - 根拠: 本ソフトウェアの基準(公表資料に定めなし)。
    /// - 誤りの例: 受給者のレコードに混じった見出しや合計のレコード。
    /// - 正しい例: 受給者のレコードだけのファイル。
    NOTHING_MAPPED = "PMH2003", Error fixed {
        title: "no known field", "対応する項目がない";
        message: "this record has none of the fields that the profile reads",
            "このレコードには、プロファイルが読み取る項目が1つもありません";
        help: "ask the system's people; correcting the register does not help", "受給者台帳の修正では直りません。システム担当に連絡してください";
        system: "check that file and profile belong together", "ファイルとプロファイルの組み合わせを確認してください";
    }

    /// A record should have its own key, as the profile's `recordKey` names it.
    ///
    /// - Why a warning: without it, a finding can only be traced by the record's position, but the record can be sent. A key must be short
    ///   (64 characters) and without control characters. Since it is shown in findings, one that is or holds the person's My Number, name, birth date or address
    ///   is withheld, and so are twelve digits that may be a My Number (right check digit, fewer than three zeros in front).
    /// - Source: a decision of this project.
    /// - Bad: a record without 宛名番号.
    /// - Good: `"宛名番号": "0000000003"`
    ///
    /// # 日本語
    ///
    /// レコードには、プロファイルの `recordKey` が示すレコードキーが必要です。
    ///
    /// - 理由: 値がないと、指摘されたレコードを位置でしか特定できませんが、送信には支障がないため、警告としています。64文字以内で、制御文字を含まない値とします。指摘に表示するため、本人の個人番号・氏名・生年月日・住所と同じか、それを含む値は表示しません。個人番号の可能性がある12桁の数字(検査用数字が正しく、先頭の0が2個以下のもの)も表示しません。
    /// - 根拠: 本ソフトウェアの基準(公表資料に定めなし)。
    /// - 誤りの例: 宛名番号のないレコード。
    /// - 正しい例: `"宛名番号": "0000000003"`
    NO_RECORD_KEY = "PMH2004", Warning {
        title: "no usable record key", "レコードキーがない";
        message: "the record key is missing or cannot be shown", "レコードキー(宛名番号など)が空欄か、表示に使えない値です";
        help: "check whether the key (宛名番号 or the like) is empty in the register", "宛名番号などが受給者台帳で空欄になっていないか確認してください";
        system: "let `recordKey` lead to a number that is no personal data", "`recordKey` に、個人情報でない番号の読み取り位置を指定してください";
    }

    /// A record of which the profile makes one payload element for each element of a list should have such elements.
    ///
    /// - Why a warning: without any, nothing is sent for this person, which may be right (no certificate at present) or a sign of another
    ///   layout. The record counts as excluded; raise the severity where every person must have a certificate.
    /// - Source: the profile's `records.each`.
    /// - Bad: a person whose list 受給者証 is missing or empty.
    /// - Good: a person with one certificate or more.
    ///
    /// # 日本語
    ///
    /// 配列の要素ごとに送信データを作成する設定では、レコードに要素が1つ以上必要です。
    ///
    /// - 理由: 要素がないと、その方について何も送信されません。現在有効な受給者証がないだけのこともあるため警告とし、送信対象外として数えます。
    ///   データ形式の違いによることもあります。全員に受給者証があるはずの場合は、重要度を上げてください。
    /// - 根拠: プロファイルの `records.each`。
    /// - 誤りの例: 受給者証の配列がない、または空の方。
    /// - 正しい例: 受給者証が1つ以上ある方。
    NO_ELEMENT = "PMH2005", Warning {
        title: "record without certificates", "受給者証のないレコード";
        message: "the list of certificates is missing or empty", "受給者証の配列がないか、空です";
        help: "check in the register whether the person has a certificate", "受給者証が交付されている方か、受給者台帳で確認してください";
        system: "if many have it, check `records.each` in the profile", "多数の場合は、プロファイルの `records.each` を確認してください";
    }

    /// One record may give at most 1,000 payload elements, and its loops at most four times the largest record's bytes.
    ///
    /// - Why: lists in lists, or a long text repeated in each element of a list, could otherwise grow beyond all memory.
    /// - Source: a decision of this project; `limits.recordBytes` in the profile.
    /// - Bad: a record with 1,001 certificates.
    /// - Good: a person's certificates of the last years.
    ///
    /// # 日本語
    ///
    /// 1件のレコードから作成できる送信データは1,000件まで、繰り返しで出力できる量はレコードの上限サイズの4倍までです。
    ///
    /// - 理由: 入れ子の配列や、要素ごとに繰り返される長い文字列によって、メモリーを使い切るのを防ぐためです。
    /// - 根拠: 本ソフトウェアの基準(公表資料に定めなし)。プロファイルの `limits.recordBytes`。
    /// - 誤りの例: 受給者証が1,001件あるレコード。
    /// - 正しい例: 1人の過去数年分の受給者証。
    TOO_MUCH_OF_A_RECORD = "PMH2006", Error fixed {
        title: "too much of one record", "1件からの出力が大きすぎる";
        message: "this record would become too large a payload", "このレコードから作成される送信データが大きすぎます";
        help: "ask the system's people; correcting the register does not help", "受給者台帳の修正では直りません。システム担当に連絡してください";
        system: "check that `records.each` and `each` loop over the right lists",
            "プロファイルの `records.each` と `each` が正しい配列を指しているか確認してください";
    }

    /// A place that the profile reads should be there in some record: its key, whether it has a value or not.
    ///
    /// - What counts: looks at the place, so not records that a condition or an earlier alternative (`from` with a list, `first`, `any`) kept from it. It is told from 10
    ///   looks on if the records have all other places in common, as rows of a CSV file do. If they have not, or a condition (`present`, `absent`) asks whether the
    ///   place is there, it is told from 100 looks on, as all of a few records may leave out a rare place. It is one finding about the run and not about a record.
    /// - Why a warning: a column was renamed or a pointer is mistyped, and the item is empty for everyone, which no check of one record can see if the item
    ///   may be empty. But the place may also be rare.
    /// - Source: a decision of this project.
    /// - Bad: `/番地` in the profile, and `地番` in all 284 records.
    /// - Good: `/番地` in the profile, and `"番地": ""` in some records.
    ///
    /// # 日本語
    ///
    /// プロファイルが参照する項目は、値の有無にかかわらず、いずれかのレコードに存在するはずです。
    ///
    /// - 数え方: 実際に参照した回数を数えます。条件に合わなかったレコードや、先の候補(`from` の配列、`first`、`any`)を採用したレコードは含みません。CSVの行のように、ほかの項目がどのレコードにもそろっている場合は10回以上、項目を省くことのある出力の場合や、条件(`present`・`absent`)で有無を調べている項目の場合は、まれな項目が偶然ないこともあるため、100回以上の参照で警告します。個々のレコードではなく、実行全体に対する指摘です。
    /// - 理由: 列名の変更や参照先の書き誤りがあると、その項目は全員分が空になりますが、空欄が許される項目では1件ごとの検査で見つけられません。まれな項目のこともあるため、警告としています。
    /// - 根拠: 本プロジェクトの決定。
    /// - 誤りの例: プロファイルが `/番地` を参照し、284件すべてのレコードの項目名が `地番` である。
    /// - 正しい例: プロファイルが `/番地` を参照し、一部のレコードが `"番地": ""` である。
    ABSENT_PLACE = "PMH2007", Warning {
        title: "place that no record has", "どのレコードにもない項目";
        message: "no record has this place, which the profile looked for {} times", "プロファイルが参照するこの項目は、どのレコードにもありません(参照{}回)";
        help: "ask the people of the system whether the export has changed: what depends on this item is missing for everyone",
            "この項目から作成する内容が全員分欠けている可能性があります。出力の変更がないか、システム担当者に確認してください";
        system: "compare the pointer with the records' keys (a renamed column, a mistyped pointer); nothing to do if the item is only rare",
            "参照先をレコードの項目名と照合してください(列名の変更、書き誤り)。該当者の少ない項目を省く出力であれば対応不要です";
    }

    /// A date must be written in one of the notations that the profile names for the field.
    ///
    /// - Why: a guess between day and month, or between eras, would give a person another birthday.
    /// - Partly unknown dates: the 住民票 of some people has no day or no month of birth. No date is made up for them: ask the operator of PMH whether and how they
    ///   can be registered, and leave the record out with `records.when` until then.
    /// - Source: domain practice; see `docs/profile.md`, "Dates".
    /// - Bad: `1/8/2023`
    /// - Good: `2023-08-01`, `令和5年8月1日`, `R5.8.1`, `5050801`
    ///
    /// # 日本語
    ///
    /// 日付は、プロファイルで指定した書き方のいずれかでなければなりません。
    ///
    /// - 理由: 月日の順や元号を推測すると、誤った生年月日などが登録されるおそれがあります。
    /// - 日付の一部が不詳の方: 住民票で生年月日の一部が不詳の方については、日付を推定して入力せず、登録の可否と方法をPMHの運用窓口に確認してください。それまでは `records.when` で送信対象から外せます。
    /// - 根拠: 各システムでの日付の書き方(`docs/profile.md` の「Dates」)。
    /// - 誤りの例: `1/8/2023`
    /// - 正しい例: `2023-08-01`、`令和5年8月1日`、`R5.8.1`、`5050801`
    DATE_NOTATION = "PMH2101", Error fixed {
        title: "unknown date notation", "日付の形式を判別できない";
        message: "the date is not in one of the notations that the profile names{}",
            "日付がプロファイルで指定した書き方と一致しません{}";
        help: "correct the date in the register; if part of it is unknown, ask PMH's operator",
            "受給者台帳の日付を直してください。一部が不詳の方は推定せず、PMHの運用窓口に確認してください";
        system: "if many have it, add the notation (`gregorian`, `era`, `eraNumber`) to the `date` step",
            "多数の場合は、`date` に書き方(`gregorian`・`era`・`eraNumber`)を追加してください";
    }

    /// A date must be a day that exists.
    ///
    /// - Why: a day such as February 30th cannot be registered, and which day was meant can't be told.
    /// - Partly unknown dates such as 昭和20年0月0日: see PMH2101.
    /// - Source: the Gregorian calendar.
    /// - Bad: `2023-02-29`
    /// - Good: `2024-02-29`
    ///
    /// # 日本語
    ///
    /// 日付は、暦に実在する日でなければなりません。
    ///
    /// - 理由: 2月30日のような日は登録できず、どの日を意味するのか判断できません。
    /// - 昭和20年0月0日のように一部が不詳の日付: PMH2101の説明を参照してください。
    /// - 根拠: グレゴリオ暦。
    /// - 誤りの例: `2023-02-29`
    /// - 正しい例: `2024-02-29`
    NO_SUCH_DAY = "PMH2102", Error fixed {
        title: "no such day", "存在しない日付";
        message: "there is no such day in the calendar", "暦に存在しない日付です";
        help: "correct the date in the register; if part of it is unknown, ask PMH's operator",
            "受給者台帳の日付を直してください。一部が不詳の方は推定せず、PMHの運用窓口に確認してください";
        system: "if many have it, check which column the profile reads", "多数の場合は、プロファイルの読み取り位置を確認してください";
    }

    /// A date must lie within its era.
    ///
    /// - Why: a date before an era's beginning comes from a wrong era code, and then the year may be wrong too; so does a birth date after its end. A date of the
    ///   validity that was written ahead in the era of its day is read (PMH2105), and so is the day of the change itself (大正15年12月25日).
    /// - Source: 元号法 and the 政令 of each change of era: 大正 1912-07-30, 昭和 1926-12-25, 平成 1989-01-08, 令和 2019-05-01.
    /// - Bad: `昭和64年1月8日`
    /// - Good: `平成元年1月8日`
    ///
    /// # 日本語
    ///
    /// 日付は、その元号の期間内でなければなりません。
    ///
    /// - 理由: 元号の始まる前の日付や、元号の終わった後の生年月日は、元号コードの誤りと考えられ、後者の場合は、年も誤っている可能性があります。改元前に先の日付として書かれた有効期間の日付と、改元の当日(大正15年12月25日など)は読み取ります(PMH2105)。
    /// - 根拠: 元号法および改元の政令等。大正 1912-07-30、昭和 1926-12-25、平成 1989-01-08、令和 2019-05-01 から。
    /// - 誤りの例: `昭和64年1月8日`
    /// - 正しい例: `平成元年1月8日`
    OUTSIDE_ERA = "PMH2103", Error fixed {
        title: "date outside its era", "元号の期間外の日付";
        message: "the era does not have this date; it falls in {}", "元号の期間外の日付です(この日は{}です)";
        help: "correct the era or the year in the register", "受給者台帳の元号または年を直してください";
        system: "if many have it, check how the export writes its eras", "多数の場合は、出力データの元号の書き方を確認してください";
    }

    /// A date should be written in the era that it falls in.
    ///
    /// - Why a warning: before the era changed, dates ahead were written in the era of their day, and the next era gives them one meaning, so they are read. Also
    ///   read is the day of a change itself in the era before it, as a 戸籍 may carry it. Other dates outside their era are PMH2103.
    /// - Source: 元号法 and the 政令 of each change of era; that such dates are read is a decision of this project.
    /// - Bad: `平成32年3月31日`
    /// - Good: `令和2年3月31日`
    ///
    /// # 日本語
    ///
    /// 日付は、その日の属する元号で書かれているのが適切です。
    ///
    /// - 理由: 改元前に、先の日付をその時の元号で書いたものは、次の元号の日付として意味が一つに定まるため読み取り、警告としています。改元の当日を前の元号で書いた日付(戸籍の表記など)も同様です。それ以外の、元号の期間外の日付はPMH2103で扱います。
    /// - 根拠: 元号法および改元の政令等。読み取ることは本ソフトウェアの基準です。
    /// - 誤りの例: `平成32年3月31日`
    /// - 正しい例: `令和2年3月31日`
    ERA_ENDED = "PMH2105", Warning {
        title: "date in an era that had ended", "終わった元号の日付";
        message: "the era had ended before this date; it is read as a date of {}", "元号が終わった後の日付です({}の日付として読み取りました)";
        help: "check the date; nothing to do if it was written before the era changed", "日付を確認してください。改元前に記載された日付であれば対応不要です";
        system: "if many have it, check how the export writes its eras", "多数の場合は、出力データの元号の書き方を確認してください";
    }

    /// A date before 1873-01-01 is refused.
    ///
    /// - Why: until then Japan used another calendar, so a date of 明治5年 or earlier does not mean the Gregorian day of the same numbers.
    /// - Source: 明治5年太政官布告第337号 (change of calendar).
    /// - Bad: `明治5年1月1日`
    /// - Good: `明治6年1月1日`
    ///
    /// # 日本語
    ///
    /// 1873年1月1日より前の日付は受け付けません。
    ///
    /// - 理由: それ以前は太陰太陽暦が使われていたため、同じ数字の西暦の日とは一致しません。
    /// - 根拠: 明治5年太政官布告第337号(改暦)。
    /// - 誤りの例: `明治5年1月1日`
    /// - 正しい例: `明治6年1月1日`
    BEFORE_1873 = "PMH2104", Error fixed {
        title: "date before 1873", "1873年より前の日付";
        message: "the date lies before 1873-01-01", "1873年1月1日より前の日付です";
        help: "correct the date in the register", "受給者台帳の日付を直してください";
        system: "if many have it, check how the export writes its eras", "多数の場合は、出力データの元号の書き方を確認してください";
    }

    /// A number must be a whole number in digits.
    ///
    /// - Why: `5千円` or `約5000` cannot be read without guessing. Commas between groups of three, full-width digits and a final `円` are read.
    /// - Source: a decision of this project.
    /// - Bad: `5千円`
    /// - Good: `5,000`, `５０００`, `5000円`
    ///
    /// # 日本語
    ///
    /// 数値は、数字だけで書かれた整数でなければなりません。
    ///
    /// - 理由: `5千円` や `約5000` は推測しなければ読み取れません。3桁ごとのカンマ、全角数字、末尾の「円」は読み取ります。
    /// - 根拠: 本ソフトウェアの基準(公表資料に定めなし)。
    /// - 誤りの例: `5千円`
    /// - 正しい例: `5,000`、`５０００`、`5000円`
    NOT_AN_INTEGER = "PMH2201", Error fixed {
        title: "not a whole number", "整数ではない";
        message: "the value is not a whole number", "整数として読み取れない値です";
        help: "enter digits only", "数字だけで入力してください";
        system: "if many have it, check which column the profile reads", "多数の場合は、プロファイルの読み取り位置を確認してください";
    }

    /// A value must be in the profile's value table.
    ///
    /// - Why: a code that is not mapped may be new, or a typing mistake; taking another in its place would be a guess.
    /// - Source: the profile's `map`.
    /// - Bad: a 制度区分 `"99"` where the table knows 15, 16 and 21.
    /// - Good: `"16"`
    ///
    /// # 日本語
    ///
    /// 値は、プロファイルの対応表に載っていなければなりません。
    ///
    /// - 理由: 対応表にないコードは、新設されたものか入力誤りの可能性があり、ほかの値に置き換えることはできません。
    /// - 根拠: プロファイルの `map`。
    /// - 誤りの例: 対応表が15・16・21の場合の制度区分 `"99"`。
    /// - 正しい例: `"16"`
    NOT_IN_TABLE = "PMH2301", Error fixed {
        title: "value not in the table", "対応表にない値";
        message: "the value is not in the profile's value table", "値がプロファイルの対応表にありません";
        help: "correct the value if it is wrong; if it is right, tell the system's people of the new code",
            "値の誤りは受給者台帳を直し、正しい場合は新しい区分としてシステム担当に連絡してください";
        system: "ask the vendor what the value means, then add it to `map`", "値の意味を事業者に確認し、プロファイルの `map` に追加してください";
    }

    /// The scheme (制度) of a record must be known.
    ///
    /// - Why: gender, copayment and the numbers are checked by scheme, so without it nothing can be proven right.
    /// - Source: the profile's `scheme`.
    /// - Bad: a record whose 制度 is empty.
    /// - Good: a record whose 制度 maps to `kosei`, `ikusei` or `seishin`.
    ///
    /// # 日本語
    ///
    /// レコードの制度が判定できなければなりません。
    ///
    /// - 理由: 性別・自己負担上限額・各番号は制度ごとに検査するため、制度が分からないと正しさを確認できません。
    /// - 根拠: プロファイルの `scheme`。
    /// - 誤りの例: 制度が空のレコード。
    /// - 正しい例: 制度が `kosei`、`ikusei`、`seishin` のいずれかに対応するレコード。
    NO_SCHEME = "PMH2302", Error fixed {
        title: "scheme unknown", "制度が不明";
        message: "the scheme of this record cannot be told", "このレコードの制度を判定できません";
        help: "enter the scheme (制度) in the register", "受給者台帳で制度を入力してください";
        system: "if many have it, check the profile's `scheme`", "多数の場合は、プロファイルの `scheme` を確認してください";
    }

    /// A name in one field must have a space between family and given name.
    ///
    /// - Why: without one, the split would be a guess. Names of one part occur (foreign residents): the profile says with `unsplit`
    ///   how to treat them.
    /// - Source: the API asks for 姓 and 名 apart.
    /// - Bad: `山田太郎`
    /// - Good: `山田　太郎`
    ///
    /// # 日本語
    ///
    /// 1つの項目に入った氏名は、姓と名の間に空白がなければなりません。
    ///
    /// - 理由: 空白がないと、どこで分けるかは推測になります。外国人住民などの区切りのない氏名は、プロファイルの `unsplit` で扱いを指定します。
    /// - 根拠: APIは姓と名を別々の項目としています。
    /// - 誤りの例: `山田太郎`
    /// - 正しい例: `山田　太郎`
    NAME_NOT_SPLIT = "PMH2401", Error fixed {
        title: "name does not split", "氏名を姓と名に分けられない";
        message: "the name has no space to split it at{}", "氏名に姓と名の区切りとなる空白がありません{}";
        help: "put a space between family and given name", "姓と名の間に空白を入れてください";
        system: "for names of one part (foreign residents), set `unsplit` in the profile",
            "区切りのない氏名(外国人住民など)の扱いは、`unsplit` で指定してください";
    }
}
