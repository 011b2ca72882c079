#include "demo.h"

#include "base/rng.h"
#include "progress.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The mix of the churn, in percent; the rest removes a word, to put it back OUT_MAX removals later. */
enum { LOOKUPS = 78, RANGES = 2, OUT_MAX = 256, PREFIX_MAX = 4, ENTRIES_MAX = 100 };

typedef struct {
    demo_t *demo;
    unsigned number;
    uint64_t rng;
    demo_calls_t calls;
    uint64_t out[OUT_MAX]; /* words that this thread has removed: a ring, oldest at out_first */
    size_t out_first, out_count;
    pthread_t thread;
} worker_t;

static size_t random_word(worker_t *w)
{
    return (size_t)(cc__rng_next(&w->rng) % w->demo->words->count);
}

/* The word must be absent: this thread removed it, or nobody has put it in yet. */
static void insert_word(worker_t *w, uint64_t index)
{
    value_t *value = value_create(index, cc__rng_next(&w->rng));
    int err = value == NULL ? -ENOMEM : cc_skiplist_insert(w->demo->map, w->demo->words->word[index], value);
    w->calls.insertions++;
    if (err != 0) {
        demo_fail(w->demo, "insert of word %" PRIu64 ": %s", index, cc_strerror(err));
        if (value != NULL)
            value_discard(value);
    }
}

static void look_up(worker_t *w)
{
    size_t index = random_word(w);
    void *value;
    cc_guard_t *guard = cc_guard_enter(w->demo->domain);
    if (guard == NULL) {
        demo_fail(w->demo, "no memory for a guard");
        return;
    }
    int err = cc_skiplist_get(w->demo->map, w->demo->words->word[index], &value);
    if (err == 0 && !value_intact(value, index))
        demo_fail(w->demo, "word %zu has a foreign or a reclaimed value", index);
    if (err != 0 && err != -ENOENT)
        demo_fail(w->demo, "look-up of word %zu: %s", index, cc_strerror(err));
    cc_guard_leave(guard);
    w->calls.lookups++;
    w->calls.hits += err == 0;
}

typedef struct {
    demo_t *demo;
    cc_bytes_t prefix;
    uint64_t last; /* word visited before, plus 1 */
    unsigned entries;
} visit_t;

static bool visit(cc_bytes_t key, void *value, void *ctx)
{
    visit_t *v = ctx;
    uint64_t index = ((value_t *)value)->word;
    if (index >= v->demo->words->count || !value_intact(value, index) ||
        words_compare(v->demo->words->word[index], key) != 0)
        demo_fail(v->demo, "a range visited a key with a foreign or a reclaimed value");
    else if (index < v->last || key.len < v->prefix.len || memcmp(key.data, v->prefix.data, v->prefix.len) != 0)
        demo_fail(v->demo, "a range visited word %" PRIu64 " out of order or out of bounds", index);
    v->last = index + 1;
    return ++v->entries < ENTRIES_MAX;
}

static void look_up_prefix(worker_t *w)
{
    cc_bytes_t word = w->demo->words->word[random_word(w)];
    char last[PREFIX_MAX + 64]; /* the prefix and more 0xff bytes than a key of this prefix could begin with */
    size_t len = word.len < PREFIX_MAX ? word.len : PREFIX_MAX;
    memset(last, 0xff, sizeof last);
    memcpy(last, word.data, len);

    visit_t v = {.demo = w->demo, .prefix = {word.data, len}};
    int64_t n = cc_skiplist_range(w->demo->map, v.prefix, (cc_bytes_t){last, sizeof last}, visit, &v);
    if (n != v.entries)
        demo_fail(w->demo, "a range visited %u entries and returned %" PRId64, v.entries, n);
    w->calls.ranges++;
    w->calls.entries += v.entries;
}

static void put_back_oldest(worker_t *w)
{
    insert_word(w, w->out[w->out_first]);
    w->out_first = (w->out_first + 1) % OUT_MAX;
    w->out_count--;
}

static void take_out(worker_t *w)
{
    size_t index = random_word(w);
    int err = cc_skiplist_remove(w->demo->map, w->demo->words->word[index], NULL);
    w->calls.removals++;
    if (err == 0) {
        w->out[(w->out_first + w->out_count++) % OUT_MAX] = index;
        if (w->out_count == OUT_MAX)
            put_back_oldest(w);
    } else if (err != -ENOENT) {
        demo_fail(w->demo, "remove of word %zu: %s", index, cc_strerror(err));
    }
}

static void *churn(void *arg)
{
    worker_t *w = arg;
    while (!atomic_load_explicit(&w->demo->stop, memory_order_relaxed)) {
        uint64_t dice = cc__rng_next(&w->rng) % 100;
        if (dice < LOOKUPS)
            look_up(w);
        else if (dice < LOOKUPS + RANGES)
            look_up_prefix(w);
        else
            take_out(w);
    }
    while (w->out_count > 0 && !w->demo->failed)
        put_back_oldest(w);
    return NULL;
}

/* Each thread takes every n-th word of the shuffled list. */
static void *load(void *arg)
{
    worker_t *w = arg;
    demo_t *demo = w->demo;
    for (size_t i = w->number; i < demo->words->count && !demo->failed; i += demo->opts->threads)
        insert_word(w, demo->order[i]);
    return NULL;
}

