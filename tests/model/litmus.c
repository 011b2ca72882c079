/* The checker itself is checked: the classic shapes, each with all outcomes that C11 allows and none that it forbids. */
#include "clients.h"

#include "base/fence.h"

#include <stdio.h>

static CC__ATOMIC(uint32_t) * x, *y;
static uint32_t r[8];
static int *plain;

static void setup(void)
{
    x = model_alloc(sizeof *x, 64);
    y = model_alloc(sizeof *y, 64);
    plain = model_alloc(sizeof *plain, 64);
    cc__store_relaxed(x, 0);
    cc__store_relaxed(y, 0);
    *plain = 0;
    for (int i = 0; i < 8; i++)
        r[i] = 9;
}

static void finish(void)
{
    unsigned long key = 0;
    for (int i = 0; i < 4; i++)
        key = key * 10 + r[i];
    model_outcome(key);
    model_free((void *)x);
    model_free((void *)y);
    model_free(plain);
}

static void sb_relaxed(int i)
{
    cc__store_relaxed(i == 1 ? x : y, 1);
    r[i - 1] = cc__load_relaxed(i == 1 ? y : x);
}

static void sb_release(int i)
{
    cc__store_release(i == 1 ? x : y, 1);
    r[i - 1] = cc__load_acquire(i == 1 ? y : x);
}

static void sb_fenced(int i)
{
    cc__store_relaxed(i == 1 ? x : y, 1);
    cc__fence_seq_cst();
    r[i - 1] = cc__load_relaxed(i == 1 ? y : x);
}

static void sb_one_fence(int i)
{
    cc__store_relaxed(i == 1 ? x : y, 1);
    if (i == 1)
        cc__fence_seq_cst();
    r[i - 1] = cc__load_relaxed(i == 1 ? y : x);
}

static void sb_asymmetric(int i)
{
    cc__store_relaxed(i == 1 ? x : y, 1);
    if (i == 1)
        cc__fence_light();
    else
        cc__fence_heavy();
    r[i - 1] = cc__load_relaxed(i == 1 ? y : x);
}

static void sb_two_lights(int i)
{
    cc__store_relaxed(i == 1 ? x : y, 1);
    cc__fence_light();
    r[i - 1] = cc__load_relaxed(i == 1 ? y : x);
}

static void mp_relaxed(int i)
{
    if (i == 1) {
        cc__store_relaxed(x, 1);
        cc__store_relaxed(y, 1);
    } else {
        r[0] = cc__load_relaxed(y);
        r[1] = cc__load_relaxed(x);
    }
}

static void mp_release_acquire(int i)
{
    if (i == 1) {
        cc__store_relaxed(x, 1);
        cc__store_release(y, 1);
    } else {
        r[0] = cc__load_acquire(y);
        r[1] = cc__load_relaxed(x);
    }
}

static void mp_release_sequence(int i)
{
    if (i == 1) {
        cc__store_relaxed(x, 1);
        cc__store_release(y, 1);
    } else if (i == 2) {
        cc__fetch_add_relaxed(y, 1);
    } else {
        r[0] = cc__load_acquire(y);
        r[1] = cc__load_relaxed(x);
    }
}

static void lb(int i)
{
    r[i - 1] = cc__load_relaxed(i == 1 ? x : y);
    cc__store_relaxed(i == 1 ? y : x, 1);
}

static void iriw(int i)
{
    if (i <= 2) {
        cc__store_release(i == 1 ? x : y, 1);
    } else {
        r[2 * (i - 3)] = cc__load_acquire(i == 3 ? x : y);
        r[2 * (i - 3) + 1] = cc__load_acquire(i == 3 ? y : x);
    }
}

static void iriw_fenced(int i)
{
    if (i <= 2) {
        cc__store_release(i == 1 ? x : y, 1);
    } else {
        r[2 * (i - 3)] = cc__load_acquire(i == 3 ? x : y);
        cc__fence_seq_cst();
        r[2 * (i - 3) + 1] = cc__load_acquire(i == 3 ? y : x);
    }
}

