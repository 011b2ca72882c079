/* planted_histories.c: one history per way in which a map can lie, and the lawful one next to it. */
#include "planted_histories.h"

#include <errno.h>

/* Arguments: thread, call, return, ... A, B, C are values; A2 is another object at A's address. */
#define A  UINT64_C(0x0001000000000010)
#define B  UINT64_C(0x0002000000000020)
#define C  UINT64_C(0x0003000000000030)
#define A2 UINT64_C(0x0004000000000010)

#define OP(t, from, to, v, ...)                                                                                        \
    {                                                                                                                  \
        .call = (from), .ret = (to), .thread = (t), .verb = (v), __VA_ARGS__                                           \
    }
#define GET(t, from, to, value)         OP(t, from, to, HIST_GET, .seen = (value), .known = HIST_KNOWN_WHOLE)
#define GET_ADDRESS(t, from, to, value) OP(t, from, to, HIST_GET, .seen = (value), .known = HIST_KNOWN_ADDRESS)
#define GET_NONE(t, from, to)           OP(t, from, to, HIST_GET, .result = -ENOENT)
#define CONTAINS(t, from, to, yes)      OP(t, from, to, HIST_CONTAINS, .result = (yes))
#define INSERT(t, from, to, value, rc)  OP(t, from, to, HIST_INSERT, .arg = (value), .result = (rc))
#define PUT_NEW(t, from, to, value)     OP(t, from, to, HIST_PUT, .arg = (value))
#define PUT_OVER(t, from, to, value, old)                                                                              \
    OP(t, from, to, HIST_PUT, .arg = (value), .result = 1, .seen = (old), .known = HIST_KNOWN_WHOLE)
#define PUT_BLIND(t, from, to, value) OP(t, from, to, HIST_PUT, .arg = (value), .result = 1)
#define REPLACE(t, from, to, expected, value, rc)                                                                      \
    OP(t, from, to, HIST_REPLACE, .arg = (value), .seen = (expected), .result = (rc), .known = HIST_KNOWN_WHOLE)
#define REPLACE_ADDRESS(t, from, to, expected, value, rc)                                                              \
    OP(t, from, to, HIST_REPLACE, .arg = (value), .seen = (expected), .result = (rc), .known = HIST_KNOWN_ADDRESS)
#define REMOVE(t, from, to, old)  OP(t, from, to, HIST_REMOVE, .seen = (old), .known = HIST_KNOWN_WHOLE)
#define REMOVE_BLIND(t, from, to) OP(t, from, to, HIST_REMOVE, .result = 0)
#define REMOVE_NONE(t, from, to)  OP(t, from, to, HIST_REMOVE, .result = -ENOENT)

#define GOOD LIN_OK
#define BAD  LIN_VIOLATED

