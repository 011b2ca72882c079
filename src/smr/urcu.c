/* Domains over liburcu: the slow path.
 *
 * The domain's epoch counts grace periods. One callback of the domain at a time stands in liburcu's queue; when it runs, a
 * grace period has passed, and the epoch moves on by one. A round stamps what is new, and sends the callback on its way if
 * it is not.
 *
 * Why stamp + 2 is enough. An object of the block was unlinked before the fence F that precedes the read of its stamp s. The
 * callback that moved the epoch from s to s + 1 may have been sent before that. The one that moved it on was sent by a round
 * that took the lock after the callback before had given it back, and passed its own fence G: F comes before G, or the
 * read of the stamp would have seen s + 1. So its grace period began after the unlink, and every section that can hold the
 * object was over when it ended. Who frees reads the epoch, and with it sees the end of those sections.
 *
 * Not robust: a thread that sleeps inside a section, one of the application's own as well, holds everything up, and even
 * undisturbed two grace periods take some 20 ms, in which nothing is reclaimed: liburcu's thread rests 10 ms after each.
 *
 * Threads are made known to liburcu when they attach, if they are not, and taken leave of at their exit. fork without exec
 * is not supported, as by liburcu's memb flavour itself.
 *
 * Broken if: the fence follows the read of the epoch, one grace period is taken for enough. Tests: the contract tests of
 * domains, guards, maps and queues; adapter_test. */
#include "smr/urcu.h"

#include "alloc/backend.h"
#include "smr/grace.h"

#include <errno.h>
#include <urcu/static/urcu-memb.h> /* for one field: is the thread registered? */

/* Not initial-exec, as our own: that would ask for room for it in the static block, of which dlopen has none. */
extern DECLARE_URCU_TLS(struct urcu_reader, urcu_memb_reader) __attribute__((tls_model("global-dynamic")));

typedef struct {
    struct rcu_head head;
    pthread_mutex_t lock;
    cc_domain_t *domain; /* NULL: it is gone, and the callback frees this */
    bool sent;
} grace_t;

static _Thread_local bool registered_here;

static void passed(struct rcu_head *head)
{
    grace_t *grace = (grace_t *)head; /* its first member */
    pthread_mutex_lock(&grace->lock);
    cc_domain_t *domain = grace->domain;
    if (domain != NULL) {
        /* [urcu.advance] pairs with [urcu.verdict]: whoever frees sees that the sections are over. */
        cc__fetch_add_acq_rel(&domain->epoch, 1);
    }
    grace->sent = false;
    pthread_mutex_unlock(&grace->lock);
    if (domain == NULL)
        cc__backend_free(grace);
}

/* ---- domains */

static int open_domain(cc_domain_t *domain)
{
    grace_t *grace = cc__backend_alloc(sizeof *grace);
    if (grace == NULL)
        return -ENOMEM;
    pthread_mutex_init(&grace->lock, NULL);
    grace->domain = domain;
    grace->sent = false;
    domain->foreign = grace;
    return 0;
}

/* A grace period may be under way, which nobody needs any more; it is not waited for. */
static void close_domain(cc_domain_t *domain)
{
    grace_t *grace = domain->foreign;
    pthread_mutex_lock(&grace->lock);
    bool sent = grace->sent;
    grace->domain = NULL;
    pthread_mutex_unlock(&grace->lock);
    if (!sent)
        cc__backend_free(grace);
}

/* ---- threads */

static void take_leave(void)
{
    if (registered_here)
        urcu_memb_unregister_thread();
    registered_here = false;
}

static bool attach(cc__rec_t *rec)
{
    (void)rec;
    if (!URCU_TLS(urcu_memb_reader).registered) {
        urcu_memb_register_thread();
        registered_here = true;
    }
    if (cc__thread_self() != NULL)
        cc__thread_self()->farewell = take_leave;
    return true;
}

/* There may have been no memory to remember it until the thread's exit. */
static void detach(cc__rec_t *rec)
{
    (void)rec;
    if (cc__thread_peek() == NULL)
        take_leave();
}

static void pin(cc__rec_t *rec)
{
    smr_begin(rec);
}

/* Not of a thread that is not there, in the child of a fork that is about to exec. */
static void unpin(cc__rec_t *rec)
{
    if (rec->owner == cc__thread_peek())
        smr_end(rec);
}

/* ---- rounds */

static bool round_begin(cc__round_t *round)
{
    grace_t *grace = round->domain->foreign;
    pthread_mutex_lock(&grace->lock);
    bool send = !grace->sent;
    grace->sent = true;
    pthread_mutex_unlock(&grace->lock);
    /* [urcu.fence] pairs with [urcu.fence]: the round that stamps, and the one that sends the callback after next, see the
     * unlinks and the move of the callback before in one order. */
    cc__fence_seq_cst();
    if (send) {
        attach(&round->domain->drainer); /* a drain may be a thread's first call, and liburcu asks for it */
        urcu_memb_call_rcu(&grace->head, passed);
    }
    round->epoch = cc__load_acquire(&round->domain->epoch); /* [urcu.verdict] pairs with [urcu.advance]: as there */
    return true;
}

const cc__scheme_t cc__scheme_urcu = {
    .name = "urcu",
    .reclaims = true,
    .foreign = true,
    .rounds = 1, /* another one at once finds the same */
    .open = open_domain,
    .close = close_domain,
    .attach = attach,
    .detach = detach,
    .pin = pin,
    .unpin = unpin,
    .round_begin = round_begin,
    .may_free = cc__grace_may_free,
};
