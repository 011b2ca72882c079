#include "sweep.h"

#include "alloc/backend_mock.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* One turn of a sweep. */
typedef struct {
    const sweep_suite_t *suite;
    const sweep_call_t *call;
    cc_smr_scheme_t scheme;
    sweep_caller_t caller;
    bool for_ever; /* the k-th allocation and all after it */
    uint64_t k;
    void *world;
    int64_t result;
    bool reached; /* the call came to its k-th allocation */
    bool failed;  /* out: it returned -ENOMEM */
} turn_t;

static const char *caller_name(sweep_caller_t caller)
{
    return caller == SWEEP_READY ? "ready" : caller == SWEEP_BARE ? "bare" : "new";
}

#define CHECK_TURN(turn, holds)                                                                                        \
    CHECK(holds, "%s, caller %s, scheme %s, allocation %" PRIu64 "%s, result %" PRId64, (turn)->call->name,            \
          caller_name((turn)->caller), cc_smr_scheme_name((turn)->scheme), (turn)->k,                                  \
          (turn)->for_ever ? " and all after" : "", (turn)->result)

/* k 0: no allocation fails. */
static void *call_with_failure(void *arg)
{
    turn_t *turn = arg;
    uint64_t before = cc__mock_calls();
    if (turn->for_ever)
        cc__mock_fail_from(turn->k);
    else
        cc__mock_fail_at(turn->k);
    turn->result = turn->call->call(turn->world);
    turn->reached = cc__mock_calls() - before >= turn->k;
    cc__mock_fail_at(0);
    return NULL;
}

static void on_a_thread(void *(*body)(void *), void *arg)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, body, arg) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

static void call_by_caller(turn_t *turn)
{
    if (turn->caller == SWEEP_BARE)
        CHECK_TURN(turn, cc_thread_detach(turn->suite->domain(turn->world)) == 0);
    if (turn->caller == SWEEP_NEW)
        on_a_thread(call_with_failure, turn);
    else
        call_with_failure(turn);
}

/* Made again with memory, the same call succeeds. */
static void call_again(const turn_t *failed)
{
    turn_t again = *failed;
    again.k = 0;
    call_by_caller(&again);
    CHECK_TURN(failed, again.result == failed->call->success);
}

static void *run_turn(void *arg)
{
    turn_t *turn = arg;
    const sweep_suite_t *suite = turn->suite;
    turn->world = calloc(1, suite->world_size);
    CHECK(turn->world != NULL);
    suite->set_up(turn->world, turn->scheme);
    suite->check(turn->world);
    if (turn->call->prepare != NULL)
        turn->call->prepare(turn->world);

    call_by_caller(turn);
    turn->failed = turn->result == -ENOMEM;
    if (turn->failed) {
        CHECK_TURN(turn, turn->reached);
        suite->check(turn->world);
        call_again(turn);
    } else {
        CHECK_TURN(turn, turn->result == turn->call->success);
    }
    if (turn->call->effect != NULL)
        turn->call->effect(turn->world);
    suite->check(turn->world);
    suite->tear_down(turn->world);
    free(turn->world);
    return NULL;
}

/* In a thread of its own, whose exit gives its record back: nothing at all may be left. */
static turn_t take_turn(turn_t turn)
{
    uint64_t live = cc__mock_live().blocks;
    on_a_thread(run_turn, &turn);
    CHECK_TURN(&turn, cc__mock_live().blocks == live);
    cc__mock_release_quarantine();
    return turn;
}

typedef struct {
    unsigned turns, enomem;
} tally_t;

static void sweep(turn_t turn, tally_t *tally)
{
    do {
        turn.k++;
        turn = take_turn(turn);
        tally->turns++;
        tally->enomem += turn.failed;
    } while (turn.reached);
}

static void sweep_call(const sweep_suite_t *suite, const sweep_call_t *call, cc_smr_scheme_t scheme)
{
    static const sweep_caller_t callers[] = {SWEEP_READY, SWEEP_BARE, SWEEP_NEW};
    tally_t tally = {0, 0};
    for (int i = 0; i < 3; i++) {
        if ((call->callers & callers[i]) == 0)
            continue;
        turn_t turn = {.suite = suite, .call = call, .scheme = scheme, .caller = callers[i]};
        sweep(turn, &tally);
        turn.for_ever = true;
        sweep(turn, &tally);
    }
    bool must_fail = (call->enomem_under & 1u << scheme) != 0;
    printf("  %-40s %3u turns, %2u times -ENOMEM\n", call->name, tally.turns, tally.enomem);
    CHECK((tally.enomem != 0) == must_fail, "%s, scheme %s: -ENOMEM %u times", call->name, cc_smr_scheme_name(scheme),
          tally.enomem);
}

void sweep_run(const sweep_suite_t *suite, cc_smr_scheme_t scheme)
{
    for (size_t i = 0; i < suite->count; i++)
        sweep_call(suite, &suite->calls[i], scheme);
}
