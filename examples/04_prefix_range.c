/* All keys with a prefix, in order. The map may change while it is walked, and the visitor may stop at any time. */
#include <cc/cc.h>

#include <stdio.h>
#include <string.h>

enum { KEY_MAX = 64, VISITS_MAX = 3 };

typedef struct {
    const char *path, *what;
} entry_t;

static entry_t entries[] = {
    {"/etc/passwd", "users"},   {"/etc/hosts", "machines"},        {"/usr/bin/env", "program"},
    {"/etc", "folder"},         {"/etc/ssl/certs", "authorities"}, {"/etc/apt/sources.list", "servers"},
    {"/etcetera", "and so on"},
};

static cc_bytes_t bytes(const char *text)
{
    return (cc_bytes_t){text, strlen(text)};
}

typedef struct {
    char seen[VISITS_MAX][KEY_MAX];
    int count;
} visits_t;

static bool visit(cc_bytes_t key, void *value, void *ctx)
{
    visits_t *visits = ctx;
    printf("%.*s: %s\n", (int)key.len, (const char *)key.data, ((const entry_t *)value)->what);
    snprintf(visits->seen[visits->count++], KEY_MAX, "%.*s", (int)key.len, (const char *)key.data);
    return visits->count < VISITS_MAX; /* false stops the walk */
}

int main(void)
{
    cc_skiplist_t *map;
    if (cc_skiplist_create(NULL, NULL, &map) != 0)
        return 1;
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        if (cc_skiplist_insert(map, bytes(entries[i].path), &entries[i]) != 0)
            return 1;

    visits_t visits = {0};
    int64_t visited = cc_skiplist_prefix(map, bytes("/etc/"), visit, &visits);
    printf("visited %d of the 4 entries below /etc/\n", (int)visited);

    bool good = visited == VISITS_MAX && strcmp(visits.seen[0], "/etc/apt/sources.list") == 0 &&
                strcmp(visits.seen[1], "/etc/hosts") == 0 && strcmp(visits.seen[2], "/etc/passwd") == 0;
    return cc_skiplist_destroy(map) == 0 && good ? 0 : 1;
}
