package pmh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** The instance's memory: little-endian, unsigned addresses, and nothing beyond its end. */
class GuestMemoryTest {
    private static final int END = Memory.PAGE_SIZE;

    private final GuestMemory memory = new GuestMemory(new MemoryLimits(1, 3), 0);

    @Test
    void numbersAreLittleEndianAndNeedNoAlignment() {
        memory.writeLong(3, 0x0807060504030201L);
        assertArrayEquals(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 0}, memory.readBytes(2, 10));
        assertEquals(0x05040302, GuestMemory.memoryReadInt(1, 3, memory));
        assertEquals(0x0302, memory.readShort(4));
        memory.writeF64(5, -1.5);
        assertEquals(-1.5, memory.readDouble(5));
        memory.writeF32(5, 2.5f);
        assertEquals(2.5f, memory.readFloat(5));
    }

    @Test
    void whatIsBeyondTheEndTraps() {
        memory.writeI32(END - 4, 1);
        assertEquals(1, memory.readInt(END - 4));
        for (int address : new int[] {END - 3, END, -1, -4, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            traps(() -> memory.readInt(address));
            traps(() -> memory.writeI32(address, 7));
            traps(() -> memory.readLong(address));
            traps(() -> memory.writeLong(address, 7));
            traps(() -> memory.readBytes(address, 4));
            traps(() -> memory.write(address, new byte[4], 0, 4));
            traps(() -> memory.copy(0, address, 4));
            traps(() -> memory.copy(address, 0, 4));
            traps(() -> GuestMemory.memoryFill(address, (byte) 1, 4, memory));
        }
        traps(() -> memory.read(END));
        traps(() -> memory.writeByte(END, (byte) 1));
        traps(() -> memory.readShort(END - 1));
        traps(() -> memory.copy(0, 1, -1));
    }

    /** Address and offset are added without wrapping around. */
    @Test
    void anOffsetDoesNotLeadBackIntoMemory() {
        traps(() -> GuestMemory.memoryReadByte(-8, 16, memory));
        traps(() -> GuestMemory.memoryReadInt(-8, 16, memory));
        traps(() -> GuestMemory.memoryWriteLong(Integer.MIN_VALUE, 7, Integer.MIN_VALUE, memory));
        traps(() -> GuestMemory.memoryReadInt(Integer.MAX_VALUE, 16, memory));
        assertEquals(0, GuestMemory.memoryReadInt(END - 8, 4, memory));
    }

    @Test
    void aCopyMayOverlap() {
        memory.write(0, new byte[] {1, 2, 3, 4}, 0, 4);
        memory.copy(1, 0, 4);
        assertArrayEquals(new byte[] {1, 1, 2, 3, 4}, memory.readBytes(0, 5));
    }

    @Test
    void itGrowsToItsLimitAndKeepsWhatIsInIt() {
        memory.writeByte(END - 1, (byte) 9);
        assertEquals(1, memory.grow(2));
        assertEquals(9, memory.read(END - 1));
        assertEquals(0, memory.read(3 * END - 1));
        assertEquals(-1, memory.grow(1));
        assertEquals(-1, memory.grow(-1));
        assertEquals(3, memory.pages());
    }

    /** The rewritten code asks in its loops whether it shall end. */
    @Test
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void theModulesCodeCanBeInterrupted() throws Exception {
        Vector vector = Vector.named("001-clean-kosei");
        PmhModule hasty = PmhModule.embedded().withLimits(64, Duration.ofMillis(1));
        byte[] input = "[1,2,3,".repeat(30_000).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        PmhException ended = assertThrows(PmhException.class, () -> {
            for (;;) {
                PmhTransformer transformer = new PmhTransformer(hasty, vector.profile(), vector.options());
                transformer.transform(
                        new java.io.ByteArrayInputStream(input),
                        java.io.OutputStream.nullOutputStream(),
                        java.io.OutputStream.nullOutputStream());
            }
        });
        assertEquals("PMH6403", ended.code());
    }

    private void traps(Executable access) {
        byte[] before = memory.readBytes(0, END);
        String told = assertThrows(ChicoryException.class, access).getMessage();
        assertTrue(told.startsWith("out of bounds memory access"), told);
        assertArrayEquals(before, memory.readBytes(0, END), "nothing is written");
    }
}
