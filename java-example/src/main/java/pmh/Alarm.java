package pmh;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ends a call that takes too long: compiled code can only be stopped by interrupting its thread. It must never interrupt
 * once the call is over.
 *
 * <p>One thread looks at all running calls from time to time; setting an alarm of its own for each of millions of short
 * calls would cost more than the calls do.
 */
final class Alarm {
    private static final long TICK_MILLIS = 50;
    private static final Set<Alarm> SET = ConcurrentHashMap.newKeySet();

    static {
        Thread clock = new Thread(Alarm::tick, "pmh-clock");
        clock.setDaemon(true);
        clock.start();
    }

    private final Thread thread = Thread.currentThread();
    private final long end;
    private boolean over;
    private boolean rang;

    private Alarm(Duration limit) {
        end = System.nanoTime() + limit.toNanos();
    }

    /** For a call that the current thread is about to make. */
    static Alarm set(Duration limit) {
        Alarm alarm = new Alarm(limit);
        SET.add(alarm);
        return alarm;
    }

    /** The call is over, one way or the other. Takes back its own interruption; one of somebody else's stays. */
    synchronized void end() {
        over = true;
        SET.remove(this);
        if (rang) {
            Thread.interrupted();
        }
    }

    synchronized boolean rang() {
        return rang;
    }

    private synchronized void look() {
        if (!over && !rang && System.nanoTime() - end >= 0) {
            rang = true;
            thread.interrupt();
        }
    }

    private static void tick() {
        while (true) {
            try {
                Thread.sleep(TICK_MILLIS);
            } catch (InterruptedException ignored) {
                // nobody else has this thread; the next look comes a little early
            }
            SET.forEach(Alarm::look);
        }
    }
}
