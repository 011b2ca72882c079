/* A structure of one's own that is traversed: an ordered set as a linked list after Harris (2001) and Michael (2002), on the
 * library's reclamation.
 *
 * Two steps remove a node: its own link is marked (the low bit), which decides; then it is unlinked, by whoever meets it.
 * A marked link never changes again.
 *
 * The read rule. cc_guard_protect(guard, link, &word) reads a link and holds what it leads to. That is safe if the node
 * which contains the link was still linked at that moment, else what it leads to may have been reclaimed before it stood in
 * the guard. An unmarked link proves it: a node is marked first and unlinked then. So each step of find() protects, looks
 * at the mark, and on a mark begins again at the head. Reading the same link twice, as one does without marks, would prove
 * nothing, for the link of an unlinked node stands still.
 *
 * Who retires: the thread whose compare-and-swap unlinked the node, and no other. */
#include <cc/cc.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { THREADS = 4, KEYS = 32, TURNS = 20000 };

typedef struct {
    uint64_t key;
    CC_ATOMIC_PTR next; /* marked: the node is removed */
} node_t;

static cc_domain_t *domain;
static CC_ATOMIC_PTR head; /* never marked: the list itself is always there */

static bool is_marked(const void *word)
{
    return ((uintptr_t)word & 1) != 0;
}

static node_t *unmarked(void *word)
{
    return (node_t *)((uintptr_t)word & ~(uintptr_t)1);
}

static void *marked(void *word)
{
    return (void *)((uintptr_t)word | 1);
}

/* A place in the list: the first node with this key or a greater one, and the link that leads to it. The guard holds that
 * node, and the one that contains the link. */
typedef struct {
    CC_ATOMIC_PTR *link;
    node_t *before; /* contains the link; NULL: that is the head */
    node_t *node;   /* NULL: the end */
} place_t;

/* Takes the marked node out of the list. False: the link has changed, begin again. */
static bool unlink_node(cc_guard_t *guard, const place_t *at)
{
    void *expected = at->node;
    node_t *after = unmarked(atomic_load(&at->node->next)); /* it is marked, so it stays what it is */
    if (!atomic_compare_exchange_strong(at->link, &expected, after))
        return false;
    cc_guard_release(guard, at->node);
    cc_retire(domain, at->node, sizeof *at->node, NULL, NULL);
    return true;
}

/* One step: looks at what the link leads to. 1: arrived; 0: go on; -1: begin again; -2: no memory. */
static int step(cc_guard_t *guard, place_t *at, uint64_t key)
{
    void *word;
    if (cc_guard_protect(guard, at->link, &word) != 0)
        return -2;
    if (is_marked(word))
        return -1; /* the node that we stand on is removed: where its link leads to may be gone */
    at->node = word;
    if (at->node == NULL)
        return 1;
    if (is_marked(atomic_load(&at->node->next)))
        return unlink_node(guard, at) ? 0 : -1;
    if (at->node->key >= key)
        return 1;
    cc_guard_release(guard, at->before); /* two are enough */
    at->before = at->node;
    at->link = &at->node->next;
    return 0;
}

/* False: no memory. */
static bool find(cc_guard_t *guard, place_t *at, uint64_t key)
{
    int arrived = -1;
    while (arrived <= 0) {
        if (arrived == -2)
            return false;
        if (arrived == -1) {
            cc_guard_refresh(guard); /* lets go of everything */
            *at = (place_t){&head, NULL, NULL};
        }
        arrived = step(guard, at, key);
    }
    return true;
}

