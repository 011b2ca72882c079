/* Memory that runs out: every call of the library with each of its allocations failing in turn (sweep.h), and what
 * threads can still do when nothing succeeds any more. */
#include "oom.h"

/* A scenario per scheme. */
#define SUITE(name, scheme, suite)                                                                                     \
    static void suite##_##name(void)                                                                                   \
    {                                                                                                                  \
        sweep_run(&oom_##suite, scheme);                                                                               \
    }
#define THREAD(name, scheme, what)                                                                                     \
    static void what##_##name(void)                                                                                    \
    {                                                                                                                  \
        oom_##what(scheme);                                                                                            \
    }

/* One thread is in them: nothing for ThreadSanitizer, which takes minutes. */
#define MAP_SUITE(name, scheme, suite)                                                                                 \
    static void suite##_##name(void)                                                                                   \
    {                                                                                                                  \
        if (SCENARIO_TSAN)                                                                                             \
            scenario_skip("one thread has no races");                                                                  \
        sweep_run(&oom_##suite, scheme);                                                                               \
    }

EACH_SCHEME(MAP_SUITE, map_u64)
EACH_SCHEME(MAP_SUITE, map_bytes)
EACH_SCHEME(MAP_SUITE, map_bst64)
EACH_SCHEME(MAP_SUITE, map_bst)
EACH_SCHEME(MAP_SUITE, copies_u64)
EACH_SCHEME(MAP_SUITE, copies_bytes)
EACH_SCHEME(MAP_SUITE, copies_bst64)
EACH_SCHEME(MAP_SUITE, copies_bst)
EACH_SCHEME(SUITE, domain)
EACH_SCHEME(SUITE, queue)
EACH_SCHEME(THREAD, no_record)
EACH_SCHEME(THREAD, shared_frames)
EACH_SCHEME(THREAD, leak_rather_than_free)

#define ROW(scheme_name, scheme, name_, title_, what)                                                                  \
    {                                                                                                                  \
        .name = name_ "-" #scheme_name, .title = title_, .run = what##_##scheme_name                                   \
    }

static const scenario_t scenarios[] = {
    LIST_SCHEMES(ROW, "u64", "each call of skiplist64, each allocation failing", map_u64),
    LIST_SCHEMES(ROW, "bytes", "each call of skiplist, each allocation failing", map_bytes),
    LIST_SCHEMES(ROW, "bst64", "each call of bst64, each allocation failing", map_bst64),
    LIST_SCHEMES(ROW, "bst", "each call of bst, each allocation failing", map_bst),
    LIST_SCHEMES(ROW, "u64-inline", "the same of skiplist64 with inline values", copies_u64),
    LIST_SCHEMES(ROW, "bytes-inline", "the same of skiplist with inline values", copies_bytes),
    LIST_SCHEMES(ROW, "bst64-inline", "the same of bst64 with inline values", copies_bst64),
    LIST_SCHEMES(ROW, "bst-inline", "the same of bst with inline values", copies_bst),
    LIST_SCHEMES(ROW, "domain", "each call of domains and guards, each allocation failing", domain),
    LIST_SCHEMES(ROW, "queue", "each call of the queues, each allocation failing", queue),
    LIST_SCHEMES(ROW, "no-record", "a thread that never gets any memory", no_record),
    LIST_SCHEMES(ROW, "shared-frames", "guards nested ten deep without memory", shared_frames),
    LIST_SCHEMES(ROW, "leaked", "retired without memory: leaked, never freed early", leak_rather_than_free),
    {.name = "no-record-fork", .title = "a fork beside a thread without a record", .run = oom_fork_without_record},
    {.name = "many-slots", .title = "a round without memory for what guards hold", .run = oom_many_slots},
    {.name = "many-readers", .title = "a round without memory for where readers stand", .run = oom_many_readers},
    {.name = "default-domain", .title = "its creation fails, then succeeds", .run = oom_default_domain},
};

int main(int argc, char **argv)
{
    return scenarios_main(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
