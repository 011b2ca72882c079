/* Java's ConcurrentSkipListMap: a program of its own, which speaks the worker's words (java/SkipList.java). */
#include "../contender.h"

static contender_t numbers = {
    .name = "java-ConcurrentSkipListMap",
    .kind = "map",
    .package = "default-jdk-headless",
    .note = "keys are boxed; collection of garbage is in the measured time",
    .command = BENCH_JAVA,
};
BENCH_CONTENDER(numbers)
