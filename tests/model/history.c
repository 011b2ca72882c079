/* Atomic locations: each keeps its stores in modification order, so that a load may return any store that the thread's
 * view allows. A release store carries the view of its thread; who reads it with acquire order takes the view over. A
 * read-modify-write reads the newest store and passes on the view of what it read (release sequences).
 *
 * The newest store is also what lies in memory: a thread that is alone reads and writes there. */
#include "views.h"

enum { LOCATIONS = 2048, HASH = 256, GAP = 1 << 12, NO_NUMBER = -1, PAIR = 16 };

typedef struct {
    uint64_t value, high; /* high: of a pair */
    uint32_t at;          /* position in the modification order */
    uint32_t stamp;       /* clock of the thread that made it */
    int by;               /* that thread; -1: it was there before the threads */
    bool next_is_rmw;     /* a read-modify-write read this one: nothing may come between */
    view_t *view;         /* NULL: everybody has seen it */
} message_t;

typedef struct {
    const void *address;
    unsigned size, count, cap;
    message_t **messages; /* in modification order */
    int number; /* in the views; NO_NUMBER: no conflict yet, nothing sequentially consistent: the clocks say it all */
    int sole;   /* the one thread that has touched it; -1: none; MODEL_THREADS: several */
    bool written, learned;
} location_t;

static location_t locations[LOCATIONS];
static model_touched_t touched[LOCATIONS];
static unsigned location_count;
static int number_count;
static uint16_t table[HASH]; /* locations outside the blocks */

void model_history_begin(void)
{
    location_count = 1; /* 0: none */
    number_count = 0;
    memset(table, 0, sizeof table);
}

model_touched_t *model_touched(uint16_t location)
{
    return &touched[location];
}

static uint64_t memory(const void *at, unsigned size)
{
    uint64_t value = 0;
    memcpy(&value, at, size);
    return value;
}

static void set_memory(void *at, unsigned size, uint64_t value)
{
    memcpy(at, &value, size);
}

/* Of a word of it. */
static unsigned word_size(unsigned size)
{
    return size == PAIR ? sizeof(uint64_t) : size;
}

static void append(location_t *location, unsigned place, message_t *message)
{
    if (location->count == location->cap) {
        unsigned cap = location->cap == 0 ? 8 : location->cap * 2;
        message_t **wider = model_pool(cap * sizeof *wider);
        if (location->count != 0)
            memcpy(wider, location->messages, location->count * sizeof *wider);
        location->messages = wider;
        location->cap = cap;
    }
    memmove(&location->messages[place + 1], &location->messages[place],
            (location->count - place) * sizeof *location->messages);
    location->messages[place] = message;
    location->count++;
}

static uint16_t make_location(const void *at, unsigned size)
{
    if (location_count == LOCATIONS)
        model_fail("the client has more than %d atomic locations", LOCATIONS);
    location_t *location = &locations[location_count];
    *location = (location_t){.address = at, .size = size, .number = NO_NUMBER, .sole = -1};
    location->learned = model_learned(model_key(at));
    memset(&touched[location_count], 0, sizeof *touched);
    message_t *first = model_pool(sizeof *first);
    *first = (message_t){.value = memory(at, word_size(size)), .by = -1};
    if (size == PAIR)
        first->high = memory((const uint64_t *)at + 1, word_size(size));
    append(location, 0, first);
    return (uint16_t)location_count++;
}

static uint16_t *outside(const void *at)
{
    unsigned slot = (unsigned)((uintptr_t)at * UINT64_C(0x9E3779B97F4A7C15) >> 56);
    while (table[slot] != 0 && locations[table[slot]].address != at)
        slot = (slot + 1) % HASH;
    return &table[slot];
}

