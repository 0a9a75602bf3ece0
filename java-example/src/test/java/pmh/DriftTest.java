package pmh;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said in two places is the same in both, and what the README tells a reader to copy works. */
class DriftTest {
    private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern NAME = Pattern.compile("public class (\\w+)");

    @Test
    void theVersionIsTheWorkspaces() throws IOException {
        Matcher version = Pattern.compile("\\[workspace\\.package]\\s+version = \"([^\"]+)\"")
                .matcher(Files.readString(Vector.ROOT.resolve("Cargo.toml")));
        assertTrue(version.find());
        assertEquals(version.group(1), System.getProperty("pmh.version"));
    }

    @Test
    void theWordsOfFailuresAreTheRules() throws IOException {
        Map<String, Map<?, ?>> rules = new HashMap<>();
        for (Object rule : rules(JSON.std.anyFrom(Files.readAllBytes(Vector.ROOT.resolve("docs/rules.json"))))) {
            rules.put((String) ((Map<?, ?>) rule).get("code"), (Map<?, ?>) ((Map<?, ?>) rule).get("message"));
        }
        for (PmhException.Failure failure : PmhException.Failure.values()) {
            Map<?, ?> message = rules.get(failure.code);
            assertEquals(message.get("en"), failure.english.replace("%s", "{}"));
            assertEquals(message.get("ja"), failure.japanese.replace("%s", "{}"));
        }
    }

    private static List<?> rules(Object document) {
        return document instanceof List ? (List<?>) document : (List<?>) ((Map<?, ?>) document).get("rules");
    }

    @Test
    void failuresAreLocalized() {
        Locale before = Locale.getDefault();
        try {
            PmhException failure = PmhException.Failure.INTERNAL.with("x", null);
            Locale.setDefault(Locale.JAPAN);
            assertTrue(failure.toString().contains("内部エラー"), failure.toString());
            assertTrue(failure.getMessage().contains("internal error"), failure.getMessage());
            Locale.setDefault(Locale.ROOT);
            assertTrue(failure.toString().contains("internal error"), failure.toString());
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void theReadmesProgramsCompileAndTheBatchRuns(@TempDir Path folder) throws Exception {
        Matcher snippets = SNIPPET.matcher(Files.readString(Path.of("README.md")));
        List<String> sources = snippets.results().map(found -> found.group(1)).collect(Collectors.toList());
        assertEquals(2, sources.size());
        for (String source : sources) {
            Matcher name = NAME.matcher(source);
            assertTrue(name.find());
            Path file = Files.writeString(folder.resolve(name.group(1) + ".java"), source);
            int result = ToolProvider.getSystemJavaCompiler().run(
                    null, null, null, "-encoding", "UTF-8", "-cp", System.getProperty("java.class.path"),
                    "-d", folder.toString(), file.toString());
            assertEquals(0, result, file.toString());
        }
        Vector vector = Vector.named("001-clean-kosei");
        String profile = Files.write(folder.resolve("profile.json"), vector.profile()).toString();
        String records = Files.write(folder.resolve("records.json"), vector.input()).toString();
        Path payload = folder.resolve("payload.json");
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            Method main = loader.loadClass("Nightly").getMethod("main", String[].class);
            Object arguments = new String[] {profile, records, payload.toString()};
            assertDoesNotThrow(() -> main.invoke(null, arguments));
        }
        // today's payload: the record is in it until its certificate ends
        assertTrue(JSON.std.listFrom(Files.readAllBytes(payload)).size() <= 1);
    }
}
