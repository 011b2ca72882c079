/* Memory under C11's rules, as an operational model with views (in the manner of the promising semantics without
 * promises: no load buffering).
 *
 * Each atomic location keeps its stores in modification order. A thread's view says, per location, the oldest store that
 * it may still read: it has seen that one or a later one. A release store carries the view of its thread; who reads it
 * with acquire order takes the view over. A read-modify-write reads the newest store and passes on the view of what it
 * read (release sequences). Fences: a sequentially consistent fence exchanges views with one that all such fences share.
 * The asymmetric pair: the light fence does nothing, the heavy one is a sequentially consistent fence of all threads.
 *
 * With the views go vector clocks, and for plain memory the last accesses of each thread: two of them that conflict and
 * are not ordered are a race. Freeing writes to the whole block: a read that is not ordered before it is a finding, which
 * is how a free that comes too early shows even if it does not crash. Freed blocks are not reused. */
#include "model_signal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARENA = 1 << 20,
    CELL = 4,
    CELLS = ARENA / CELL,
    LOCATIONS = 1024,
    HASH = 4096,
    BLOCKS = 4096,
    POOL = 64 << 20,
    GAP = 1 << 12,
};

typedef struct {
    uint32_t clock[MODEL_THREADS];
    uint32_t seen[LOCATIONS];
} view_t;

typedef struct {
    uint64_t value;
    uint32_t at;      /* position in the modification order */
    bool next_is_rmw; /* a read-modify-write read this one: nothing may come between */
    uint32_t known;   /* locations in seen */
    uint32_t clock[MODEL_THREADS];
    uint32_t *seen;
    int by;
} message_t;

typedef struct {
    uintptr_t address;
    unsigned size, count, cap;
    message_t **messages; /* in modification order */
} location_t;

typedef struct {
    uint32_t generation;
    uint32_t wrote_clock;
    uint32_t read[MODEL_THREADS], atomic_wrote[MODEL_THREADS];
    uint8_t wrote;
    uint8_t sole; /* the one thread that has ever touched it, plus one; SEVERAL; 0: none */
    bool freed;
} cell_t;

enum { SEVERAL = 0xFF };

typedef struct {
    unsigned char *start;
    size_t size;
    bool freed;
} block_t;

static _Alignas(4096) unsigned char arena[ARENA];
static size_t arena_used;
static cell_t cells[CELLS];
static block_t blocks[BLOCKS];
static unsigned block_count;
static location_t locations[LOCATIONS];
static unsigned location_count;
static struct {
    uint32_t generation;
    uint16_t location;
} table[HASH];
static uint32_t generation;

static view_t cur[MODEL_THREADS]; /* what the thread has seen */
static view_t acq[MODEL_THREADS]; /* what it would have seen with acquire loads: taken over by its next fence */
static view_t rel[MODEL_THREADS]; /* what it had seen at its last fence: released by relaxed stores */
static view_t sc;                 /* shared by the sequentially consistent fences */

static unsigned char *pool;
static size_t pool_used;

static void *pool_get(size_t size)
{
    if (pool == NULL)
        pool = malloc(POOL);
    size = (size + 7) & ~(size_t)7;
    if (pool == NULL || pool_used + size > POOL)
        model_fail("the model's own memory is used up");
    pool_used += size;
    return pool + pool_used - size;
}

/* ---- views ----------------------------------------------------------------------------------------------------------- */

static void raise(uint32_t *to, const uint32_t *from, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (to[i] < from[i])
            to[i] = from[i];
    }
}

static void join(view_t *to, const view_t *from)
{
    raise(to->clock, from->clock, MODEL_THREADS);
    raise(to->seen, from->seen, location_count);
}

static void join_message(view_t *to, const message_t *message)
{
    raise(to->clock, message->clock, MODEL_THREADS);
    raise(to->seen, message->seen, message->known);
}

static void attach_view(message_t *message, const view_t *view)
{
    message->known = location_count;
    message->seen = pool_get(location_count * sizeof *message->seen);
    memcpy(message->seen, view->seen, location_count * sizeof *message->seen);
    memcpy(message->clock, view->clock, sizeof message->clock);
}

static void tick(int self)
{
    cur[self].clock[self]++;
}

static void clear(view_t *view)
{
    memset(view->clock, 0, sizeof view->clock);
    memset(view->seen, 0, location_count * sizeof *view->seen);
}

