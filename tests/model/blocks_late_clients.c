/* Clients of the blocked skip list in which all but the last step is in one order, like late_clients.c. A block has room for
 * two entries; blocks are written [..]. */
#include "clients.h"

#include "base/atomic.h"

#include "cc/cc.h"

#include <errno.h>
#include <sched.h>

static cc_domain_t *domain;
static cc_skiplist64_t *map;
static int value;
static int phase, gathered;
static int came[MODEL_THREADS]; /* to its points, so often */
static bool merging;

static void wait_for(const int *counter, int n)
{
    while (*counter < n)
        sched_yield();
}

static void reach(int n)
{
    if (phase < n)
        phase = n;
}

/* Thread 1 attaches first: a scan looks at the youngest record first. */
static void gather(int i)
{
    wait_for(&gathered, i - 1);
    model_assert(cc_thread_attach(domain) == 0);
    gathered++;
    wait_for(&gathered, model_client()->threads);
}

static void insert(uint64_t key)
{
    model_assert(cc_skiplist64_insert(map, key, &value) == 0);
}

static void remove_key(uint64_t key)
{
    model_assert(cc_skiplist64_remove(map, key, NULL) == 0);
}

static void setup(void)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = model_client()->scheme;
    model_assert(cc_domain_create(&opts, &domain) == 0);
    model_assert(cc_skiplist64_create(domain, NULL, &map) == 0);
    phase = gathered = 0;
    merging = false;
    model_memset(came, 0, sizeof came);
}

static void finish(void)
{
    model_assert(cc_skiplist64_validate(map) == 0);
    model_assert(cc_skiplist64_destroy(map) == 0);
    model_assert(cc_domain_drain(domain, 0) == 0);
    model_assert(cc_domain_destroy(domain) == 0);
}

/* Thread 1 makes [7 8] and later [9] behind it, empties the former and has merged it into [1 5], but it is not dead yet (3).
 * Thread 3, which came to it before there was a 9 (2), looks at it only after thread 2 has merged [9] and has seen, in a
 * round, what thread 3 reserved (4), but not yet what thread 1 did. So the frozen block names a span that will be freed. */
static void setup_scan(void)
{
    setup();
    insert(1);
    insert(5);
}

static void late_scan(int i)
{
    gather(i);
    if (i == 1) {
        insert(7);
        insert(8);
        insert(9);
        remove_key(7);
        merging = true;
        remove_key(8);
        reach(6);
    } else if (i == 2) {
        wait_for(&phase, 3);
        remove_key(9);
        cc_domain_flush(domain);
        reach(7);
    } else {
        wait_for(&phase, 1);
        (void)cc_skiplist64_contains(map, 9);
        reach(7);
    }
}

static void scan_waits(int i)
{
    came[i]++;
    if (i == 1 && came[1] == 1) { /* [7] is not in the index */
        reach(1);
        wait_for(&phase, 2);
    } else if (i == 1 && merging) {
        reach(3);
        wait_for(&phase, 5);
    } else if (i == 2 && came[2] == 2) { /* behind the record of thread 3 */
        reach(4);
        wait_for(&phase, 6);
    } else if (i == 3 && came[3] == 2) { /* stands at [7] */
        reach(2);
        wait_for(&phase, 4);
    } else if (i == 3 && came[3] == 4) { /* has looked at it twice */
        reach(5);
        wait_for(&phase, 7);
    }
}

/* Of [0 1] [2] [5 6] thread 1 empties the second and freezes it (1). Thread 3, which asks for what is not below 2, passes it (2). Then it
 * is merged, but not dead (3), and thread 2 inserts 2 and, after it, 4 (4): so 4 is no answer. */
static void setup_nearest(void)
{
    setup();
    for (uint64_t key = 0; key < 6; key++)
        insert(key);
    remove_key(4);
    insert(6);
    remove_key(3);
}

static void late_nearest(int i)
{
    gather(i);
    if (i == 1) {
        remove_key(2);
    } else if (i == 2) {
        wait_for(&phase, 3);
        insert(2);
        insert(4);
        reach(4);
    } else {
        uint64_t key;
        wait_for(&phase, 1);
        model_assert(cc_skiplist64_ceil(map, 2, &key, NULL) == 0);
        model_assert(key != 4);
        reach(5);
    }
}

static void nearest_waits(int i)
{
    came[i]++;
    if (i == 1 && came[1] == 2) { /* frozen */
        reach(1);
        wait_for(&phase, 2);
    } else if (i == 1 && came[1] == 3) { /* merged */
        reach(3);
        wait_for(&phase, 5);
    } else if (i == 3 &&
               came[3] == 8) { /* the index twice, since it leads to a frozen span; [0 1], [2]; stands at [5] */
        reach(2);
        wait_for(&phase, 4);
    }
}

void model_add_blocks_late_clients(void)
{
    static const char *const scan_points[] = {"cas_release &map->root|fetch_or_seq_cst &m->right->rev",
                                              "load_acquire &rec->lower", "load_seq_cst link"};
    static const char *const nearest_points[] = {"cas_seq_cst &op->at.span->rev|fetch_or_seq_cst &m->right->rev", "",
                                                 "load_seq_cst link"};
    model_add_client(&(model_client_t){.name = "blocks-late-scan-u64-ibr",
                                       .what = "a frozen block leads to a span that a round sees held by nobody",
                                       .threads = 3,
                                       .scheme = CC_SMR_IBR,
                                       .structure = "skiplist64",
                                       .setup = setup_scan,
                                       .thread = late_scan,
                                       .points = scan_points,
                                       .at_point = scan_waits,
                                       .finish = finish});
    model_add_for_schemes(&(model_client_t){.name = "blocks-late-nearest-u64",
                                            .what = "ceil passes a frozen block that is merged, and filled again",
                                            .threads = 3,
                                            .structure = "skiplist64",
                                            .setup = setup_nearest,
                                            .thread = late_nearest,
                                            .points = nearest_points,
                                            .at_point = nearest_waits,
                                            .finish = finish});
}
