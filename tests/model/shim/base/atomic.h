/* src/base/atomic.h for the model checker: the same names, every access a scheduling point with a history. */
#ifndef CC_BASE_ATOMIC_H
#define CC_BASE_ATOMIC_H

#include "model.h"

#include <stdatomic.h>

#define CC__ATOMIC(type) _Atomic(type)

#define MODEL_TYPE(p) __typeof__((void)0, *(p))
#define MODEL_ARGS(p) (void *)(uintptr_t)(p), (unsigned)sizeof *(p)
#define MODEL_WORD(v) ((uint64_t)(uintptr_t)(v))

#define MODEL_SITE(what) static const model_site_t model_site = {.file = __FILE__, .line = __LINE__, .text = what}

#define MODEL_LOAD(p, order, op)                                                                                       \
    ({                                                                                                                 \
        MODEL_SITE(op " " #p);                                                                                         \
        (MODEL_TYPE(p)) model_load(MODEL_ARGS(p), order, &model_site);                                                 \
    })
#define MODEL_STORE(p, v, order, op)                                                                                   \
    ({                                                                                                                 \
        MODEL_SITE(op " " #p);                                                                                         \
        model_store(MODEL_ARGS(p), MODEL_WORD(v), order, &model_site);                                                 \
    })
#define MODEL_RMW(p, how, v, order, op)                                                                                \
    ({                                                                                                                 \
        MODEL_SITE(op " " #p);                                                                                         \
        (MODEL_TYPE(p)) model_rmw(MODEL_ARGS(p), how, MODEL_WORD(v), order, &model_site);                              \
    })
#define MODEL_CAS(p, expected, v, success, failure, op)                                                                \
    ({                                                                                                                 \
        MODEL_SITE(op " " #p);                                                                                         \
        MODEL_TYPE(p) *model_expected = (expected);                                                                    \
        uint64_t model_word = MODEL_WORD(*model_expected);                                                             \
        bool model_done = model_cas(MODEL_ARGS(p), &model_word, MODEL_WORD(v), success, failure, &model_site);         \
        if (!model_done)                                                                                               \
            *model_expected = (MODEL_TYPE(p))model_word;                                                               \
        model_done;                                                                                                    \
    })

#define MODEL_PAIR_HALF(p, half, op)                                                                                   \
    ({                                                                                                                 \
        MODEL_SITE(op " " #p);                                                                                         \
        model_pair_load((p), half, MODEL_ACQUIRE, &model_site);                                                        \
    })

#ifdef MODEL_QUIET /* statistics: what they read decides nothing */
#define cc__load_relaxed(p) ((MODEL_TYPE(p))model_load_quiet(MODEL_ARGS(p)))
#else
#define cc__load_relaxed(p) MODEL_LOAD(p, MODEL_RELAXED, "load_relaxed")
#endif
#define cc__load_acquire(p) MODEL_LOAD(p, MODEL_ACQUIRE, "load_acquire")
#define cc__load_seq_cst(p) MODEL_LOAD(p, MODEL_SEQ_CST, "load_seq_cst")

#define cc__store_relaxed(p, v) MODEL_STORE(p, v, MODEL_RELAXED, "store_relaxed")
#define cc__store_release(p, v) MODEL_STORE(p, v, MODEL_RELEASE, "store_release")

#define cc__exchange_acquire(p, v) MODEL_RMW(p, MODEL_EXCHANGE, v, MODEL_ACQUIRE, "exchange_acquire")

#define cc__cas_relaxed(p, expected, v) MODEL_CAS(p, expected, v, MODEL_RELAXED, MODEL_RELAXED, "cas_relaxed")
#define cc__cas_release(p, expected, v) MODEL_CAS(p, expected, v, MODEL_RELEASE, MODEL_RELAXED, "cas_release")
#define cc__cas_acq_rel(p, expected, v) MODEL_CAS(p, expected, v, MODEL_ACQ_REL, MODEL_ACQUIRE, "cas_acq_rel")
#define cc__cas_seq_cst(p, expected, v) MODEL_CAS(p, expected, v, MODEL_SEQ_CST, MODEL_SEQ_CST, "cas_seq_cst")

#define cc__fetch_add_relaxed(p, v) MODEL_RMW(p, MODEL_ADD, v, MODEL_RELAXED, "fetch_add_relaxed")
#define cc__fetch_add_acq_rel(p, v) MODEL_RMW(p, MODEL_ADD, v, MODEL_ACQ_REL, "fetch_add_acq_rel")
#define cc__fetch_add_seq_cst(p, v) MODEL_RMW(p, MODEL_ADD, v, MODEL_SEQ_CST, "fetch_add_seq_cst")
#define cc__fetch_or_relaxed(p, v)  MODEL_RMW(p, MODEL_OR, v, MODEL_RELAXED, "fetch_or_relaxed")
#define cc__fetch_or_acq_rel(p, v)  MODEL_RMW(p, MODEL_OR, v, MODEL_ACQ_REL, "fetch_or_acq_rel")
#define cc__fetch_or_seq_cst(p, v)  MODEL_RMW(p, MODEL_OR, v, MODEL_SEQ_CST, "fetch_or_seq_cst")

typedef model_words_t cc__words_t;
typedef struct {
    _Alignas(16) CC__ATOMIC(uint64_t) low;
    CC__ATOMIC(uint64_t) high;
} cc__pair_t;

#define cc__pair_is_supported()  true
#define cc__pair_low_acquire(p)  MODEL_PAIR_HALF(p, 0, "pair_low_acquire")
#define cc__pair_high_acquire(p) MODEL_PAIR_HALF(p, 1, "pair_high_acquire")
#define cc__pair_cas(p, expected, v)                                                                                   \
    ({                                                                                                                 \
        MODEL_SITE("pair_cas " #p);                                                                                    \
        model_pair_cas((p), (expected), (v), &model_site);                                                             \
    })

#define cc__fence_seq_cst()                                                                                            \
    ({                                                                                                                 \
        MODEL_SITE("fence_seq_cst");                                                                                   \
        model_fence(&model_site);                                                                                      \
    })
#define cc__compiler_fence() ((void)0)

/* A statistic or a word with one writer: no scheduling point of its own, or nothing else would be explored. */
#define cc__counter_add(p, v) model_counter_add(MODEL_ARGS(p), MODEL_WORD(v))

#endif