static void two_plus_two_w(int i)
{
    cc__store_relaxed(i == 1 ? x : y, 1);
    cc__store_relaxed(i == 1 ? y : x, 2);
}

static void finish_2_2w(void)
{
    r[0] = cc__load_relaxed(x);
    r[1] = cc__load_relaxed(y);
    finish();
}

static void corr(int i)
{
    if (i <= 2) {
        cc__store_relaxed(x, (uint32_t)i);
    } else {
        r[2 * (i - 3)] = cc__load_relaxed(x);
        r[2 * (i - 3) + 1] = cc__load_relaxed(x);
    }
}

static void add_twice(int i)
{
    (void)i;
    cc__fetch_add_relaxed(x, 1);
}

static void finish_add(void)
{
    r[0] = cc__load_relaxed(x);
    finish();
}

typedef struct {
    model_client_t client;
    const char *allowed, *forbidden; /* outcomes r0 r1 r2 r3, separated by blanks; 9: not written */
} litmus_t;

#define SHAPE(n, t, f, end, yes, no)                                                                                   \
    {                                                                                                                  \
        {.name = "litmus-" n,                                                                                          \
         .what = "outcomes as in C11",                                                                                 \
         .threads = t,                                                                                                 \
         .setup = setup,                                                                                               \
         .thread = f,                                                                                                  \
         .finish = end,                                                                                                \
         .complete = true},                                                                                            \
            yes, no                                                                                                    \
    }

static const litmus_t shapes[] = {
    SHAPE("sb-relaxed", 2, sb_relaxed, finish, "0099 0199 1099 1199", ""),
    SHAPE("sb-release-acquire", 2, sb_release, finish, "0099 0199 1099 1199", ""),
    SHAPE("sb-fences", 2, sb_fenced, finish, "0199 1099 1199", "0099"),
    SHAPE("sb-one-fence", 2, sb_one_fence, finish, "0099 0199 1099 1199", ""),
    SHAPE("sb-asymmetric", 2, sb_asymmetric, finish, "0199 1099 1199", "0099"),
    SHAPE("sb-two-light-fences", 2, sb_two_lights, finish, "0099 0199 1099 1199", ""),
    SHAPE("mp-relaxed", 2, mp_relaxed, finish, "0099 0199 1099 1199", ""),
    SHAPE("mp-release-acquire", 2, mp_release_acquire, finish, "0099 0199 1199", "1099"),
    SHAPE("mp-release-sequence", 3, mp_release_sequence, finish, "0099 0199 1199 2199 1099", "2099"),
    SHAPE("lb", 2, lb, finish, "0099 0199 1099", ""),
    SHAPE("iriw-release-acquire", 4, iriw, finish, "1010 1111 0000 1110", ""),
    SHAPE("iriw-fences", 4, iriw_fenced, finish, "1111 0000 1110 1011", "1010"),
    SHAPE("2+2w", 2, two_plus_two_w, finish_2_2w, "1199 2199 1299", ""),
    SHAPE("corr", 4, corr, finish, "1212 2121 1222 0011", "1221 2112"),
    SHAPE("fetch-add", 4, add_twice, finish_add, "4999", "1999 2999 3999"),
};

static int check_list(const litmus_t *shape, const char *list, bool wanted)
{
    int wrong = 0;
    unsigned long key;
    for (int used; sscanf(list, "%lu%n", &key, &used) == 1; list += used) {
        bool seen = model_outcomes(key) != 0;
        if (seen != wanted) {
            printf("%s: outcome %04lu %s\n", shape->client.name, key, wanted ? "never seen" : "seen, but forbidden");
            wrong++;
        }
    }
    return wrong;
}

int model_litmus(void)
{
    int wrong = 0;
    for (unsigned i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        uint64_t done;
        model_outcomes_clear();
        bool all = model_run(&shapes[i].client, UINT64_MAX, 60, &done);
        wrong += check_list(&shapes[i], shapes[i].allowed, true) + check_list(&shapes[i], shapes[i].forbidden, false);
        printf("%-28s %8lu executions%s\n", shapes[i].client.name, (unsigned long)done, all ? ", all there are" : "");
    }
    return wrong;
}
