/* Saving a frozen copy: a temporary file beside the one meant is written and synchronized, then takes its name, then the
 * folder is synchronized. So the name stands for a whole file at every moment, old or new. Tests: frozen_test.h. */
#include "base/atomic.h"
#include "base/cancel.h"
#include "base/crc64.h"
#include "cc/alloc.h"
#include "ds/frozen_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int write_all(int fd, const void *data, size_t len)
{
    const char *p = data;
    while (len != 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

static int sync_file(int fd)
{
    int result;
    do
        result = fsync(fd);
    while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : -errno;
}

/* The file is the caller's to close. */
static int write_image(int fd, const cc__frozen_t *f)
{
    uint64_t sum = cc__crc64(f->image, f->size);
    int err = write_all(fd, f->image, f->size);
    if (err == 0)
        err = write_all(fd, &sum, sizeof sum);
    return err == 0 ? sync_file(fd) : err;
}

/* ---- names */

enum { SUFFIX_MAX = 48 /* ".tmp-" and two numbers */, KEPT = 255 - SUFFIX_MAX };

/* As much of the path as leaves the file's own name, which file systems bound, room for the suffix. */
static int kept_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t folder = slash == NULL ? 0 : (size_t)(slash - path) + 1, own = strlen(path) - folder;
    return (int)(folder + (own < KEPT ? own : KEPT));
}

/* Opens a file that was not there, and says how it is called. */
static int open_temporary(const char *path, char *name, size_t cap)
{
    static CC__ATOMIC(uint64_t) used;
    for (;;) {
        uint64_t n = cc__fetch_add_relaxed(&used, 1); /* only to differ from the others */
        snprintf(name, cap, "%.*s.tmp-%ld-%llu", kept_of(path), path, (long)getpid(), (unsigned long long)n);
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0)
            return fd;
        if (errno != EEXIST && errno != EINTR) /* there: left by a process that had our number and ended */
            return -errno;
    }
}

/* The folder that `path` is in; `room` holds as much as `path`. */
static int open_folder(const char *path, char *room)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
    memcpy(room, path, len);
    room[len] = '\0';
    int fd;
    do
        fd = open(len != 0 ? room : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    return fd >= 0 ? fd : -errno;
}

/* ---- all of it */

static int write_and_rename(const cc__frozen_t *f, const char *path, char *name, size_t cap)
{
    int fd = open_temporary(path, name, cap);
    if (fd < 0)
        return fd;
    int err = write_image(fd, f);
    if (close(fd) != 0 && err == 0 && errno != EINTR)
        err = -errno;
    if (err == 0 && rename(name, path) != 0)
        err = -errno;
    if (err != 0)
        (void)unlink(name);
    return err;
}

static int write_all_of_it(const cc__frozen_t *f, const char *path, char *name, size_t cap)
{
    int folder = open_folder(path, name);
    int err = folder < 0 ? folder : write_and_rename(f, path, name, cap);
    if (err == 0)
        err = sync_file(folder);
    if (folder >= 0)
        (void)close(folder);
    return err;
}

int cc__frozen_write(const cc__frozen_t *f, const char *path)
{
    size_t cap = strlen(path) + SUFFIX_MAX;
    char *name = cc_alloc(cap);
    if (name == NULL)
        return -ENOMEM;
    int cancel = cc__cancel_hold();
    int err = write_all_of_it(f, path, name, cap);
    cc__cancel_allow(cancel);
    cc_free(name, cap);
    return err;
}
