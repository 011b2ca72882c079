/* The checker itself is checked: the classic shapes, each with all outcomes that C11 allows and none that it forbids. */
#include "clients.h"

#include "base/fence.h"

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

static void set_seq_cst(CC__ATOMIC(uint32_t) * at)
{
    uint32_t expected = 0;
    cc__cas_seq_cst(at, &expected, 1);
}

static void sb_seq_cst(int i)
{
    set_seq_cst(i == 1 ? x : y);
    r[i - 1] = cc__load_seq_cst(i == 1 ? y : x);
}

static void sb_seq_cst_acquire(int i)
{
    set_seq_cst(i == 1 ? x : y);
    r[i - 1] = cc__load_acquire(i == 1 ? y : x);
}

static void sb_acq_rel_seq_cst(int i)
{
    uint32_t expected = 0;
    cc__cas_acq_rel(i == 1 ? x : y, &expected, 1);
    r[i - 1] = cc__load_seq_cst(i == 1 ? y : x);
}

/* The fence and the access meet in one order. */
static void sb_seq_cst_fence(int i)
{
    if (i == 1)
        sb_seq_cst(i);
    else
        sb_fenced(i);
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

static void iriw_seq_cst(int i)
{
    if (i <= 2) {
        set_seq_cst(i == 1 ? x : y);
    } else {
        r[2 * i - 6] = cc__load_seq_cst(i == 3 ? x : y);
        r[2 * i - 5] = cc__load_seq_cst(i == 3 ? y : x);
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

const model_litmus_t model_memory_shapes[] = {
    LITMUS("sb-relaxed", 2, setup, sb_relaxed, finish, "0099 0199 1099 1199", ""),
    LITMUS("sb-release-acquire", 2, setup, sb_release, finish, "0099 0199 1099 1199", ""),
    LITMUS("sb-fences", 2, setup, sb_fenced, finish, "0199 1099 1199", "0099"),
    LITMUS("sb-one-fence", 2, setup, sb_one_fence, finish, "0099 0199 1099 1199", ""),
    LITMUS("sb-asymmetric", 2, setup, sb_asymmetric, finish, "0199 1099 1199", "0099"),
    LITMUS("sb-two-light-fences", 2, setup, sb_two_lights, finish, "0099 0199 1099 1199", ""),
    LITMUS("sb-seq-cst", 2, setup, sb_seq_cst, finish, "0199 1099 1199", "0099"),
    LITMUS("sb-seq-cst-acquire", 2, setup, sb_seq_cst_acquire, finish, "0099 0199 1099 1199", ""),
    LITMUS("sb-acq-rel-seq-cst", 2, setup, sb_acq_rel_seq_cst, finish, "0099 0199 1099 1199", ""),
    LITMUS("sb-seq-cst-fence", 2, setup, sb_seq_cst_fence, finish, "0199 1099 1199", "0099"),
    LITMUS("mp-relaxed", 2, setup, mp_relaxed, finish, "0099 0199 1099 1199", ""),
    LITMUS("mp-release-acquire", 2, setup, mp_release_acquire, finish, "0099 0199 1199", "1099"),
    LITMUS("mp-release-sequence", 3, setup, mp_release_sequence, finish, "0099 0199 1199 2199 1099", "2099"),
    LITMUS("lb", 2, setup, lb, finish, "0099 0199 1099", ""),
    LITMUS("iriw-release-acquire", 4, setup, iriw, finish, "1010 1111 0000 1110", ""),
    LITMUS("iriw-fences", 4, setup, iriw_fenced, finish, "1111 0000 1110 1011", "1010"),
    LITMUS("iriw-seq-cst", 4, setup, iriw_seq_cst, finish, "1111 0000 1110 1011", "1010"),
    LITMUS("2+2w", 2, setup, two_plus_two_w, finish_2_2w, "1199 2199 1299", ""),
    LITMUS("corr", 4, setup, corr, finish, "1212 2121 1222 0011", "1221 2112"),
    LITMUS("fetch-add", 4, setup, add_twice, finish_add, "4999", "1999 2999 3999"),
    {{.name = NULL}, NULL, NULL},
};
