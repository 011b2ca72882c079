/* Clients of DEBRA+'s own steps: a commit, a SEARCH that begins where another has ended, and all the ways in which the
 * signal can find a thread. Signals are events of the schedule: before and after each access of the walker, so also
 * between the steps of a commit; in both modes, for without membarrier only an acknowledgement counts.
 *
 * A list of two nodes: head -> first -> second. The walker stands on the first, then begins at it to find the second; the
 * other threads remove and reclaim what they can. */
#include "clients.h"
#include "model_signal.h"

#include "cc/cc.h"
#include "smr/policy.h"
#include "smr/registry.h"

#include <sched.h>

typedef struct {
    cc__link_t next; /* marked: this node is removed */
    CC__ATOMIC(uint64_t) touched;
} node_t;

typedef struct {
    cc__rec_t *rec;
    node_t *from, *found;
    bool on; /* a second SEARCH begins at what the first has found */
} op_t;

typedef struct {
    cc__rec_t *rec;
    node_t *found;
    int tells, waits; /* phases */
    bool looks;       /* commits nothing */
} late_op_t;

enum { SLOW_STEPS = 3, SLOW_MOST = 100 };

typedef enum { PLAIN, LOOK, HANDLER, COMPARATOR, BLOCKED, MASKED } situation_t;

static cc_domain_t *domain;
static cc__link_t *head;
static situation_t situation;

/* ---- the list */

static node_t *make_node(node_t *next)
{
    node_t *node = cc_node_alloc(domain, sizeof *node);
    cc__store_relaxed(&node->next, (uintptr_t)next);
    cc__store_relaxed(&node->touched, 0);
    return node;
}

static void setup_as(situation_t how)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = CC_SMR_DEBRA;
    situation = how;
    model_assert(cc_domain_create(&opts, &domain) == 0);
    head = cc_alloc(sizeof *head);
    cc__store_relaxed(head, (uintptr_t)make_node(make_node(NULL)));
}

static void setup_plain(void)
{
    setup_as(PLAIN);
}

static void setup_look(void)
{
    setup_as(LOOK);
}

static void setup_handler(void)
{
    setup_as(HANDLER);
}

static void setup_comparator(void)
{
    setup_as(COMPARATOR);
}

static void setup_blocked(void)
{
    setup_as(BLOCKED);
}

static void setup_masked(void)
{
    setup_as(MASKED);
}

static void retire(node_t *node)
{
    model_assert(cc_retire(domain, node, sizeof *node, NULL, NULL) == 0);
}

/* Only one thread removes, so what it reads here stays where it is. */
static void remove_first(void)
{
    uintptr_t word = cc__load_acquire(head);
    node_t *node = cc__unmarked(word);
    if (node == NULL)
        return;
    uintptr_t next = cc__fetch_or_acq_rel(&node->next, CC__MARK);
    model_assert(cc__cas_release(head, &word, next));
    retire(node);
}

/* A drain sends signals at once, however little waits. */
static void reclaim(void)
{
    for (int i = 0; i < 3; i++)
        (void)cc_domain_drain(domain, 0);
}

static void finish(void)
{
    while (cc__unmarked(cc__load_relaxed(head)) != NULL)
        remove_first();
    model_assert(cc_domain_drain(domain, 0) == 0);
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    model_assert(cc_smr_stats_snapshot(domain, &s) == 0);
    model_assert(s.retired == s.reclaimed && s.leaked == 0);
    model_assert(cc_domain_destroy(domain) == 0);
    cc_free((void *)head, sizeof *head);
}

/* ---- the walker */

/* Code that is not a SEARCH's stands above it for an access: a handler, after which the kernel restores the mask of the
 * SEARCH, or a comparator. */
static void stand_above(void)
{
    if (situation != HANDLER && situation != COMPARATOR)
        return;
    client_above_search = true;
    (void)cc__load_relaxed(head); /* somewhere to be interrupted */
    client_above_search = false;
    if (situation == HANDLER)
        model_signal_block(false);
}

SMR_SEARCH find_first(void *arg)
{
    op_t *op = arg;
    smr_hold_t hold = smr_enter(op->rec, situation == COMPARATOR);
    op->found = cc__unmarked(smr_read(&hold, head));
    stand_above();
    if (op->found != NULL)
        (void)smr_read(&hold, &op->found->next);
    if (op->found == NULL || situation == LOOK) {
        op->found = NULL;
        smr_leave(op->rec);
        return;
    }
    if (op->on)
        smr_commit(op->rec, op->found);
    else
        smr_commit(op->rec, NULL, op->found);
}

