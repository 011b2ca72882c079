/* Contenders: what can be measured. Each is one file in structures/ (libcc's) or peers/ (what a user would pick
 * instead), which enters itself in the list; meson names the file, nothing else knows it. C and C++ alike. */
#ifndef BENCH_CONTENDER_H
#define BENCH_CONTENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A key: as a number, and for contenders of byte strings as bytes (not for contenders of numbers). NUL follows. */
typedef struct {
    uint64_t number;
    const char *data;
    size_t len;
} bench_key_t;

typedef struct {
    const char *scheme; /* of libcc's: "ibr", "debra", ... */
    uint64_t capacity;  /* most entries or items there will ever be, for those that ask */
} contender_opts_t;

typedef struct contender contender_t;
struct contender {
    const char *name;
    const char *kind;    /* "map", "bytes" (a map with byte-string keys), "queue", "smr", "alloc" */
    const char *package; /* Debian's, that it comes from; NULL: libcc */
    const char *note;    /* what a reader must know to compare fairly; NULL: nothing */
    const char *command; /* a program that speaks the worker's words, run by the shell; NULL: functions of ours */
    const char *preload; /* library that its process begins with; NULL: none */
    bool schemes;        /* is measured once per reclamation scheme of libcc */
    bool one_thread;     /* has no synchronization: a mark, not a peer */
    bool pipe;           /* a queue for one producer and one consumer */

    void *(*create)(const contender_opts_t *opts); /* NULL: cannot be had here */
    void (*destroy)(void *it);
    void *(*thread_begin)(void *it, unsigned number); /* NULL: nothing to do. What it returns comes back as `self` */
    void (*thread_end)(void *it, void *self);
    uint64_t (*waiting)(void *it);     /* bytes retired and not yet reclaimed, the most so far; NULL: unknown */
    uint64_t (*waiting_now)(void *it); /* and at this moment */

    /* maps; what is NULL cannot be done */
    bool (*get)(void *it, void *self, const bench_key_t *key);
    bool (*insert)(void *it, void *self, const bench_key_t *key);
    bool (*remove)(void *it, void *self, const bench_key_t *key);
    size_t (*scan)(void *it, void *self, const bench_key_t *from, size_t n); /* entries seen, at most n */

    /* queues: false is full, empty */
    bool (*push)(void *it, void *self, void *item);
    bool (*pop)(void *it, void *self, void **item);

    /* reclamation: `times` times the whole of it, so that no call of ours is in the loop */
    void (*read)(void *it, void *self, unsigned times);   /* enter, one load, leave */
    void (*retire)(void *it, void *self, unsigned times); /* allocate 64 bytes, fill, retire */

    /* the stalled reader, of maps and of reclamation: enters and stays, or holds one object */
    void (*hold)(void *it, void *self);
    void (*release)(void *it, void *self);

    /* allocation */
    void *(*allocate)(size_t size);
    void (*give_back)(void *block, size_t size);

    contender_t *next;
};

void contender_enter(contender_t *contender);
contender_t *contender_first(void); /* by kind, then libcc's before peers, then by name */

/* The one line that a file of a contender ends with. */
#define BENCH_CONTENDER(variable)                                                                                      \
    __attribute__((constructor)) static void enter_##variable(void)                                                    \
    {                                                                                                                  \
        contender_enter(&variable);                                                                                    \
    }

#ifdef __cplusplus
}
#endif

#endif
