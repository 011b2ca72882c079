/* The memory of the library under test, and who touched it last: races on plain memory, use after free, leaks.
 *
 * Each four bytes have a cell with the last write and the last reads, as epochs "thread and its clock" (FastTrack, Flanagan
 * and Freund, PLDI 2009: all reads are kept only when several threads read without order among them). Two accesses that
 * conflict and are not ordered are a race. Freeing writes to the whole block, so a read that is not ordered before it is
 * a finding: that is how a free that comes too early shows even if it does not crash. Freed blocks are not reused.
 *
 * In setup and finish a thread is alone, and ordered after all others: nothing is noted there but what is freed. */
#include "views.h"

enum { ARENA = 1 << 20, CELL = 4, BLOCKS = 4096, VECTORS = 4096 };

typedef struct {
    uint32_t wrote; /* epoch; 0: nobody; DEAD */
    uint32_t read;  /* epoch; 0: nobody since the last write; or VECTOR | index */
} cell_t;

#define DEAD   UINT32_MAX
#define VECTOR (UINT32_C(1) << 31)

typedef struct {
    unsigned char *start;
    size_t size;
    uint32_t key; /* who allocated it, and how many before */
    bool freed, unnamed;
} block_t;

static _Alignas(4096) unsigned char arena[ARENA];
static size_t arena_used;
static cell_t cells[ARENA / CELL];
static uint16_t located[ARENA / CELL]; /* number of the atomic location of history.c; 0: none */
static uint32_t vectors[VECTORS][MODEL_CLOCKS];
static unsigned vector_count;
static block_t blocks[BLOCKS];
static unsigned block_count;
static uint32_t allocations[MODEL_THREADS];

void model_shadow_begin(void)
{
    arena_used = 0;
    block_count = vector_count = 0;
    memset(allocations, 0, sizeof allocations);
}

void model_shadow_end(void)
{
    for (unsigned i = 0; i < block_count; i++) {
        if (!blocks[i].freed)
            model_fail("leak: %zu bytes at %p", blocks[i].size, (void *)blocks[i].start);
    }
}

/* ---- checking */

static const char *const access_name[] = {"plain read", "plain write", "atomic read", "atomic write", "free"};

static uint32_t epoch_of(int thread)
{
    return (uint32_t)thread << 28 | model_clock(thread);
}

static bool ordered(uint32_t epoch)
{
    return model_cur[model_current].after[epoch >> 28] >= (epoch & 0x0FFFFFFF);
}

__attribute__((cold)) static void race(model_access_t access, const void *at, const char *before, int other,
                                       const model_site_t *site)
{
    model_fail("race: %s of %p (%s:%d %s) and a %s by thread %d are not ordered", access_name[access], at,
               site != NULL ? site->file : "plain", site != NULL ? site->line : 0, site != NULL ? site->text : "",
               before, other);
}

__attribute__((cold)) static void dead(model_access_t access, const void *at, const model_site_t *site)
{
    for (unsigned i = 0; i < block_count; i++) {
        if ((const unsigned char *)at >= blocks[i].start &&
            (const unsigned char *)at < blocks[i].start + blocks[i].size)
            model_fail("use after free: %s of %p (%s:%d %s)", access_name[access], at,
                       site != NULL ? site->file : "plain", site != NULL ? site->line : 0,
                       site != NULL ? site->text : "");
    }
    model_fail("%s of %p, which was never allocated (%s:%d %s)", access_name[access], at,
               site != NULL ? site->file : "plain", site != NULL ? site->line : 0, site != NULL ? site->text : "");
}

static void check_reads(const cell_t *cell, model_access_t access, const void *at, const model_site_t *site)
{
    if (!(cell->read & VECTOR)) {
        if (!ordered(cell->read))
            race(access, at, "plain read", (int)(cell->read >> 28), site);
        return;
    }
    const uint32_t *vector = vectors[cell->read & ~VECTOR];
    for (int t = 0; t < MODEL_THREADS; t++) {
        if (model_cur[model_current].after[t] < vector[t])
            race(access, at, "plain read", t, site);
    }
}

static void check_atomics(uint16_t location, model_access_t access, const void *at, const model_site_t *site)
{
    const model_touched_t *touched = model_touched(location);
    const uint32_t *after = model_cur[model_current].after;
    for (int t = 0; t < MODEL_THREADS; t++) {
        if (after[t] < touched->wrote[t])
            race(access, at, "atomic write", t, site);
        if (access != MODEL_PLAIN_READ && after[t] < touched->read[t])
            race(access, at, "atomic read", t, site);
    }
}

static void note_read(cell_t *cell, uint32_t epoch)
{
    if (cell->read == 0 || (!(cell->read & VECTOR) && ordered(cell->read))) {
        cell->read = epoch;
        return;
    }
    if (!(cell->read & VECTOR)) {
        if (vector_count == VECTORS)
            model_fail("more than %d words are read by several threads", VECTORS);
        memset(vectors[vector_count], 0, sizeof *vectors);
        vectors[vector_count][cell->read >> 28] = cell->read & 0x0FFFFFFF;
        cell->read = VECTOR | vector_count++;
    }
    vectors[cell->read & ~VECTOR][epoch >> 28] = epoch & 0x0FFFFFFF;
}