SMR_SEARCH find_next(void *arg)
{
    op_t *op = arg;
    smr_hold_t hold = smr_enter(op->rec, situation == COMPARATOR);
    uintptr_t word = smr_read(&hold, &op->from->next);
    op->found = cc__is_marked(word) ? NULL : cc__unmarked(word);
    smr_commit(op->rec, op->found);
}

static void touch(node_t *node)
{
    if (node != NULL)
        cc__fetch_add_relaxed(&node->touched, 1); /* a WRITE */
}

static void walk(bool on)
{
    op_t op = {.rec = cc__rec_get(domain), .on = on};
    smr_begin(op.rec);
    smr_search(op.rec, find_first, &op);
    touch(op.found);
    if (on && op.found != NULL) {
        op.from = op.found;
        smr_search(op.rec, find_next, &op);
        touch(op.found);
    }
    smr_end(op.rec);
    cc__rec_return(op.rec);
}

static void step_against_removal(int i)
{
    if (i == 1) {
        if (situation == MASKED)
            model_assert(cc_thread_attach(domain) == 0);
        if (situation == BLOCKED || situation == MASKED)
            model_signal_block(true);
        for (int n = situation == LOOK ? 3 : 1; n > 0; n--)
            walk(false);
    } else {
        remove_first();
        reclaim();
    }
}

static void steps_against_removal(int i)
{
    if (i == 1) {
        walk(true);
    } else {
        remove_first();
        reclaim();
    }
}

static void steps_against_removals(int i)
{
    if (i == 1) {
        walk(true);
        walk(false);
    } else if (i == 2) {
        remove_first();
        cc_domain_flush(domain);
        remove_first();
        reclaim();
    } else {
        reclaim();
    }
}

/* Thrown back at the end of its commit, and again at the end of the next one, behind which stands what it began from. */
static void steps_against_drains(int i)
{
    if (i == 1) {
        walk(true);
    } else {
        remove_first();
        for (int n = 0; n < 4; n++) { /* something waits, or nobody is thrown back */
            reclaim();
            retire(make_node(NULL));
        }
    }
}

/* ---- in one order: only who is first at the end is open */

static int phase, begun, asked, drained;

static void wait_for(int n)
{
    while (phase < n)
        sched_yield();
}

/* Reads, tells that it has begun, and goes on when it is let. */
SMR_SEARCH find_late(void *arg)
{
    late_op_t *op = arg;
    smr_hold_t hold = smr_enter(op->rec, false);
    op->found = cc__unmarked(smr_read(&hold, head));
    if (phase < op->tells)
        phase = op->tells;
    wait_for(op->waits);
    if (op->looks) {
        if (op->found != NULL)
            (void)smr_read(&hold, &op->found->next);
        smr_leave(op->rec);
    } else {
        smr_commit(op->rec, op->found);
    }
}

static void walk_late(int tells, int waits, bool looks)
{
    late_op_t op = {.rec = cc__rec_get(domain), .tells = tells, .waits = waits, .looks = looks};
    smr_begin(op.rec);
    smr_search(op.rec, find_late, &op);
    model_point("in WRITE");
    if (looks)
        smr_search(op.rec, find_late, &op);
    else
        touch(op.found);
    smr_end(op.rec);
    cc__rec_return(op.rec);
}

/* The node is removed and stamped between the phases of threads 1 and 3. */
static void stamp_between(void)
{
    wait_for(1);
    cc_domain_flush(domain);
    phase = 2;
    wait_for(3);
    remove_first();
    cc_domain_flush(domain);
    phase = 4;
    wait_for(5);
}

/* Thread 3 holds the epoch up while the node is stamped, so that the stamp is the epoch that thread 1 announced; then two
 * moves are open, and thread 1 may end its SEARCH, or begin another, in the midst of the second one. */
static void late_against_rounds(int i, bool looks, bool signals)
{
    if (i == 1) {
        wait_for(2);
        walk_late(3, 5, looks);
    } else if (i == 2) {
        stamp_between();
        if (signals)
            reclaim();
        for (int n = 0; n < 3; n++)
            cc_domain_flush(domain);
    } else {
        walk_late(1, 4, true);
        phase = 5;
    }
}

static void commit_against_rounds(int i)
{
    late_against_rounds(i, false, false);
}

static void look_against_rounds(int i)
{
    late_against_rounds(i, true, false);
}

static void look_against_signals(int i)
{
    late_against_rounds(i, true, true);
}

/* Thrown back it waits before it announces itself anew: all that tells of the end of its reads is what
 * the handler has stored. */
