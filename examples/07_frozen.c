/* A map that outlives the program: frozen while others go on changing it, saved, and made again from the file. */
#include <cc/cc.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    uint64_t visits;
    char name[24];
} user_t;

static void free_user(void *user, void *ctx)
{
    (void)ctx;
    free(user);
}

static void *make_user(const void *from)
{
    user_t *user = malloc(sizeof *user);
    if (user != NULL)
        memcpy(user, from, sizeof *user);
    return user;
}

static int create_users(cc_skiplist64_t **users)
{
    cc_map_opts_t opts = CC_MAP_OPTS_INIT;
    opts.value_reclaim = free_user;
    opts.value_size = sizeof(user_t);
    return cc_skiplist64_create(NULL, &opts, users);
}

/* Any thread may do this at any time. */
static int save_users(cc_skiplist64_t *users, const char *path)
{
    cc_freeze_opts_t opts = CC_FREEZE_OPTS_INIT;
    cc_frozen64_t *frozen;
    opts.value_size = sizeof(user_t); /* flat, so its bytes will do; else: opts.encode */
    int err = cc_skiplist64_freeze(users, &opts, &frozen);
    if (err != 0)
        return err;
    err = cc_frozen64_save(frozen, path);
    cc_frozen64_destroy(frozen);
    return err;
}

static int load_users(cc_skiplist64_t *users, const char *path)
{
    cc_frozen64_t *frozen;
    uint64_t id;
    cc_bytes_t value;
    int err = cc_frozen64_load(path, &frozen);
    if (err != 0)
        return err;
    for (size_t i = 0; err >= 0 && cc_frozen64_at(frozen, i, &id, &value) == 0; i++) {
        void *user = value.len == sizeof(user_t) ? make_user(value.data) : NULL;
        err = user != NULL ? cc_skiplist64_put(users, id, user, NULL) : -ENOMEM;
        if (err < 0)
            free(user);
    }
    cc_frozen64_destroy(frozen);
    return err < 0 ? err : 0;
}

int main(void)
{
    char path[] = "/tmp/users-XXXXXX";
    int file = mkstemp(path);
    cc_skiplist64_t *before, *after;
    if (file < 0 || close(file) != 0 || create_users(&before) != 0 || create_users(&after) != 0)
        return 1;
    const user_t ann = {3, "Ann"}, bob = {1, "Bob"};
    cc_skiplist64_put(before, 17, make_user(&ann), NULL);
    cc_skiplist64_put(before, 4, make_user(&bob), NULL);

    int saved = save_users(before, path);
    int loaded = load_users(after, path);
    printf("saved: %s; loaded: %s, %zu users\n", cc_strerror(saved), cc_strerror(loaded), cc_skiplist64_count(after));
    bool good = saved == 0 && loaded == 0 && cc_skiplist64_count(after) == 2 && cc_skiplist64_contains(after, 17);
    unlink(path);
    return cc_skiplist64_destroy(before) == 0 && cc_skiplist64_destroy(after) == 0 && good ? 0 : 1;
}
