/* A folder of a test's own for one file, and what stands in it. Used by the tests of frozen copies. */
#ifndef CC_TEST_FROZEN_FILE_H
#define CC_TEST_FROZEN_FILE_H

#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char name[64], file[336]; /* the longest name that a file may have, too */
} folder_t;

static folder_t folder_make(void)
{
    folder_t folder;
    bool memory = access("/dev/shm", W_OK) == 0; /* no disk: thousands of files are written */
    snprintf(folder.name, sizeof folder.name, "%s/cc-frozen-XXXXXX", memory ? "/dev/shm" : "/tmp");
    cr_assert_not_null(mkdtemp(folder.name));
    snprintf(folder.file, sizeof folder.file, "%s/map", folder.name);
    return folder;
}

static int folder_count(const folder_t *folder)
{
    DIR *dir = opendir(folder->name);
    int count = 0;
    cr_assert_not_null(dir);
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        count += e->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void folder_clear(const folder_t *folder)
{
    (void)unlink(folder->file);
    cr_assert_eq(folder_count(folder), 0);
}

static void folder_remove(const folder_t *folder)
{
    folder_clear(folder);
    cr_assert_eq(rmdir(folder->name), 0);
}

typedef struct {
    unsigned char bytes[4096];
    size_t len;
} contents_t;

static contents_t contents_of(const char *path)
{
    contents_t c = {.len = 0};
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, c.bytes, sizeof c.bytes);
    close(fd);
    cr_assert(n > 0 && n < (ssize_t)sizeof c.bytes);
    c.len = (size_t)n;
    return c;
}

static void contents_write(const contents_t *c, size_t len, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert_eq(write(fd, c->bytes, len), (ssize_t)len);
    close(fd);
}

#endif
