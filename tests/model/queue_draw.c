#include "queue_draw.h"

#include <string.h>

enum { THREADS = 3, WORDS = 2, LETTERS = 1 + 4 * WORDS + 2 };
enum { LAST_ITEM = 8 }; /* 9 is pushed and popped at the end */

static char before[3], words[THREADS][LETTERS], next_item;

static char *put_item(char *at)
{
    *at++ = next_item++;
    return at;
}

/* One call. Every item is pushed once; when all have been, the rest are pops. */
static char *draw_call(char *at, const queue_kind_t *kind, char role)
{
    static const char verbs[] = "1122(--{{#cDf";
    char verb = verbs[model_choose(sizeof verbs - 1)];
    bool push = verb == '1' || verb == '2' || verb == '(', sleeper = role == 's';
    if ((push && next_item + (verb == '(') > '0' + LAST_ITEM) ||
        ((verb == 'D' || verb == 'f') && (!kind->in_domain || sleeper)))
        verb = '-'; /* who sleeps in a drain holds its lock */
    if (role == 'w' && (verb == '-' || (kind->bounded && (verb == '1' || verb == '2'))))
        *at++ = "wt"[model_choose(2)];
    switch (verb) {
    case '1':
    case '2':
        return put_item(at);
    case '(':
        *at++ = '(';
        at = put_item(put_item(at));
        *at++ = ')';
        return at;
    case '{':
        memcpy(at, "{2}", 3);
        return at + 3;
    default:
        *at++ = verb;
        return at;
    }
}

static void draw_before(void)
{
    unsigned n = model_choose(3);
    next_item = '1';
    memset(before, 0, sizeof before);
    for (unsigned i = 0; i < n; i++)
        (void)put_item(&before[i]);
}

static void draw_thread(char *at, const queue_kind_t *kind, char role)
{
    if (role == 's')
        *at++ = 's';
    for (unsigned left = 1 + model_choose(WORDS); left > 0; left--)
        at = draw_call(at, kind, role);
    if (role == 'c')
        *at++ = 'c';
    *at = '\0';
}

void queue_draw(queue_script_t *script)
{
    script->size = (script->kind->newest_first ? 0 : 1) + model_choose(2);
    script->before = before;
    draw_before();
    for (unsigned i = 0; i < THREADS; i++) {
        draw_thread(words[i], script->kind, script->threads[i][0]);
        script->threads[i] = words[i];
    }
}
