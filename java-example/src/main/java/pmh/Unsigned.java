package pmh;

/**
 * Unsigned comparisons as WebAssembly gives them, 1 or 0; {@code Rewrite} calls them where no jump follows. They do without
 * {@link Integer#compareUnsigned}, which HotSpot up to JDK 18 can compile wrongly.
 */
final class Unsigned {
    private static final long MASK = 0xFFFFFFFFL;

    private Unsigned() {}

    static int less(int a, int b) {
        return (a & MASK) < (b & MASK) ? 1 : 0;
    }

    static int less(long a, long b) {
        return (a ^ Long.MIN_VALUE) < (b ^ Long.MIN_VALUE) ? 1 : 0;
    }
}