/* ---- the sleeper */

typedef struct {
    demo_t *demo;
    sem_t asleep, wake;
    demo_sleep_t sleep;
    pthread_t thread;
} sleeper_t;

/* Takes values of words spread over the list, sleeps, and looks at what it still has. */
static void *sleep_in_guard(void *arg)
{
    sleeper_t *s = arg;
    const words_t *words = s->demo->words;
    size_t held = words->count < DEMO_HELD_MAX ? words->count : DEMO_HELD_MAX;
    void *value[DEMO_HELD_MAX], *now;
    cc_guard_t *guard = cc_guard_enter(s->demo->domain);
    for (size_t i = 0; i < held && !s->demo->failed; i++)
        if (guard == NULL || cc_skiplist_get(s->demo->map, words->word[i * words->count / held], &value[i]) != 0)
            demo_fail(s->demo, "the sleeper could not obtain its values");
    sem_post(&s->asleep);
    while (sem_wait(&s->wake) != 0)
        ;
    s->sleep.held = s->demo->failed ? 0 : held;
    for (size_t i = 0; i < s->sleep.held; i++) {
        uint64_t index = i * words->count / held;
        s->sleep.intact += value_intact(value[i], index);
        s->sleep.replaced += cc_skiplist_get(s->demo->map, words->word[index], &now) != 0 || now != value[i];
    }
    cc_guard_leave(guard);
    return NULL;
}

/* Returns when the sleeper sleeps. */
static bool sleeper_start(sleeper_t *s)
{
    sem_init(&s->asleep, 0, 0);
    sem_init(&s->wake, 0, 0);
    if (pthread_create(&s->thread, NULL, sleep_in_guard, s) != 0) {
        demo_fail(s->demo, "no thread for the sleeper");
        return false;
    }
    while (sem_wait(&s->asleep) != 0)
        ;
    return true;
}

static void sleeper_wake(sleeper_t *s)
{
    sem_post(&s->wake);
    pthread_join(s->thread, NULL);
}

/* ---- starting and stopping */

typedef struct {
    worker_t worker[DEMO_THREADS_MAX];
    unsigned started;
} crew_t;

static void crew_start(crew_t *crew, demo_t *demo, void *(*work)(void *))
{
    for (crew->started = 0; crew->started < demo->opts->threads; crew->started++) {
        worker_t *w = &crew->worker[crew->started];
        *w = (worker_t){.demo = demo, .number = crew->started};
        w->rng = (demo->opts->seed + w->number + 1) * UINT64_C(0x9E3779B97F4A7C15) | 1;
        if (pthread_create(&w->thread, NULL, work, w) != 0) {
            demo_fail(demo, "no thread number %u", w->number + 1);
            return;
        }
    }
}

static void crew_join(crew_t *crew, demo_calls_t *sum)
{
    for (unsigned i = 0; i < crew->started; i++) {
        pthread_join(crew->worker[i].thread, NULL);
        const demo_calls_t *calls = &crew->worker[i].calls;
        sum->lookups += calls->lookups;
        sum->hits += calls->hits;
        sum->ranges += calls->ranges;
        sum->entries += calls->entries;
        sum->removals += calls->removals;
        sum->insertions += calls->insertions;
    }
}

static uint64_t waiting_bytes(demo_t *demo)
{
    cc_smr_snapshot_t snapshot = CC_SMR_SNAPSHOT_INIT;
    if (cc_smr_stats_snapshot(demo->domain, &snapshot) != 0)
        demo_fail(demo, "no snapshot of the domain");
    return snapshot.limbo_bytes;
}

/* Watches the churn for its time, and samples what is waiting to be reclaimed. */
static void watch(demo_t *demo, demo_result_t *result)
{
    const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    char title[32];
    snprintf(title, sizeof title, "%s: churning", result->scheme);
    double start = demo_now();
    for (int sample = 0; sample < DEMO_SAMPLES && !demo->failed;) {
        nanosleep(&pause, NULL);
        double done = (demo_now() - start) / demo->opts->seconds;
        progress_show(title, done, 0);
        for (; sample < DEMO_SAMPLES && done * DEMO_SAMPLES >= sample + 1; sample++)
            result->waiting[sample] = waiting_bytes(demo);
    }
    progress_clear();
}

void demo_load(demo_t *demo)
{
    crew_t crew;
    demo_calls_t calls = {0};
    crew_start(&crew, demo, load);
    crew_join(&crew, &calls);
}

void demo_churn(demo_t *demo, demo_result_t *result)
{
    sleeper_t sleeper = {.demo = demo};
    crew_t crew = {0};
    if (!sleeper_start(&sleeper))
        return;
    double start = demo_now();
    crew_start(&crew, demo, churn);
    watch(demo, result);
    atomic_store(&demo->stop, true);
    crew_join(&crew, &result->calls);
    result->churn_seconds = demo_now() - start;
    result->churned = (cc_smr_snapshot_t)CC_SMR_SNAPSHOT_INIT;
    if (cc_smr_stats_snapshot(demo->domain, &result->churned) != 0)
        demo_fail(demo, "no snapshot of the domain");
    sleeper_wake(&sleeper);
    result->sleep = sleeper.sleep;
}
