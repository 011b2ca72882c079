/* The schemes of reclamation that all tests and stress programs go through: a new one is one line here.
 *
 * EACH_... calls X(name, enumerator, ...) once per scheme, with the arguments that it was given itself behind them;
 * LIST_... does the same with commas between:
 *
 *     #define ROW(name, scheme, title) {#name, title, scheme}
 *     static const row_t rows[] = {LIST_SCHEMES(ROW, "creates a domain")}; */
#ifndef CC_TEST_SCHEMES_H
#define CC_TEST_SCHEMES_H

#include <cc/domain.h>

#ifdef CC_TEST_ADAPTERS

/* A program of its own for those over other libraries. */
#define SCHEMES_WITH_SLOTS_(AND, X, ...)
#define SCHEMES_THAT_RECLAIM_(AND, X, ...) X(urcu, CC_SMR_URCU, __VA_ARGS__) AND() X(ck, CC_SMR_CK, __VA_ARGS__)
#define SCHEMES_(AND, X, ...)              SCHEMES_THAT_RECLAIM_(AND, X, __VA_ARGS__)

#else

/* Those whose guards are sets of slots: asleep in one, a thread pins what it obtained there and nothing else. */
#define SCHEMES_WITH_SLOTS_(AND, X, ...) X(ibr, CC_SMR_IBR, __VA_ARGS__) AND() X(debra, CC_SMR_DEBRA, __VA_ARGS__)

/* Those that reclaim at all. */
#define SCHEMES_THAT_RECLAIM_(AND, X, ...)                                                                             \
    SCHEMES_WITH_SLOTS_(AND, X, __VA_ARGS__) AND() X(epoch, CC_SMR_EPOCH, __VA_ARGS__)

#define SCHEMES_(AND, X, ...) SCHEMES_THAT_RECLAIM_(AND, X, __VA_ARGS__) AND() X(leak, CC_SMR_LEAK, __VA_ARGS__)

#endif

#define SCHEME_NOTHING_()
#define SCHEME_COMMA_() ,

#define EACH_SLOT_SCHEME(...)        SCHEMES_WITH_SLOTS_(SCHEME_NOTHING_, __VA_ARGS__)
#define EACH_RECLAIMING_SCHEME(...)  SCHEMES_THAT_RECLAIM_(SCHEME_NOTHING_, __VA_ARGS__)
#define EACH_SCHEME(...)             SCHEMES_(SCHEME_NOTHING_, __VA_ARGS__)
#define LIST_SLOT_SCHEMES(...)       SCHEMES_WITH_SLOTS_(SCHEME_COMMA_, __VA_ARGS__)
#define LIST_RECLAIMING_SCHEMES(...) SCHEMES_THAT_RECLAIM_(SCHEME_COMMA_, __VA_ARGS__)
#define LIST_SCHEMES(...)            SCHEMES_(SCHEME_COMMA_, __VA_ARGS__)

/* ---- the same at run time */

#define SCHEME_COUNTED_(name, scheme, ...) +1
#define SCHEME_ID_(name, scheme, ...)      scheme
#define SCHEME_IS_(name, scheme, given)    || (given) == (scheme)

enum { RECLAIMING_SCHEMES = 0 EACH_RECLAIMING_SCHEME(SCHEME_COUNTED_), SCHEMES = 0 EACH_SCHEME(SCHEME_COUNTED_) };

static const cc_smr_scheme_t reclaiming_schemes[RECLAIMING_SCHEMES] = {LIST_RECLAIMING_SCHEMES(SCHEME_ID_)};
static const cc_smr_scheme_t every_scheme[SCHEMES] = {LIST_SCHEMES(SCHEME_ID_)};

static inline bool scheme_has_slots(cc_smr_scheme_t scheme)
{
    return false EACH_SLOT_SCHEME(SCHEME_IS_, scheme);
}

/* Flushes that an object may need which nobody holds. */
static inline int scheme_attempts(cc_smr_scheme_t scheme)
{
    return scheme == CC_SMR_IBR ? 1 : 3;
}

#endif
