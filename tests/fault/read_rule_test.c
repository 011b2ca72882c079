/* The read rule of IBR, by the schedules that break anything less (docs/smr-ibr.md), replayed step by step.
 *
 *   frozen    list A < B < Z. The reader compares A, the link to B already read. Others remove A, insert C behind B,
 *             remove B (kept: the reader's interval meets its lifetime), remove C: born after the reader's interval,
 *             C is freed. B's link to C is frozen: who follows it reads freed memory.
 *   descend   the reader compares A one level up. Others insert C behind A, remove A, remove C, which is freed. A's
 *             link at the bottom is frozen: the reader must not go down from A.
 *   walk      the reader stands on A in the middle of a range; then as `descend`.
 *
 * The reader is parked by the comparator, which runs in the middle of the operation; forced heights leave nothing to
 * luck. The mock allocator fills freed nodes with poison and keeps them; under AddressSanitizer any touch of C is
 * reported as well. Built a second time with the library in which the read rule is off (CC_MUTANT_READ_RULE): there
 * each reader must be handed the poison. */
#define CC_MAP CC__MAP_SKIPLIST
#define CC_KEY CC__KEY_BYTES
#include "alloc/backend_mock.h"
#include "ds/skiplist_node.h"
#include "height.h"
#include "scenario.h"

#include <cc/skiplist.h>
#include <cc/stats.h>

#include <errno.h>
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { POISON_SEEN = 10 };

#ifdef CC_MUTANT_READ_RULE
enum { READ_RULE = false, EXPECTED = POISON_SEEN };
#else
enum { READ_RULE = true, EXPECTED = 0 };
#endif

typedef cc__skiplist_node_t node_t;

static cc_domain_t *domain;
static cc_skiplist_t *map;
static int values[128]; /* of the key "x": &values['x'] */

/* ---- the reader */

static struct {
    char node, key;       /* parks at this comparison */
    const void *stood_on; /* the key in the node it compares */
    sem_t parked, go_on;
    bool (*read)(void); /* its call; true: the right result */
} reader;

static _Thread_local bool is_reader;

static _Noreturn void poison_seen(void)
{
    CHECK(is_reader, "the wrong thread met the poison");
    printf("the reader was handed freed memory\n");
    fflush(NULL);
    _exit(POISON_SEEN);
}

static int compare(cc_bytes_t node, cc_bytes_t key, void *ctx)
{
    if (node.len != 1)
        poison_seen();
    char a = *(const char *)node.data, b = *(const char *)key.data;
    if (is_reader && reader.stood_on == NULL && a == reader.node && b == reader.key) {
        reader.stood_on = node.data;
        sem_post(&reader.parked);
        sem_wait(&reader.go_on);
    }
    return a - b;
}

static void *reader_main(void *arg)
{
    is_reader = true;
    CHECK(reader.read());
    return NULL;
}

static pthread_t start_reader(bool (*read)(void), char node, char key)
{
    pthread_t thread;
    reader.read = read;
    reader.node = node;
    reader.key = key;
    sem_init(&reader.parked, 0, 0);
    sem_init(&reader.go_on, 0, 0);
    CHECK(pthread_create(&thread, NULL, reader_main, NULL) == 0);
    sem_wait(&reader.parked);
    return thread;
}

/* The interval that the parked reader has reserved; nobody else is inside an operation. */
static uint64_t reader_upper(void)
{
    uint64_t upper = CC__IDLE;
    for (cc__rec_t *rec = cc__load_acquire(&domain->recs); rec != NULL; rec = rec->next) {
        if (cc__load_acquire(&rec->lower) != CC__IDLE) {
            CHECK(upper == CC__IDLE);
            upper = cc__load_acquire(&rec->upper);
        }
    }
    CHECK(upper != CC__IDLE);
    return upper;
}

/* ---- what the others do */

static cc_bytes_t key_of_letter(const char *letter)
{
    return (cc_bytes_t){letter, 1};
}