SMR_SEARCH find_thrown(void *arg)
{
    late_op_t *op = arg;
    if (phase > 0)
        wait_for(2);
    smr_hold_t hold = smr_enter(op->rec, false);
    op->found = cc__unmarked(smr_read(&hold, head));
    if (op->found != NULL)
        (void)smr_read(&hold, &op->found->next);
    if (phase == 0)
        phase = 1;
    wait_for(2);
    smr_leave(op->rec);
}

static void acknowledge_against_round(int i)
{
    if (i == 1) {
        late_op_t op = {.rec = cc__rec_get(domain)};
        smr_begin(op.rec);
        smr_search(op.rec, find_thrown, &op);
        smr_end(op.rec);
        cc__rec_return(op.rec);
    } else {
        wait_for(1);
        remove_first();
        reclaim();
        phase = 2;
    }
}

/* The first time it waits to be thrown back. */
SMR_SEARCH find_again(void *arg)
{
    late_op_t *op = arg;
    smr_hold_t hold = smr_enter(op->rec, false);
    op->found = cc__unmarked(smr_read(&hold, head));
    if (++begun == 1)
        wait_for(1);
    if (op->found != NULL)
        (void)smr_read(&hold, &op->found->next);
    smr_leave(op->rec);
}

/* The kernel's word was good for the round that asked: now the thread stands there anew. */
static void again_against_rounds(int i)
{
    if (i == 1) {
        late_op_t op = {.rec = cc__rec_get(domain)};
        smr_begin(op.rec);
        smr_search(op.rec, find_again, &op);
        smr_end(op.rec);
        cc__rec_return(op.rec);
    } else {
        while (begun < 1)
            sched_yield();
        retire(make_node(NULL)); /* something waits, or nobody is thrown back */
        reclaim();
        phase = 1;
        for (int n = 0; n < 50 && begun < 2; n++)
            sched_yield();
        remove_first();
        reclaim();
    }
}

/* As late_against_rounds, but that thread 4 has the kernel's word about thread 1 when thread 2 has fenced already, and is about
 * to look. Were the word remembered before its membarrier, thread 2 would free what thread 1 reads until its signal arrives. */
static void word_against_round(int i)
{
    if (i == 1) {
        wait_for(2);
        walk_late(3, 7, true);
    } else if (i == 2) {
        stamp_between();
        cc_domain_flush(domain);
        phase = 6;
        cc_domain_flush(domain);
        phase = 7;
    } else if (i == 3) {
        walk_late(1, 4, true);
        phase = 5;
    } else {
        wait_for(6);
        retire(make_node(NULL)); /* something waits, or nobody is thrown back */
        (void)cc_domain_drain(domain, 0);
    }
}

/* Each of its steps takes as long as a drain of others, which throws it back. */
SMR_SEARCH find_slowly(void *arg)
{
    late_op_t *op = arg;
    smr_hold_t hold = smr_enter(op->rec, false);
    op->found = cc__unmarked(smr_read(&hold, head));
    for (int n = 0; n < SLOW_STEPS; n++) {
        int drain = ++asked;
        while (drained < drain)
            sched_yield();
    }
    smr_leave(op->rec);
}

/* It ends all the same, because it is given more and more room. */
static void slow_against_drains(int i)
{
    if (i == 1) {
        late_op_t op = {.rec = cc__rec_get(domain)};
        smr_begin(op.rec);
        smr_search(op.rec, find_slowly, &op);
        smr_end(op.rec);
        cc__rec_return(op.rec);
        phase = 1;
        return;
    }
    while (phase == 0) {
        if (drained == asked) {
            sched_yield();
            continue;
        }
        if (asked > SLOW_MOST)
            model_fail("thrown back again and again, for %d drains", asked);
        retire(make_node(NULL)); /* something waits, or nobody is thrown back */
        (void)cc_domain_drain(domain, 0);
        drained = asked;
    }
}

static void setup_late(void)
{
    phase = begun = asked = drained = 0;
    setup_plain();
}

/* ---- asleep */

static void asleep_in_walk(int i)
{
    if (i == 1) {
        walk(false); /* not while it becomes known to the domain */
        model_may_stall();
        walk(true);
    } else {
        remove_first();
        remove_first();
        for (int n = 0; n < 4; n++)
            retire(make_node(NULL));
        reclaim();
    }
}

/* In strong mode it pins what stands in its slots: the first node and the second. A thread that was thrown back is given
 * room: a drain sends to it in one of 2^CC_PATIENCE_MAX rounds at least. In the handler, where the signal is blocked, it
 * cannot be proved to be out of its SEARCH and is waited for. */