void model_memory_begin(void)
{
    for (int i = 0; i < MODEL_THREADS; i++) {
        clear(&cur[i]);
        clear(&acq[i]);
        clear(&rel[i]);
        cur[i].clock[i] = 1;
    }
    clear(&sc);
    generation++;
    arena_used = 0;
    block_count = location_count = 0;
    pool_used = 0;
}

void model_memory_join(int into, int from)
{
    join(&cur[into], &cur[from]);
    tick(from);
}

/* ---- plain memory ------------------------------------------------------------------------------------------------------ */

static cell_t *cell_of(uintptr_t address)
{
    if (address < (uintptr_t)arena || address >= (uintptr_t)arena + ARENA)
        return NULL;
    cell_t *cell = &cells[(address - (uintptr_t)arena) / CELL];
    if (cell->generation != generation) {
        memset(cell, 0, sizeof *cell);
        cell->generation = generation;
    }
    return cell;
}

static bool ordered(int self, int other, uint32_t clock)
{
    return cur[self].clock[other] >= clock;
}

typedef enum { PLAIN_READ, PLAIN_WRITE, ATOMIC_READ, ATOMIC_WRITE, FREEING } access_t;

static const char *const access_name[] = {"plain read", "plain write", "atomic read", "atomic write", "free"};

static void race(access_t access, uintptr_t address, const char *before, int other, const model_site_t *site)
{
    model_trace_event("%d: %s of %p: not ordered after the %s by thread %d", model_self(), access_name[access],
                      (void *)address, before, other);
    model_fail("race: %s of %#lx (%s:%d %s) and a %s by thread %d are not ordered", access_name[access],
               (unsigned long)address, site != NULL ? site->file : "plain", site != NULL ? site->line : 0,
               site != NULL ? site->text : "", before, other);
}

static void check_cell(cell_t *cell, access_t access, uintptr_t address, const model_site_t *site)
{
    int self = model_self();
    bool writes = access == PLAIN_WRITE || access == FREEING;
    if (cell->freed)
        model_fail("use after free: %s of %#lx (%s:%d %s)", access_name[access], (unsigned long)address,
                   site != NULL ? site->file : "plain", site != NULL ? site->line : 0, site != NULL ? site->text : "");
    if (cell->sole == 0 || cell->sole == self + 1)
        return;
    if (cell->wrote_clock != 0 && cell->wrote != self && !ordered(self, cell->wrote, cell->wrote_clock))
        race(access, address, "plain write", cell->wrote, site);
    for (int t = 0; t < MODEL_THREADS; t++) {
        if (t == self)
            continue;
        if (writes && !ordered(self, t, cell->read[t]))
            race(access, address, "read", t, site);
        if ((writes || access == PLAIN_READ) && !ordered(self, t, cell->atomic_wrote[t]))
            race(access, address, "atomic write", t, site);
    }
}

static void note_cell(cell_t *cell, access_t access)
{
    int self = model_self();
    uint32_t clock = cur[self].clock[self];
    cell->sole = cell->sole == 0 || cell->sole == self + 1 ? (uint8_t)(self + 1) : SEVERAL;
    if (access == PLAIN_READ || access == ATOMIC_READ) {
        cell->read[self] = clock;
    } else if (access == ATOMIC_WRITE) {
        cell->atomic_wrote[self] = clock;
    } else {
        cell->wrote = (uint8_t)self;
        cell->wrote_clock = clock;
        cell->freed = access == FREEING;
    }
}

static void touch(uintptr_t address, size_t size, access_t access, const model_site_t *site)
{
    for (uintptr_t a = address & ~(uintptr_t)(CELL - 1); a < address + size; a += CELL) {
        cell_t *cell = cell_of(a);
        if (cell == NULL)
            return;
        check_cell(cell, access, a, site);
        note_cell(cell, access);
    }
}

/* What -fsanitize=thread calls at every plain access of the library. */
static void plain(void *p, size_t n, access_t access)
{
    if (model_signal_pending(model_self()))
        model_signal_take();
    touch((uintptr_t)p, n, access, NULL);
}

