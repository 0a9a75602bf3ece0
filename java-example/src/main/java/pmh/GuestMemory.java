package pmh;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.PassiveDataSegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * The memory of an instance, and its globals: one array, where Chicory's own memory has one for each 64 KiB, so that an
 * access is one bounds check and one load. The module's code calls the static methods; {@code Rewrite} puts them there.
 *
 * <p>The words' methods are longer than 35 bytes of bytecode, and should stay so. HotSpot inlines shorter ones everywhere,
 * and a {@link VarHandle} drags a dozen methods along: functions with hundreds of accesses then take seconds to compile, or
 * fail to, and stay interpreted. Longer ones are inlined only by the optimizing compiler, and only where it is hot.
 */
@SuppressWarnings("removal") // the interface still asks for methods that are to be removed
final class GuestMemory implements Memory {
    private static final VarHandle SHORT = view(short[].class);
    private static final VarHandle INT = view(int[].class);
    private static final VarHandle LONG = view(long[].class);

    private final MemoryLimits limits;
    private byte[] bytes;
    private final long[] globals;
    private DataSegment[] segments = {};

    GuestMemory(MemoryLimits limits, int globals) {
        this.limits = limits;
        this.globals = new long[globals];
        bytes = new byte[limits.initialPages() * PAGE_SIZE];
    }

    private static VarHandle view(Class<?> array) {
        return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
    }

    static long readGlobal(int index, GuestMemory memory) {
        return memory.globals[index];
    }

    static void writeGlobal(long value, int index, GuestMemory memory) {
        memory.globals[index] = value;
    }

    // Addresses are unsigned. An array ends below 2 GiB, so a negative index is always out of bounds; the sign of the address
    // is kept, lest the sum wrap around into the array.

    static byte memoryReadByte(int address, int offset, GuestMemory memory) {
        try {
            return memory.bytes[address + offset | address & Integer.MIN_VALUE];
        } catch (IndexOutOfBoundsException error) {
            throw outside(Integer.toUnsignedLong(address) + Integer.toUnsignedLong(offset), 1, memory, error);
        }
    }

    static short memoryReadShort(int address, int offset, GuestMemory memory) {
        try {
            return (short) SHORT.get(memory.bytes, address + offset | address & Integer.MIN_VALUE);
        } catch (IndexOutOfBoundsException error) {
            throw outside(Integer.toUnsignedLong(address) + Integer.toUnsignedLong(offset), 2, memory, error);
        }
    }

    static int memoryReadInt(int address, int offset, GuestMemory memory) {
        try {
            return (int) INT.get(memory.bytes, address + offset | address & Integer.MIN_VALUE);
        } catch (IndexOutOfBoundsException error) {
            throw outside(Integer.toUnsignedLong(address) + Integer.toUnsignedLong(offset), 4, memory, error);
        }
    }

    static long memoryReadLong(int address, int offset, GuestMemory memory) {
        try {
            return (long) LONG.get(memory.bytes, address + offset | address & Integer.MIN_VALUE);
        } catch (IndexOutOfBoundsException error) {
            throw outside(Integer.toUnsignedLong(address) + Integer.toUnsignedLong(offset), 8, memory, error);
        }
    }

    static float memoryReadFloat(int address, int offset, GuestMemory memory) {
        return Float.intBitsToFloat(memoryReadInt(address, offset, memory));
    }

    static double memoryReadDouble(int address, int offset, GuestMemory memory) {
        return Double.longBitsToDouble(memoryReadLong(address, offset, memory));
    }

    static void memoryWriteByte(int address, byte value, int offset, GuestMemory memory) {
        try {
            memory.bytes[address + offset | address & Integer.MIN_VALUE] = value;
        } catch (IndexOutOfBoundsException error) {
            throw outside(Integer.toUnsignedLong(address) + Integer.toUnsignedLong(offset), 1, memory, error);
        }
    }

    static void memoryWriteShort(int address, short value, int offset, GuestMemory memory) {
        try {
            SHORT.set(memory.bytes, address + offset | address & Integer.MIN_VALUE, value);
        } catch (IndexOutOfBoundsException error) {
            throw outside(Integer.toUnsignedLong(address) + Integer.toUnsignedLong(offset), 2, memory, error);
        }
    }

    static void memoryWriteInt(int address, int value, int offset, GuestMemory memory) {
        try {
            INT.set(memory.bytes, address + offset | address & Integer.MIN_VALUE, value);
        } catch (IndexOutOfBoundsException error) {
            throw outside(Integer.toUnsignedLong(address) + Integer.toUnsignedLong(offset), 4, memory, error);
        }
    }

    static void memoryWriteLong(int address, long value, int offset, GuestMemory memory) {
        try {
            LONG.set(memory.bytes, address + offset | address & Integer.MIN_VALUE, value);
        } catch (IndexOutOfBoundsException error) {
            throw outside(Integer.toUnsignedLong(address) + Integer.toUnsignedLong(offset), 8, memory, error);
        }
    }

