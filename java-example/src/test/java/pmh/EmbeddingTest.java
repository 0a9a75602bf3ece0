package pmh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The Java programs of {@code docs/embedding.md} are compiled as they stand there and run in a JVM of their own. */
class EmbeddingTest {
    private static final Pattern BLOCK = Pattern.compile("```java embedding:(\\S+)\n(.*?)\n```", Pattern.DOTALL);
    private static final Pattern NAME = Pattern.compile("public class (\\w+)");

    @TempDir
    private Path folder;

    @TestFactory
    Stream<DynamicTest> programs() throws IOException {
        String document = Files.readString(Vector.ROOT.resolve("docs/embedding.md"));
        List<MatchResult> blocks = BLOCK.matcher(document).results().collect(Collectors.toList());
        assertFalse(blocks.isEmpty());
        return blocks.stream().map(block -> DynamicTest.dynamicTest(block.group(1), () -> works(block.group(2))));
    }

    private void works(String source) throws IOException, InterruptedException {
        Matcher name = NAME.matcher(source);
        assertTrue(name.find());
        Path file = Files.writeString(folder.resolve(name.group(1) + ".java"), source);
        int compiled = ToolProvider.getSystemJavaCompiler().run(
                null, null, null, "-encoding", "UTF-8", "-Xlint:all", "-Werror",
                "-cp", System.getProperty("java.class.path"), "-d", folder.toString(), file.toString());
        assertEquals(0, compiled, "it does not compile");

        Path payload = folder.resolve("payload.json");
        Files.writeString(folder.resolve("profile.json"), "{}");
        Files.writeString(folder.resolve("records.json"), "[]");
        assertTrue(run(name.group(1), 1).contains("PMH9004"));
        Vector faulty = given("049-period-three-fates");
        assertTrue(run(name.group(1), 0).contains("PMH3107"), faulty.name);
        assertFalse(Files.exists(payload), "it wrote a payload that must not be sent");
        Vector clean = given("002-clean-three-schemes");
        run(name.group(1), 0);
        assertArrayEquals(clean.expected().payload, Files.readAllBytes(payload));
    }

    private Vector given(String name) throws IOException {
        Vector vector = Vector.named(name);
        Files.write(folder.resolve("profile.json"), vector.profile());
        Files.write(folder.resolve("records.json"), vector.input());
        return vector;
    }

    /** Runs the program, which must end with this code, and gives what it printed. */
    private String run(String program, int code) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp", System.getProperty("java.class.path") + System.getProperty("path.separator") + folder,
                        program)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(code, process.waitFor(), told);
        return told;
    }
}
