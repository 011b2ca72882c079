/* Concurrency Kit: epochs (ck_epoch) and hazard pointers (ck_hp). */
#include "../contender.h"

#include <ck_epoch.h>
#include <ck_hp.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 64, POLL_EVERY = 128, HAZARDS = 1, THRESHOLD = 256 };

static char *shared;

static void *object(size_t size)
{
    void *made = malloc(size);
    if (made == NULL)
        abort();
    memset(made, 1, size);
    return made;
}

/* ---- epochs */

static ck_epoch_t epoch;

typedef struct {
    ck_epoch_entry_t entry;
    char rest[SIZE - sizeof(ck_epoch_entry_t)];
} epoch_object_t;

typedef struct {
    ck_epoch_record_t record;
    unsigned calls;
} epoch_self_t;

static void *epoch_create(const contender_opts_t *opts)
{
    (void)opts;
    ck_epoch_init(&epoch);
    return shared = object(SIZE);
}

/* Records that threads left behind are used again, because every poll walks all that there ever were. */
static void *epoch_begin(void *it, unsigned number)
{
    void *left = ck_epoch_recycle(&epoch, NULL);
    if (left != NULL)
        return left;
    epoch_self_t *self = aligned_alloc(128, (sizeof *self + 127) / 128 * 128);
    (void)it, (void)number;
    memset(self, 0, sizeof *self);
    ck_epoch_register(&epoch, &self->record, NULL);
    return self;
}

/* The record stays in the list, so it is not freed. */
static void epoch_end(void *it, void *what)
{
    epoch_self_t *self = what;
    (void)it;
    ck_epoch_barrier(&self->record);
    ck_epoch_unregister(&self->record);
}

static void epoch_read(void *it, void *what, unsigned times)
{
    epoch_self_t *self = what;
    (void)it;
    while (times-- > 0) {
        ck_epoch_begin(&self->record, NULL);
        (void)*(volatile char *)ck_pr_load_ptr(&shared);
        ck_epoch_end(&self->record, NULL);
    }
}

static void epoch_free(ck_epoch_entry_t *entry)
{
    free(entry);
}

static void epoch_retire(void *it, void *what, unsigned times)
{
    epoch_self_t *self = what;
    (void)it;
    while (times-- > 0) {
        epoch_object_t *made = object(sizeof *made);
        ck_epoch_call(&self->record, &made->entry, epoch_free);
        if (++self->calls % POLL_EVERY == 0)
            ck_epoch_poll(&self->record);
    }
}

static void epoch_hold(void *it, void *what)
{
    (void)it;
    ck_epoch_begin(&((epoch_self_t *)what)->record, NULL);
}

static void epoch_release(void *it, void *what)
{
    (void)it;
    ck_epoch_end(&((epoch_self_t *)what)->record, NULL);
}

/* ---- hazard pointers */

static ck_hp_t hazards;

typedef struct {
    ck_hp_hazard_t hazard;
    char rest[SIZE];
} hazard_object_t;

typedef struct {
    ck_hp_record_t record;
    void *pointer[HAZARDS];
} hazard_self_t;

static void hazard_free(void *data)
{
    free(data);
}

static void *hazard_create(const contender_opts_t *opts)
{
    (void)opts;
    ck_hp_init(&hazards, HAZARDS, THRESHOLD, hazard_free);
    return shared = object(SIZE);
}

static void *hazard_begin(void *it, unsigned number)
{
    void *left = ck_hp_recycle(&hazards);
    if (left != NULL)
        return left;
    hazard_self_t *self = aligned_alloc(128, (sizeof *self + 127) / 128 * 128);
    (void)it, (void)number;
    memset(self, 0, sizeof *self);
    ck_hp_register(&hazards, &self->record, self->pointer);
    return self;
}

static void hazard_end(void *it, void *what)
{
    hazard_self_t *self = what;
    (void)it;
    ck_hp_clear(&self->record);
    ck_hp_purge(&self->record);
    ck_hp_unregister(&self->record);
}

static void hazard_protect(hazard_self_t *self)
{
    char *seen;
    do {
        seen = ck_pr_load_ptr(&shared);
        ck_hp_set_fence(&self->record, 0, seen);
    } while (seen != (char *)ck_pr_load_ptr(&shared));
    (void)*(volatile char *)seen;
}

static void hazard_read(void *it, void *what, unsigned times)
{
    hazard_self_t *self = what;
    (void)it;
    while (times-- > 0) {
        hazard_protect(self);
        ck_hp_set(&self->record, 0, NULL);
    }
}

static void hazard_retire(void *it, void *what, unsigned times)
{
    hazard_self_t *self = what;
    (void)it;
    while (times-- > 0) {
        hazard_object_t *made = object(sizeof *made);
        ck_hp_free(&self->record, &made->hazard, made, made);
    }
}

static void hazard_hold(void *it, void *what)
{
    (void)it;
    hazard_protect(what);
}

static void hazard_release(void *it, void *what)
{
    (void)it;
    ck_hp_clear(&((hazard_self_t *)what)->record);
}

static contender_t epochs = {
    .name = "ck_epoch",
    .kind = "smr",
    .package = "libck-dev",
    .create = epoch_create,
    .destroy = free,
    .thread_begin = epoch_begin,
    .thread_end = epoch_end,
    .read = epoch_read,
    .retire = epoch_retire,
    .hold = epoch_hold,
    .release = epoch_release,
};
static contender_t pointers = {
    .name = "ck_hp",
    .kind = "smr",
    .package = "libck-dev",
    .create = hazard_create,
    .destroy = free,
    .thread_begin = hazard_begin,
    .thread_end = hazard_end,
    .read = hazard_read,
    .retire = hazard_retire,
    .hold = hazard_hold,
    .release = hazard_release,
};
BENCH_CONTENDER(epochs)
BENCH_CONTENDER(pointers)