const planted_t planted[] = {
    {"one thread, every verb",
     0,
     GOOD,
     {GET_NONE(0, 1, 2), INSERT(0, 3, 4, A, 0), INSERT(0, 5, 6, B, -EEXIST), PUT_OVER(0, 7, 8, B, A),
      REPLACE(0, 9, 10, A, C, -ECANCELED), REPLACE(0, 11, 12, B, C, 0), CONTAINS(0, 13, 14, 1), REMOVE(0, 15, 16, C)}},
    {"overlapping get sees the insert early", 0, GOOD, {INSERT(0, 1, 10, A, 0), GET(1, 2, 3, A), GET(1, 4, 5, A)}},
    {"overlapping gets, new then old", 0, BAD, {INSERT(0, 1, 10, A, 0), GET(1, 2, 3, A), GET_NONE(1, 4, 5)}},
    {"overlapping gets of two threads, old then new",
     0,
     GOOD,
     {INSERT(0, 1, 10, A, 0), GET_NONE(1, 2, 3), GET(2, 4, 5, A)}},
    {"stale read: removed value seen", A, BAD, {REMOVE(0, 1, 2, A), GET(1, 3, 4, A)}},
    {"stale read: replaced value seen", A, BAD, {PUT_OVER(0, 1, 2, B, A), GET(1, 3, 4, A)}},
    {"read of a value overlapping its removal", A, GOOD, {REMOVE(0, 1, 4, A), GET(1, 2, 5, A)}},
    {"stale absence: insert not seen", 0, BAD, {INSERT(0, 1, 2, A, 0), GET_NONE(1, 3, 4)}},
    {"contains misses a key that was there throughout", A, BAD, {CONTAINS(0, 1, 2, 0)}},
    {"contains finds a key that was never there", 0, BAD, {CONTAINS(0, 1, 2, 1)}},
    {"contains may answer either way during an insert",
     0,
     GOOD,
     {INSERT(0, 1, 10, A, 0), CONTAINS(1, 2, 3, 0), CONTAINS(2, 4, 5, 1), CONTAINS(1, 6, 7, 1)}},
    {"contains goes back on its answer", 0, BAD, {INSERT(0, 1, 10, A, 0), CONTAINS(1, 2, 3, 1), CONTAINS(2, 4, 5, 0)}},
    {"two inserts, both succeed", 0, BAD, {INSERT(0, 1, 4, A, 0), INSERT(1, 2, 3, B, 0)}},
    {"two inserts, one succeeds", 0, GOOD, {INSERT(0, 1, 4, A, 0), INSERT(1, 2, 3, B, -EEXIST)}},
    {"two inserts, both fail", 0, BAD, {INSERT(0, 1, 4, A, -EEXIST), INSERT(1, 2, 3, B, -EEXIST)}},
    {"two removes of one value, both succeed", A, BAD, {REMOVE(0, 1, 4, A), REMOVE(1, 2, 3, A)}},
    {"two blind removes, both succeed", A, BAD, {REMOVE_BLIND(0, 1, 4), REMOVE_BLIND(1, 2, 3)}},
    {"two removes, one succeeds", A, GOOD, {REMOVE(0, 1, 4, A), REMOVE_NONE(1, 2, 3)}},
    {"two removes with an insert between them",
     A,
     GOOD,
     {REMOVE(0, 1, 6, A), REMOVE(1, 2, 5, B), INSERT(2, 3, 4, B, 0)}},
    {"remove takes a value that is not there yet", A, BAD, {REMOVE(0, 1, 2, B), PUT_OVER(1, 3, 4, B, A)}},
    {"lost update: two replaces of one value succeed", A, BAD, {REPLACE(0, 1, 4, A, B, 0), REPLACE(1, 2, 3, A, C, 0)}},
    {"two replaces of one value, one is canceled",
     A,
     GOOD,
     {REPLACE(0, 1, 4, A, B, 0), REPLACE(1, 2, 3, A, C, -ECANCELED)}},
    {"lost update: two puts replace the same value", A, BAD, {PUT_OVER(0, 1, 4, B, A), PUT_OVER(1, 2, 3, C, A)}},
    {"lost update: a put vanishes", A, BAD, {PUT_OVER(0, 1, 2, B, A), PUT_OVER(1, 3, 4, C, A)}},
    {"lost insert: the last put finds nothing", 0, BAD, {INSERT(0, 1, 2, A, 0), PUT_NEW(1, 3, 4, B)}},
    {"replace succeeds on a wrong expected value", A, BAD, {REPLACE(0, 1, 2, B, C, 0)}},
    {"replace is canceled although its value is there", A, BAD, {REPLACE(0, 1, 2, A, B, -ECANCELED)}},
    {"replace finds nothing although the key is there", A, BAD, {REPLACE(0, 1, 2, A, B, -ENOENT)}},
    {"replace revives a removed key", A, BAD, {REMOVE(0, 1, 2, A), REPLACE(1, 3, 4, A, B, 0)}},
    {"canceled replace changed the value all the same", A, BAD, {REPLACE(0, 1, 2, B, C, -ECANCELED), GET(0, 3, 4, C)}},
    {"get of a value never written", A, BAD, {PUT_OVER(0, 1, 4, B, A), GET(1, 2, 3, C)}},
    {"failed insert left its value behind", A, BAD, {INSERT(0, 1, 2, B, -EEXIST), GET(0, 3, 4, B)}},
    {"order of two finished puts reversed", A, BAD, {PUT_BLIND(0, 1, 2, B), PUT_BLIND(1, 3, 4, C), GET(2, 5, 6, B)}},
    {"order of two overlapping puts is free", A, GOOD, {PUT_BLIND(0, 1, 4, B), PUT_BLIND(1, 2, 3, C), GET(2, 5, 6, B)}},
    {"two readers disagree about two overlapping puts",
     A,
     BAD,
     {PUT_BLIND(0, 1, 20, B), PUT_BLIND(1, 2, 19, C), GET(2, 3, 4, B), GET(3, 5, 6, C), GET(2, 7, 8, B)}},
    {"three pending puts, the order shows only later",
     A,
     GOOD,
     {PUT_OVER(0, 1, 10, B, C), PUT_OVER(1, 2, 9, C, A2), PUT_OVER(2, 3, 8, A2, A), GET(3, 11, 12, B)}},
    {"three pending puts in a circle",
     A,
     BAD,
     {PUT_OVER(0, 1, 10, B, C), PUT_OVER(1, 2, 9, C, A2), PUT_OVER(2, 3, 8, A2, B)}},
    {"same address, another object: known as a whole", A2, BAD, {GET(0, 1, 2, A)}},
    {"same address, another object: known by address", A2, GOOD, {GET_ADDRESS(0, 1, 2, A)}},
    {"replace by address accepts the recycled one", A2, GOOD, {REPLACE_ADDRESS(0, 1, 2, A, B, 0), GET(0, 3, 4, B)}},
    {"replace by whole value rejects the recycled one", A2, GOOD, {REPLACE(0, 1, 2, A, B, -ECANCELED)}},
    {"replace by whole value takes the recycled one", A2, BAD, {REPLACE(0, 1, 2, A, B, 0)}},
    {"equal stamps of two threads overlap", 0, GOOD, {INSERT(0, 1, 2, A, 0), GET_NONE(1, 2, 3)}},
    {"different stamps do not", 0, BAD, {INSERT(0, 1, 2, A, 0), GET_NONE(1, 3, 4)}},
    {"one thread steps at a stamp where another returns",
     0,
     GOOD,
     {INSERT(0, 1, 5, A, 0), GET_NONE(1, 2, 5), GET_NONE(1, 5, 6)}},
};

const size_t planted_count = sizeof planted / sizeof planted[0];