static location_t *location_at(const void *at, unsigned size, const model_site_t *site)
{
    uint16_t *kept = model_location_of(at, size, site);
    if (kept == NULL)
        kept = outside(at);
    uintptr_t into = *kept != 0 ? (uintptr_t)at - (uintptr_t)locations[*kept].address : 0;
    if (into > 0 && into < 4) /* where locations are is known by words */
        model_fail("two atomics in one word of four bytes: %s", site->text);
    if (*kept == 0) {
        *kept = make_location(at, size);
        for (unsigned offset = 4; offset < size; offset += 4) {
            uint16_t *more = model_location_of((const char *)at + offset, 4, site);
            if (more != NULL)
                *more = *kept;
        }
    }
    return &locations[*kept];
}

static message_t *newest(const location_t *location)
{
    return location->messages[location->count - 1];
}

/* ---- an access begins */

static void give_number(location_t *location)
{
    if (location->number == NO_NUMBER)
        location->number = number_count++;
    if (number_count > MODEL_SHARED)
        model_fail("more than %d locations are shared", MODEL_SHARED);
}

/* Notes who touches the location. From the first conflict on it has a number in the views, and is learned. */
static void note(location_t *location, bool writes)
{
    int self = model_current;
    model_touched_t *mine = &touched[location - locations];
    (writes ? mine->wrote : mine->read)[self] = model_clock(self);
    location->written |= writes;
    if (location->sole == self)
        return;
    location->sole = location->sole == -1 ? self : MODEL_THREADS;
    if (location->sole == self || !location->written)
        return;
    give_number(location);
    if (!location->learned) {
        location->learned = true;
        model_learn(model_key(location->address));
    }
}

static location_t *begin(const void *at, unsigned size, bool writes, const model_site_t *site)
{
    location_t *location = location_at(at, size, site);
    bool point = model_is_point(site->text);
    if (point)
        model_reach();
    if (location->learned && point)
        model_step();
    else
        model_step_private();
    model_touch(at, size, writes ? MODEL_ATOMIC_WRITE : MODEL_ATOMIC_READ, site);
    note(location, writes);
    return location;
}

static void trace(const model_site_t *site, uint64_t value, const char *remark)
{
    if (model_config.trace) {
        const char *slash = strrchr(site->file, '/');
        model_trace_event("%d: %s:%d %s = %#lx%s", model_current, slash != NULL ? slash + 1 : site->file, site->line,
                          site->text, (unsigned long)value, remark);
    }
}

/* ---- reading */

static bool acquires(model_order_t order)
{
    return order == MODEL_ACQUIRE || order == MODEL_ACQ_REL || order == MODEL_SEQ_CST;
}

static bool releases(model_order_t order)
{
    return order == MODEL_RELEASE || order == MODEL_ACQ_REL || order == MODEL_SEQ_CST;
}

/* What a sequentially consistent access has read or written, the ones after it must see. */
static void agree(location_t *location, const message_t *message, model_order_t order)
{
    if (order != MODEL_SEQ_CST)
        return;
    give_number(location); /* a fence of another thread may come before its first access */
    model_view_see(&model_sc, (unsigned)location->number, message->at);
}

static void take(location_t *location, const message_t *message, model_order_t order)
{
    int self = model_current;
    agree(location, message, order);
    if (location->number != NO_NUMBER)
        model_view_see(&model_cur[self], (unsigned)location->number, message->at);
    if (message->view != NULL && location->sole != self)
        model_view_join(acquires(order) ? &model_cur[self] : &model_acq[self], message->view);
}

/* Position of the oldest store that may be read: it was seen, and none later. */
static unsigned oldest_left_by(const location_t *location, const view_t *view)
{
    uint32_t seen = location->number != NO_NUMBER ? model_view_seen(view, (unsigned)location->number) : 0;
    unsigned i = location->count - 1;
    while (i > 0) {
        const message_t *message = location->messages[i];
        if (message->at <= seen || view->knows[message->by] >= message->stamp)
            break;
        i--;
    }
    return i;
}

static unsigned oldest_readable(const location_t *location, model_order_t order)
{
    unsigned own = oldest_left_by(location, &model_cur[model_current]);
    if (order != MODEL_SEQ_CST)
        return own;
    unsigned agreed = oldest_left_by(location, &model_sc);
    return own > agreed ? own : agreed;
}

