#include "base/eventfd.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

int cc__eventfd_create(void)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return fd >= 0 ? fd : -errno;
}

void cc__eventfd_set(int fd)
{
    uint64_t one = 1;
    syscall(SYS_write, fd, &one, sizeof one); /* fails only if it is readable as can be */
}

void cc__eventfd_clear(int fd)
{
    uint64_t count;
    syscall(SYS_read, fd, &count, sizeof count); /* fails only if it is not readable */
}

void cc__eventfd_close(int fd)
{
    syscall(SYS_close, fd);
}
