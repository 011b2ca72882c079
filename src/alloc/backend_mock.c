#include "alloc/backend_mock.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In front of each block; the block begins behind it, at the first multiple of the alignment.
 *
 *     raw                      header           block
 *     +------------------------+----------------+----------------+
 *     | padding                | header_t       | size bytes     |
 *     +------------------------+----------------+----------------+ */
typedef struct header {
    uint64_t state; /* LIVE or FREED, mixed with the block's address: a copy elsewhere is no header */
    size_t size;
    void *raw;           /* what malloc returned */
    struct header *next; /* in the quarantine */
} header_t;

static const uint64_t LIVE = UINT64_C(0x11FE11FE11FE11FE);
static const uint64_t FREED = UINT64_C(0xDEADDEADDEADDEAD);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* All under the lock. */
static uint64_t calls;
static uint64_t fail_first, fail_last; /* numbers of the calls that fail; 0: none */
static cc__mock_live_t live;
static header_t *quarantine;

static void arm(uint64_t k, bool for_ever)
{
    pthread_mutex_lock(&lock);
    fail_first = k == 0 ? 0 : calls + k;
    fail_last = k == 0 ? 0 : for_ever ? UINT64_MAX : fail_first;
    pthread_mutex_unlock(&lock);
}

void cc__mock_fail_at(uint64_t k)
{
    arm(k, false);
}

void cc__mock_fail_from(uint64_t k)
{
    arm(k, true);
}

uint64_t cc__mock_calls(void)
{
    pthread_mutex_lock(&lock);
    uint64_t n = calls;
    pthread_mutex_unlock(&lock);
    return n;
}

cc__mock_live_t cc__mock_live(void)
{
    pthread_mutex_lock(&lock);
    cc__mock_live_t now = live;
    pthread_mutex_unlock(&lock);
    return now;
}

void cc__mock_release_quarantine(void)
{
    pthread_mutex_lock(&lock);
    header_t *h = quarantine;
    quarantine = NULL;
    pthread_mutex_unlock(&lock);
    while (h != NULL) {
        header_t *next = h->next;
        free(h->raw);
        h = next;
    }
}

static bool granted(void)
{
    pthread_mutex_lock(&lock);
    calls++;
    bool fails = calls >= fail_first && calls <= fail_last;
    pthread_mutex_unlock(&lock);
    return !fails;
}

static header_t *header_of(const void *block)
{
    return (header_t *)((uintptr_t)block - sizeof(header_t)); // NOLINT(performance-no-int-to-ptr)
}

static void *alloc(size_t size, size_t alignment, int fill)
{
    if (alignment < _Alignof(header_t))
        alignment = _Alignof(header_t);
    size_t room = sizeof(header_t) + alignment - 1;
    void *raw = granted() && size <= PTRDIFF_MAX - room ? malloc(size + room) : NULL;
    if (raw == NULL)
        return NULL;
    uintptr_t address = ((uintptr_t)raw + room) & ~(uintptr_t)(alignment - 1);
    void *block = (void *)address; // NOLINT(performance-no-int-to-ptr)
    *header_of(block) = (header_t){LIVE ^ address, size, raw, NULL};
    memset(block, fill, size);
    pthread_mutex_lock(&lock);
    live.blocks++;
    live.bytes += size;
    pthread_mutex_unlock(&lock);
    return block;
}

void *cc__backend_alloc(size_t size)
{
    return alloc(size, _Alignof(max_align_t), CC__MOCK_FRESH);
}

void *cc__backend_calloc(size_t size)
{
    return alloc(size, _Alignof(max_align_t), 0);
}

void *cc__backend_alloc_aligned(size_t size, size_t alignment)
{
    return alloc(size, alignment, CC__MOCK_FRESH);
}

static header_t *checked_header_of(const void *block)
{
    header_t *h = header_of(block);
    if (h->state == (LIVE ^ (uintptr_t)block))
        return h;
    const char *why = h->state == (FREED ^ (uintptr_t)block) ? "was freed already" : "is not from this allocator";
    fprintf(stderr, "mock allocator: block %p %s\n", block, why);
    abort();
}

void cc__backend_free(void *block)
{
    if (block == NULL)
        return;
    pthread_mutex_lock(&lock);
    header_t *h = checked_header_of(block);
    h->state = FREED ^ (uintptr_t)block;
    memset(block, CC__MOCK_POISON, h->size);
    h->next = quarantine;
    quarantine = h;
    live.blocks--;
    live.bytes -= h->size;
    pthread_mutex_unlock(&lock);
}

size_t cc__backend_usable_size(const void *block)
{
    return checked_header_of(block)->size;
}

bool cc__backend_owns(const void *block)
{
    return header_of(block)->state == (LIVE ^ (uintptr_t)block);
}

const char *cc__backend_name(void)
{
    return "mock";
}

const char *cc__backend_version(void)
{
    return "1";
}
