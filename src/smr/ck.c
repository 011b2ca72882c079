/* Domains over ck_epoch: the slow path.
 *
 * The domain's epoch counts grace periods, as in urcu.c, where it is argued that what was stamped s may be freed at s + 2: one
 * callback at a time is under way, here in a record of ck_epoch that no reader uses, and each round polls that record
 * before it reads the epoch. So a round moves the epoch on if nobody is in the way. One thread polls at a time; another
 * does not wait for it.
 *
 * Not robust: a thread that sleeps inside a section holds everything up.
 *
 * Broken if: the fence follows the read of the epoch, one grace period is taken for enough, two threads poll at once. Tests:
 * the contract tests of domains, guards, maps and queues; adapter_test. */
#include "smr/ck.h"

#include "alloc/backend.h"
#include "smr/grace.h"

#include <errno.h>
#include <string.h>

enum { MOVES = 4 /* of ck's own epoch, that a grace period takes at most */ };

typedef struct {
    ck_epoch_t epoch;
    ck_epoch_record_t poller;
    ck_epoch_entry_t entry;
    CC__ATOMIC(uint32_t) busy; /* guards all but `epoch` */
    bool sent;
    cc_domain_t *domain;
} grace_t;

CK_EPOCH_CONTAINER(grace_t, entry, grace_of)

static void passed(ck_epoch_entry_t *entry)
{
    grace_t *grace = grace_of(entry);
    grace->sent = false;
    /* [ck.advance] pairs with [ck.verdict]: whoever frees sees that the sections are over. */
    cc__fetch_add_acq_rel(&grace->domain->epoch, 1);
}

/* ---- threads */

/* A record of ck_epoch goes with one of ours, for good. */
static bool attach(cc__rec_t *rec)
{
    grace_t *grace = rec->domain->foreign;
    if (rec->foreign != NULL)
        return true;
    ck_epoch_record_t *record = cc__backend_alloc_aligned(sizeof *record, CC_NO_SHARING);
    if (record == NULL)
        return false;
    ck_epoch_register(&grace->epoch, record, NULL);
    rec->foreign = record;
    return true;
}

static void pin(cc__rec_t *rec)
{
    smr_begin(rec);
}

static void unpin(cc__rec_t *rec)
{
    smr_end(rec);
}

/* ---- domains */

static int open_domain(cc_domain_t *domain)
{
    grace_t *grace = cc__backend_alloc_aligned(sizeof *grace, CC_NO_SHARING);
    if (grace == NULL)
        return -ENOMEM;
    memset(grace, 0, sizeof *grace);
    ck_epoch_init(&grace->epoch);
    ck_epoch_register(&grace->epoch, &grace->poller, NULL);
    grace->domain = domain;
    domain->foreign = grace;
    if (attach(&domain->emergency))
        return 0;
    cc__backend_free(grace);
    return -ENOMEM;
}

static void close_domain(cc_domain_t *domain)
{
    for (cc__rec_t *rec = cc__load_relaxed(&domain->recs); rec != NULL; rec = rec->next) { /* nobody else is left */
        cc__backend_free(rec->foreign);
        rec->foreign = NULL;
    }
    cc__backend_free(domain->foreign);
}

/* In the child of a fork. What the vanished were reading, they read no more; whoever polled may have had the callback in
 * hand. */
static void inherit(cc__rec_t *rec)
{
    grace_t *grace = rec->domain->foreign;
    if (rec->foreign != NULL)
        ((ck_epoch_record_t *)rec->foreign)->active = 0;
    if (cc__load_relaxed(&grace->busy) == 0) /* one thread is left */
        return;
    memset(grace->poller.pending, 0, sizeof grace->poller.pending);
    grace->poller.n_pending = 0;
    grace->sent = false;
    cc__store_relaxed(&grace->busy, 0);
}

/* ---- rounds */

static bool round_begin(cc__round_t *round)
{
    grace_t *grace = round->domain->foreign;
    bool locked = cc__exchange_acquire(&grace->busy, 1) == 0; /* [ck.lock] pairs with [ck.unlock]: the record */
    /* [ck.fence] pairs with [ck.fence]: the round that stamps, and the one that sends the callback after next, see the
     * unlinks and the move of the callback before in one order. */
    cc__fence_seq_cst();
    if (locked) {
        if (!grace->sent) {
            grace->sent = true;
            ck_epoch_call(&grace->poller, &grace->entry, passed);
        }
        for (int i = 0; i < MOVES && grace->sent && ck_epoch_poll(&grace->poller); i++) {
        }
        cc__store_release(&grace->busy, 0); /* [ck.unlock] pairs with [ck.lock]: the record as we leave it */
    }
    round->epoch = cc__load_acquire(&round->domain->epoch); /* [ck.verdict] pairs with [ck.advance]: as there */
    return true;
}

const cc__scheme_t cc__scheme_ck = {
    .name = "ck",
    .reclaims = true,
    .foreign = true,
    .rounds = 3,
    .open = open_domain,
    .close = close_domain,
    .attach = attach,
    .inherit = inherit,
    .pin = pin,
    .unpin = unpin,
    .round_begin = round_begin,
    .may_free = cc__grace_may_free,
};