#define PLAIN(n)                                                                                                       \
    void __tsan_read##n(void *p);                                                                                      \
    void __tsan_write##n(void *p);                                                                                     \
    void __tsan_unaligned_read##n(void *p);                                                                            \
    void __tsan_unaligned_write##n(void *p);                                                                           \
    void __tsan_read##n(void *p)                                                                                       \
    {                                                                                                                  \
        plain(p, n, PLAIN_READ);                                                                                       \
    }                                                                                                                  \
    void __tsan_write##n(void *p)                                                                                      \
    {                                                                                                                  \
        plain(p, n, PLAIN_WRITE);                                                                                      \
    }                                                                                                                  \
    void __tsan_unaligned_read##n(void *p)                                                                             \
    {                                                                                                                  \
        plain(p, n, PLAIN_READ);                                                                                       \
    }                                                                                                                  \
    void __tsan_unaligned_write##n(void *p)                                                                            \
    {                                                                                                                  \
        plain(p, n, PLAIN_WRITE);                                                                                      \
    }
PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

void __tsan_init(void);
void __tsan_func_entry(void *pc);
void __tsan_func_exit(void);
void __tsan_read_range(void *p, size_t n);
void __tsan_write_range(void *p, size_t n);
void __tsan_init(void)
{
}
void __tsan_func_entry(void *pc)
{
    (void)pc;
}
void __tsan_func_exit(void)
{
}
void __tsan_read_range(void *p, size_t n)
{
    plain(p, n, PLAIN_READ);
}
void __tsan_write_range(void *p, size_t n)
{
    plain(p, n, PLAIN_WRITE);
}

void *model_memset(void *to, int byte, size_t n)
{
    touch((uintptr_t)to, n, PLAIN_WRITE, NULL);
    return memset(to, byte, n);
}
void *model_memcpy(void *to, const void *from, size_t n)
{
    touch((uintptr_t)from, n, PLAIN_READ, NULL);
    touch((uintptr_t)to, n, PLAIN_WRITE, NULL);
    return memcpy(to, from, n);
}

/* ---- blocks ---------------------------------------------------------------------------------------------------------- */

void *model_alloc(size_t size, size_t alignment)
{
    if (alignment < 64)
        alignment = 64; /* so that no two blocks share a cell, and addresses have room for marks */
    size_t start = (arena_used + alignment - 1) & ~(alignment - 1);
    if (start + size > ARENA || block_count == BLOCKS)
        model_fail("the client uses more than %d bytes or %d blocks", ARENA, BLOCKS);
    arena_used = start + size;
    blocks[block_count++] = (block_t){.start = arena + start, .size = size};
    memset(arena + start, 0xA5, size);
    return arena + start;
}

static block_t *block_of(const void *ptr)
{
    for (unsigned i = 0; i < block_count; i++) {
        if (blocks[i].start == ptr)
            return &blocks[i];
    }
    model_fail("%p is no block of this allocator", ptr);
}

size_t model_alloc_size(const void *ptr)
{
    return block_of(ptr)->size;
}

void model_free(void *ptr)
{
    if (ptr == NULL)
        return;
    block_t *block = block_of(ptr);
    model_trace_event("%d: free %p", model_self(), ptr);
    if (block->freed)
        model_fail("double free of %p", ptr);
    block->freed = true;
    touch((uintptr_t)ptr, block->size, FREEING, NULL);
    memset(ptr, 0xDD, block->size);
}

void model_memory_end(void)
{
    for (unsigned i = 0; i < block_count; i++) {
        if (!blocks[i].freed)
            model_fail("leak: %zu bytes at %p", blocks[i].size, (void *)blocks[i].start);
    }
}

/* ---- locations --------------------------------------------------------------------------------------------------------- */

static uint64_t load_raw(uintptr_t address, unsigned size)
{
    uint64_t value = 0;
    memcpy(&value, (const void *)address, size);
    return value;
}

static void append(location_t *location, unsigned before, message_t *message)
{
    if (location->count == location->cap) {
        unsigned cap = location->cap == 0 ? 8 : location->cap * 2;
        message_t **wider = pool_get(cap * sizeof *wider);
        if (location->count != 0)
            memcpy(wider, location->messages, location->count * sizeof *wider);
        location->messages = wider;
        location->cap = cap;
    }
    memmove(&location->messages[before + 1], &location->messages[before],
            (location->count - before) * sizeof *location->messages);
    location->messages[before] = message;
    location->count++;
}

