/* Loading the file of a frozen copy: nothing in it is trusted. First the size that the head names must be the file's, so
 * that no more memory is asked for than there is file; then the checksum must be right, then every length. What the keys
 * must be like their kind knows (frozen.c). Tests: frozen_test.h. */
#include "base/cancel.h"
#include "base/crc64.h"
#include "cc/alloc.h"
#include "ds/frozen_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(int fd, void *data, size_t len)
{
    char *p = data;
    while (len != 0) {
        ssize_t n = read(fd, p, len);
        if (n == 0)
            return -EBADMSG; /* shorter than it was a moment ago */
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

/* The arrays fill the file exactly. */
static bool sizes_valid(const cc__frozen_head_t *head)
{
    uint64_t left = head->file_bytes - sizeof *head - CC__FROZEN_SUM;
    if (head->count > left / (2 * sizeof(uint64_t)))
        return false;
    left -= head->count * 2 * sizeof(uint64_t);
    if (head->key_bytes > left || cc__frozen_pad(head->key_bytes) > left)
        return false;
    left -= cc__frozen_pad(head->key_bytes);
    return head->value_bytes <= left && cc__frozen_pad(head->value_bytes) == left;
}

static int head_valid(const cc__frozen_head_t *head, uint64_t file_bytes)
{
    if (memcmp(head->magic, CC__FROZEN_MAGIC, sizeof head->magic) != 0)
        return -EBADMSG;
    if (head->order != CC__FROZEN_ORDER || head->version != CC__FROZEN_VERSION)
        return -ENOTSUP;
    return head->file_bytes == file_bytes && sizes_valid(head) ? 0 : -EBADMSG;
}

static bool values_valid(const cc__frozen_t *f, uint64_t value_bytes)
{
    uint64_t end = 0;
    for (size_t i = 0; i < f->count; i++) {
        if (f->value_ends[i] < cc__frozen_value_begin(f, i) || f->value_ends[i] > value_bytes)
            return false;
        end = f->value_ends[i];
    }
    return end == value_bytes;
}

static int read_image(int fd, const cc__frozen_head_t *head, cc__frozen_t *f)
{
    uint64_t sum;
    memcpy(f->image, head, sizeof *head);
    int err = read_all(fd, f->image + sizeof *head, f->size - sizeof *head);
    if (err == 0)
        err = read_all(fd, &sum, sizeof sum);
    if (err != 0)
        return err;
    if (sum != cc__crc64(f->image, f->size))
        return -EBADMSG;
    cc__frozen_find(f);
    return values_valid(f, head->value_bytes) ? 0 : -EBADMSG;
}

static int read_file(int fd, cc__frozen_t *out)
{
    cc__frozen_head_t head;
    struct stat file;
    if (fstat(fd, &file) != 0)
        return -errno;
    if (!S_ISREG(file.st_mode))
        return -EINVAL;
    if (file.st_size < (off_t)(sizeof head + CC__FROZEN_SUM))
        return -EBADMSG;
    int err = read_all(fd, &head, sizeof head);
    if (err == 0)
        err = head_valid(&head, (uint64_t)file.st_size);
    if (err != 0)
        return err;
    cc__frozen_t f = {.size = head.file_bytes - CC__FROZEN_SUM};
    f.image = cc_alloc(f.size);
    err = f.image != NULL ? read_image(fd, &head, &f) : -ENOMEM;
    if (err == 0)
        *out = f;
    else
        cc_free(f.image, f.size);
    return err;
}

static int open_and_read(const char *path, cc__frozen_t *out)
{
    int fd;
    do
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* of a pipe it would wait for a writer */
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return -errno;
    int err = read_file(fd, out);
    (void)close(fd);
    return err;
}

int cc__frozen_read(const char *path, cc__frozen_t *out)
{
    int cancel = cc__cancel_hold();
    int err = open_and_read(path, out);
    cc__cancel_allow(cancel);
    return err;
}