    static void memoryWriteFloat(int address, float value, int offset, GuestMemory memory) {
        memoryWriteInt(address, Float.floatToRawIntBits(value), offset, memory);
    }

    static void memoryWriteDouble(int address, double value, int offset, GuestMemory memory) {
        memoryWriteLong(address, Double.doubleToRawLongBits(value), offset, memory);
    }

    static void memoryCopy(int to, int from, int length, GuestMemory memory) {
        try {
            System.arraycopy(memory.bytes, from, memory.bytes, to, length);
        } catch (IndexOutOfBoundsException error) {
            throw outside(Integer.toUnsignedLong(from), Integer.toUnsignedLong(length), memory, error);
        }
    }

    static void memoryFill(int from, byte value, int length, GuestMemory memory) {
        memory.check(from, length);
        Arrays.fill(memory.bytes, from, from + length, value);
    }

    private static WasmRuntimeException outside(long address, long length, GuestMemory memory, Exception cause) {
        String told = length + " bytes at " + address + " of " + memory.bytes.length;
        return new WasmRuntimeException("out of bounds memory access: " + told, cause);
    }

    private void check(int from, int length) {
        try {
            Objects.checkFromIndexSize(from, length, bytes.length);
        } catch (IndexOutOfBoundsException error) {
            throw outside(Integer.toUnsignedLong(from), Integer.toUnsignedLong(length), this, error);
        }
    }

    @Override
    public void initialize(Instance instance, DataSegment[] segments) {
        // Chicory's own knows how to read the segments
        ByteArrayMemory start = new ByteArrayMemory(limits);
        start.initialize(instance, segments);
        bytes = start.readBytes(0, bytes.length);
        Arrays.setAll(globals, index -> instance.global(index).getValue());
        this.segments = segments;
    }

    @Override
    public int pages() {
        return bytes.length / PAGE_SIZE;
    }

    @Override
    public int grow(int more) {
        int pages = pages();
        if (more < 0 || more > maximumPages() - pages) {
            return -1;
        }
        bytes = Arrays.copyOf(bytes, (pages + more) * PAGE_SIZE);
        return pages;
    }

    @Override
    public int initialPages() {
        return limits.initialPages();
    }

    @Override
    public int maximumPages() {
        return limits.maximumPages();
    }

    @Override
    public boolean shared() {
        return limits.shared();
    }

    @Override
    public void initPassiveSegment(int segment, int to, int from, int length) {
        write(to, segments[segment].data(), from, length);
    }

    @Override
    public void drop(int segment) {
        segments[segment] = PassiveDataSegment.EMPTY;
    }

    @Override
    public void write(int to, byte[] data, int from, int length) {
        check(to, length);
        System.arraycopy(data, from, bytes, to, length);
    }

    @Override
    public byte[] readBytes(int from, int length) {
        check(from, length);
        return Arrays.copyOfRange(bytes, from, from + length);
    }

    @Override
    public byte read(int address) {
        return memoryReadByte(address, 0, this);
    }

    @Override
    public short readShort(int address) {
        return memoryReadShort(address, 0, this);
    }

    @Override
    public int readInt(int address) {
        return memoryReadInt(address, 0, this);
    }

    @Override
    public long readLong(int address) {
        return memoryReadLong(address, 0, this);
    }

    @Override
    public float readFloat(int address) {
        return memoryReadFloat(address, 0, this);
    }

    @Override
    public double readDouble(int address) {
        return memoryReadDouble(address, 0, this);
    }

    @Override
    public long readU16(int address) {
        return Short.toUnsignedLong(readShort(address));
    }

    @Override
    public long readF32(int address) {
        return readInt(address);
    }

    @Override
    public long readF64(int address) {
        return readLong(address);
    }

    @Override
    public void writeByte(int address, byte value) {
        memoryWriteByte(address, value, 0, this);
    }

    @Override
    public void writeShort(int address, short value) {
        memoryWriteShort(address, value, 0, this);
    }

    @Override
    public void writeI32(int address, int value) {
        memoryWriteInt(address, value, 0, this);
    }

    @Override
    public void writeLong(int address, long value) {
        memoryWriteLong(address, value, 0, this);
    }

    @Override
    public void writeF32(int address, float value) {
        memoryWriteFloat(address, value, 0, this);
    }

    @Override
    public void writeF64(int address, double value) {
        memoryWriteDouble(address, value, 0, this);
    }

    @Override
    public void zero() {
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public void fill(byte value, int from, int to) {
        memoryFill(from, value, to - from, this);
    }

    @Override
    public void copy(int to, int from, int length) {
        memoryCopy(to, from, length, this);
    }

    @Override
    public Object lock(int address) {
        throw new UnsupportedOperationException("threads");
    }

    @Override
    public int waitOn(int address, int expected, long timeout) {
        throw new UnsupportedOperationException("threads");
    }

    @Override
    public int waitOn(int address, long expected, long timeout) {
        throw new UnsupportedOperationException("threads");
    }

    @Override
    public int notify(int address, int threads) {
        throw new UnsupportedOperationException("threads");
    }
}
