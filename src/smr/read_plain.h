/* Reading a link where the announcement made at the beginning covers whatever is reached: epochs, DEBRA+, leak. */
#ifndef CC_SMR_READ_PLAIN_H
#define CC_SMR_READ_PLAIN_H

#include "base/mark.h"
#include "smr/types.h"

typedef cc__rec_t *smr_hold_t;

static inline uintptr_t smr_read(smr_hold_t *hold, cc__link_t *link)
{
    (void)hold;
    /* [node.read] pairs with [node.link, node.unlink, node.mark, blocks.publish, blocks.freeze, blocks.die]: the contents of
     * what it names; seq_cst: a miss is one in the order of all calls. */
    return cc__load_seq_cst(link);
}

static inline uint64_t smr_birth(cc__rec_t *rec)
{
    (void)rec;
    return 0;
}

#endif
