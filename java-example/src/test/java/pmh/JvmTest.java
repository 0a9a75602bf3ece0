package pmh;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every vector again, in JVMs of their own: each JDK that is installed beside the running one (or named by {@code pmh.jdks}),
 * with UTF-8 and with Windows' Japanese charset as the default, as it is on municipal systems.
 */
class JvmTest {
    @TestFactory
    Stream<DynamicTest> vectors() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path jdk : jdks()) {
            for (String charset : List.of("UTF-8", "windows-31j")) {
                tests.add(DynamicTest.dynamicTest(jdk.getFileName() + ", " + charset, () -> run(jdk, charset)));
            }
        }
        return tests.stream();
    }

    private static void run(Path jdk, String charset) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        jdk.resolve("bin/java").toString(),
                        "-Xmx384m",
                        "-XX:-DontCompileHugeMethods",
                        "-Dfile.encoding=" + charset,
                        "-Dpmh.root=" + Vector.ROOT,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName())
                .redirectErrorStream(true)
                .start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertEquals(0, process.waitFor(), told);
        // the child says under which charset it really ran
        assertEquals(Vector.all().size() + " vectors under " + Charset.forName(charset).name(), told.trim());
    }

    private static Set<Path> jdks() throws IOException {
        Path own = Path.of(System.getProperty("java.home")).toRealPath();
        Set<Path> homes = new LinkedHashSet<>(Set.of(own));
        String named = System.getProperty("pmh.jdks", "");
        if (named.isEmpty()) {
            try (Stream<Path> siblings = Files.list(own.getParent())) {
                for (Path home : siblings.sorted().collect(Collectors.toList())) {
                    if (Files.isExecutable(home.resolve("bin/java"))) {
                        homes.add(home.toRealPath());
                    }
                }
            }
        } else {
            for (String home : named.split(File.pathSeparator)) {
                homes.add(Path.of(home).toRealPath());
            }
        }
        return homes;
    }

    /** What runs in the other JVM. */
    static final class Child {
        private Child() {}

        public static void main(String[] none) throws IOException {
            int count = 0;
            for (Vector vector : Vector.all()) {
                if (!vector.expected().equals(vector.run(Integer.MAX_VALUE)) || !typed(vector)) {
                    System.out.println(vector.name + " differs");
                    System.exit(1);
                }
                count++;
            }
            System.out.println(count + " vectors under " + Charset.defaultCharset().name());
        }

        /** The typed messages hold the report's characters, not what a wrong charset makes of them. */
        private static boolean typed(Vector vector) throws IOException {
            byte[] report = vector.run(Integer.MAX_VALUE).report;
            byte[] messages = ReportReader.findings(report).stream()
                    .map(finding -> finding.message() + finding.help())
                    .collect(Collectors.joining())
                    .getBytes(StandardCharsets.UTF_8);
            byte[] expected = vector.findings().stream()
                    .map(finding -> (Map<?, ?>) finding)
                    .map(finding -> "" + finding.get("message") + finding.get("help"))
                    .collect(Collectors.joining())
                    .getBytes(StandardCharsets.UTF_8);
            return Arrays.equals(messages, expected);
        }
    }
}
