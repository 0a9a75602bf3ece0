package pmh;

import java.util.List;
import java.util.Locale;

/**
 * Why a transformation could not run. Bad records are never a reason: they become {@link Finding}s. No message shows a
 * value of a record.
 *
 * <p>{@link #getMessage} is English, {@link #getLocalizedMessage} (and so {@link #toString}) Japanese where that is the
 * default locale's language.
 */
public final class PmhException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What can go wrong in running the module; code and words are those of {@code docs/rules.md}. */
    enum Failure {
        MODULE_UNFIT(
                "PMH6401",
                "the module cannot be used: %s",
                "build the jar again with the pmh.wasm of the same release",
                "このモジュールは使用できません: %s",
                "同じリリースの pmh.wasm を使ってjarをビルドし直してください"),
        MODULE_TRAPPED(
                "PMH6402",
                "the module ended abnormally: %s",
                "this is a bug: please report it with the version, and without any record",
                "モジュールが異常終了しました(%s)",
                "プログラムの不具合です。バージョンを添えて報告してください。レコードは添付しないでください"),
        TIME_LIMIT(
                "PMH6403",
                "the module did not finish a call within %s seconds",
                "run it again on an idle machine; if it persists, it is a bug: please report it",
                "モジュールの呼び出しが %s 秒以内に終わりませんでした",
                "機器の負荷が低いときに再実行してください。再発する場合は不具合ですので、報告してください"),
        MEMORY_LIMIT(
                "PMH6404",
                "the module needs more than %s MiB of memory",
                "split the input by municipality; if it is small, this is a bug: please report it",
                "モジュールのメモリー使用量が %s MiBを超えました",
                "入力を自治体ごとに分けてください。入力が小さい場合は不具合ですので、報告してください"),
        INTERNAL(
                "PMH6405",
                "internal error: %s",
                "this is a bug: please report it with the version, and without any record",
                "内部エラーが発生しました(%s)",
                "プログラムの不具合です。バージョンを添えて報告してください。レコードは添付しないでください");

        final String code;
        final String english;
        final String englishHelp;
        final String japanese;
        final String japaneseHelp;

        Failure(String code, String english, String englishHelp, String japanese, String japaneseHelp) {
            this.code = code;
            this.english = english;
            this.englishHelp = englishHelp;
            this.japanese = japanese;
            this.japaneseHelp = japaneseHelp;
        }

        PmhException with(String english, String japanese, Throwable cause) {
            return new PmhException(
                    code,
                    String.format(Locale.ROOT, "%s: " + this.english + "; %s", code, english, englishHelp),
                    String.format(Locale.ROOT, "%s: " + this.japanese + "。%s", code, japanese, japaneseHelp),
                    List.of(),
                    cause);
        }

        PmhException with(Object detail, Throwable cause) {
            return with(String.valueOf(detail), String.valueOf(detail), cause);
        }
    }

    private final String code;
    private final String japanese;
    private final transient List<Finding> findings;

    private PmhException(
            String code, String english, String japanese, List<Finding> findings, Throwable cause) {
        super(english, cause);
        this.code = code;
        this.japanese = japanese;
        this.findings = findings;
    }

    /** A profile or options with errors; the message names the first. */
    static PmhException refused(List<Finding> findings) {
        Finding first = findings.get(0);
        String message = findings.size() == 1 ? first.toString() : first + " [1/" + findings.size() + "]";
        return new PmhException(first.code(), message, message, List.copyOf(findings), null);
    }

    /** The stable code, {@code PMH} and four digits: 9xxx the profile or the options, 64xx the module. */
    public String code() {
        return code;
    }

    /** Every error of the profile or the options; empty where something else is the reason. */
    public List<Finding> findings() {
        return findings == null ? List.of() : findings;
    }

    @Override
    public String getLocalizedMessage() {
        return Locale.getDefault().getLanguage().equals("ja") ? japanese : getMessage();
    }
}