static node_t *find_node(char letter)
{
    for (node_t *node = map->head;;) {
        node = cc__unmarked(cc__load_acquire(&node->next[0]));
        CHECK(node != NULL, "no node %c", letter);
        if (*(const char *)skiplist_key(node).data == letter)
            return node;
    }
}

static node_t *insert(const char *letter, int height)
{
    next_height_is(domain, height);
    CHECK(cc_skiplist_insert(map, key_of_letter(letter), &values[(int)letter[0]]) == 0);
    node_t *node = find_node(letter[0]);
    CHECK((int)node->height == height);
    return node;
}

static void remove_letter(const char *letter)
{
    CHECK(cc_skiplist_remove(map, key_of_letter(letter), NULL) == 0);
}

static bool is_live(const node_t *node)
{
    return cc__backend_owns(node);
}

static bool is_poisoned(const node_t *node)
{
    const unsigned char *bytes = (const void *)node;
    size_t i = 0;
    while (i < CC_CACHE_LINE_SIZE && bytes[i] == CC__MOCK_POISON)
        i++;
    return i == CC_CACHE_LINE_SIZE;
}

/* `younger` was born after all that the reader may have read, so it goes; `older` ones stay. The links that lead to it
 * are frozen, and nothing that is still linked leads there. */
static void free_younger(const node_t *younger, const node_t *older[], size_t count, uint64_t upper)
{
    cc_smr_snapshot_t snapshot = CC_SMR_SNAPSHOT_INIT;
    CHECK(younger->birth > upper);
    CHECK(cc_domain_flush(domain) == 1);
    CHECK(cc_smr_stats_snapshot(domain, &snapshot) == 0);
    CHECK(snapshot.reclaimed == 1 && snapshot.limbo_count == count);
    CHECK(!is_live(younger) && is_poisoned(younger));
    for (size_t i = 0; i < count; i++) {
        CHECK(is_live(older[i]) && older[i]->birth <= upper);
        const node_t *next = i + 1 < count ? older[i + 1] : younger;
        CHECK(cc__load_acquire(&older[i]->next[0]) == ((uintptr_t)next | CC__MARK));
    }
    if (READ_RULE) {
        CHECK(cc__load_acquire(&map->head->next[0]) == (uintptr_t)find_node('z'));
        ASAN_POISON_MEMORY_REGION(younger, CC_CACHE_LINE_SIZE);
    }
}

/* ---- the calls that a reader makes: the key z is there all the time */

static bool get_z(void)
{
    void *value;
    return cc_skiplist_get(map, key_of_letter("z"), &value) == 0 && value == &values['z'];
}

static bool contains_z(void)
{
    return cc_skiplist_contains(map, key_of_letter("z"));
}

static bool is_z(int rc, const cc_buf_t *key, const void *value)
{
    return rc == 0 && key->len == 1 && *(const char *)key->data == 'z' && value == &values['z'];
}

static bool floor_z(void)
{
    char out;
    cc_buf_t key = {&out, 1, 0};
    void *value = NULL;
    int rc = cc_skiplist_floor(map, key_of_letter("z"), &key, &value);
    return is_z(rc, &key, value);
}

static bool ceil_z(void)
{
    char out;
    cc_buf_t key = {&out, 1, 0};
    void *value = NULL;
    int rc = cc_skiplist_ceil(map, key_of_letter("z"), &key, &value);
    return is_z(rc, &key, value);
}

static bool visit_z(cc_bytes_t key, void *value, void *ctx)
{
    CHECK(key.len == 1 && *(const char *)key.data == 'z' && value == &values['z']);
    return true;
}

static bool range_z(void)
{
    return cc_skiplist_range(map, key_of_letter("z"), CC_BYTES_MAX, visit_z, NULL) == 1;
}

static bool read_whole_range(void)
{
    return cc_skiplist_range(map, key_of_letter("a"), key_of_letter("z"), visit_z, NULL) == 1;
}

static bool insert_z(void)
{
    return cc_skiplist_insert(map, key_of_letter("z"), &values[0]) == -EEXIST;
}

