/* A SEARCH that is never thrown back, because smr_begin covers the whole operation: IBR, epochs, leak. */
#ifndef CC_SMR_SEARCH_INLINE_H
#define CC_SMR_SEARCH_INLINE_H

#define SMR_SEARCH                static inline void
#define smr_search(rec, step, op) step(op)
#define smr_commit(rec, ...)      ((void)(rec))
#define smr_leave(rec)            ((void)(rec))

#endif
