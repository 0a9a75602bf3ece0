package pmh;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;

/** Converts one file: {@code java -jar pmh-java.jar PROFILE AS-OF RECORDS PAYLOAD [ja|en]}. */
public final class Main {
    private static final String USAGE = "usage: java -jar pmh-java.jar PROFILE AS-OF RECORDS PAYLOAD [ja|en]\n"
            + "使い方: java -jar pmh-java.jar プロファイル 処理日(YYYY-MM-DD) レコード(JSON・NDJSON) 送信データの出力先 [ja|en]";

    private Main() {}

    /** Ends with the exit codes of {@code pmh}: 0 done, 2 usage or profile, 3 records rejected, 70 the module failed. */
    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    static int run(String[] arguments, PrintStream out, PrintStream err) {
        List<String> given = List.of(arguments);
        if (given.size() < 4 || given.size() > 5 || !Set.of("ja", "en").containsAll(given.subList(4, given.size()))) {
            err.println(USAGE);
            return 2;
        }
        boolean english = given.size() == 5 && given.get(4).equals("en");
        try {
            PmhOptions options = PmhOptions.records(LocalDate.parse(given.get(1)))
                    .lang(english ? PmhOptions.Lang.EN : PmhOptions.Lang.JA);
            byte[] profile = Files.readAllBytes(Path.of(given.get(0)));
            try (PmhTransformer transformer = new PmhTransformer(profile, options)) {
                Summary summary = convert(transformer, Path.of(given.get(2)), Path.of(given.get(3)), err);
                out.println(english
                        ? String.format("read %d, accepted %d, excluded %d, rejected %d", numbers(summary))
                        : String.format("読込 %d件、送信対象 %d件、期限切れ %d件、エラー %d件", numbers(summary)));
                return summary.complete() && summary.rejected() == 0 ? 0 : 3;
            }
        } catch (DateTimeException error) {
            err.println(USAGE);
            return 2;
        } catch (IOException error) {
            err.println(error);
            return 2;
        } catch (PmhException error) {
            error.findings().forEach(err::println);
            err.println(english ? error.getMessage() : error.getLocalizedMessage());
            return error.findings().isEmpty() ? 70 : 2;
        }
    }

    /** The payload appears under its name once all of the input has been read, and only for its owner. */
    private static Summary convert(PmhTransformer transformer, Path records, Path payload, PrintStream err)
            throws IOException {
        Path folder = payload.toAbsolutePath().getParent();
        boolean posix = Files.getFileStore(folder).supportsFileAttributeView("posix");
        FileAttribute<?>[] mine = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        Path part = Files.createTempFile(folder, "payload", ".part", mine);
        try {
            Summary summary;
            try (InputStream in = Files.newInputStream(records);
                    OutputStream out =
                            new BufferedOutputStream(Files.newOutputStream(part, StandardOpenOption.WRITE))) {
                summary = transformer.transform(in, out, err::println);
            }
            if (summary.complete()) {
                Files.move(part, payload, StandardCopyOption.REPLACE_EXISTING);
            }
            return summary;
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static Object[] numbers(Summary summary) {
        return new Object[] {summary.read(), summary.accepted(), summary.excluded(), summary.rejected()};
    }
}
