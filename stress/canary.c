/* canary.c: planted bugs, one per argument. A checking job that does not report its canary is not checking.
 *
 *     uaf          a value used beyond its guard, after it was reclaimed      AddressSanitizer
 *     leak         a value taken out of a map and never retired              LeakSanitizer
 *     race         two threads write a value without telling each other      ThreadSanitizer
 *     ub           signed overflow                                           UndefinedBehaviorSanitizer
 *     lost-update  replace made of get and put                               the linearizability checker, any build
 *
 * Exit code 0 means: the bug went unnoticed. check-canary.sh makes a failure of that. */
#include "cycle.h"
#include "history.h"
#include "report.h"

#include <cc/guard.h>
#include <cc/skiplist64.h>

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

enum { KEY = 42 };

static cc_domain_t *domain;
static cc_skiplist64_t *map;

static void set_up(void)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    opts.value_reclaim = value_reclaim;
    opts.value_size = sizeof(value_t);
    if (cc_domain_create(NULL, &domain) != 0 || cc_skiplist64_create(domain, &opts, &map) != 0 ||
        cc_skiplist64_insert(map, KEY, value_new(KEY, 0)) != 0)
        give_up("cannot set up the canary");
}

static void tear_down(void)
{
    if (cc_skiplist64_destroy(map) != 0 || cc_domain_destroy(domain) != 0)
        give_up("cannot take the canary down");
}

static value_t *get_in_guard(void)
{
    void *value = NULL;
    if (cc_skiplist64_get(map, KEY, &value) != 0)
        give_up("the key is not there");
    return value;
}

static void use_after_guard(void)
{
    cc_guard_t *guard = cc_guard_enter(domain);
    value_t *value = get_in_guard();
    cc_guard_leave(guard);
    if (cc_skiplist64_remove(map, KEY, NULL) != 0 || cc_domain_drain(domain, -1) != 0)
        give_up("cannot reclaim the value");
    printf("the value said %d\n", (int)*(volatile uint64_t *)&value->key);
}

/* In a thread of its own, so that no stack keeps the pointer. */
static void *take_and_forget(void *arg)
{
    (void)arg;
    void *old = NULL;
    if (cc_skiplist64_remove(map, KEY, &old) != 0)
        give_up("the key is not there");
    return NULL;
}

/* What the library does before the writes may order them; the barrier puts both threads beyond that. */
static void *write_value(void *arg)
{
    pthread_barrier_t *both_inside = arg;
    cc_guard_t *guard = cc_guard_enter(domain);
    value_t *value = get_in_guard();
    pthread_barrier_wait(both_inside);
    value->sequence++;
    cc_guard_leave(guard);
    return NULL;
}

static void run_threads(void *(*start)(void *), void *arg, int count)
{
    pthread_t threads[2];
    for (int i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, start, arg) != 0)
            give_up("cannot start a thread");
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

static void leak(void)
{
    run_threads(take_and_forget, NULL, 1);
}

static void race(void)
{
    pthread_barrier_t both_inside;
    pthread_barrier_init(&both_inside, NULL, 2);
    run_threads(write_value, &both_inside, 2);
    pthread_barrier_destroy(&both_inside);
}

static void overflow(void)
{
    volatile int most = INT_MAX;
    most = most + 1;
    printf("the sum is %d\n", most);
}

/* Somebody else's change between the get and the put is lost. */
static int lossy_replace(void *handle, uint64_t key, void *expected, void *desired)
{
    void *now;
    if (map_kind_u64.get(handle, key, &now) != 0)
        return -ENOENT;
    if (now != expected)
        return -ECANCELED;
    sched_yield();
    map_kind_u64.put(handle, key, desired, NULL);
    return 0;
}

static void lose_updates(void)
{
    static const report_place_t place = {0, "linear", "ibr", "u64, lossy", "canary lost-update"};
    map_kind_t lossy = map_kind_u64;
    lossy.replace = lossy_replace;
    cycle_t cycle = {.scheme = CC_SMR_IBR,
                     .kind = &lossy,
                     .threads = 4,
                     .keys_max = 8,
                     .jolt_us = 250,
                     .seed = 1,
                     .seconds = 20,
                     .map_owns_always = true};
    hist_clock_init();
    report_enter(&place);
    cycle_run(&cycle, &phase_linear); /* ends the process when it finds what it should */
}

static const struct {
    const char *name;
    void (*plant)(void);
} bugs[] = {{"uaf", use_after_guard}, {"leak", leak}, {"race", race}, {"ub", overflow}, {"lost-update", lose_updates}};

int main(int argc, char **argv)
{
    static const char usage[] = "usage: canary uaf|leak|race|ub|lost-update\n"
                                "Does something wrong, to see that it is noticed. Exit code 0: it was not.\n";
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    for (size_t i = 0; argc == 2 && i < sizeof bugs / sizeof bugs[0]; i++) {
        if (strcmp(argv[1], bugs[i].name) != 0)
            continue;
        set_up();
        bugs[i].plant();
        tear_down();
        values_flush();
        printf("%s: nobody noticed\n", argv[1]);
        fflush(stdout); /* LeakSanitizer ends the process with _exit */
        return 0;
    }
    fputs(usage, stderr);
    return 2;
}