static location_t *make_location(uintptr_t address, unsigned size)
{
    if (location_count == LOCATIONS)
        model_fail("the client has more than %d atomic locations", LOCATIONS);
    unsigned index = location_count++;
    for (int i = 0; i < MODEL_THREADS; i++)
        cur[i].seen[index] = acq[i].seen[index] = rel[i].seen[index] = 0;
    sc.seen[index] = 0;
    location_t *location = &locations[index];
    *location = (location_t){.address = address, .size = size};
    message_t *first = pool_get(sizeof *first);
    *first = (message_t){.value = load_raw(address, size), .by = -1};
    append(location, 0, first);
    return location;
}

static unsigned index_of(const location_t *location)
{
    return (unsigned)(location - locations);
}

static location_t *location_at(const void *at, unsigned size)
{
    uintptr_t address = (uintptr_t)at;
    unsigned slot = (unsigned)((address * UINT64_C(0x9E3779B97F4A7C15)) >> 52) % HASH;
    for (;; slot = (slot + 1) % HASH) {
        if (table[slot].generation != generation) {
            location_t *made = make_location(address, size);
            table[slot].generation = generation;
            table[slot].location = (uint16_t)index_of(made);
            return made;
        }
        location_t *location = &locations[table[slot].location];
        if (location->address == address)
            return location;
    }
}

static message_t *newest(const location_t *location)
{
    return location->messages[location->count - 1];
}

static void trace(const model_site_t *site, uint64_t value, const char *note)
{
    if (model_config.trace && site != NULL) {
        const char *slash = strrchr(site->file, '/');
        model_trace_event("%d: %s:%d %s = %#lx%s", model_self(), slash != NULL ? slash + 1 : site->file, site->line,
                          site->text, (unsigned long)value, note);
    }
}

/* ---- accesses ---------------------------------------------------------------------------------------------------------- */

static bool acquires(model_order_t order)
{
    return order == MODEL_ACQUIRE || order == MODEL_ACQ_REL;
}

static bool releases(model_order_t order)
{
    return order == MODEL_RELEASE || order == MODEL_ACQ_REL;
}

static void take(location_t *location, const message_t *message, model_order_t order)
{
    int self = model_self();
    unsigned index = index_of(location);
    if (cur[self].seen[index] < message->at)
        cur[self].seen[index] = message->at;
    if (message->seen == NULL)
        return;
    join_message(acquires(order) ? &cur[self] : &acq[self], message);
}

/* The stores that the thread may read, newest first. */
static message_t *choose_store(location_t *location)
{
    uint32_t oldest = cur[model_self()].seen[index_of(location)];
    unsigned n = 1;
    while (n < location->count && location->messages[location->count - n - 1]->at >= oldest)
        n++;
    unsigned back = n > 1 && model_stale_left() ? model_pick(n, MODEL_READ) : 0;
    if (back != 0)
        model_stale_used();
    return location->messages[location->count - 1 - back];
}

uint64_t model_load(const void *at, unsigned size, model_order_t order, const model_site_t *site)
{
    model_step("load", at, site);
    location_t *location = location_at(at, size);
    touch((uintptr_t)at, size, ATOMIC_READ, site);
    message_t *message = choose_store(location);
    take(location, message, order);
    trace(site, message->value, message != newest(location) ? "  (stale)" : "");
    return message->value;
}

uint64_t model_load_quiet(const void *at, unsigned size)
{
    location_t *location = location_at(at, size);
    touch((uintptr_t)at, size, ATOMIC_READ, NULL);
    return newest(location)->value;
}

/* Where in the modification order a store goes: at the end, or before stores that the thread has not seen. */
static unsigned choose_place(location_t *location)
{
    uint32_t seen = cur[model_self()].seen[index_of(location)];
    unsigned places[8], n = 1;
    places[0] = location->count;
    for (unsigned i = location->count - 1; i > 0 && n < 8 && location->messages[i]->at > seen; i--) {
        const message_t *before = location->messages[i - 1];
        if (!before->next_is_rmw && location->messages[i]->at - before->at > 1 && before->at >= seen)
            places[n++] = i;
    }
    unsigned chosen = n > 1 && model_stale_left() ? model_pick(n, MODEL_PLACE) : 0;
    if (chosen != 0)
        model_stale_used();
    return places[chosen];
}

