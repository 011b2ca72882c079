/* Rounds that have no memory for all they see; the default domain without memory. */
#include "oom.h"

#include "alloc/backend_mock.h"
#include "smr/round.h"

#include <cc/guard.h>
#include <cc/skiplist.h>
#include <cc/skiplist64.h>
#include <cc/stats.h>

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>

static cc_domain_t *make_domain(void)
{
    cc_domain_t *domain;
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    opts.scheme = CC_SMR_IBR;
    CHECK(cc_domain_create(&opts, &domain) == 0);
    return domain;
}

static void flush_without_memory(cc_domain_t *domain)
{
    cc__mock_fail_from(1);
    CHECK(cc_domain_flush(domain) >= 0);
    cc__mock_fail_from(0);
}

/* ---- more pointers in guards than a round has room for */

enum { HELD = CC__SLOTS_LOCAL + 36, OBJECTS = HELD + 20 };

static atomic_uint object[OBJECTS];

static void reclaim(void *ptr, void *ctx)
{
    atomic_uint *reclaimed = ptr;
    atomic_fetch_add(reclaimed, 1);
}

static unsigned reclaimed(int from, int to)
{
    unsigned n = 0;
    for (int i = from; i < to; i++)
        n += atomic_load(&object[i]);
    return n;
}

typedef struct {
    cc_domain_t *domain;
    sem_t holds, let_go;
} holder_t;

static void *hold(void *arg)
{
    holder_t *holder = arg;
    CC_ATOMIC_PTR link;
    cc_guard_t *guard = cc_guard_enter(holder->domain);
    CHECK(guard != NULL);
    for (int i = 0; i < HELD; i++) {
        void *out;
        atomic_init(&link, &object[i]);
        CHECK(cc_guard_protect(guard, &link, &out) == 0);
    }
    sem_post(&holder->holds);
    sem_wait(&holder->let_go);
    cc_guard_leave(guard);
    return NULL;
}

/* What is held is not freed, what is not held is, though the round cannot list all that is held. */
void oom_many_slots(void)
{
    holder_t holder = {.domain = make_domain()};
    pthread_t thread;
    sem_init(&holder.holds, 0, 0);
    sem_init(&holder.let_go, 0, 0);
    CHECK(pthread_create(&thread, NULL, hold, &holder) == 0);
    sem_wait(&holder.holds);

    CHECK(cc_retire_reserve(holder.domain, OBJECTS) == 0);
    cc__mock_fail_from(1);
    for (int i = 0; i < OBJECTS; i++)
        CHECK(cc_retire(holder.domain, &object[i], sizeof object[i], reclaim, NULL) == 0);
    cc__mock_fail_from(0);
    flush_without_memory(holder.domain);
    CHECK(reclaimed(0, HELD) == 0, "%u held objects were freed", reclaimed(0, HELD));
    CHECK(reclaimed(HELD, OBJECTS) == OBJECTS - HELD, "only %u", reclaimed(HELD, OBJECTS));

    sem_post(&holder.let_go);
    CHECK(pthread_join(thread, NULL) == 0);
    flush_without_memory(holder.domain);
    CHECK(reclaimed(0, OBJECTS) == OBJECTS);
    CHECK(cc_domain_destroy(holder.domain) == 0);
}

/* ---- more threads inside operations than a round has room for */

enum { READERS = CC__ROUND_LOCAL + 6 };

typedef struct {
    cc_skiplist_t *map;
    const char *stop_at; /* the reader parks where it compares the node with this key */
    pthread_t thread;
    sem_t parked, go_on;
    const unsigned char *stood_on; /* that node's key */
} reader_t;

static _Thread_local reader_t *self;

static int park(cc_bytes_t node, cc_bytes_t key, void *ctx)
{
    const char *node_key = node.data;
    if (self != NULL && self->stood_on == NULL && node_key[0] == self->stop_at[0]) {
        self->stood_on = node.data;
        sem_post(&self->parked);
        sem_wait(&self->go_on);
    }
    return node_key[0] - ((const char *)key.data)[0];
}

static cc_bytes_t letter(const char *text)
{
    return (cc_bytes_t){text, 1};
}

static void *read_c(void *arg)
{
    void *value;
    self = arg;
    CHECK(cc_skiplist_get(self->map, letter("c"), &value) == 0 && value == &object[2]);
    return NULL;
}

static void start_reader(reader_t *reader, cc_skiplist_t *map, const char *stop_at)
{
    *reader = (reader_t){.map = map, .stop_at = stop_at};
    sem_init(&reader->parked, 0, 0);
    sem_init(&reader->go_on, 0, 0);
    CHECK(pthread_create(&reader->thread, NULL, read_c, reader) == 0);
    sem_wait(&reader->parked);
}

static void finish_reader(reader_t *reader)
{
    sem_post(&reader->go_on);
    CHECK(pthread_join(reader->thread, NULL) == 0);
}

static void insert(cc_skiplist_t *map, const char *key, void *value)
{
    CHECK(cc_skiplist_insert(map, letter(key), value) == 0);
}

/* Keys are sought from the middle of their block. The first reader stands on b, which is removed before the others begin, in a
 * block that they do not see. A round looks at the newest threads
 * first, so it is the first reader's interval that has no room, and that one alone keeps that block. */
void oom_many_readers(void)
{
    static reader_t reader[READERS];
    cc_domain_t *domain = make_domain();
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    cc_skiplist_t *map;
    opts.compare = park;
    CHECK(cc_skiplist_create(domain, &opts, &map) == 0);
    insert(map, "a", &object[0]);
    insert(map, "b", &object[1]);
    insert(map, "c", &object[2]);
    start_reader(&reader[0], map, "b");
    CHECK(cc_skiplist_remove(map, letter("b"), NULL) == 0);
    CHECK(cc_domain_flush(domain) == 0); /* stamps it */
    insert(map, "d", &object[3]);        /* moves the epoch on */
    for (int i = 1; i < READERS; i++)
        start_reader(&reader[i], map, "c");

    const unsigned char *b = reader[0].stood_on;
    flush_without_memory(domain);
    CHECK(*b == 'b', "a block was freed under its reader");
    CHECK(cc_domain_flush(domain) == 0);
    CHECK(*b == 'b', "a block was freed under its reader");
    for (int i = 0; i < READERS; i++)
        finish_reader(&reader[i]);
    CHECK(cc_domain_drain(domain, -1) == 0);
    CHECK(*b == CC__MOCK_POISON);
    CHECK(cc_skiplist_destroy(map) == 0);
    CHECK(cc_domain_destroy(domain) == 0);
}

/* ---- the default domain */

void oom_default_domain(void)
{
    cc_skiplist64_t *map = SWEEP_UNTOUCHED;
    unsigned k = 1;
    for (;; k++) {
        cc__mock_fail_at(k);
        cc_domain_t *domain = cc_domain_default();
        cc__mock_fail_at(0);
        if (domain != NULL)
            break;
        cc__mock_fail_at(k);
        CHECK(cc_skiplist64_create(NULL, NULL, &map) == -ENOMEM);
        cc__mock_fail_at(0);
        CHECK(map == SWEEP_UNTOUCHED);
    }
    CHECK(k > 1);
    CHECK(cc_domain_destroy(cc_domain_default()) == -EINVAL);
    CHECK(cc_skiplist64_create(NULL, NULL, &map) == 0);
    CHECK(cc_skiplist64_destroy(map) == 0);
}