static message_t *choose_store(const location_t *location, model_order_t order, const model_site_t *site)
{
    if (location->sole == model_current || model_current == 0) /* the main fiber looks late: all stores have arrived */
        return newest(location);
    unsigned n = location->count - oldest_readable(location, order);
    const char *named = model_client()->stale;
    if (named != NULL)
        return location
            ->messages[location->count - 1 - (strstr(site->text, named) != NULL ? model_pick(n, MODEL_CLIENT) : 0)];
    unsigned back = n > 1 && model_stale_left() ? model_pick(n, MODEL_READ) : 0;
    if (back != 0)
        model_stale_used();
    return location->messages[location->count - 1 - back];
}

uint64_t model_load(const void *at, unsigned size, model_order_t order, const model_site_t *site)
{
    if (model_alone) {
        model_touch(at, size, MODEL_ATOMIC_READ, site);
        return memory(at, size);
    }
    location_t *location = begin(at, size, false, site);
    if ((model_fresh & 1u << model_current) != 0)
        model_search_reads(at, site);
    const message_t *message = choose_store(location, order, site);
    take(location, message, order);
    trace(site, message->value, message != newest(location) ? "  (stale)" : "");
    return message->value;
}

uint64_t model_load_quiet(const void *at, unsigned size)
{
    model_touch(at, size, MODEL_ATOMIC_READ, NULL);
    return memory(at, size);
}

/* ---- writing */

/* Where in the modification order a store goes: at the end, or before stores that the thread has not seen. */
static unsigned choose_place(const location_t *location)
{
    unsigned places[8], n = 1, oldest = oldest_left_by(location, &model_cur[model_current]);
    places[0] = location->count;
    for (unsigned i = location->count - 1; i > oldest && n < 8; i--) {
        const message_t *before = location->messages[i - 1];
        if (!before->next_is_rmw && location->messages[i]->at - before->at > 1)
            places[n++] = i;
    }
    unsigned chosen = n > 1 && model_stale_left() ? model_pick(n, MODEL_PLACE) : 0;
    if (chosen != 0)
        model_stale_used();
    return places[chosen];
}

static void put(location_t *location, unsigned place, uint64_t value, model_order_t order, const message_t *read)
{
    int self = model_current;
    uint32_t before = location->messages[place - 1]->at;
    message_t *message = model_pool(sizeof *message);
    *message = (message_t){.value = value, .by = self, .stamp = model_clock(self)};
    message->at = place == location->count ? before + GAP : before + (location->messages[place]->at - before) / 2;
    if (location->number != NO_NUMBER)
        model_view_see(&model_cur[self], (unsigned)location->number, message->at);
    agree(location, message, order);
    const view_t *view = releases(order) ? &model_cur[self] : &model_rel[self];
    if (read != NULL && read->view != NULL && read->view->known > view->known)
        model_view_widen(releases(order) ? &model_cur[self] : &model_rel[self], read->view->known);
    message->view = model_view_keep(view);
    if (read != NULL && read->view != NULL) /* a release sequence goes on */
        model_view_join(message->view, read->view);
    append(location, place, message);
    if (place + 1 == location->count)
        set_memory((void *)(uintptr_t)location->address, word_size(location->size), value);
    model_tick(self);
}

void model_store(void *at, unsigned size, uint64_t value, model_order_t order, const model_site_t *site)
{
    if (model_alone) {
        model_touch(at, size, MODEL_ATOMIC_WRITE, site);
        set_memory(at, size, value);
        return;
    }
    location_t *location = begin(at, size, true, site);
    unsigned place = choose_place(location);
    trace(site, value, place != location->count ? "  (before a store of another thread)" : "");
    put(location, place, value, order, NULL);
}

static void change(location_t *location, uint64_t value, model_order_t order)
{
    message_t *read = newest(location);
    take(location, read, order);
    read->next_is_rmw = true;
    put(location, location->count, value, order, read);
}

static uint64_t masked(uint64_t value, unsigned size)
{
    return size == 8 ? value : value & ((UINT64_C(1) << 8 * size) - 1);
}