static bool put_z(void)
{
    void *old;
    return cc_skiplist_put(map, key_of_letter("z"), &values[0], &old) == 1 && old == &values['z'];
}

static bool replace_z(void)
{
    return cc_skiplist_replace(map, key_of_letter("z"), &values['z'], &values[0]) == 0;
}

static bool remove_z(void)
{
    void *old;
    return cc_skiplist_remove(map, key_of_letter("z"), &old) == 0 && old == &values['z'];
}

/* ---- the schedules */

static void set_up(void)
{
    cc_domain_opts_t domain_opts = CC_DOMAIN_OPTS_INIT;
    cc_map_opts_t map_opts = CC_MAP_OPTS_INIT;
    domain_opts.scheme = CC_SMR_IBR;
    map_opts.compare = compare;
    CHECK(cc_domain_create(&domain_opts, &domain) == 0);
    CHECK(cc_skiplist_create(domain, &map_opts, &map) == 0);
}

static void let_go(pthread_t thread)
{
    sem_post(&reader.go_on);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(cc_skiplist_validate(map) == 0);
    CHECK(cc_skiplist_destroy(map) == 0);
    CHECK(cc_domain_drain(domain, -1) == 0);
    CHECK(cc_domain_destroy(domain) == 0);
}

static void frozen(bool (*read)(void))
{
    set_up();
    const node_t *a = insert("a", 1), *b = insert("b", 1);
    insert("z", 1);
    pthread_t thread = start_reader(read, 'a', 'z');
    CHECK(reader.stood_on == skiplist_key(a).data);
    uint64_t upper = reader_upper();
    remove_letter("a");
    const node_t *c = insert("c", 1);
    remove_letter("b");
    remove_letter("c");
    free_younger(c, (const node_t *[]){a, b}, 2, upper);
    let_go(thread);
}

/* With the reader parked on A. */
static void born_behind_a(const node_t *a, pthread_t thread)
{
    CHECK(reader.stood_on == skiplist_key(a).data);
    uint64_t upper = reader_upper();
    const node_t *c = insert("c", 1);
    remove_letter("a");
    remove_letter("c");
    free_younger(c, (const node_t *[]){a}, 1, upper);
    let_go(thread);
}

static void descend(bool (*read)(void))
{
    set_up();
    const node_t *a = insert("a", 2);
    insert("z", 1);
    born_behind_a(a, start_reader(read, 'a', 'z'));
}

static void walk(void)
{
    set_up();
    const node_t *a = insert("a", 1);
    insert("z", 1);
    born_behind_a(a, start_reader(read_whole_range, 'a', 'z'));
}

#define BY(schedule, call)                                                                                             \
    static void schedule##_##call(void)                                                                                \
    {                                                                                                                  \
        schedule(call);                                                                                                \
    }
#define EACH_CALL(DEFINE, schedule)                                                                                    \
    DEFINE(schedule, get_z)                                                                                            \
    DEFINE(schedule, contains_z)                                                                                       \
    DEFINE(schedule, floor_z)                                                                                          \
    DEFINE(schedule, ceil_z)                                                                                           \
    DEFINE(schedule, range_z)                                                                                          \
    DEFINE(schedule, insert_z)                                                                                         \
    DEFINE(schedule, put_z)                                                                                            \
    DEFINE(schedule, replace_z)                                                                                        \
    DEFINE(schedule, remove_z)

EACH_CALL(BY, frozen)
EACH_CALL(BY, descend)

static const char frozen_title[] = "a link of an unlinked node leads to a younger one";
static const char descend_title[] = "an unlinked node is left downwards";

#define ROW(schedule, call)                                                                                            \
    {.name = #schedule "-" #call, .title = schedule##_title, .run = schedule##_##call, .exit_code = EXPECTED},

static const scenario_t scenarios[] = {
    {.name = "walk", .title = "an unlinked node is left in the middle of a range", .run = walk, .exit_code = EXPECTED},
    EACH_CALL(ROW, frozen) EACH_CALL(ROW, descend)};

int main(int argc, char **argv)
{
    return scenarios_main(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
