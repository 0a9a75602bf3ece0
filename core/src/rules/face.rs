//! 43xx, continued: what the certificate's face (券面) prints of the person and of the limit, and what it must not lack.

use super::rules;

rules! {
    /// The birth date (生年月日) on the certificate must be the structured field's.
    ///
    /// - Why an error: a hospital tells people of one name apart by it, so that two people were mixed up, or the card comes from an older row. No lawful reason is
    ///   known for two dates. Compared are 生年月日, alone or with 受診者, 対象者, 患者 or 本人 before it or around it; 受給者 only if that can't be a parent (as in
    ///   PMH4304). Any notation is read; a date that is partly unknown (不詳, 昭和20年0月0日) isn't compared.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1: the items are those of the paper certificate.
    /// - Bad: 生年月日 `昭和50年4月1日` if the field is `1976-04-01`
    /// - Good: 生年月日 `昭和50年4月1日`, `S50.4.1` or `1975/4/1` if the field is `1975-04-01`
    ///
    /// # 日本語
    ///
    /// 券面の生年月日は、`birthDate` と一致しなければなりません。
    ///
    /// - 理由: 医療機関は生年月日で同姓同名の方を区別します。異なる場合は、別の方の内容と取り違えているか、券面だけが以前の履歴の内容です。正しくても異なるという事情が想定されないため、エラーとしています。「生年月日」「受診者生年月日」など(「受診者」「対象者」「患者」「本人」の中の「生年月日」を含む)を照合し、「受給者」は保護者の場合がある制度では照合しません(PMH4304と同じ)。元号・西暦などの表記は問わず、「不詳」「昭和20年0月0日」など日付として読めない記載は照合しません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)。券面に記載された項目を設定するとされています。
    /// - 誤りの例: 項目が `1976-04-01` で、券面が「昭和50年4月1日」
    /// - 正しい例: 項目が `1975-04-01` で、券面が「昭和50年4月1日」「S50.4.1」「1975/4/1」のいずれか
    CERTIFICATE_BIRTH_DATE = "PMH4308", Error {
        title: "birth date on the certificate", "券面の生年月日の相違";
        message: "the birth date on the certificate is not that of the payload", "券面の生年月日が送信データの値と異なります";
        help: "find out which of the two is right (住民基本台帳, the application) and correct the register",
            "どちらが正しいかを住民基本台帳や申請書で確認し、受給者台帳を直してください";
        system: "print it from the field: `{birthDate|era}`", "券面には項目と同じ値を設定してください: `{birthDate|era}`";
    }

    /// The reading (フリガナ) on the certificate should be the structured fields' kana.
    ///
    /// - Why a warning: another person's reading means that two people were mixed up, but a certificate may print that of a common name (通称) or a former one.
    ///   Compared are フリガナ, カナ, 氏名カナ and the like of the person whose name PMH4304 compares. Hiragana, width, small kana (シヨウコ), long vowels, spaces and dots don't
    ///   count, and a reading that holds anything but kana isn't compared.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1: the items are those of the paper certificate.
    /// - Bad: フリガナ `スズキ　イチロウ` if the fields are ヤマダ and タロウ
    /// - Good: フリガナ `ヤマダ　タロウ`, `ﾔﾏﾀﾞ ﾀﾛｳ` or `やまだ たろう`
    ///
    /// # 日本語
    ///
    /// 券面のフリガナは、`lastNameKana`・`firstNameKana` と一致することが望まれます。
    ///
    /// - 理由: 別の方のフリガナであれば、取り違えが起きています。ただし、通称や旧氏の読みの場合もあるため、警告としています。「フリガナ」「カナ」「氏名カナ」など、PMH4304で氏名を照合する方の読みを照合し、ひらがな・カタカナ、全角・半角、小書き(「シヨウコ」など)、長音、空白、中点の違いは問いません。かな以外を含む記載は照合しません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)。券面に記載された項目を設定するとされています。
    /// - 誤りの例: 項目が「ヤマダ」「タロウ」で、券面のフリガナが `スズキ　イチロウ`
    /// - 正しい例: 券面のフリガナが `ヤマダ　タロウ`、`ﾔﾏﾀﾞ ﾀﾛｳ`、`やまだ たろう` のいずれか
    CERTIFICATE_KANA = "PMH4309", Warning {
        title: "reading on the certificate", "券面のフリガナの相違";
        message: "the reading on the certificate is not that of the payload", "券面のフリガナが送信データの値と異なります";
        help: "find out whether it is another person's; nothing to do for a common name or a former one",
            "別の方の読みではないか確認してください。通称や旧氏による場合は対応不要です";
        system: "take both from the same place", "両方を同じ値から設定してください";
    }

    /// The address (住所) on the certificate should be the structured fields'.
    ///
    /// - Why a warning: the certificate may rightly print another one, such as where the person lives (居住地) when the fields have 住民票's, or one from before a move.
    ///   Compared is 住所 of the person whose name PMH4304 compares, up to the house number. Width, spaces, 都道府県, 郡, 大字 and 字, kanji numerals, and 丁目, 番地 and 号 against
    ///   hyphens don't count; what follows (方書) isn't compared, nor is a text that names no place (受診者に同じ).
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1: the items are those of the paper certificate.
    /// - Bad: 住所 `見本市東町4-5` if the fields are 見本市, 中央一丁目 and 2-3
    /// - Good: 住所 `愛知県見本市中央1-2-3` or `見本市中央１丁目２番３号　見本ハイツ１０１`
    ///
    /// # 日本語
    ///
    /// 券面の住所は、住所の項目(`addressPref` など)と一致することが望まれます。
    ///
    /// - 理由: 別の方の住所や転居前の住所が混じると本人確認に支障がありますが、住民票の住所と居住地が異なる場合や、転居後に券面を書き換えていない場合は、正しくても異なるため、警告としています。PMH4304で氏名を照合する方の「住所」を、番地まで照合します。全角・半角、空白、都道府県・郡・大字・字の有無、漢数字、「丁目・番地・号」とハイフンの違いは問いません。方書は照合せず、「受診者に同じ」など地名のない記載も照合しません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)。券面に記載された項目を設定するとされています。
    /// - 誤りの例: 項目が「見本市」「中央一丁目」「2-3」で、券面が `見本市東町4-5`
    /// - 正しい例: 券面が `愛知県見本市中央1-2-3` または `見本市中央１丁目２番３号　見本ハイツ１０１`
    CERTIFICATE_ADDRESS = "PMH4310", Warning {
        title: "address on the certificate", "券面の住所の相違";
        message: "the address on the certificate is not that of the payload", "券面の住所が送信データの値と異なります";
        help: "nothing to do if the certificate rightly prints another address (居住地, before a move); else correct the register",
            "居住地や転居前の住所など、券面の記載が正しい場合は対応不要です。それ以外は、受給者台帳を直してください";
        system: "if many records have it, check which columns both addresses come from",
            "多数出る場合は、両方の住所の読み取り位置を確認してください";
    }

    /// The copayment limit (自己負担上限額) on the certificate must be the structured fields', the amount as well as day or month.
    ///
    /// - Why an error: the hospital's system charges by the field and the patient holds the printed amount, so too much or too little is taken, or no limit is applied at
    ///   all if the field has none. On a change of the limit the certificate is rewritten too (法第56条第4項), so both are one in the register. Without the record the paper
    ///   certificate still holds. Compared are 自己負担上限額, 負担上限月額 and the like, and 月額 or 日額 in such a group, if the text is an amount with or without the words for
    ///   day or month (`月額2,500円`, `2,500円／月`); others (医療保険の限度額, なし) aren't, and neither are local schemes, which limit visits too.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1: the items are those of the paper certificate; 障害者総合支援法 第56条第4項.
    /// - Bad: 自己負担上限額 `月額2,500円` if `amount` is 5000, null, or 2500 for a day
    /// - Good: 自己負担上限額 `月額2,500円` if `amount` is 2500 and `perDayOrMonth` `"2"`
    ///
    /// # 日本語
    ///
    /// 券面の自己負担上限額は、`copaymentLimit` の金額および日額・月額の区分と一致しなければなりません。
    ///
    /// - 理由: 医療機関のシステムは項目の金額で計算し、患者は券面の金額を見ます。異なると徴収の過不足が生じ、項目に金額がなければ上限のない計算になるため、エラーとしています。上限額の変更時には受給者証も書き換えられる(法第56条第4項)ため、受給者台帳の中で異なることは想定されません。送信されない間も、紙の受給者証は有効です。「自己負担上限額」「負担上限月額」など(その中の「月額」「日額」を含む)を、金額と日額・月額の語だけの記載(「月額2,500円」「2,500円／月」など)の場合に照合します。「医療保険の限度額」「なし」などの記載と、回数の上限もある地方単独事業は照合しません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)。券面に記載された項目を設定するとされています。障害者総合支援法 第56条第4項。
    /// - 誤りの例: 券面が「月額2,500円」で、`amount` が5000もしくはnull、または日額の2500
    /// - 正しい例: 券面が「月額2,500円」で、`amount` が2500、`perDayOrMonth` が `"2"`
    CERTIFICATE_LIMIT = "PMH4311", Error {
        title: "limit on the certificate", "券面の自己負担上限額の相違";
        message: "the copayment limit on the certificate is not that of the payload", "券面の自己負担上限額が送信データの値と異なります";
        help: "compare with the copy of the certificate and the decision (支給認定・変更認定), and correct the register",
            "受給者証の控えと支給認定(変更認定)の決定内容を確認し、受給者台帳を直してください";
        system: "if many records have it, one of the two comes from an old column; print `{copaymentLimit.common.amount|yen}`",
            "多数出る場合は、券面を `{copaymentLimit.common.amount|yen}` で設定してください";
    }

    /// A certificate of 自立支援医療 should print 指定医療機関名, 有効期間, 公費負担者番号 and 受給者番号.
    ///
    /// - Why a warning: the screen stands in for the paper, and a hospital that isn't named there turns the person away. But captions are the municipality's own. A value
    ///   under any caption that contains 医療機関, 病院, 診療所, 薬局 or 訪問看護 counts as the first; 有効期間, 有効期限 or 認定期間 as the second; 負担者番号, and 受給者番号 or
    ///   受給者証番号, as the numbers, unless it is another's (旧, 他公費). An item that is empty counts as missing.
    /// - Source: 障害者総合支援法 第54条第3項 (the certificate states the period and the names of the hospitals); the numbers are what a hospital bills by.
    /// - Bad: a face with an empty list of hospitals
    /// - Good: a face with all four
    ///
    /// # 日本語
    ///
    /// 自立支援医療の券面には、指定医療機関名、有効期間、公費負担者番号および受給者番号があることが望まれます。
    ///
    /// - 理由: 画面が紙の受給者証の代わりになるため、指定医療機関名がなければ、その医療機関で公費を使えないと判断されるおそれがあります。ただし、項目名は自治体によって異なるため、警告としています。「医療機関」「病院」「診療所」「薬局」「訪問看護」、「有効期間」「有効期限」「認定期間」、「負担者番号」、「受給者番号」「受給者証番号」をそれぞれ含む項目名のいずれかに値があればよいものとします(「旧」「他公費」など、別の番号を示すものは除きます)。空の項目は、ないものとして扱います。
    /// - 根拠: 障害者総合支援法 第54条第3項(受給者証に有効期間と指定自立支援医療機関の名称を記載する)。番号は、医療機関の請求に必要です。
    /// - 誤りの例: 指定医療機関の一覧が空の券面。
    /// - 正しい例: 4つのすべてに値のある券面。
    CERTIFICATE_ITEMS = "PMH4312", Warning {
        title: "certificate without a usual item", "通常ある項目のない券面";
        message: "the certificate has no {}", "券面に{}がありません";
        help: "compare with the paper certificate; if it prints the item, enter it in the register",
            "紙の受給者証と比べ、記載のある項目が受給者台帳で空欄であれば入力してください";
        system: "if many records lack it, map it to an item of the face", "多数出る場合は、プロファイルで券面の項目に対応付けてください";
    }
}
