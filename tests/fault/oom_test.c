/* Memory that runs out: every call of the library with each of its allocations failing in turn (sweep.h), and what
 * threads can still do when nothing succeeds any more. */
#include "oom.h"

/* A scenario per scheme. */
#define SUITE(suite, scheme, SCHEME)                                                                                   \
    static void suite##_##scheme(void)                                                                                 \
    {                                                                                                                  \
        sweep_run(&oom_##suite, CC_SMR_##SCHEME);                                                                      \
    }
#define THREAD(what, scheme, SCHEME)                                                                                   \
    static void what##_##scheme(void)                                                                                  \
    {                                                                                                                  \
        oom_##what(CC_SMR_##SCHEME);                                                                                   \
    }
#define EACH_SCHEME(define, what) define(what, ibr, IBR) define(what, epoch, EPOCH) define(what, leak, LEAK)

EACH_SCHEME(SUITE, map_u64)
EACH_SCHEME(SUITE, map_bytes)
EACH_SCHEME(SUITE, domain)
EACH_SCHEME(THREAD, no_record)
EACH_SCHEME(THREAD, shared_frames)
EACH_SCHEME(THREAD, leak_rather_than_free)

#define ROWS(name_, title_, what)                                                                                      \
    {.name = name_ "-ibr", .title = title_, .run = what##_ibr},                                                        \
        {.name = name_ "-epoch", .title = title_, .run = what##_epoch},                                                \
    {                                                                                                                  \
        .name = name_ "-leak", .title = title_, .run = what##_leak                                                     \
    }

static const scenario_t scenarios[] = {
    ROWS("u64", "each call of skiplist64, each allocation failing", map_u64),
    ROWS("bytes", "each call of skiplist, each allocation failing", map_bytes),
    ROWS("domain", "each call of domains and guards, each allocation failing", domain),
    ROWS("no-record", "a thread that never gets any memory", no_record),
    ROWS("shared-frames", "guards nested ten deep without memory", shared_frames),
    ROWS("leaked", "retired without memory: leaked, never freed early", leak_rather_than_free),
    {.name = "no-record-fork", .title = "a fork beside a thread without a record", .run = oom_fork_without_record},
    {.name = "many-slots", .title = "a round without memory for what guards hold", .run = oom_many_slots},
    {.name = "many-readers", .title = "a round without memory for where readers stand", .run = oom_many_readers},
    {.name = "default-domain", .title = "its creation fails, then succeeds", .run = oom_default_domain},
};

int main(int argc, char **argv)
{
    return scenarios_main(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
