#include "words.h"

#include <cc/map.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int words_compare(cc_bytes_t a, cc_bytes_t b)
{
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_entries(const void *a, const void *b)
{
    const cc_bytes_t *left = a, *right = b;
    return words_compare(*left, *right);
}

/* The whole file as one string, by growing reads: it may be a pipe. NULL with errno set. */
static char *read_all(FILE *file, size_t *size)
{
    char *text = NULL;
    size_t room = 0;
    *size = 0;
    for (;;) {
        if (*size + 1 >= room) {
            room = room == 0 ? 1 << 16 : 2 * room;
            char *more = realloc(text, room);
            if (more == NULL)
                break;
            text = more;
        }
        size_t n = fread(text + *size, 1, room - *size - 1, file);
        if (n == 0 && ferror(file))
            break;
        if (n == 0) {
            text[*size] = '\0';
            return text;
        }
        *size += n;
    }
    free(text);
    return NULL;
}

static size_t count_lines(const char *text, size_t size)
{
    size_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    return lines;
}

/* Cuts the text at its line ends. */
static int split(words_t *words, size_t size)
{
    words->word = malloc(count_lines(words->text, size) * sizeof *words->word);
    if (words->word == NULL)
        return -ENOMEM;
    const char *end = words->text + size;
    for (const char *line = words->text; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t len = (size_t)((stop != NULL ? stop : end) - line);
        if (len > CC_KEY_LEN_MAX)
            return -EINVAL;
        if (len > 0)
            words->word[words->count++] = (cc_bytes_t){line, len};
        line += len + 1;
    }
    return words->count > 0 ? 0 : -EINVAL;
}

static void sort_distinct(words_t *words)
{
    qsort(words->word, words->count, sizeof *words->word, compare_entries);
    size_t kept = 1;
    for (size_t i = 1; i < words->count; i++)
        if (words_compare(words->word[kept - 1], words->word[i]) != 0)
            words->word[kept++] = words->word[i];
    words->count = kept;
}

int words_load(words_t *words, const char *path)
{
    *words = (words_t){0};
    int err = 0;
    size_t size = 0;
    FILE *file = fopen(path, "rb");
    if (file != NULL)
        words->text = read_all(file, &size);
    if (words->text == NULL)
        err = -errno;
    if (file != NULL)
        fclose(file);
    if (err == 0)
        err = split(words, size);
    if (err != 0) {
        fprintf(stderr, "%s: %s\n", path, err == -EINVAL ? "no words in it, or a line too long" : strerror(-err));
        words_free(words);
        return err;
    }
    sort_distinct(words);
    return 0;
}

void words_free(words_t *words)
{
    free(words->word);
    free(words->text);
    *words = (words_t){0};
}
