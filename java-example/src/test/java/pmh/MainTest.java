package pmh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program that converts a file. */
class MainTest {
    private static final Path VENDOR = Vector.ROOT.resolve("tests/vendors/flat-romaji");

    @TempDir
    private Path folder;

    private String told;

    private int main(Object... arguments) {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(shown, true, StandardCharsets.UTF_8);
        int code = Main.run(Stream.of(arguments).map(Object::toString).toArray(String[]::new), out, out);
        told = shown.toString(StandardCharsets.UTF_8);
        return code;
    }

    private Path file(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().collect(Collectors.toList());
        }
    }

    @Test
    void aVendorsRecordsGiveWhatTheirGeneratorSays() throws IOException {
        Map<String, Object> expected = JSON.std.mapFrom(Files.readAllBytes(VENDOR.resolve("expected.json")));
        Path payload = folder.resolve("payload.json");
        int code = main(
                VENDOR.resolve("profile.json"), expected.get("asOf"), VENDOR.resolve("records.ndjson"), payload, "en");
        assertEquals(3, code, told);
        String counts = "read " + expected.get("read") + ", accepted " + expected.get("accepted") + ", excluded "
                + expected.get("excluded") + ", rejected " + expected.get("rejected");
        assertTrue(told.contains(counts), told);
        assertEquals(expected.get("accepted"), JSON.std.listFrom(Files.readAllBytes(payload)).size());
        assertEquals(List.of("payload.json"), files());
    }

    @Test
    void cleanRecordsEndWithZeroAndAPayloadForItsOwnerAlone() throws IOException {
        Vector vector = Vector.named("001-clean-kosei");
        Path profile = file("profile.json", vector.profile());
        Path records = file("records.json", vector.input());
        Path payload = file("payload.json", new byte[] {'o', 'l', 'd'});
        assertEquals(0, main(profile, "2026-11-22", records, payload), told);
        assertArrayEquals(vector.expected().payload, Files.readAllBytes(payload));
        assertEquals("読込 1件、送信対象 1件、期限切れ 0件、エラー 0件", told.trim());
        if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(payload)));
        }
    }

    @Test
    void anInputThatBreaksOffLeavesNoPayload() throws IOException {
        Vector vector = Vector.named("001-clean-kosei");
        Path profile = file("profile.json", vector.profile());
        byte[] whole = vector.input();
        Path records = file("records.json", Arrays.copyOf(whole, whole.length - 1));
        assertEquals(3, main(profile, "2026-11-22", records, folder.resolve("payload.json")), told);
        assertEquals(List.of("profile.json", "records.json"), files());
    }

    @Test
    void whatCannotBeginEndsWithTwo() throws IOException {
        Path empty = file("empty.json", new byte[] {'{', '}'});
        Path payload = folder.resolve("payload.json");
        assertEquals(2, main());
        assertEquals(2, main(empty, "2026/11/22", empty, payload));
        assertEquals(2, main(empty, "2026-11-22", empty, payload, "fr"));
        assertEquals(2, main(folder.resolve("none.json"), "2026-11-22", empty, payload));
        assertEquals(2, main(empty, "2026-11-22", empty, payload, "en"));
        assertTrue(told.contains("PMH9004 error: the key `name` is missing"), told);
        assertFalse(Files.exists(payload));
    }
}
