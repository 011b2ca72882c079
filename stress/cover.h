/* The part of time that a growing set of open intervals covers. */
#ifndef STRESS_COVER_H
#define STRESS_COVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t *stamps; /* all that will ever be asked about, sorted */
    size_t count;
    size_t *next; /* per place: itself if nothing covers it, else a later place that may be the next uncovered one */
} cover_t;

/* Takes the stamps over (malloc), in any order and with repetitions; NULL counts as no memory. False: no memory. */
bool cover_create(cover_t *cover, uint64_t *stamps, size_t count);
void cover_destroy(cover_t *cover);

/* All arguments are among the stamps. */
void cover_add(cover_t *cover, uint64_t after, uint64_t before);
bool cover_all(cover_t *cover, uint64_t first, uint64_t last); /* is the closed interval covered? */

#endif
