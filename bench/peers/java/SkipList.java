// java.util.concurrent.ConcurrentSkipListMap as a contender: answers the words that bench/worker.h describes.
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CyclicBarrier;

public final class SkipList {
    private static final int BATCH = 64;
    private static final double COMPILE_SECONDS = 1.5; // until what is hot is compiled

    private final Map<String, String> words = new HashMap<>();
    private final ConcurrentSkipListMap<Long, Object> map = new ConcurrentSkipListMap<>();
    private final Object value = new Object();
    private boolean spread;
    private String warm = ""; // the mix that is compiled
    private long range;

    private long number(String word) {
        return Long.parseLong(words.get(word));
    }

    private double real(String word) {
        return Double.parseDouble(words.get(word));
    }

    static long mix(long x) {
        x += 0x9e3779b97f4a7c15L;
        x = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
        x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
        return x ^ (x >>> 31);
    }

    // As a signed number, so that it orders as the unsigned one.
    private Long key(long i) {
        return spread ? mix(i) ^ Long.MIN_VALUE : i;
    }

    private final class Worker extends Thread {
        private final long get = number("get");
        private final long insert = get + number("insert");
        private final long remove = insert + number("remove");
        private final long length = number("length");
        private final CyclicBarrier start;
        private long random;
        private volatile boolean stop;
        volatile long done;

        Worker(CyclicBarrier start, long seed) {
            this.start = start;
            random = mix(seed) | 1;
        }

        private long next() {
            random ^= random << 13;
            random ^= random >>> 7;
            random ^= random << 17;
            return random;
        }

        private long below(long n) {
            return ((next() >>> 32) * n) >>> 32;
        }

        private void scan(Long from) {
            long left = length;
            for (Object found : map.tailMap(from, true).values()) {
                if (found == null || --left == 0) {
                    break;
                }
            }
        }

        private void one() {
            Long key = key(below(range));
            long dice = below(100);
            if (dice < get) {
                map.get(key);
            } else if (dice < insert) {
                map.putIfAbsent(key, value);
            } else if (dice < remove) {
                map.remove(key);
            } else {
                scan(key);
            }
        }

        @Override
        public void run() {
            try {
                start.await();
            } catch (Exception impossible) {
                throw new IllegalStateException(impossible);
            }
            while (!stop) {
                for (int i = 0; i < BATCH; i++) {
                    one();
                }
                done += BATCH;
            }
        }
    }

    private static double busy() throws IOException {
        try (BufferedReader file = new BufferedReader(new java.io.FileReader("/proc/stat"))) {
            String[] ticks = file.readLine().trim().split("\\s+");
            long sum = 0;
            for (int i : new int[] {1, 2, 3, 6, 7, 8}) { // the last: taken by the hypervisor
                sum += Long.parseLong(ticks[i]);
            }
            return sum / 100.0;
        }
    }

    private static double own() {
        var bean = (com.sun.management.OperatingSystemMXBean) java.lang.management.ManagementFactory.getOperatingSystemMXBean();
        return bean.getProcessCpuTime() * 1e-9;
    }

    private static double cpu(double own, double seconds) {
        return (own() - own) / seconds;
    }

    // Processors lost to others: what they had, as far as our threads did not have their own.
    private static double lost(double busy, double own, double seconds, int threads) throws IOException {
        double others = (busy() - busy) / seconds - cpu(own, seconds);
        double missing = Math.min(threads, Runtime.getRuntime().availableProcessors()) - cpu(own, seconds);
        return Math.max(0, Math.min(others, missing));
    }

    private String run(double warmup, double seconds) throws Exception {
        int threads = (int) number("threads");
        CyclicBarrier start = new CyclicBarrier(threads + 1);
        Worker[] worker = new Worker[threads];
        for (int i = 0; i < threads; i++) {
            worker[i] = new Worker(start, number("seed") * 1000003 + i);
            worker[i].start();
        }
        start.await();
        Thread.sleep((long) (warmup * 1000));
        double busy = busy();
        double own = own();
        long[] before = new long[threads];
        for (int i = 0; i < threads; i++) {
            before[i] = worker[i].done;
        }
        long begun = System.nanoTime();
        Thread.sleep((long) (seconds * 1000));
        long sum = 0;
        long least = Long.MAX_VALUE;
        for (int i = 0; i < threads; i++) {
            long done = worker[i].done - before[i];
            sum += done;
            least = Math.min(least, done);
        }
        double took = (System.nanoTime() - begun) * 1e-9;
        double lost = lost(busy, own, took, threads);
        double cpu = cpu(own, took);
        for (Worker w : worker) {
            w.stop = true;
            w.join();
        }
        return String.format(Locale.ROOT, "{\"operations\":%d,\"seconds\":%.9f,\"fair\":%.6f,\"cpu\":%.6f,\"lost\":%.6f}", sum, took,
                sum > 0 ? (double) least * threads / sum : 0, cpu, lost);
    }

    // The compiler bets on what it has seen, so another mix takes another warm-up.
    private void warmUp() throws Exception {
        String mix = words.get("get") + "/" + words.get("insert") + "/" + words.get("remove") + "/" + words.get("scan");
        if (!mix.equals(warm)) {
            run(0, COMPILE_SECONDS);
            warm = mix;
        }
    }

    private static long live() throws InterruptedException {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(20);
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private String setUp() throws Exception {
        String keys = words.get("keys");
        spread = keys.equals("spread");
        range = number("range");
        if (!(spread || keys.equals("dense")) || !words.get("distribution").equals("uniform")) {
            return "{\"error\":\"only uniform numbers\"}";
        }
        long seed = mix(number("seed")) | 1;
        int[] order = new int[(int) range];
        for (int i = 0; i < range; i++) {
            seed = mix(seed);
            int j = (int) Long.remainderUnsigned(seed, i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        long before = live();
        long entries = (long) (range * real("prefill"));
        for (int i = 0; i < entries; i++) {
            map.putIfAbsent(key(order[i]), value);
        }
        long bytes = live() - before;
        warmUp();
        return String.format(Locale.ROOT, "{\"entries\":%d,\"bytes\":%d}", entries, bytes);
    }

    private String answer(String line) throws Exception {
        String[] word = line.trim().split(" ");
        for (int i = 1; i < word.length; i++) {
            int equals = word[i].indexOf('=');
            words.put(word[i].substring(0, equals), word[i].substring(equals + 1));
        }
        if (word[0].equals("setup")) {
            return setUp();
        }
        if (number("stall") != 0) {
            return "{\"error\":\"has no stalled reader\"}";
        }
        warmUp();
        return run(real("warmup"), real("seconds"));
    }

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        SkipList it = new SkipList();
        for (String line; (line = in.readLine()) != null;) {
            System.out.println(it.answer(line));
        }
    }
}
