package pmh;

import com.dylibso.chicory.runtime.MemCopyWorkaround;
import com.dylibso.chicory.runtime.OpcodeImpl;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Keeps an old HotSpot from computing wrongly. Up to JDK 18 its optimizing compiler (C2) now and then miscompiles {@link
 * Integer#compareUnsigned} where it is inlined into a large method (https://github.com/dylibso/chicory/issues/843). The
 * module's code is full of it: without the guard about one program in three on JDK 17 ended with a trap, and a wrong payload
 * would have been possible. So C2 is told not to inline these comparisons there. It must be told before the code runs.
 */
final class JitGuard {
    /** JDK 19 compares by an instruction of its own; 21 is the first long-term release after it. */
    private static final int SOUND = 21;

    private JitGuard() {}

    /** Guards the methods of classes whose names begin with this. */
    static void guard(String compiled) {
        boolean hotSpot = System.getProperty("java.vm.name", "").matches(".*(HotSpot|OpenJDK).*");
        if (!hotSpot || Runtime.version().feature() >= SOUND) {
            return;
        }
        List<String> apart = List.of(
                "-" + path(OpcodeImpl.class) + ".*_U",
                "-" + path(MemCopyWorkaround.class) + ".*",
                "-" + path(Integer.class) + ".compareUnsigned",
                "-" + path(Long.class) + ".compareUnsigned");
        try {
            Path file = Files.createTempFile("pmh", ".json");
            try {
                Files.write(file, JSON.std.asBytes(List.of(
                        Map.of("match", List.of(compiled.replace('.', '/') + "*.*"), "c2", Map.of("inline", apart)))));
                String answer = diagnose("compilerDirectivesAdd", '"' + file.toString() + '"');
                if (!answer.contains("1 compiler directives added")) {
                    throw unsound(null);
                }
            } finally {
                Files.delete(file);
            }
        } catch (IOException | JMException error) {
            throw unsound(error);
        }
    }

    /** The answer to one of the commands that {@code jcmd} knows too. */
    static String diagnose(String command, String... arguments) throws JMException {
        return (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        command,
                        new Object[] {arguments},
                        new String[] {String[].class.getName()});
    }

    private static PmhException unsound(Exception cause) {
        return PmhException.Failure.MODULE_UNFIT.with(
                "JDKs before 21 can compute wrongly, and this one cannot be kept from it; use JDK 21 or newer",
                "JDK 21より前のJVMは計算を誤ることがあり、このJVMではそれを防げません。JDK 21以降を使ってください",
                cause);
    }

    private static String path(Class<?> type) {
        return type.getName().replace('.', '/');
    }
}
