/* Values that are objects: readers use them in place while a writer replaces them.
 *
 * The map owns the values (value_reclaim): what put replaces is reclaimed by itself, later, when no reader
 * has it in its hands any more. A reader opens a guard, gets, reads, and leaves. There is no lock and no
 * reference count. */
#include <cc/cc.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { USERS = 100, ROUNDS = 200000, READERS = 3 };

typedef struct {
    uint64_t user;
    uint64_t seen, doubled; /* doubled is always 2 * seen: a torn or recycled session would show */
} session_t;

static cc_domain_t *domain;
static cc_skiplist64_t *sessions;
static atomic_bool done;
static atomic_ulong reclaimed;

static void session_reclaim(void *ptr, void *ctx)
{
    (void)ctx;
    session_t *session = ptr;
    session->seen = session->doubled = 1; /* if a reader still looked, it would notice */
    cc_free(session, sizeof *session);
    atomic_fetch_add(&reclaimed, 1);
}

/* 0, or 1 if memory is out. */
static int session_put(uint64_t user, uint64_t seen)
{
    session_t *session = cc_alloc(sizeof *session);
    if (session == NULL)
        return 1;
    *session = (session_t){user, seen, 2 * seen};
    if (cc_skiplist64_put(sessions, user, session, NULL) >= 0)
        return 0;
    cc_free(session, sizeof *session); /* on an error the value stays ours */
    return 1;
}

/* Returns how often a session was wrong. */
static void *read_sessions(void *arg)
{
    (void)arg;
    uintptr_t wrong = 0;
    for (uint64_t user = 0; !atomic_load(&done); user = (user + 1) % USERS) {
        cc_guard_t *guard = cc_guard_enter(domain);
        void *value;
        if (guard != NULL && cc_skiplist64_get(sessions, user, &value) == 0) {
            const session_t *session = value; /* ours to read until leave */
            wrong += session->user != user || session->doubled != 2 * session->seen;
        }
        cc_guard_leave(guard);
    }
    return (void *)wrong;
}

int main(void)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    opts.value_reclaim = session_reclaim;
    opts.value_size = sizeof(session_t);
    if (cc_domain_create(NULL, &domain) != 0 || cc_skiplist64_create(domain, &opts, &sessions) != 0)
        return 1;

    pthread_t reader[READERS];
    for (int i = 0; i < READERS; i++)
        if (pthread_create(&reader[i], NULL, read_sessions, NULL) != 0)
            return 1;
    int failed = 0;
    for (uint64_t round = 0; round < ROUNDS; round++)
        failed += session_put(round % USERS, round);
    atomic_store(&done, true);

    uintptr_t wrong = 0;
    for (int i = 0; i < READERS; i++) {
        void *result;
        pthread_join(reader[i], &result);
        wrong += (uintptr_t)result;
    }
    if (cc_skiplist64_destroy(sessions) != 0 || cc_domain_destroy(domain) != 0)
        return 1;
    printf("%d sessions put, %lu reclaimed, %lu seen wrong\n", ROUNDS, atomic_load(&reclaimed), (unsigned long)wrong);
    return failed == 0 && wrong == 0 && atomic_load(&reclaimed) == ROUNDS ? 0 : 1;
}