/* 1: inserted; 0: it is there already; -1: no memory. */
static int insert(uint64_t key)
{
    cc_guard_t *guard = cc_guard_enter(domain);
    node_t *node = cc_node_alloc(domain, sizeof *node);
    place_t at;
    int done = -1;
    if (guard != NULL && node != NULL)
        node->key = key;
    while (guard != NULL && node != NULL && done == -1 && find(guard, &at, key)) {
        void *expected = at.node;
        if (at.node != NULL && at.node->key == key) {
            done = 0;
        } else {
            atomic_init(&node->next, at.node);
            if (atomic_compare_exchange_strong(at.link, &expected, node)) /* fails as well if the link was marked */
                done = 1;
        }
    }
    if (done != 1)
        cc_node_discard(domain, node);
    cc_guard_leave(guard);
    return done;
}

/* 1: removed; 0: it was not there; -1: no memory. */
static int take(uint64_t key)
{
    cc_guard_t *guard = cc_guard_enter(domain);
    place_t at;
    int done = -1;
    while (guard != NULL && done == -1 && find(guard, &at, key)) {
        if (at.node == NULL || at.node->key != key) {
            done = 0;
            break;
        }
        void *next = atomic_load(&at.node->next);
        if (!is_marked(next) && atomic_compare_exchange_strong(&at.node->next, &next, marked(next)))
            done = 1; /* ours */
    }
    if (done == 1 && !unlink_node(guard, &at))
        (void)find(guard, &at, key); /* somebody came between: whoever passes by unlinks it, for example we */
    cc_guard_leave(guard);
    return done;
}

/* 1, 0; -1: no memory. */
static int contains(uint64_t key)
{
    cc_guard_t *guard = cc_guard_enter(domain);
    place_t at;
    int found = -1;
    if (guard != NULL && find(guard, &at, key))
        found = at.node != NULL && at.node->key == key;
    cc_guard_leave(guard);
    return found;
}

/* ---- what a set must do: per key, insertions and removals that succeeded differ by one or none */

static atomic_long balance[KEYS];

/* Returns non-NULL if memory ran out. */
static void *work(void *arg)
{
    uint64_t random = (uint64_t)(uintptr_t)arg;
    for (int i = 0; i < TURNS; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint64_t key = (random >> 33) % KEYS;
        int done = (random >> 60) < 6 ? insert(key) : (random >> 60) < 12 ? take(key) : contains(key);
        if (done < 0)
            return arg;
        if ((random >> 60) < 12)
            atomic_fetch_add(&balance[key], (random >> 60) < 6 ? done : -done);
    }
    return NULL;
}

/* The same code is right under every scheme; the command line may name one. */
static bool make_domain(const char *scheme)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    for (int id = CC_SMR_IBR; scheme != NULL && id <= CC_SMR_EPOCH; id++) {
        if (strcmp(scheme, cc_smr_scheme_name((cc_smr_scheme_t)id)) == 0)
            opts.scheme = (cc_smr_scheme_t)id;
    }
    return cc_domain_create(&opts, &domain) == 0;
}

int main(int argc, char **argv)
{
    if (!make_domain(argc > 1 ? argv[1] : NULL))
        return 1;
    pthread_t thread[THREADS];
    for (uintptr_t t = 0; t < THREADS; t++)
        if (pthread_create(&thread[t], NULL, work, (void *)(t + 1)) != 0)
            return 1;
    bool failed = false;
    for (int t = 0; t < THREADS; t++) {
        void *result;
        pthread_join(thread[t], &result);
        failed = failed || result != NULL;
    }
    unsigned left = 0;
    for (uint64_t key = 0; key < KEYS; key++) {
        int found = contains(key);
        failed = failed || atomic_load(&balance[key]) != found;
        left += found == 1 && take(key) == 1;
    }
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    failed = failed || cc_domain_drain(domain, -1) != 0 || cc_smr_stats_snapshot(domain, &s) != 0;
    failed = failed || atomic_load(&head) != NULL || s.reclaimed != s.retired;
    printf("%u keys were left; %lu nodes retired, %lu reclaimed\n", left, (unsigned long)s.retired,
           (unsigned long)s.reclaimed);
    return cc_domain_destroy(domain) == 0 && !failed ? 0 : 1;
}
