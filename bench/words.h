/* A word list: the distinct lines of a text file, in byte order. */
#ifndef BENCH_WORDS_H
#define BENCH_WORDS_H

#include <cc/base.h>

typedef struct {
    char *text;       /* the file; words point into it */
    cc_bytes_t *word; /* sorted as the map sorts: memcmp, a prefix first */
    size_t count;
} words_t;

/* Reads the file. 0, or a negative errno with a line on stderr: -EINVAL means no words in it, or a line
 * longer than a key may be. */
int words_load(words_t *words, const char *path);
void words_free(words_t *words);

int words_compare(cc_bytes_t a, cc_bytes_t b);

#endif