static void touch_cell(size_t i, const void *at, model_access_t access, const model_site_t *site)
{
    cell_t *cell = &cells[i];
    if (cell->wrote == DEAD)
        dead(access, at, site);
    if (!ordered(cell->wrote))
        race(access, at, "plain write", (int)(cell->wrote >> 28), site);
    if (access == MODEL_ATOMIC_READ)
        return; /* history.c notes it */
    if (access != MODEL_PLAIN_READ && cell->read != 0)
        check_reads(cell, access, at, site);
    if (access == MODEL_ATOMIC_WRITE)
        return;
    if (located[i] != 0)
        check_atomics(located[i], access, at, site);
    if (access == MODEL_PLAIN_READ) {
        note_read(cell, epoch_of(model_current));
    } else {
        cell->wrote = access == MODEL_FREE ? DEAD : epoch_of(model_current);
        cell->read = 0;
    }
}

/* The most of what is touched, no other thread has touched since the threads began. */
static inline bool touch_own(size_t i, model_access_t access)
{
    cell_t *cell = &cells[i];
    uint32_t own = (uint32_t)model_current << 28;
    if (((cell->wrote ^ own) >> 28 != 0 && cell->wrote != 0) || ((cell->read ^ own) >> 28 != 0 && cell->read != 0) ||
        located[i] != 0)
        return false;
    *(access == MODEL_PLAIN_READ ? &cell->read : &cell->wrote) = own | model_clock(model_current);
    if (access == MODEL_PLAIN_WRITE)
        cell->read = 0;
    return true;
}

void model_touch(const void *at, size_t size, model_access_t access, const model_site_t *site)
{
    size_t offset = (size_t)((uintptr_t)at - (uintptr_t)arena);
    if (offset >= ARENA || size == 0)
        return;
    if (offset + size > arena_used)
        dead(access, at, site);
    size_t i = offset / CELL, last = (offset + size - 1) / CELL;
    if (model_alone) {
        if (cells[i].wrote == DEAD || cells[last].wrote == DEAD)
            dead(access, at, site);
        if (access == MODEL_FREE)
            memset(&cells[i], 0xFF, (last - i + 1) * sizeof *cells);
        return;
    }
    bool is_plain = access == MODEL_PLAIN_READ || access == MODEL_PLAIN_WRITE;
    for (; i <= last; i++) {
        if (!is_plain || !touch_own(i, access))
            touch_cell(i, at, access, site);
    }
}

uint16_t *model_location_of(const void *at, unsigned size, const model_site_t *site)
{
    size_t offset = (size_t)((uintptr_t)at - (uintptr_t)arena);
    if (offset >= ARENA)
        return NULL;
    if (offset + size > arena_used || cells[offset / CELL].wrote == DEAD)
        dead(MODEL_ATOMIC_READ, at, site);
    return &located[offset / CELL];
}

/* ---- blocks */

void *model_alloc(size_t size, size_t alignment)
{
    if (alignment < 64)
        alignment = 64; /* addresses have room for marks, and the gaps show accesses beyond the end */
    size_t start = (arena_used + CELL + alignment - 1) & ~(alignment - 1);
    size_t end = start + size + (-size & (CELL - 1));
    if (end > ARENA || block_count == BLOCKS)
        model_fail("the client uses more than %d bytes or %d blocks", ARENA, BLOCKS);
    memset(&cells[arena_used / CELL], 0xFF, (start - arena_used) / CELL * sizeof *cells);
    memset(&cells[start / CELL], 0, (end - start) / CELL * sizeof *cells);
    memset(&located[start / CELL], 0, (end - start) / CELL * sizeof *located);
    memset(arena + start, 0xA5, size);
    arena_used = end;
    uint32_t key = (uint32_t)model_current << 24 | ++allocations[model_current];
    blocks[block_count++] = (block_t){.start = arena + start, .size = size, .key = key};
    return arena + start;
}

/* Blocks lie in the order of their allocation. */
static block_t *block_with(const void *at)
{
    unsigned low = 0, high = block_count;
    while (high - low > 1) {
        unsigned middle = (low + high) / 2;
        *(blocks[middle].start <= (const unsigned char *)at ? &low : &high) = middle;
    }
    return &blocks[low];
}

static block_t *block_of(const void *ptr)
{
    block_t *block = block_with(ptr);
    if (block_count == 0 || block->start != ptr)
        model_fail("%p is no block of this allocator", ptr);
    return block;
}

static bool is_ours(const void *at)
{
    return (uintptr_t)at - (uintptr_t)arena < arena_used;
}

bool model_same_block(const void *a, const void *b)
{
    return is_ours(a) && is_ours(b) && block_with(a) == block_with(b);
}

void model_block_unnamed(const void *at)
{
    if (is_ours(at))
        block_with(at)->unnamed = true;
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
    model_trace_event("%d: free %p", model_current, ptr);
    if (block->freed)
        model_fail("double free of %p", ptr);
    if (block->unnamed && !model_alone)
        model_fail("free of %p, where a search began although its last commit had not named it", ptr);
    block->freed = true;
    model_touch(ptr, block->size, MODEL_FREE, NULL);
    memset(ptr, 0xDD, block->size);
}

uint64_t model_key(const void *at)
{
    size_t offset = (size_t)((uintptr_t)at - (uintptr_t)arena);
    if (offset >= ARENA)
        return offset; /* a variable of the program: its distance from the arena is the same in every run */
    const block_t *block = block_with(at);
    return UINT64_C(1) << 63 | (uint64_t)block->key << 24 | (uint64_t)((const unsigned char *)at - block->start);
}