static uint64_t combine(model_rmw_t how, uint64_t old, uint64_t value, unsigned size)
{
    if (how == MODEL_ADD)
        return masked(old + value, size);
    return how == MODEL_OR ? masked(old | value, size) : masked(value, size);
}

uint64_t model_rmw(void *at, unsigned size, model_rmw_t how, uint64_t value, model_order_t order,
                   const model_site_t *site)
{
    if (model_alone) {
        model_touch(at, size, MODEL_ATOMIC_WRITE, site);
        uint64_t old = memory(at, size);
        set_memory(at, size, combine(how, old, value, size));
        return old;
    }
    location_t *location = begin(at, size, true, site);
    uint64_t old = newest(location)->value;
    trace(site, combine(how, old, value, size), "");
    change(location, combine(how, old, value, size), order);
    return old;
}

bool model_cas(void *at, unsigned size, uint64_t *expected, uint64_t value, model_order_t success,
               model_order_t failure, const model_site_t *site)
{
    if (model_alone) {
        model_touch(at, size, MODEL_ATOMIC_WRITE, site);
        uint64_t old = memory(at, size);
        bool equal = old == masked(*expected, size);
        if (equal)
            set_memory(at, size, value);
        *expected = old;
        return equal;
    }
    location_t *location = begin(at, size, true, site);
    const message_t *message = newest(location);
    if (message->value == masked(*expected, size)) {
        trace(site, value, "  (done)");
        change(location, masked(value, size), success);
        return true;
    }
    take(location, message, failure);
    trace(site, message->value, "  (failed, it is this)");
    *expected = message->value;
    return false;
}

/* ---- pairs: one location; who reads its halves one by one may get them out of two stores, the second one not older */

uint64_t model_pair_load(const void *at, int half, model_order_t order, const model_site_t *site)
{
    if (model_alone) {
        model_touch(at, PAIR, MODEL_ATOMIC_READ, site);
        return memory((const uint64_t *)at + half, sizeof(uint64_t));
    }
    location_t *location = begin(at, PAIR, false, site);
    const message_t *message = choose_store(location, order, site);
    uint64_t value = half == 0 ? message->value : message->high;
    take(location, message, order);
    trace(site, value, message != newest(location) ? "  (stale)" : "");
    return value;
}

static bool exchange_alone(void *at, model_words_t *expected, model_words_t value, const model_site_t *site)
{
    model_touch(at, PAIR, MODEL_ATOMIC_WRITE, site);
    bool equal = memcmp(at, expected, PAIR) == 0;
    if (equal)
        memcpy(at, &value, PAIR);
    else
        memcpy(expected, at, PAIR);
    return equal;
}

bool model_pair_cas(void *at, model_words_t *expected, model_words_t value, const model_site_t *site)
{
    if (model_alone)
        return exchange_alone(at, expected, value, site);
    location_t *location = begin(at, PAIR, true, site);
    const message_t *message = newest(location);
    bool equal = message->value == expected->low && message->high == expected->high;
    model_fence_here();
    if (equal) {
        trace(site, value.low, "  (done)");
        change(location, value.low, MODEL_ACQ_REL);
        newest(location)->high = value.high;
        set_memory((uint64_t *)at + 1, sizeof value.high, value.high);
    } else {
        take(location, message, MODEL_ACQUIRE);
        trace(site, message->value, "  (failed, it is this)");
        *expected = (model_words_t){message->value, message->high};
    }
    model_fence_here();
    return equal;
}

/* Readers of counters get the newest value, so a thread's next addition may replace its last one. */
void model_counter_add(void *at, unsigned size, uint64_t value)
{
    model_touch(at, size, MODEL_ATOMIC_WRITE, NULL);
    value = masked(memory(at, size) + value, size);
    if (model_alone) {
        set_memory(at, size, value);
        return;
    }
    location_t *location = location_at(at, size, NULL);
    note(location, true);
    if (newest(location)->by != model_current) {
        change(location, value, MODEL_RELAXED);
    } else {
        newest(location)->value = value;
        set_memory(at, size, value);
    }
}