static void put(location_t *location, unsigned place, uint64_t value, model_order_t order, const message_t *read)
{
    int self = model_self();
    unsigned index = index_of(location);
    uint32_t before = location->messages[place - 1]->at;
    message_t *message = pool_get(sizeof *message);
    *message = (message_t){.value = value, .by = self};
    message->at = place == location->count ? before + GAP : before + (location->messages[place]->at - before) / 2;
    cur[self].seen[index] = message->at;
    view_t *view = releases(order) ? &cur[self] : &rel[self];
    uint32_t saved = view->seen[index];
    view->seen[index] = message->at;
    attach_view(message, view);
    if (view == &rel[self])
        view->seen[index] = saved;
    if (read != NULL && read->seen != NULL) { /* a release sequence goes on */
        raise(message->clock, read->clock, MODEL_THREADS);
        raise(message->seen, read->seen, read->known);
    }
    append(location, place, message);
    if (place + 1 == location->count)
        memcpy((void *)location->address, &value, location->size);
    tick(self);
}

void model_store(void *at, unsigned size, uint64_t value, model_order_t order, const model_site_t *site)
{
    model_step("store", at, site);
    location_t *location = location_at(at, size);
    touch((uintptr_t)at, size, ATOMIC_WRITE, site);
    unsigned place = choose_place(location);
    trace(site, value, place != location->count ? "  (before a store of another thread)" : "");
    put(location, place, value, order, NULL);
}

static uint64_t change(location_t *location, uint64_t value, model_order_t order)
{
    message_t *read = newest(location);
    take(location, read, order);
    read->next_is_rmw = true;
    put(location, location->count, value, order, read);
    return read->value;
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
    model_step("rmw", at, site);
    location_t *location = location_at(at, size);
    touch((uintptr_t)at, size, ATOMIC_WRITE, site);
    uint64_t old = newest(location)->value;
    trace(site, combine(how, old, value, size), "");
    return change(location, combine(how, old, value, size), order);
}

bool model_cas(void *at, unsigned size, uint64_t *expected, uint64_t value, model_order_t success,
               model_order_t failure, const model_site_t *site)
{
    model_step("cas", at, site);
    location_t *location = location_at(at, size);
    touch((uintptr_t)at, size, ATOMIC_WRITE, site);
    message_t *message = newest(location);
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

void model_counter_add(void *at, unsigned size, uint64_t value)
{
    location_t *location = location_at(at, size);
    touch((uintptr_t)at, size, ATOMIC_WRITE, NULL);
    change(location, masked(newest(location)->value + value, size), MODEL_RELAXED);
}

/* ---- fences and locks -------------------------------------------------------------------------------------------------- */

static void fence(int thread)
{
    join(&cur[thread], &acq[thread]);
    join(&cur[thread], &sc);
    join(&sc, &cur[thread]);
    join(&rel[thread], &cur[thread]);
    tick(thread);
}

void model_fence(const model_site_t *site)
{
    model_step("fence", NULL, site);
    trace(site, 0, "");
    fence(model_self());
}

void model_fence_light(const model_site_t *site)
{
    if (!model_config.asymmetric)
        model_fence(site);
    else
        model_step("light fence", NULL, site);
}

bool model_fence_heavy(const model_site_t *site)
{
    model_fence(site);
    if (model_config.asymmetric) {
        model_signal_fence();
        for (int t = 0; t < MODEL_THREADS; t++) /* between the caller's two fences each thread passes one */
            fence(t);
        fence(model_self());
    }
    return true;
}

enum { LOCKS = 64 };
static struct {
    uint32_t generation;
    void *object;
    view_t view;
} locks[LOCKS];

static view_t *lock_view(void *object)
{
    for (int i = 0; i < LOCKS; i++) {
        if (locks[i].generation != generation) {
            locks[i].generation = generation;
            locks[i].object = object;
            memset(&locks[i].view, 0, sizeof locks[i].view);
        }
        if (locks[i].object == object)
            return &locks[i].view;
    }
    model_fail("more than %d locks", LOCKS);
}

/* Before the first execution the library's constructors run, alone. */
void model_sync_release(void *object)
{
    if (generation == 0)
        return;
    join(lock_view(object), &cur[model_self()]);
    tick(model_self());
}

void model_sync_acquire(void *object)
{
    if (generation == 0)
        return;
    join(&cur[model_self()], lock_view(object));
}
