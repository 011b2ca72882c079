#include "map_draw.h"

#include <string.h>

enum { KEYS = 5, THREADS = 3, WORDS = 3, LETTERS = 3 * (WORDS + 1) };

static const char keys[KEYS] = {'1', '3', '5', '7', '9'};

/* Where there are two, removals and insertions of one key meet what was in the middle of something at it. */
static const char verbs[] = "iiiprrrtexgcmMflbaRRdwqQo";

static char before[KEYS + 1], words[THREADS][LETTERS];

static char draw_key(void)
{
    return keys[model_choose(KEYS)];
}

/* The order decides the shape of a tree. */
static void draw_before(void)
{
    unsigned n = 0;
    for (unsigned i = 0; i < KEYS; i++) {
        char key = draw_key();
        before[n] = '\0';
        if (strchr(before, key) == NULL)
            before[n++] = key;
    }
    before[n] = '\0';
}

/* Behind what the thread is to do first. Every other word is about the key of the word before it. */
static void draw_words(char *at, const char *first)
{
    char key = draw_key();
    if (*first != '\0') {
        at[0] = first[0];
        at[1] = first[1];
        at[2] = ' ';
        at += 3;
    }
    for (unsigned left = 1 + model_choose(WORDS); left > 0; left--) {
        if (model_choose(2) != 0)
            key = draw_key();
        *at++ = verbs[model_choose(sizeof verbs - 1)];
        *at++ = key;
        *at++ = ' ';
    }
    at[-1] = '\0';
}

void map_draw(map_script_t *script)
{
    script->before = before;
    draw_before();
    for (unsigned i = 0; i < THREADS && script->threads[i] != NULL; i++) {
        draw_words(words[i], script->threads[i]);
        script->threads[i] = words[i];
    }
}
