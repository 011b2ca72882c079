/* One random input, played by one thread and by eight: whoever plays it, every call has the same answer, and the same entries are
 * left. Each key is one thread's; neighbours are different threads', so the nodes that they change are not. Part of
 * map_contract.h. */
#ifndef CC_TEST_CONTRACT_SAME_INPUT_H
#define CC_TEST_CONTRACT_SAME_INPUT_H

enum { PLAYERS = 8, INPUT_KEYS = 400, INPUT_STEPS = 100000 };

typedef struct {
    map_t *map;
    uint64_t steps, me, of; /* plays the steps whose key is its own: me, me + of, ... */
    uint64_t answers;       /* a sum over all: the order does not matter */
} player_t;

/* Tokens: nobody looks where they point to. */
static void *token(uint64_t step)
{
    return (void *)(uintptr_t)((step + 1) * 16);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    a = (a ^ b) * UINT64_C(0x9E3779B97F4A7C15);
    return a ^ a >> 29;
}

static void play(player_t *p, uint64_t step, uint64_t n, unsigned verb)
{
    void *old = NULL;
    int err = 0;
    switch (verb) {
    case 0:
    case 1:
        err = VERB(insert)(p->map, KEY(n), token(step));
        break;
    case 2:
        err = VERB(put)(p->map, KEY(n), token(step), &old);
        break;
    case 3:
        if (VERB(get)(p->map, KEY(n), &old) == 0)
            err = VERB(replace)(p->map, KEY(n), old, token(step));
        break;
    case 4:
        if (VERB(get)(p->map, KEY(n), &old) == 0)
            err = VERB(remove_if)(p->map, KEY(n), step % 2 == 0 ? old : token(step), &old);
        break;
    default:
        err = VERB(remove)(p->map, KEY(n), &old);
    }
    p->answers += mix(mix(step, (uint64_t)err), (uintptr_t)old);
}

static void step_play(void *arg)
{
    player_t *p = arg;
    random_t random = random_start(1);
    for (uint64_t step = 0; step < p->steps; step++) {
        uint64_t n = random_below(&random, INPUT_KEYS);
        unsigned verb = random_below(&random, 7);
        if (n % p->of == p->me)
            play(p, step, n, verb);
    }
}

static uint64_t play_alone(map_t *map, uint64_t steps)
{
    player_t alone = {map, steps, 0, 1, 0};
    step_play(&alone);
    return alone.answers;
}

static uint64_t play_together(map_t *map, uint64_t steps)
{
    player_t players[PLAYERS];
    uint64_t answers = 0;
    for (uint64_t i = 0; i < PLAYERS; i++)
        players[i] = (player_t){map, steps, i, PLAYERS, 0};
    actors_run(PLAYERS, step_play, players, sizeof players[0]);
    for (int i = 0; i < PLAYERS; i++)
        answers += players[i].answers;
    return answers;
}

VISITOR(is_in_other)
{
    void *other = NULL;
    return VERB(get)(ctx, KEY(n), &other) == 0 && other == value;
}

MAP_TEST(eight_threads_end_as_one_does)
{
    for (int i = 0; i < SCHEMES; i++) {
        cc_domain_t *domain = make_domain(every_scheme[i]);
        map_t *one = make_map(domain, NULL), *eight = make_map(domain, NULL);
        uint64_t steps = every_scheme[i] == CC_SMR_LEAK ? INPUT_STEPS : random_steps(INPUT_STEPS);
        uint64_t expected = play_alone(one, steps);
        cr_assert_eq(play_together(eight, steps), expected, "seed %llu", random_seed());
        cr_assert_eq(VERB(validate)(eight), 0);
        cr_assert_eq(VERB(count)(eight), VERB(count)(one));
        cr_assert_eq(VERB(for_each)(eight, is_in_other, one), (int64_t)VERB(count)(one), "seed %llu", random_seed());
        cr_assert_eq(VERB(for_each)(one, is_in_other, eight), (int64_t)VERB(count)(one));
        cr_assert_eq(VERB(destroy)(one), 0);
        cr_assert_eq(VERB(destroy)(eight), 0);
        cr_assert_eq(cc_domain_destroy(domain), 0);
    }
}

#endif