static void bounded(void)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    for (int round = 0; round < 3 << CC_PATIENCE_MAX && cc_domain_drain(domain, 0) != 0; round++) {
    }
    model_assert(cc_smr_stats_snapshot(domain, &s) == 0);
    if (s.neutralize[0] == 's' && !model_signal_blocked(1) && s.limbo_count > 2)
        model_fail("%lu objects wait for one that sleeps, not 2", (unsigned long)s.limbo_count);
}

static const model_client_t clients[] = {
    {.name = "step-debra",
     .what = "a SEARCH and a WRITE against a removal",
     .threads = 2,
     .setup = setup_plain,
     .thread = step_against_removal,
     .complete = true},
    {.name = "step-look-debra",
     .what = "three that commit nothing, while the epoch moves",
     .threads = 2,
     .setup = setup_look,
     .thread = step_against_removal,
     .complete = true},
    {.name = "step-handler-debra",
     .what = "the same below a handler of the application",
     .threads = 2,
     .setup = setup_handler,
     .thread = step_against_removal,
     .complete = true},
    {.name = "step-comparator-debra",
     .what = "the same with a comparator",
     .threads = 2,
     .setup = setup_comparator,
     .thread = step_against_removal,
     .complete = true},
    {.name = "step-blocked-debra",
     .what = "the same with the signal blocked",
     .threads = 2,
     .setup = setup_blocked,
     .thread = step_against_removal,
     .complete = true},
    {.name = "step-masked-debra",
     .what = "the same, blocked by a thread that had it open when it attached",
     .threads = 2,
     .setup = setup_masked,
     .thread = step_against_removal,
     .complete = true},
    {.name = "steps-debra",
     .what = "a SEARCH begins where the last has ended",
     .threads = 2,
     .setup = setup_plain,
     .thread = steps_against_removal,
     .complete = true},
    {.name = "steps-twice-debra",
     .what = "thrown back twice at the end of a commit",
     .threads = 2,
     .setup = setup_plain,
     .thread = steps_against_drains,
     .points = (const char *const[]){"store_release &rec->announce", "&rec->announce"}},
    {.name = "late-commit-debra",
     .what = "a commit in the midst of the round that frees",
     .threads = 3,
     .setup = setup_late,
     .thread = commit_against_rounds},
    {.name = "late-look-debra",
     .what = "a second SEARCH announces itself, and the round that frees hears of the first one by that only",
     .threads = 3,
     .setup = setup_late,
     .thread = look_against_rounds},
    {.name = "late-signal-debra",
     .what = "a SEARCH reads on until the signal arrives, and the round that sends it frees",
     .threads = 3,
     .setup = setup_late,
     .thread = look_against_signals},
    {.name = "late-fence-debra",
     .what = "late-look, where announcements may be seen late",
     .threads = 3,
     .setup = setup_late,
     .thread = look_against_rounds,
     .stale = "&rec->announce"},
    {.name = "late-acknowledge-debra",
     .what = "thrown back, and not begun anew while others reclaim",
     .threads = 2,
     .setup = setup_late,
     .thread = acknowledge_against_round},
    {.name = "late-word-debra",
     .what = "thrown back, and in the way of a later round again",
     .threads = 2,
     .setup = setup_late,
     .thread = again_against_rounds},
    {.name = "late-vouch-debra",
     .what = "the kernel's word, heard of by a round that has fenced before",
     .threads = 4,
     .setup = setup_late,
     .thread = word_against_round,
     .points = (const char *const[]){"link", "&rec->announce", "&rec->announce", "fence_heavy"}},
    {.name = "slow-debra",
     .what = "a long SEARCH beside drains that throw it back: it ends",
     .threads = 2,
     .setup = setup_late,
     .thread = slow_against_drains},
    {.name = "steps-thrown-debra",
     .what = "two threads that reclaim, one that walks twice",
     .threads = 3,
     .setup = setup_plain,
     .thread = steps_against_removals},
    {.name = "step-sleeper-debra",
     .what = "asleep anywhere: two objects wait, no more",
     .threads = 2,
     .setup = setup_plain,
     .thread = asleep_in_walk,
     .stalled = bounded},
};

void model_add_debra_clients(void)
{
    for (unsigned i = 0; i < sizeof clients / sizeof *clients; i++) {
        model_client_t client = clients[i];
        client.structure = "reclamation";
        client.scheme = CC_SMR_DEBRA;
        client.finish = finish;
        model_add_client(&client);
    }
}
